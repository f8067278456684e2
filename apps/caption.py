"""minimax-vl caption: describe images, one line each; one that cannot be read or does not fit stops no other."""

from __future__ import annotations

import argparse
import json
import sys
from typing import cast

from minimax_vl.apps.answering import add_model_arguments, answer_options, image_source, open_pipeline
from minimax_vl.apps.ask import check_dashes
from minimax_vl.errors import ContextTooLong, ImageTooLarge, RemoteRefused, UnreadableImage
from minimax_vl.reply import Reply


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="+", help="PNG, JPEG, WebP ... files; - reads standard input")
    parser.add_argument(
        "--length", choices=["short", "normal", "long"], default="normal", help="(%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each image")
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    check_dashes(args.image)
    options = answer_options(args)
    pipeline = open_pipeline(args)
    worst = 0
    for name in args.image:
        try:
            reply = cast(Reply, pipeline.caption(image_source(name), length=args.length, **options))
        except (UnreadableImage, ImageTooLarge, RemoteRefused, ContextTooLong) as error:
            worst = max(worst, error.exit_code)
            print(f"{name}: {error}", file=sys.stderr)
            if args.json:
                print(json.dumps({"image": name, "error": str(error)}), flush=True)
            continue
        if args.json:
            print(json.dumps({"image": name, **reply.to_dict()}), flush=True)
        else:
            print(f"{name}: {reply}" if len(args.image) > 1 else reply, flush=True)
    return worst
