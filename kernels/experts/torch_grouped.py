"""Expert MLP in plain PyTorch: tokens gathered by expert, one pair of products for each; differentiable."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """Shapes as in `expert_mlp`. Reads the routing on the host, so it is not for CUDA graphs."""
    if x.shape[0] == 1:
        return _one_token(x, ids, weights, w13, w2)
    K = ids.shape[1]
    order = ids.flatten().argsort(stable=True)  # [N*K], slots grouped by expert
    counts = torch.bincount(ids.flatten(), minlength=w13.shape[0]).tolist()
    token = order // K  # [N*K]
    scale = weights.flatten()[order].to(x.dtype)[:, None]  # [N*K, 1]
    out = torch.zeros_like(x)
    begin = 0
    for expert, count in enumerate(counts):
        if count == 0:
            continue
        mine = token[begin : begin + count]
        gate, up = F.linear(x[mine], w13[expert]).chunk(2, dim=-1)  # [count, F] each
        hidden = F.silu(gate) * up * scale[begin : begin + count]
        out = out.index_add(0, mine, F.linear(hidden, w2[expert]))
        begin += count
    return out


def _one_token(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    out = None
    for expert, weight in zip(ids[0].tolist(), weights[0].unbind(), strict=True):
        gate, up = F.linear(x, w13[expert]).chunk(2, dim=-1)  # [1, F] each
        part = F.linear(F.silu(gate) * (up * weight.to(x.dtype)), w2[expert])  # [1, C]
        out = part if out is None else out + part
    assert out is not None
    return out
