"""minimax-vl ask: one question about one or more images, the answer streamed to the terminal."""

from __future__ import annotations

import argparse
import json
import sys

from minimax_vl.apps.answering import add_model_arguments, answer_options, image_source, open_pipeline


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="+", help="PNG, JPEG, WebP ... file; - reads standard input")
    parser.add_argument("question", help="what to ask about it")
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON with timings and token counts"
    )
    parser.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        help="print the answer as it is written (on a terminal: yes)",
    )
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    images = [image_source(name) for name in args.image]
    pipeline = open_pipeline(args)
    with pipeline.stream(args.question, images, **answer_options(args)) as stream:
        live = sys.stdout.isatty() if args.stream is None else args.stream
        for piece in stream:
            if live and not args.json:
                print(piece, end="", flush=True)
    reply = stream.reply
    if args.json:
        print(json.dumps({"images": args.image, "question": args.question, **reply.to_dict()}))
    else:
        print("" if live else reply)
    return 0
