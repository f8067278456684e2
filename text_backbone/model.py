"""The text backbone: embedding, layers, final norm, and a head on the positions that are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from torch import Tensor, nn

from minimax_vl.kernels import Unsummed
from minimax_vl.kernels.tensors import on_device_of
from minimax_vl.text_backbone.cache import HybridCache, KvCache, describe
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.layer import DecoderLayer
from minimax_vl.text_backbone.parts import Head, RMSNorm
from minimax_vl.text_backbone.rope import rotary_angles

Positions = Literal["last", "all"]


class Decoder(nn.Module):
    """`language_model.model` of the checkpoint."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(DecoderLayer(config, i) for i in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class TextBackbone(nn.Module):
    """`language_model` of the checkpoint. A first chunk, a later chunk and one token are the same call."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        self.lm_head = Head(config.hidden_size, config.vocab_size)
        # What `new_cache` keeps keys and values in; None: the model's dtype.
        self.kv_cache: KvCache | None = None

    def new_cache(self, capacity: int = 0) -> HybridCache:
        """An empty cache; `capacity` tokens of keys and values are reserved by the first call."""
        return HybridCache(self.config, capacity, self.kv_cache)

    def forward(
        self,
        x: Tensor,
        cache: HybridCache | None = None,
        *,
        pad: Tensor | None = None,
        logits: Positions = "last",
        router_logits: list[Tensor] | None = None,
    ) -> Tensor:
        """x [B, T, C] embeddings -> fp32 logits [B, V] of the last position, or [B, T, V] of all.

        `cache` is read and advanced by T. `pad` [B] counts the padding at the start of each row; it is given with
        the first chunk and then kept by the cache. `router_logits`, a list, collects [B, T, X] of every layer.
        """
        last_only = logits == "last"
        hidden = self.hidden_states(x, cache, pad=pad, router_logits=router_logits, last_only=last_only)
        return self.head(hidden[:, -1] if last_only else hidden)

    def hidden_states(
        self,
        x: Tensor,
        cache: HybridCache | None = None,
        *,
        pad: Tensor | None = None,
        router_logits: list[Tensor] | None = None,
        last_only: bool = False,
    ) -> Tensor:
        """As `forward`, up to the final norm: [B, T, C].

        With `last_only` it may be [B, 1, C]: the last layer then remembers every position but computes only one,
        which saves nano a tenth of a long prompt. Collecting router logits needs them all.
        """
        start, held = (cache.position, cache.length) if cache else (0, 0)
        if pad is not None and pad.shape != x.shape[:1]:
            raise ValueError(
                f"pad has shape {tuple(pad.shape)}; x has {x.shape[0]} rows, so it must be as long"
            )
        if cache:
            if pad is not None and start:
                raise ValueError(
                    f"pad is given at position {start}; the first chunk alone decides the padding"
                )
            cache.pad = pad = pad if start == 0 else cache.pad
        count = x.shape[1]
        clock = cache.clock if cache else None
        cos, sin = rotary_angles(self.config, start if clock is None else clock, count, x.device)
        chunk = describe(held, count, pad, cos, sin, cache.longest_pad if cache else None)
        if clock is not None:
            chunk = replace(chunk, clock=clock, length=clock + count)
        added: Tensor | Unsummed = x
        carried: Tensor | None = None
        scales = (self.config.layernorm_mlp_alpha, self.config.layernorm_mlp_beta)
        if cache:
            cache.begin()
        with on_device_of(x):
            for i, layer in enumerate(self.model.layers):
                if last_only and router_logits is None and i == self.config.num_hidden_layers - 1:
                    chunk = replace(chunk, last_only=True)
                added, carried, routing = layer(added, carried, chunk, cache.layers[i] if cache else None)
                if router_logits is not None:
                    router_logits.append(routing)
        assert carried is not None  # a config has at least one layer
        with on_device_of(carried):  # where the last layer is, which may be another GPU than the first one's
            hidden, _ = self.model.norm.join(added, carried, scales, keep=False)
        if cache:
            cache.end(start + count)
        return hidden

    def head(self, hidden: Tensor) -> Tensor:
        """Normed hidden states [..., C] -> fp32 logits [..., V]."""
        return self.lm_head(hidden)
