"""The definition of lightning attention: token by token, fp32."""

from __future__ import annotations

import torch
from torch import Tensor


def forward(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """S = exp(-decay) * S + k v^T, then out = q S; shapes as in `lightning_attention`."""
    qf, kf, vf = q.float(), k.float(), v.float()
    keep = torch.exp(-decay.float())[:, None, None]  # [H, 1, 1]
    rows = []
    for t in range(q.shape[1]):
        state = keep * state + kf[:, t, :, :, None] * vf[:, t, :, None, :]  # [B, H, D, E]
        rows.append((qf[:, t, :, None, :] @ state).squeeze(-2))  # [B, H, E]
    return torch.stack(rows, dim=1).to(v.dtype), state
