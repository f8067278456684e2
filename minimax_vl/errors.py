"""Errors a user can cause. Each says what was found, what was expected, the likely cause and the next step.

This module imports nothing of ours, so every folder may use it.
"""

from __future__ import annotations


class MiniMaxVLError(Exception):
    """Base of every error that a user's input can cause.

    `found`, `expected`, `cause` and `next_step` are kept as attributes; `str()` joins them into a few sentences.
    `exit_code` is what the command line ends with: 1 when the work failed, 2 when the request itself was wrong.
    """

    exit_code = 1

    def __init__(self, found: str, expected: str = "", cause: str = "", next_step: str = "") -> None:
        self.found, self.expected, self.cause, self.next_step = found, expected, cause, next_step
        parts = [("found", found), ("expected", expected), ("likely cause", cause), ("next step", next_step)]
        super().__init__("\n".join(f"{label}: {text}" for label, text in parts if text))


class InvalidRequest(MiniMaxVLError, ValueError):
    """An argument makes no sense: an empty question, an unknown preset, a negative length."""

    exit_code = 2


class UnreadableImage(MiniMaxVLError, ValueError):
    """The bytes are not an image, are cut short, or have a shape that cannot be tiled."""


class ImageTooLarge(MiniMaxVLError, ValueError):
    """More bytes or pixels than the limits allow; raised before anything is decoded."""


class RemoteRefused(MiniMaxVLError, ValueError):
    """An http(s) address was given and the caller did not allow fetching."""

    exit_code = 2


class ModelMissing(MiniMaxVLError, FileNotFoundError):
    """No checkpoint where one was asked for: unknown name, empty folder, or the hub cannot be reached."""

    def __str__(self) -> str:  # FileNotFoundError would print the two-argument OSError form
        return str(self.args[0])


class CheckpointError(MiniMaxVLError, ValueError):
    """The checkpoint's files contradict its config, each other, or arithmetic (NaN)."""


class OutOfMemory(MiniMaxVLError, MemoryError):
    """The model, its cache or an image does not fit into the memory that is there."""


class ContextTooLong(MiniMaxVLError, ValueError):
    """Prompt plus requested answer exceed the positions of the model."""


class Busy(MiniMaxVLError, RuntimeError):
    """More requests than an engine takes on; the same request may succeed a little later."""


class Stopping(Busy):
    """The engine is being closed, so an answer is not begun or stays unfinished."""


class DeadlinePassed(MiniMaxVLError, TimeoutError):
    """A request was not answered in the time that it was given."""

    def __str__(self) -> str:  # TimeoutError is an OSError
        return str(self.args[0])


class RankLost(MiniMaxVLError, RuntimeError):
    """One of several processes that share a model has ended, so the others cannot go on."""


class SaveFailed(MiniMaxVLError, OSError):
    """A file could not be written; the file that stood there before is whole."""

    def __str__(self) -> str:
        return str(self.args[0])
