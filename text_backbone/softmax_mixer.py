"""Softmax attention layer: grouped key/value heads, partial rotary embedding."""

from __future__ import annotations

from torch import Tensor, nn

from minimax_vl.kernels import Unsummed, apply_rotary, softmax_attention
from minimax_vl.text_backbone.branches import beside
from minimax_vl.text_backbone.cache import Chunk, KeyValues
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.parts import linear, rounds, unsummed


class SoftmaxMixer(nn.Module):
    """Keys are cached after rotation, so a cached token is never rotated again."""

    def __init__(self, config: TextConfig, index: int) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.q_proj = linear(config.hidden_size, self.heads * self.head_dim)
        self.k_proj = linear(config.hidden_size, self.kv_heads * self.head_dim)
        self.v_proj = linear(config.hidden_size, self.kv_heads * self.head_dim)
        self.o_proj = linear(self.heads * self.head_dim, config.hidden_size)

    def forward(self, h: Tensor, chunk: Chunk, cache: KeyValues | None) -> Tensor | Unsummed:
        B, T, _ = h.shape
        asking, recorded = chunk.wanted(h), chunk.clock is not None
        keys = beside(lambda: self.k_proj(h), recorded)
        values = beside(lambda: self.v_proj(h), recorded)
        q = self.q_proj(asking).view(B, -1, self.heads, self.head_dim)
        k = keys().view(B, T, self.kv_heads, self.head_dim)
        v = values().view(B, T, self.kv_heads, self.head_dim)
        if cache:
            q, k, v = cache.append(q, k, v, chunk)  # k, v [B, S, G, D]
        else:
            first = T - q.shape[1]
            q = apply_rotary(q, chunk.cos[first:], chunk.sin[first:])
            k = apply_rotary(k, chunk.cos, chunk.sin)
        mixed = softmax_attention(q, k, v, chunk.pad, chunk.length, rounds(self.o_proj))
        return unsummed(self.o_proj, mixed.flatten(2))
