"""Index and config become a list of `TensorJob`s: what to read, from where, to where. No tensor is touched.

Whatever does not fit together is found here and reported in one error, before a model is allocated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from minimax_vl.config import ModelConfig
from minimax_vl.errors import CheckpointError
from minimax_vl.loading.formats import STORED, data_shape, scale_key, scale_shape
from minimax_vl.loading.index import WIDTHS, Entry
from minimax_vl.loading.names import is_unused, published_keys, quantised_keys
from minimax_vl.parallel.split import WHOLE, Split

SLICE_BYTES = 256 << 20  # what one job may hold in host memory
COMPUTED = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # safetensors -> torch
FLOATS = {"F64", *COMPUTED}
LISTED = 5  # names shown of each kind of leftover


@dataclass(frozen=True)
class TensorJob:
    """Read rows `take` of `key`, bring them to `device` and `dtype`, and put them at `into[at]`.

    `across` are the columns to keep, None for all. `stored` and `held` are the bits of a weight on disk and in the
    model, None where it is dense. Where both are the same, integers and scales are copied as they are.
    """

    key: str
    entry: Entry  # what the plan was made for; the file may have been replaced since
    take: slice
    into: str
    at: tuple[int | slice, ...]
    device: str
    dtype: str  # torch's name
    nbytes: int  # on disk
    columns: int = 1  # of a matrix on disk, without what its packed rows are padded by
    across: slice | None = None
    scale: Entry | None = None  # of a stored weight
    held: int | None = None

    @property
    def file(self) -> Path:
        return self.entry.file

    @property
    def stored(self) -> int | None:
        return STORED.get(self.entry.dtype)


def plan_load(
    index: Mapping[str, Entry],
    config: ModelConfig,
    *,
    device: str | Callable[[str], str],
    dtype: str,
    bits: int | None = None,
    split: Split = WHOLE,
    slice_bytes: int = SLICE_BYTES,
) -> list[TensorJob]:
    """Jobs that fill every parameter once, in file order. Raises one CheckpointError with all that is amiss.

    device: of all parameters, or what tells that of one from its name. bits: 8 or 4 to hold matrices in so few,
    None to hold everything dense. split: the part of the model that is loaded.
    """
    wanted = published_keys(config)
    _check(index, wanted)
    packed = quantised_keys(config, bits)
    jobs = []
    shares = split.shares(config)
    for key in sorted(shares, key=lambda key: (index[key].file, key)):
        entry, share = index[key], shares[key]
        row_bytes = prod(entry.shape[1:]) * WIDTHS[entry.dtype] // 8
        step = max(1, slice_bytes // row_bytes)
        lead = () if share.into.expert is None else (share.into.expert,)
        down = share.into.row - share.rows.start  # from a row on disk to its row in the parameter
        for start in range(share.rows.start, share.rows.stop, step):
            stop = min(start + step, share.rows.stop)
            job = TensorJob(
                key=key,
                entry=entry,
                take=slice(start, stop),
                into=share.into.into,
                at=(*lead, slice(start + down, stop + down)),
                device=device if isinstance(device, str) else device(share.into.into),
                dtype=dtype,
                nbytes=(stop - start) * row_bytes,
                columns=wanted[key][-1],
                across=share.columns,
                scale=index[scale_key(key)] if entry.dtype in STORED else None,
                held=packed.get(key),
            )
            jobs.append(job)
    return jobs


def stored_dtype(index: Mapping[str, Entry]) -> str:
    """The float type to compute a checkpoint in, by torch's name: the embedding's, which is never quantised.

    float32 also for one in float64.
    """
    entry = index.get("language_model.model.embed_tokens.weight")
    return COMPUTED.get(entry.dtype, "float32") if entry else "float32"


def _check(index: Mapping[str, Entry], wanted: Mapping[str, tuple[int, ...]]) -> None:
    scales = {scale_key(key): key for key in wanted if key in index and index[key].dtype in STORED}
    missing = sorted((wanted.keys() | scales.keys()) - index.keys())
    surplus = sorted(key for key in index.keys() - wanted.keys() - scales.keys() if not is_unused(key))
    misshapen = [
        f"{key} is {index[key].dtype} {list(index[key].shape)}, not {list(shape)}"
        for key, shape in wanted.items()
        if key in index and not _fits(index[key], shape)
    ]
    misshapen += [
        f"{name} is {index[name].dtype} {list(index[name].shape)} in {index[name].file.name}, not the"
        f" scales {list(scale_shape(wanted[key], STORED[index[key].dtype]))} beside {key}"
        for name, key in scales.items()
        if name in index
        and _fits(index[key], wanted[key])
        and not _is_scale_of(index[name], index[key], wanted[key])
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


def _fits(entry: Entry, shape: tuple[int, ...]) -> bool:
    if entry.dtype in STORED:
        return len(shape) == 2 and entry.shape == data_shape(shape, STORED[entry.dtype])
    return entry.dtype in FLOATS and entry.shape == shape


def _is_scale_of(scale: Entry, tensor: Entry, shape: tuple[int, ...]) -> bool:
    wanted = scale_shape(shape, STORED[tensor.dtype])
    return scale.dtype in FLOATS and scale.shape == wanted and scale.file == tensor.file


def _first(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
