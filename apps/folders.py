"""Folders that a command writes to: what stands in the way of one is said before any work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minimax_vl.errors import SaveFailed


def made(folder: Path) -> Path:
    """The folder, made with those above it where it is missing. Raises SaveFailed."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that writes `path`. Raises SaveFailed for the system's reasons not to."""
    try:
        yield
    except OSError as error:
        raise SaveFailed(
            found=f"{path} cannot be written ({error.strerror or error})",
            expected="a folder that can be written, which may be a new one",
            cause="a file where a folder is meant, a missing permission, or a full disk",
            next_step="give --out another folder, or make room",
        ) from error
