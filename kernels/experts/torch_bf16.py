"""Expert MLP on int8 weights for CPUs: products of bf16 with fp32 sums, everything between them in fp32."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.experts import torch_quantised
from minimax_vl.kernels.experts.torch_grouped import by_expert
from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.quantised.torch_bf16 import FEW, multiplies_bf16, product, scaled


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight) -> Tensor:
    """Shapes as in `expert_mlp_quantised`. Reads the routing on the host."""
    N, K = ids.shape
    if w13.bits != 8 or (N * K > FEW and not multiplies_bf16()):
        return torch_quantised.forward(x, ids, weights, w13, w2)
    if N == 1:
        return _one_token(x.bfloat16(), ids, weights, w13, w2).to(x.dtype)

    def mlp(rows: Tensor, expert: int) -> Tensor:
        hidden = _gated(scaled(product(rows, w13.data[expert]), w13.scale[expert]))
        return scaled(product(hidden, w2.data[expert]), w2.scale[expert])

    return by_expert(x.bfloat16(), ids, weights.float(), mlp).to(x.dtype)


def _one_token(x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight) -> Tensor:
    """Everything but the products for all chosen experts at once: a step's time is the number of its operations."""
    chosen = ids[0].tolist()
    both = torch.cat([product(x, w13.data[expert]) for expert in chosen])  # [K, 2F]
    hidden = _gated(both * w13.scale.index_select(0, ids[0]))
    rows = [product(row, w2.data[expert]) for row, expert in zip(hidden.split(1), chosen, strict=True)]
    made = torch.cat(rows) * w2.scale.index_select(0, ids[0])  # [K, C]
    return weights.float() @ made


def _gated(both: Tensor) -> Tensor:
    """fp32 [N, 2F], gates before values -> bf16 [N, F]."""
    gate, up = both.chunk(2, dim=-1)
    return F.silu(gate).mul_(up).bfloat16()
