"""minimax-vl ask: one question about one or more images, the answer printed whole or as it is written (--stream)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from minimax_vl.apps.answering import (
    add_model_arguments,
    add_second_look,
    answer_options,
    image_source,
    open_pipeline,
)
from minimax_vl.errors import InvalidRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="+", help="PNG, JPEG, WebP ... file; - reads standard input")
    parser.add_argument("question", help="what to ask about it; - reads standard input")
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON with timings and token counts"
    )
    parser.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        help="print the answer as it is written (on a terminal: yes, where there is no second look)",
    )
    add_model_arguments(parser)
    add_second_look(parser)


def run(args: argparse.Namespace) -> int:
    _check_printing(args)
    check_dashes([*args.image, args.question])
    _check_question(args.question)
    options = answer_options(args)
    images = [_opened(name, args.allow_remote) for name in args.image]
    pipeline = open_pipeline(args)  # of several processes only one gets past this, and to standard input
    question = (
        sys.stdin.buffer.read().decode(errors="replace").strip() if args.question == "-" else args.question
    )
    live = not args.json and _streams(args.stream, pipeline.second_look)
    if live:
        with pipeline.ask(images, question, stream=True, **options) as stream:
            for piece in stream:
                print(piece, end="", flush=True)
        reply = stream.reply
    else:
        reply = pipeline.ask(images, question, **options)
    if args.json:
        print(json.dumps({"images": args.image, "question": question, **reply.to_dict()}))
    else:
        print("" if live else reply)
    return 0


def _streams(asked: bool | None, twice: bool) -> bool:
    """Whether the answer is printed as it is written: what comes first may not stay where there are two looks."""
    return sys.stdout.isatty() and not twice if asked is None else asked


def _opened(name: str, allow_remote: bool) -> Any:
    """An image, before the model is loaded, which may take minutes; standard input is left for the one process."""
    from minimax_vl.vision.images import open_image

    source = image_source(name)
    return source if name == "-" else open_image(source, allow_remote=allow_remote)


def _check_printing(args: argparse.Namespace) -> None:
    if args.json and args.stream:
        raise InvalidRequest(
            found="--json with --stream",
            expected="one of them",
            cause="the line of JSON holds the whole answer, so it is printed at its end",
            next_step="leave one of them out",
        )


def check_dashes(arguments: Sequence[str]) -> None:
    """Raises InvalidRequest where standard input, which can be read once, is named twice."""
    if arguments.count("-") > 1:
        raise InvalidRequest(
            found=f"{arguments.count('-')} arguments that read standard input",
            expected="one at most",
            cause="two images, or an image and the question, as -",
            next_step="name a file for the others",
        )


def _check_question(question: str) -> None:
    """`ask QUESTION IMAGE` and `ask *.png` would ask the model what it thinks of a file name."""
    if os.path.isfile(question):
        raise InvalidRequest(
            found=f"the file {question!r} as the question",
            expected="IMAGE, further images if there are any, and then the question",
            cause="the question was left out, or stands before the image",
            next_step="put the question last, in quotes; for a description: minimax-vl caption IMAGE",
        )
