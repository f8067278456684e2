"""The definition of RMS norm, fp32 inside, rounded where the released model rounds."""

from __future__ import annotations

import torch
from torch import Tensor


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`."""
    xf = x.float()
    normed = xf * torch.rsqrt(xf.pow(2).mean(-1, keepdim=True) + eps)
    return normed.to(x.dtype) * weight.to(x.dtype)
