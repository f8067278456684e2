"""Which device and dtype "auto" means, and what to say when the asked one is not there."""

from __future__ import annotations

import torch

from minimax_vl.errors import InvalidRequest

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def pick_device(name: str | torch.device) -> torch.device:
    """The default "auto" is CUDA when there is one, else the CPU. Raises InvalidRequest."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or (device.type == "cuda" and not torch.cuda.is_available()):
        raise InvalidRequest(
            found=f"device={str(name)!r}",
            expected="'auto', 'cpu', or 'cuda' on a machine with a GPU that PyTorch can use",
            cause="a typing error, or a PyTorch built without CUDA",
            next_step="`minimax-vl doctor` lists the devices",
        )
    return device


def pick_dtype(name: str | torch.dtype, device: torch.device) -> torch.dtype:
    """The default "auto" is bf16 on CUDA, where it is fastest, and fp32 elsewhere. Raises InvalidRequest."""
    if isinstance(name, torch.dtype):
        return name
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name not in DTYPES:
        raise InvalidRequest(
            found=f"dtype={name!r}", expected=f"auto, {', '.join(DTYPES)}", next_step="use one of these"
        )
    return DTYPES[name]
