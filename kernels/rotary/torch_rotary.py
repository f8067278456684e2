"""Partial rotary embedding, vectorised."""

from __future__ import annotations

import torch
from torch import Tensor


def forward(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Shapes as in `apply_rotary`."""
    half = cos.shape[1]
    c, s = cos[:, None, :], sin[:, None, :]  # [T, 1, R/2]
    a, b = x[..., :half].float(), x[..., half : 2 * half].float()
    turned = torch.cat((a * c - b * s, b * c + a * s), dim=-1).to(x.dtype)
    return torch.cat((turned, x[..., 2 * half :]), dim=-1)
