"""What the commands that answer share: the model's and the answer's options, and a note when loading is slow."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

SLOW = 2.0  # seconds without a sign of life before a note is due
IMAGE_OPTIONS = ("max_tiles", "allow_remote")
OPTIONS = (
    "max_new_tokens",
    "temperature",
    "top_k",
    "top_p",
    "repetition_penalty",
    "seed",
    *IMAGE_OPTIONS,
)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, on how many processes, and how its answers are written."""
    add_loading_arguments(parser)
    group = parser.add_argument_group("several processes")
    group.add_argument(
        "--mesh",
        choices=["slices", "whole"],
        help="those of torchrun or accelerate launch share the model: slices of each expert, or whole experts",
    )
    add_answer_arguments(parser)


def add_loading_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, where, and how precise."""
    # What takes more than a Pipeline's answers runs in one process.
    parser.set_defaults(mesh=None, second_look=None)
    group = parser.add_argument_group("model")
    group.add_argument("--model", default="nano", help="preset, checkpoint folder or hub id (%(default)s)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 ... (%(default)s)")
    group.add_argument(
        "--dtype", default="auto", choices=["auto", "fp32", "bf16", "fp16"], help="(%(default)s)"
    )
    group.add_argument(
        "--quantize", choices=["int8", "int4"], help="keep experts and attention in so many bits"
    )
    group.add_argument("--kv-cache", choices=["int8"], help="keep keys and values in so many bits")
    group.add_argument("--revision", metavar="REV", help="branch, tag or commit of a hub id")
    group.add_argument("--context", type=int, metavar="N", help="tokens of prompt and answer together")


def add_answer_arguments(parser: argparse.ArgumentParser) -> None:
    """How answers are written."""
    group = parser.add_argument_group("answer")
    group.add_argument("--max-new-tokens", type=int, metavar="N", help="longest answer, in tokens (256)")
    group.add_argument(
        "--temperature", type=float, default=0.0, help="0 always takes the likeliest (%(default)s)"
    )
    group.add_argument("--top-k", type=int, default=0, metavar="K", help="draw from the K likeliest (all)")
    group.add_argument(
        "--top-p", type=float, default=1.0, metavar="P", help="draw from the likeliest that make up P"
    )
    group.add_argument(
        "--repetition-penalty", type=float, default=1.0, metavar="X", help="above 1 avoids repeats"
    )
    group.add_argument("--seed", type=int, help="same seed, same answer")
    group.add_argument(
        "--max-tiles", type=int, metavar="N", help="cut images into at most N tiles: faster, coarser"
    )
    group.add_argument("--allow-remote", action="store_true", help="fetch images from https addresses")


def add_second_look(parser: argparse.ArgumentParser) -> None:
    """For commands whose answers may come in one piece."""
    parser.add_argument(
        "--second-look",
        action=argparse.BooleanOptionalAction,
        help="where the model is unsure, look again with a margin and keep the surer answer (nano: yes)",
    )


def answer_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of `Pipeline` methods that were given on the command line.

    Call it before loading a model, which may take minutes: raises InvalidRequest for values that make no sense.
    """
    with note_when_slow("loading PyTorch ..."):
        from minimax_vl.generate import GenerationParams  # most of the wait, which --help must not pay for

    options = {name: getattr(args, name) for name in OPTIONS}
    GenerationParams(**{name: value for name, value in options.items() if name not in IMAGE_OPTIONS})
    return options


def open_pipeline(args: argparse.Namespace) -> Pipeline:
    """Load the model; says so on standard error when it takes longer than two seconds."""
    with note_when_slow(f"loading {args.model} ..."):
        from minimax_vl.pipeline import load

        return load(
            args.model,
            device=args.device,
            dtype=args.dtype,
            quantize=args.quantize,
            mesh=args.mesh,
            kv_cache=args.kv_cache,
            context=args.context,
            second_look=args.second_look,
            revision=args.revision,
        )


def image_source(name: str) -> Any:
    """A path or address as given; `-` is the image on standard input, of which no more than the limit is read."""
    return sys.stdin.buffer if name == "-" else name


@contextmanager
def note_when_slow(note: str) -> Iterator[None]:
    timer = threading.Timer(SLOW, lambda: print(note, file=sys.stderr, flush=True))
    timer.daemon = True
    if os.environ.get("RANK", "0") == "0":  # of several processes one speaks
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
