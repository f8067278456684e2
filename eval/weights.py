"""What decides a model's answers, for a run to be known by: its weights, and how they are computed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

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


def model_settings(
    model: str, *, device: str, dtype: str, second_look: bool | None, revision: str | None = None
) -> dict[str, Any]:
    """Of a run's settings, those that the model is answerable for. Finds its folder, and loads nothing."""
    from minimax_vl import __version__
    from minimax_vl.config import ModelConfig
    from minimax_vl.devices import pick_device
    from minimax_vl.loading.hub import resolve
    from minimax_vl.second_look import looks_twice

    folder = resolve(model, revision=revision)
    twice = looks_twice(second_look, ModelConfig.read(folder))
    return {
        "model": model,
        "weights_id": weights_id(folder),
        # What auto stands for follows from the device, int8 weights too.
        "dtype": f"auto on {pick_device(device).type}" if dtype == "auto" else dtype,
        **({"second_look": True} if twice else {}),  # runs from before there was one go on
        "version": __version__,
    }
