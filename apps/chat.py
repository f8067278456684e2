"""minimax-vl chat: a conversation in the terminal; images join the next message with `/image PATH`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from minimax_vl.apps.answering import IMAGE_OPTIONS, add_model_arguments, answer_options, open_pipeline
from minimax_vl.errors import MiniMaxVLError

if TYPE_CHECKING:
    from minimax_vl.pipeline import EncodedImage, Pipeline

HELP = "/image PATH adds an image to the next message, /reset starts over, /quit ends; anything else is a message"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--image", action="append", default=[], help="an image for the first message; repeatable"
    )
    parser.add_argument("--system", help="instructions that stand before the conversation")
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    options = answer_options(args)
    session = Session(open_pipeline(args), args.system, options)
    session.attach(args.image)
    person = sys.stdin.isatty()
    if person:
        print(HELP, file=sys.stderr)
    worst = 0
    for line in _lines():
        if line == "/quit":
            break
        try:
            worst = max(worst, _obey(session, line))
        except MiniMaxVLError as error:  # a bad path or a full context ends the message, not the conversation
            print(error, file=sys.stderr)
            worst = max(worst, error.exit_code)
        except KeyboardInterrupt:  # during an answer: keep what was said so far
            print()
    return 0 if person else worst  # a script has only the exit code to see that a message failed


class Session:
    """The conversation so far. Each image is encoded once, when it is attached."""

    def __init__(self, pipeline: Pipeline, system: str | None, options: dict[str, Any]) -> None:
        self.pipeline, self.system, self.options = pipeline, system, options
        self.image_options = {name: options.pop(name) for name in IMAGE_OPTIONS}
        self.reset()

    def reset(self) -> None:
        self.messages: list[dict[str, Any]] = []
        if self.system:
            self.messages.append({"role": "system", "content": self.system})
        self.images: list[EncodedImage] = []
        self.waiting: list[EncodedImage] = []

    def attach(self, paths: Sequence[str]) -> None:
        """All of them, or none when one cannot be read."""
        self.waiting += [self.pipeline.encode(path, **self.image_options) for path in paths]

    def say(self, text: str) -> Iterator[str]:
        """Pieces of the reply. The turn is kept when the reply has begun, also when the reader stops it early."""
        from minimax_vl.chat import assistant_turn, user_turn

        messages = [*self.messages, user_turn(text, len(self.waiting))]
        images = [*self.images, *self.waiting]
        with self.pipeline.chat(messages, images, stream=True, **self.options) as stream:
            self.images, self.waiting = images, []
            try:
                yield from stream
            finally:
                stream.close()
                self.messages = [*messages, assistant_turn(stream.reply)]


def _obey(session: Session, line: str) -> int:
    """The exit code of one line: 2 where it is a command that there is not, /help aside."""
    command, _, rest = line.partition(" ")
    if command == "/image":
        session.attach(_paths(rest))
    elif command == "/reset":
        session.reset()
    elif command.startswith("/"):
        print(HELP, file=sys.stderr)
        return 0 if command == "/help" else 2
    else:
        for piece in session.say(line):
            print(piece, end="", flush=True)
        print()
    return 0


def _paths(text: str) -> list[str]:
    """Paths after `/image`, split and quoted as in a shell."""
    try:
        return shlex.split(text) or [""]
    except ValueError:  # an apostrophe in a file name, most likely
        return [text]


def _lines() -> Iterator[str]:
    """Messages from a terminal or a pipe, without blank lines; ends at end of input."""
    with suppress(ImportError):  # Windows has none
        import_module("readline")  # gives `input` its arrow keys and its history
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if line:
            yield line
