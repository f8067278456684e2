"""Mixture of experts: an fp32 router and the stacked expert weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from minimax_vl.kernels import Unsummed, expert_mlp, expert_mlp_unsummed, route_tokens
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.parts import linear, unsummed


class Experts(nn.Module):
    """All experts of a layer in two tensors; the checkpoint's w1, w3, w2 of expert K lie at index K."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        X, F, C = config.num_local_experts, config.intermediate_size, config.hidden_size
        self.w13 = nn.Parameter(torch.empty(X, 2 * F, C))  # w1 (gate) rows, then w3 (up) rows
        self.w2 = nn.Parameter(torch.empty(X, C, F))
        nn.init.normal_(self.w13, std=C**-0.5)
        nn.init.normal_(self.w2, std=F**-0.5)

    def forward(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor:
        return expert_mlp(x, ids, weights, self.w13, self.w2)

    def unsummed(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor | Unsummed:
        return expert_mlp_unsummed(x, ids, weights, self.w13, self.w2)


class SparseMoE(nn.Module):
    """Softmax over the chosen experts' logits equals softmax over all, cut to the top and renormalised."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.top_k = config.num_experts_per_tok
        self.gate = linear(config.hidden_size, config.num_local_experts)
        self.experts = Experts(config)

    def forward(self, h: Tensor) -> tuple[Tensor | Unsummed, Tensor]:
        """h [B, T, C] -> (mixed [B, T, C], router logits [B, T, X] fp32)."""
        x = h.flatten(0, 1)  # [N, C]
        logits, ids, weights = route_tokens(x, self.gate.weight, self.top_k)  # [N, X], [N, K], [N, K]
        mixed = unsummed(self.experts, x, ids, weights)
        return mixed.view(*h.shape), logits.view(*h.shape[:2], -1)
