"""The definition of causal grouped softmax attention, fp32, one score matrix."""

from __future__ import annotations

import torch
from torch import Tensor


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    """Shapes as in `softmax_attention`."""
    if length is not None:
        k, v = k[:, : int(length)], v[:, : int(length)]
    T, S, group = q.shape[1], k.shape[1], q.shape[2] // k.shape[2]
    kf, vf = (x.float().repeat_interleave(group, dim=2) for x in (k, v))  # [B, S, H, D]
    scores = torch.einsum("bthd,bshd->bhts", q.float(), kf) / q.shape[-1] ** 0.5
    key = torch.arange(S, device=q.device)
    query = key[S - T :, None]  # [T, 1]
    seen = (key <= query)[None]  # [1, T, S]
    if pad is not None:
        # A padded query sees itself, so that its row of the softmax is not empty.
        seen = seen & ((key >= pad[:, None, None]) | (key == query))
    weights = scores.masked_fill(~seen[:, None], float("-inf")).softmax(-1)
    return torch.einsum("bhts,bshd->bthd", weights, vf).to(q.dtype)
