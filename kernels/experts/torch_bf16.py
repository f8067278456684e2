"""Expert MLP on int8 weights for CPUs: products of bf16 with fp32 sums; what is between them is bf16 for many rows."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.cpu import FEW, multiplies_bf16
from minimax_vl.kernels.experts import torch_quantised
from minimax_vl.kernels.experts.torch_grouped import by_expert
from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.quantised.torch_bf16 import product, sums


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight) -> Tensor:
    """Shapes as in `expert_mlp_quantised`. Reads the routing on the host."""
    N, K = ids.shape
    if w13.bits != 8 or (N * K > FEW and not multiplies_bf16()):
        return torch_quantised.forward(x, ids, weights, w13, w2)
    if N == 1:
        return _one_token(x.bfloat16(), ids, weights, w13, w2).to(x.dtype)

    def mlp(rows: Tensor, expert: int) -> Tensor:
        parts = (w13.data[expert], w13.scale[expert])
        if rows.shape[0] <= FEW:
            gate, up = product(rows, *parts).chunk(2, dim=-1)
        else:  # apart, since SiLU of half of every row takes half as long again
            gate, up = (product(rows, *half) for half in zip(*(part.chunk(2) for part in parts), strict=True))
        return product(_gated(gate, up), w2.data[expert], w2.scale[expert])

    return by_expert(x.bfloat16(), ids, weights.float(), mlp).to(x.dtype)


def _one_token(x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight) -> Tensor:
    """Everything but the products for all chosen experts at once: a step's time is the number of its operations."""
    chosen = ids[0].tolist()
    both = torch.cat([sums(x, w13.data[expert]) for expert in chosen])  # [K, 2F]
    hidden = _gated(*(both * w13.scale.index_select(0, ids[0])).chunk(2, dim=-1))
    rows = [sums(row, w2.data[expert]) for row, expert in zip(hidden.split(1), chosen, strict=True)]
    made = torch.cat(rows) * w2.scale.index_select(0, ids[0])  # [K, C]
    return weights.float() @ made


def _gated(gate: Tensor, up: Tensor) -> Tensor:
    """[N, F] each, fp32 or bf16 -> bf16 [N, F]. Writes over the gate."""
    return F.silu(gate, inplace=True).mul_(up).bfloat16()
