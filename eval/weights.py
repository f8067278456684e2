"""A name for the weights of a model that changes with them: a hash of samples of every file of its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

BLOCKS, BLOCK = 16, 65536  # samples of each file, and their bytes: 1 MiB of each, so 912 GB take a second
FILES = ("*.safetensors", "config.json", "tokenizer.json", "*.safetensors.index.json")


def weights_id(folder: Path) -> str:
    """16 hex digits over names, sizes and evenly spread samples of the checkpoint's files; new training changes all."""
    found = hashlib.sha256()
    for path in sorted({p for pattern in FILES for p in folder.glob(pattern)}):
        size = path.stat().st_size
        found.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            for n in range(BLOCKS):
                file.seek(max(0, size - BLOCK) * n // max(1, BLOCKS - 1))
                found.update(file.read(BLOCK))
    return found.hexdigest()[:16]
