"""The definition of lightning attention: token by token, fp32."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.lightning.pieces import one_by_one, one_token
from minimax_vl.kernels.unsummed import Unsummed, whole


def forward(
    q: Tensor | Unsummed,
    k: Tensor | Unsummed,
    v: Tensor | Unsummed,
    decay: Tensor,
    state: Tensor,
    silu: bool = False,
    inplace: bool = False,
) -> tuple[Tensor, Tensor]:
    """S = exp(-decay) * S + k v^T, then out = q S; shapes as in `lightning_attention`."""
    given = state
    q, k, v = whole(q), whole(k), whole(v)
    q, k, v = (F.silu(x) for x in (q, k, v)) if silu else (q, k, v)
    qf, kf, vf = q.float(), k.float(), v.float()
    keep = torch.exp(-decay.float())[:, None, None]  # [H, 1, 1]
    rows = []
    for t in range(q.shape[1]):
        state = keep * state + kf[:, t, :, :, None] * vf[:, t, :, None, :]  # [B, H, D, E]
        rows.append((qf[:, t, :, None, :] @ state).squeeze(-2))  # [B, H, E]
    out = torch.stack(rows, dim=1).to(v.dtype)
    return out, given.copy_(state) if inplace else state


varlen = one_by_one(forward)
step = one_token(forward)
