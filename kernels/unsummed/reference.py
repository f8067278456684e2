"""The sum that `Unsummed` stands for, in fp32."""

from __future__ import annotations

import torch
from torch import Tensor


def forward(parts: Tensor, weights: Tensor | None, dtype: torch.dtype) -> Tensor:
    """Shapes as in `Unsummed`."""
    rows = parts.float().sum(0)  # [..., K, C]
    if weights is not None:
        rows = rows * weights[..., None].float()
    return rows.sum(-2).to(dtype)
