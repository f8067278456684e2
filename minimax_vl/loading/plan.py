"""Index and config become a list of `TensorJob`s: what to read, from where, to where. No tensor is touched.

Whatever does not fit together is found here and reported in one error, before a model is allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from minimax_vl.config import ModelConfig
from minimax_vl.errors import CheckpointError
from minimax_vl.loading.index import BITS, Entry
from minimax_vl.loading.names import is_unused, place, published_keys

SLICE_BYTES = 256 << 20  # what one job may hold in host memory
FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # safetensors -> torch
LISTED = 5  # names shown of each kind of leftover


@dataclass(frozen=True)
class TensorJob:
    """Read rows `take` of `key`, bring them to `device` and `dtype`, and put them at `into[at]`.

    `scale` names the row scales of an int8 tensor, which is dequantised on the way; None for a dense one.
    """

    file: Path
    key: str
    take: slice
    into: str
    at: tuple[int | slice, ...]
    device: str
    dtype: str  # torch's name
    nbytes: int  # on disk
    scale: str | None = None


def plan_load(
    index: Mapping[str, Entry],
    config: ModelConfig,
    *,
    device: str,
    dtype: str,
    slice_bytes: int = SLICE_BYTES,
) -> list[TensorJob]:
    """Jobs that fill every parameter once, in file order. Raises one CheckpointError with all that is amiss."""
    wanted = published_keys(config)
    _check(index, wanted)
    jobs = []
    for key in sorted(wanted, key=lambda key: (index[key].file, key)):
        entry, spot = index[key], place(key, config)
        row_bytes = prod(entry.shape[1:]) * BITS[entry.dtype] // 8
        step = max(1, slice_bytes // row_bytes)
        lead = () if spot.expert is None else (spot.expert,)
        for start in range(0, entry.shape[0], step):
            stop = min(start + step, entry.shape[0])
            job = TensorJob(
                file=entry.file,
                key=key,
                take=slice(start, stop),
                into=spot.into,
                at=(*lead, slice(spot.row + start, spot.row + stop)),
                device=device,
                dtype=dtype,
                nbytes=(stop - start) * row_bytes,
                scale=scale_key(key) if entry.dtype == "I8" else None,
            )
            jobs.append(job)
    return jobs


def scale_key(key: str) -> str:
    """Where the fp32 row scales [rows] of an int8 tensor lie, in the same file."""
    return f"{key}_scale"


def stored_dtype(index: Mapping[str, Entry]) -> str:
    """The float type a checkpoint was written in, by torch's name: the embedding's, which is never quantised."""
    entry = index.get("language_model.model.embed_tokens.weight")
    return FLOATS.get(entry.dtype, "float32") if entry else "float32"


def _check(index: Mapping[str, Entry], wanted: Mapping[str, tuple[int, ...]]) -> None:
    scales = {scale_key(key): key for key in wanted if key in index and index[key].dtype == "I8"}
    missing = sorted((wanted.keys() | scales.keys()) - index.keys())
    surplus = sorted(key for key in index.keys() - wanted.keys() - scales.keys() if not is_unused(key))
    misshapen = [
        f"{key} is {index[key].dtype} {list(index[key].shape)}, not {list(shape)}"
        for key, shape in wanted.items()
        if key in index and (index[key].shape != shape or index[key].dtype not in {*FLOATS, "I8"})
    ]
    misshapen += [
        f"{name} is {index[name].dtype} {list(index[name].shape)} in {index[name].file.name}, not the"
        f" {wanted[key][0]} row scales beside {key}"
        for name, key in scales.items()
        if name in index and not _is_scale_of(index[name], index[key])
    ]
    if not (missing or surplus or misshapen):
        return
    kinds = {"missing": missing, "surplus": surplus, "misshapen": misshapen}
    raise CheckpointError(
        found="; ".join(f"{len(names)} {kind} ({_first(names)})" for kind, names in kinds.items() if names),
        expected=f"exactly the {len(wanted):,} tensors that config.json describes",
        cause="config.json of another size or release, shards of two checkpoints, or an incomplete download",
        next_step="compare with `minimax-vl plan FOLDER --keys`, which prints the expected names",
    )


def _is_scale_of(scale: Entry, tensor: Entry) -> bool:
    return scale.dtype in FLOATS and scale.shape == tensor.shape[:1] and scale.file == tensor.file


def _first(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
