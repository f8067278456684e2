"""Run a plan: open each file once, read slices, move, dequantise, assign. Nothing but safetensors is ever opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device
from minimax_vl.errors import CheckpointError, InvalidRequest
from minimax_vl.loading.index import read_index
from minimax_vl.loading.int8 import dequantise
from minimax_vl.loading.names import count_parameters
from minimax_vl.loading.placement import check_room
from minimax_vl.loading.plan import TensorJob, plan_load, stored_dtype
from minimax_vl.loading.progress import Progress

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

DTYPES = {"float32": 4, "bfloat16": 2, "float16": 2}  # bytes of one parameter


def load_model(
    folder: str | Path, *, device: str | torch.device = "cpu", dtype: str | torch.dtype | None = None
) -> VLModel:
    """The model of a checkpoint folder, in evaluation mode, on one device.

    dtype: float32, bfloat16 or float16, by name or as torch's; None keeps the one it was written in.
    Raises ModelMissing, CheckpointError (files, names, shapes, NaN), OutOfMemory before anything is allocated,
    InvalidRequest for a device or dtype that cannot be.
    """
    from minimax_vl.model import VLModel  # the model's imports are not needed to plan or to convert

    where = str(pick_device(device))
    config = ModelConfig.read(folder)
    index = read_index(folder)
    name = dtype_name(dtype) or stored_dtype(index)
    jobs = plan_load(index, config, device=where, dtype=name)
    check_room(where, count_parameters(config) * DTYPES[name], config)
    with torch.device("meta"):
        model = VLModel(config)
    model.to(getattr(torch, name)).to_empty(device=where)  # dtype first, while it costs no memory
    run_plan(jobs, dict(model.named_parameters()))
    return model.eval()


def dtype_name(dtype: str | torch.dtype | None) -> str | None:
    """torch.bfloat16 or "bfloat16" -> "bfloat16"; None stays None, anything we do not compute in is refused."""
    if dtype is None:
        return None
    name = str(dtype).removeprefix("torch.")
    if name not in DTYPES:
        raise InvalidRequest(
            found=f"dtype {name!r}",
            expected=f"one of {', '.join(DTYPES)}",
            cause="a storage type, or a spelling that torch does not use",
            next_step="choose one of the names above, or leave dtype out",
        )
    return name


@torch.no_grad()
def run_plan(jobs: Iterable[TensorJob], parameters: Mapping[str, Tensor]) -> None:
    """Fill `parameters` (name -> tensor with memory) by the jobs; every parameter must be named by one.

    Raises CheckpointError for a file that cannot be read and for NaN or infinity in a tensor.
    """
    jobs = list(jobs)
    unfilled = parameters.keys() - {job.into for job in jobs}
    assert not unfilled, f"the plan and the model disagree about {sorted(unfilled)[:3]}"
    with Progress("loading", sum(job.nbytes for job in jobs)) as progress:
        for file, group in groupby(jobs, key=lambda job: job.file):
            with open_file(file) as source:
                for job in group:
                    parameters[job.into][job.at].copy_(read_piece(source, job))
                    progress.add(job.nbytes)


def open_file(file: Path) -> Any:
    """A safetensors reader as a context manager."""
    try:
        return safe_open(file, framework="pt", device="cpu")
    except (OSError, SafetensorError) as error:
        raise _unreadable(file, error) from error


def read_piece(source: Any, job: TensorJob) -> Tensor:
    """The rows of one job, dense and finite, on the job's device and in its dtype."""
    try:
        piece = source.get_slice(job.key)[job.take].to(job.device)
        scale = None if job.scale is None else source.get_slice(job.scale)[job.take].to(job.device)
    except (OSError, SafetensorError) as error:
        raise _unreadable(job.file, error) from error
    # int8 cannot hold a NaN, so there the scales are looked at
    check_finite(piece if scale is None else scale, f"{job.key} of {job.file.name}")
    dense = piece if scale is None else dequantise(piece, scale)
    return dense.to(getattr(torch, job.dtype))


def check_finite(tensor: Tensor, name: str) -> None:
    """Raise CheckpointError when a tensor holds NaN or infinity; one pass, no copy."""
    low, high = tensor.aminmax()
    if not bool(torch.isfinite(low) & torch.isfinite(high)):
        raise CheckpointError(
            found=f"NaN or infinity in tensor {name}",
            expected="finite weights",
            cause="a training run that diverged, a damaged file, or values beyond float16's range",
            next_step="use an earlier checkpoint, download the file again, or convert to bfloat16",
        )


def _unreadable(file: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        found=f"{file} cannot be read ({error})",
        expected="a whole safetensors file",
        cause="the file changed while it was being read, or the disk failed",
        next_step="download or copy the file again",
    )
