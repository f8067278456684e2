"""Lightning attention layer: fused qkv with SiLU, decaying state, norm, sigmoid output gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from minimax_vl.kernels import Unsummed, lightning_attention, whole
from minimax_vl.text_backbone.branches import beside
from minimax_vl.text_backbone.cache import Chunk, LightningState
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.decay import decay_rates
from minimax_vl.text_backbone.parts import GatedNorm, linear, operand, unsummed

NORM_EPS = 1e-6  # of the norm inside this layer; the authors' code does not pass the config's 1e-5 here


class LightningMixer(nn.Module):
    """No positions and no scale: order comes from the decay, and SiLU covers q, k and v alike."""

    def __init__(self, config: TextConfig, index: int) -> None:
        super().__init__()
        self.config, self.index = config, index
        self.heads, self.head_dim = config.num_attention_heads, config.head_dim
        self.first, self.of = 0, self.heads  # of how many heads these are, when other processes have the rest
        self.qkv_proj = linear(config.hidden_size, 3 * config.inner_size)
        self.output_gate = linear(config.hidden_size, config.inner_size)
        self.norm = GatedNorm(config.inner_size, NORM_EPS)
        self.out_proj = linear(config.inner_size, config.hidden_size)
        self.decay: Tensor
        self.register_buffer("decay", self._rates(), persistent=False)

    def forward(self, h: Tensor, chunk: Chunk, cache: LightningState | None) -> Tensor | Unsummed:
        B, T, _ = h.shape
        h = operand(h, self.qkv_proj)
        recorded = chunk.clock is not None
        # [B, T, H*D]; reads the layer's input
        gate = beside(lambda: unsummed(self.output_gate, chunk.wanted(h)), recorded)
        qkv = unsummed(self.qkv_proj, h) if T == 1 else self.qkv_proj(h)
        if qkv.dtype == torch.float16:  # what is summed here, without a scale, outgrows its range
            qkv = qkv.float()
        qkv = qkv.view(B, T, self.heads, 3 * self.head_dim)
        q, k, v = qkv.split(self.head_dim, dim=-1)  # [B, T, H, D] each: a head holds its q, k, v side by side
        if chunk.live is not None:
            # A padded token adds nothing (SiLU of 0 is 0), so the state after it is still zero.
            v = whole(v) * chunk.live
        before = cache.state if cache else None
        mixed, state = lightning_attention(q, k, v, self.decay, before, silu=True, inplace=recorded)
        if cache:
            cache.state = state
        mixed, gates = chunk.wanted(mixed).flatten(2), gate()
        return unsummed(self.out_proj, self.norm(mixed, gates).to(gates.dtype))

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> LightningMixer:
        # Moving or casting a model must not round its decay rates: they are computed anew, in fp32.
        super()._apply(fn, recurse)
        self.decay = self._rates().to(self.norm.weight.device)
        return self

    def _rates(self) -> Tensor:
        rates = decay_rates(self.index, self.config.num_hidden_layers, self.of)
        return rates[self.first : self.first + self.heads]
