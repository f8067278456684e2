"""The definition of RMS norm, fp32 inside, rounded where the released model rounds."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.unsummed import Unsummed, whole


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`."""
    xf = x.float()
    normed = xf * torch.rsqrt(xf.pow(2).mean(-1, keepdim=True) + eps)
    return normed.to(x.dtype) * weight.to(x.dtype)


def residual(
    x: Tensor | Unsummed,
    residual: Tensor,
    weight: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    keep: bool,
) -> tuple[Tensor, Tensor | None]:
    """Shapes as in `residual_norm`."""
    total = alpha * residual.float() + beta * whole(x).float()
    normed = forward(total, weight, eps).to(residual.dtype)
    return normed, total.to(residual.dtype) if keep else None


def gated(x: Tensor, gate: Tensor | Unsummed, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `gated_norm`."""
    return (forward(x.float(), weight, eps) * torch.sigmoid(whole(gate).float())).to(x.dtype)
