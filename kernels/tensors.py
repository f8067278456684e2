"""What launchers ask of the tensors that they are given."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def rows_dense(x: Tensor) -> Tensor:
    """x [..., C] with its channels side by side: x itself, whatever its other strides, or a copy."""
    return x if x.stride(-1) == 1 else x.contiguous()


def wants_gradient(*tensors: Tensor) -> bool:
    """Whether autograd will ask for the gradient of one of these."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


def on_device_of(x: Tensor) -> AbstractContextManager[object]:
    """Triton launches on the current device, which need not be the tensor's: inside the block it is."""
    return torch.cuda.device(x.device) if x.is_cuda else nullcontext()
