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


def store(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cos: Tensor,
    sin: Tensor,
    keys: Tensor,
    values: Tensor,
    start: int | Tensor,
) -> Tensor:
    """Shapes as in `rotary_store`."""
    T, first = k.shape[1], k.shape[1] - q.shape[1]
    q, k = forward(q, cos[first:], sin[first:]), forward(k, cos, sin)
    if isinstance(start, int):
        keys[:, start : start + T], values[:, start : start + T] = k, v
    else:
        place = start + torch.arange(T, device=k.device)
        keys.index_copy_(1, place, k)
        values.index_copy_(1, place, v)
    return q
