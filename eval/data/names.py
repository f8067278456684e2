"""Lists of images: which ones a split or a part kept for judging has."""

from __future__ import annotations

from pathlib import Path

from minimax_vl.errors import InvalidRequest


def read_names(path: Path) -> set[str]:
    """Names of images, one a line, as data.jsonl gives them or without their folder. Raises InvalidRequest."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows programs begin a file with a byte order mark
        return {line.strip() for line in text.splitlines() if line.strip()}
    except (OSError, ValueError) as error:
        raise InvalidRequest(
            found=f"{path}: {error}",
            expected="a text file with a name of an image in each line",
            cause="a typing error, or another kind of file",
            next_step="check the path, or save the list as UTF-8 again",
        ) from error
