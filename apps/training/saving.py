"""What a run leaves behind and goes on from: a checkpoint that can be loaded as any other, its heads, where it stood.

Optimisers are not among it: they start anew, so learning rates warm up again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as encoded

from minimax_vl.apps.training.reader import Reader
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.loading import save_checkpoint

if TYPE_CHECKING:
    from minimax_vl.apps.training.loop import Settings

HEADS, STATE = "heads.safetensors", "state.json"  # beside the checkpoint: only training needs them


def save(reader: Reader, settings: Settings, step: int, progress: float) -> None:
    """Weights in small files, the heads, and where the run stands. Raises SaveFailed; the old files are then whole."""
    save_checkpoint(
        reader.model,
        settings.out / "model",
        dtype=torch.bfloat16,
        max_shard_bytes=15 << 20,
        quantize="int8" if settings.int8 else None,
        tokenizer=settings.tokenizer / "tokenizer.json",
    )
    heads = {
        f"{name}.{key}": value.float()
        for name in ("glyph_head", "paint_head", "landmark_head")
        for key, value in getattr(reader, name).state_dict().items()
        if key != "class_weight"
    }
    _replace(settings.out / HEADS, encoded(heads))
    state = {"step": step, "progress": progress, "seed": settings.seed}
    _replace(settings.out / STATE, json.dumps(state).encode())


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and rename, so that a run killed meanwhile leaves the old one."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SaveFailed(
            found=f"{path} could not be written ({error.strerror or error})",
            expected="room and permission beside the checkpoint",
            cause="a full disk or quota, or a folder of someone else",
            next_step="free some space, then --resume from the model that was saved; what stood there before is whole",
        ) from error


def stood(resume: Path | None) -> tuple[float, int]:
    """(progress, seed) of the run that wrote a checkpoint folder; (0, -1) where nothing beside it says so.

    Raises InvalidRequest for a file of another kind.
    """
    path = resume.resolve().parent / STATE if resume else None
    if path is None or not path.is_file():
        return 0.0, -1
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return float(state["progress"]), int(state["seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            found=f"{path}: {error!r}",
            expected='{"step": ..., "progress": 0..1, "seed": ...} as training writes it',
            cause="a file of another program, or an edit",
            next_step="remove it, and say with --begin and --seed where the run goes on",
        ) from error


def load_heads(reader: Reader, resume: Path | None) -> bool:
    """Take over the heads that lie beside a resumed checkpoint; False where fresh ones have to learn first.

    Raises InvalidRequest for a file that does not hold them.
    """
    if resume is None:
        return True  # fresh heads on a fresh ViT: all learn together
    path = resume.resolve().parent / HEADS
    try:
        known = load_file(path) if path.is_file() else {}
        reader.load_state_dict(known, strict=False)
    except (OSError, RuntimeError, SafetensorError) as error:
        raise InvalidRequest(
            found=f"{path}: {' '.join(str(error).split())[:200]}",
            expected="the heads of the checkpoint beside it, as training writes them",
            cause="a copy that was cut short, or the heads of a model of another size",
            next_step="copy it again, or remove it: fresh heads learn first then",
        ) from error
    heads = ("glyph_head.read", "paint_head.paint", "landmark_head.name", "landmark_head.place")
    return {f"{name}.weight" for name in heads} <= known.keys()
