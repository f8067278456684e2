"""`minimax-vl COMMAND`: one table of commands, each imported only when it is asked for.

Exit codes: 0 done, 1 failed, 2 the request itself was wrong, 130 interrupted, 141 nobody reads our output.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from minimax_vl import __version__
from minimax_vl.apps.interrupts import guarding_torch
from minimax_vl.apps.memory import keep_memory
from minimax_vl.checkout import leave_checkout
from minimax_vl.errors import InvalidRequest, MiniMaxVLError
from minimax_vl.streams import exit_code, told

# name -> (module with add_arguments(parser) and run(args) -> exit code, one line of help)
COMMANDS = {
    "ask": ("minimax_vl.apps.ask", "answer a question about one or more images"),
    "caption": ("minimax_vl.apps.caption", "describe an image"),
    "chat": ("minimax_vl.apps.chat", "talk about images in the terminal, turn by turn"),
    "demo": ("minimax_vl.apps.demo", "ask about pictures in the browser, and look inside the model"),
    "serve": ("minimax_vl.apps.serve", "answer OpenAI's clients over HTTP, many at a time"),
    "eval": ("minimax_vl.apps.evaluate", "score a model on a task"),
    "bench": ("minimax_vl.apps.bench", "time a model, stage by stage"),
    "plan": ("minimax_vl.apps.plan", "say what a model needs in memory, before any download"),
    "convert": ("minimax_vl.apps.convert", "write a checkpoint anew: other shards, other precision"),
    "make-checkpoint": (
        "minimax_vl.apps.make_checkpoint",
        "write random weights in the released layout, for tests of any size",
    ),
    "train": ("minimax_vl.apps.train", "train nano on drawn pages"),
    "doctor": ("minimax_vl.apps.doctor", "say what is installed, what clashes, which kernels are used"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` defaults to the process's arguments."""
    leave_checkout()
    asked = list(sys.argv[1:] if argv is None else argv)
    return exit_code(lambda: _answer(asked))


def _answer(asked: list[str]) -> int:
    if not asked or asked[0] in ("-h", "--help"):
        print(overview())
        return 0 if asked else 2
    if asked[0] == "--version":
        print(f"minimax-vl {__version__}")
        return 0
    name, rest = asked[0], asked[1:]
    if name not in COMMANDS:
        print(f"minimax-vl: unknown command {name!r}; known are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    return _run(name, rest)


def overview() -> str:
    """The text of `minimax-vl --help`, written from the table alone."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: minimax-vl COMMAND ...\n\n"
        f"{rows}\n\n"
        "minimax-vl COMMAND --help shows a command's arguments, minimax-vl --version the version."
    )


def _run(name: str, rest: list[str]) -> int:
    keep_memory()
    module, text = COMMANDS[name]
    try:
        command = import_module(module)
        parser = argparse.ArgumentParser(prog=f"minimax-vl {name}", description=command.__doc__ or text)
        command.add_arguments(parser)
        args = parser.parse_args(rest)
    except SystemExit as end:  # argparse ends this way, after --help and after a usage error
        return end.code if isinstance(end.code, int) else 2
    try:
        _check_folder()
        with guarding_torch():
            return command.run(args)
    except MiniMaxVLError as error:
        return told(f"minimax-vl {name}", error, getattr(args, "json", False))


def _check_folder() -> None:
    """PyTorch's MKL ends the process with a riddle when the working folder is gone."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise InvalidRequest(
            found="a working folder that no longer exists",
            expected="a folder to work in",
            cause="it was deleted, or made anew, in another terminal",
            next_step='cd "$PWD", or into another folder',
        ) from error


if __name__ == "__main__":
    sys.exit(main())
