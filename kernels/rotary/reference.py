"""The definition of partial rotary embedding: pair by pair."""

from __future__ import annotations

from torch import Tensor


def forward(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Shapes as in `apply_rotary`."""
    half = cos.shape[1]
    out = x.float().clone()
    for j in range(half):
        c, s = cos[:, j][None, :, None], sin[:, j][None, :, None]  # [1, T, 1]
        a, b = x[..., j].float(), x[..., j + half].float()
        out[..., j], out[..., j + half] = a * c - b * s, b * c + a * s
    return out.to(x.dtype)


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
    turned, at, first = forward(k, cos, sin), int(start), k.shape[1] - q.shape[1]
    for t in range(k.shape[1]):
        keys[:, at + t], values[:, at + t] = turned[:, t], v[:, t]
    return forward(q, cos[first:], sin[first:])
