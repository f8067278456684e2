"""Files against the hashes that a folder carries: a SHA256SUMS as `sha256sum` writes it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from minimax_vl.errors import CheckpointError
from minimax_vl.reading import unreadable

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
BLOCK = 1 << 24  # bytes read at once


def check_sum(file: Path) -> None:
    """Read a file that its folder has a hash of, and raise CheckpointError where it is another one."""
    wanted = read_sums(file.parent / SUMS).get(file.name)
    if wanted is None:
        return
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise unreadable(file, error) from error
    if digest.hexdigest() != wanted:
        raise CheckpointError(
            found=f"{file} has the SHA-256 {digest.hexdigest()}",
            expected=f"{wanted}, as {SUMS} beside it says",
            cause="a damaged download or disk, or a file that was replaced after its hash was taken",
            next_step=f"download or copy the file again; if you changed it yourself, renew {SUMS}",
        )


def read_sums(path: Path) -> dict[str, str]:
    """File name -> SHA-256 in small letters; empty without a SHA256SUMS. Raises CheckpointError for another format."""
    if not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise unreadable(path, error) from error
    matches = [LINE.fullmatch(line) for line in lines if line.strip()]
    if None in matches:
        raise CheckpointError(
            found=f"{path} holds lines that are no hashes",
            expected="64 hexadecimal digits, two spaces, a file name",
            cause="the output of another program, or a cut file",
            next_step="write it anew with `sha256sum *.safetensors > SHA256SUMS`, or remove it",
        )
    return {match[2].removeprefix("./"): match[1].lower() for match in matches if match}
