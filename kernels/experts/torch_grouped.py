"""Expert MLP in plain PyTorch: tokens gathered by expert, one pair of products for each; differentiable."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """Shapes as in `expert_mlp`. Reads the routing on the host, so it is not for CUDA graphs."""
    N, K = ids.shape
    chosen = ids[0].tolist() if N == 1 and K == 2 else []
    if len(set(chosen)) == 2:
        return _one_token(x, chosen, weights, w13, w2)
    return by_expert(x, ids, weights.to(x.dtype), lambda rows, expert: _mlp(rows, w13[expert], w2[expert]))


def by_expert(x: Tensor, ids: Tensor, weights: Tensor, mlp: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Sum over k of weights[n, k] * mlp(x_n, ids[n, k]), [N, C] in the dtype of the weights.

    `mlp` gets all rows of one expert at once, [count, C], and the expert's number.
    """
    N, K = ids.shape
    order = ids.flatten().argsort(stable=True)  # [N*K], slots grouped by expert
    counts = torch.bincount(ids.flatten()).tolist()
    rows = x.index_select(0, order // K).split(counts)  # of each expert [count, C]
    made = torch.cat([mlp(mine, expert) for expert, mine in enumerate(rows) if counts[expert]])
    place = torch.empty_like(order).scatter_(0, order, torch.arange(N * K, device=order.device)).view(N, K)
    parts = (made.index_select(0, place[:, k]).to(weights.dtype) for k in range(K))
    mixed = next(parts) * weights[:, :1]
    for k, part in enumerate(parts, start=1):
        mixed.addcmul_(part, weights[:, k : k + 1])
    return mixed


def _one_token(x: Tensor, chosen: list[int], weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """Two different experts are a strided slice of all: both products run at once and no weight is copied."""
    first, second = chosen
    if first > second:
        first, second, weights = second, first, weights.flip(-1)
    pair = slice(first, second + 1, second - first)
    gate, up = torch.bmm(x.expand(2, 1, -1), w13[pair].mT).chunk(2, dim=-1)  # [2, 1, F] each
    made = torch.bmm(F.silu(gate) * up, w2[pair].mT)  # [2, 1, C]
    return weights.to(x.dtype) @ made[:, 0]


def _mlp(x: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    gate, up = F.linear(x, w13).chunk(2, dim=-1)  # [count, F] each
    return F.linear(F.silu(gate) * up, w2)
