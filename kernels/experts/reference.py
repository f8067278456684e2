"""The definition of the expert MLP: every token, every chosen expert, one after the other, fp32."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """Shapes as in `expert_mlp`."""
    rows = []
    for n in range(x.shape[0]):
        total = torch.zeros(w2.shape[1], device=x.device)
        for k in range(ids.shape[1]):
            expert = int(ids[n, k])
            gate, up = (w13[expert].float() @ x[n].float()).chunk(2)
            total = total + weights[n, k].float() * (w2[expert].float() @ (F.silu(gate) * up))
        rows.append(total)
    return torch.stack(rows).to(x.dtype)


def route(x: Tensor, gate: Tensor, top_k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Shapes as in `route_tokens`: softmax over all experts, cut to the top and renormalised."""
    logits = x.float() @ gate.float().T
    weights, ids = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    weights, ids = weights[:, :top_k], ids[:, :top_k]
    return logits, ids, weights / weights.sum(-1, keepdim=True)


def forward_quantised(
    x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight
) -> Tensor:
    """Shapes as in `expert_mlp_quantised`: the weights that the integers stand for, then the same."""
    return forward(x, ids, weights, dequantise(w13), dequantise(w2))
