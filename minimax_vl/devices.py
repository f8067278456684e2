"""Which device and dtype "auto" means, what to say when the asked one is not there, and when its memory is full."""

from __future__ import annotations

import torch

from minimax_vl.errors import InvalidRequest, OutOfMemory
from minimax_vl.loading.formats import DTYPES


def pick_device(name: str | torch.device) -> torch.device:
    """The default "auto" is CUDA when there is one, else the CPU. Raises InvalidRequest."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise _no_device(name, str(error).splitlines()[0]) from error
    if device.type not in ("cpu", "cuda"):
        raise _no_device(name, "a kind of device that this version does not run on")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise _no_device(name, "no CUDA device is usable")
    return device


def pick_dtype(name: str | torch.dtype, device: torch.device) -> torch.dtype:
    """The default "auto" is bf16 on CUDA, where it is fastest, and fp32 elsewhere. Raises InvalidRequest."""
    if isinstance(name, torch.dtype):
        return name
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if not isinstance(name, str) or name not in DTYPES:
        raise InvalidRequest(
            found=f"dtype={name!r}",
            expected=f"auto, {', '.join(DTYPES)}",
            cause="a typing error, or a storage type in which nothing is computed",
            next_step="use one of these",
        )
    return getattr(torch, DTYPES[name])


def ran_out(error: BaseException) -> bool:
    """Whether an allocation failed: CUDA's error has a class of its own, the CPU allocator's only a message."""
    if isinstance(error, OutOfMemory):
        return False  # already says what to do
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in str(error)


def _no_device(name: str | torch.device, why: str) -> InvalidRequest:
    return InvalidRequest(
        found=f"device {str(name)!r}: {why}",
        expected="'auto', 'cpu', or 'cuda' where PyTorch sees a GPU",
        cause="a typing error, a PyTorch built without CUDA, or a driver that it cannot use",
        next_step="use 'cpu'; `minimax-vl doctor` lists the devices",
    )
