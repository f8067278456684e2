"""Text and JSON of a checkpoint folder; whatever is the matter with a file is a CheckpointError that names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from minimax_vl.errors import CheckpointError


def read_json(path: Path, expected: str) -> dict[str, Any]:
    """The object that a JSON file holds; `expected` says in an error which file was wanted."""
    try:
        raw = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            found=f"{path} is not JSON ({error})",
            expected=expected,
            cause="a cut or edited file, or a Git LFS pointer in place of it",
            next_step="download the file again",
        ) from error
    if not isinstance(raw, dict):
        raise CheckpointError(
            found=f"{path} holds a {type(raw).__name__}",
            expected=f"a JSON object, {expected}",
            cause="another file was saved under this name",
            next_step="download the file again",
        )
    return raw


def read_text(path: Path) -> str:
    """UTF-8 text; UnicodeDecodeError, a ValueError, for other bytes."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> CheckpointError:
    """The error for a file that is there and does not open."""
    return CheckpointError(
        found=f"{path} cannot be read ({error.strerror or error})",
        expected="a file that this user may read",
        cause="another user's file, or a disk that fails",
        next_step="change its permissions, or copy the checkpoint anew",
    )
