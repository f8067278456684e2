"""Run a plan: open each file once, read slices, move, convert, assign. Nothing but safetensors is ever opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from minimax_vl.errors import CheckpointError
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, quantise
from minimax_vl.kernels.quantised.pack import GROUP
from minimax_vl.loading.formats import scale_key
from minimax_vl.loading.index import Entry
from minimax_vl.loading.plan import TensorJob
from minimax_vl.loading.progress import Progress
from minimax_vl.loading.sums import check_sum
from minimax_vl.quantised import SCALES, columns_of, rows_of


@torch.no_grad()
def run_plan(
    jobs: Iterable[TensorJob], weights: Mapping[str, Tensor | QuantisedWeight], *, quiet: bool = False
) -> None:
    """Fill `weights` (name -> memory to write to) by the jobs; every weight must be named by one.

    Raises CheckpointError for a file that cannot be read, whose hash is not the one its folder carries, and for NaN
    or infinity in a tensor.
    """
    jobs = list(jobs)
    unfilled = weights.keys() - {job.into for job in jobs}
    assert not unfilled, f"the plan and the model disagree about {sorted(unfilled)[:3]}"
    with Progress("loading", sum(job.nbytes for job in jobs), quiet=quiet) as progress:
        for file, group in groupby(jobs, key=lambda job: job.file):
            check_sum(file)
            with open_file(file) as source:
                for job in group:
                    _put(weights[job.into], job.at, read_piece(source, job))
                    progress.add(job.nbytes)


def open_file(file: Path) -> Any:
    """A safetensors reader as a context manager."""
    try:
        return safe_open(file, framework="pt", device="cpu")
    except (OSError, SafetensorError) as error:
        raise _unreadable(file, error) from error


def read_piece(source: Any, job: TensorJob) -> Tensor | QuantisedWeight:
    """The piece of one job, finite, on the job's device; dense in its dtype, or in as many bits as the model holds.

    Raises CheckpointError for NaN or infinity, also where it is the dtype that cannot hold a value.
    """
    piece = _converted(source, job)
    # Integers cannot hold a NaN, and one among the weights shows in their scale.
    check_finite(piece if isinstance(piece, Tensor) else piece.scale, f"{job.key} of {job.file.name}")
    return piece


def _converted(source: Any, job: TensorJob) -> Tensor | QuantisedWeight:
    """Packed rows are cut after they were packed: a matrix means the same numbers however many processes share it."""
    packs = job.stored is not None or job.held is not None
    straight = job.across is not None and not packs
    try:
        whole = _found(source, job.key, job.entry)
        data = (whole[job.take, job.across] if straight else whole[job.take]).to(job.device)
        scale = _scale(source, job)
    except (OSError, SafetensorError) as error:
        raise _unreadable(job.file, error) from error
    if job.stored is not None and scale is not None:
        group = GROUP if job.stored == 4 else job.columns
        packed = QuantisedWeight(data, scale, job.stored, group, (data.shape[0], job.columns))
        if job.stored == job.held:
            return packed if job.across is None else columns_of(packed, job.across)
        data = dequantise(packed)
    if job.held:
        packed = quantise(data, job.held)
        return packed if job.across is None else columns_of(packed, job.across)
    kept = data if job.across is None or straight else data[:, job.across]
    return kept.to(getattr(torch, job.dtype))


def check_finite(tensor: Tensor, name: str) -> None:
    """Raise CheckpointError when a tensor holds NaN or infinity; one pass, no copy."""
    low, high = tensor.aminmax()
    if not bool(torch.isfinite(low) & torch.isfinite(high)):
        raise CheckpointError(
            found=f"NaN or infinity in tensor {name}",
            expected="finite weights",
            cause="a training run that diverged, a damaged file, or values beyond float16's range",
            next_step="use an earlier checkpoint, download the file again, or choose bfloat16",
        )


def _scale(source: Any, job: TensorJob) -> Tensor | None:
    if job.scale is None or job.stored is None:
        return None
    whole = _found(source, scale_key(job.key), job.scale)
    rows = whole[job.take] if job.stored == 8 else whole[:, job.take]
    return rows.to(job.device, SCALES[job.stored])


def _found(source: Any, key: str, entry: Entry) -> Any:
    """A tensor of the file, unread, if it still is what the plan was made for."""
    whole = source.get_slice(key)
    now = (whole.get_dtype(), tuple(whole.get_shape()))
    if now != (entry.dtype, entry.shape):
        raise SafetensorError(f"{key} was {entry.dtype} {list(entry.shape)} and is {now[0]} {list(now[1])}")
    return whole


def _put(
    target: Tensor | QuantisedWeight, at: tuple[int | slice, ...], piece: Tensor | QuantisedWeight
) -> None:
    if isinstance(target, Tensor) and isinstance(piece, Tensor):
        target[at].copy_(piece)
        return
    assert not isinstance(target, Tensor) and not isinstance(piece, Tensor), "plan and model differ in format"
    spot = rows_of(target, at)
    spot.data.copy_(piece.data)
    spot.scale.copy_(piece.scale)


def _unreadable(file: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        found=f"{file} cannot be read ({error})",
        expected="a whole safetensors file",
        cause="the file changed while it was being read, or the disk failed",
        next_step="download or copy the file again",
    )
