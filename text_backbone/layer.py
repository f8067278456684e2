"""One decoder layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from minimax_vl.text_backbone.cache import Chunk, KeyValues, LightningState
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.experts import SparseMoE
from minimax_vl.text_backbone.mixers import MIXERS
from minimax_vl.text_backbone.parts import RMSNorm


class DecoderLayer(nn.Module):
    """Norm, mix tokens, norm, mix channels. With `postnorm` the residual carries the *normed* input, times alpha."""

    def __init__(self, config: TextConfig, index: int) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = MIXERS[config.attn_type_list[index]](config, index)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.block_sparse_moe = SparseMoE(config)
        self.postnorm = config.postnorm
        self.attention_residual = config.residual(index)
        self.mlp_residual = (config.layernorm_mlp_alpha, config.layernorm_mlp_beta)

    def forward(
        self, x: Tensor, chunk: Chunk, cache: LightningState | KeyValues | None
    ) -> tuple[Tensor, Tensor]:
        """x [B, T, C] -> (x [B, T, C], router logits [B, T, X] fp32); both [B, 1, ...] when only the last is read."""
        h = self.input_layernorm(x)
        carried = chunk.wanted(h if self.postnorm else x)
        x = weighted(self.attention_residual, carried, self.self_attn(h, chunk, cache))
        h = self.post_attention_layernorm(x)
        routed, logits = self.block_sparse_moe(h)
        return weighted(self.mlp_residual, h if self.postnorm else x, routed), logits


def weighted(scales: tuple[float, float], carried: Tensor, added: Tensor) -> Tensor:
    """alpha * carried + beta * added, in one pass for the usual beta of 1."""
    alpha, beta = scales
    return torch.add(added if beta == 1 else beta * added, carried, alpha=alpha)
