"""Which part of every tensor each of several processes holds, from names and shapes alone. Needs no torch.

A layer is cut so that its parts meet twice, in two sums over processes: heads apart up to the attention's output
projection, experts apart up to theirs. The head is cut by vocabulary, for it is a fifth of what the 8-layer slice
reads for a token. Everything else is held by all: the embedding is looked up, not read, and cutting it would cost a
third sum; router and norms are small; the vision side runs once for an image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.names import Place, place, published_keys
from minimax_vl.text_backbone.config import TextConfig

# "slices": of the hidden width of every expert. A token's two experts are then read by all processes in equal parts.
# "whole": some experts each. Both experts of a token lie in one process half of the time, for two processes.
Experts = Literal["slices", "whole"]

ATTENTION = r"language_model\.model\.layers\.\d+\.self_attn"
BY_ROWS = re.compile(
    rf"{ATTENTION}\.(qkv_proj|output_gate|norm|q_proj)\.weight|language_model\.lm_head\.weight"
)
BY_KEY_HEADS = re.compile(rf"{ATTENTION}\.[kv]_proj\.weight")
BY_COLUMNS = re.compile(rf"{ATTENTION}\.(out_proj|o_proj)\.weight")


@dataclass(frozen=True)
class Share:
    """The part of a published tensor that a process holds, and where it lies in that process's model."""

    rows: slice
    columns: slice | None  # None: all
    into: Place


@dataclass(frozen=True)
class Split:
    """Part `rank` of a model cut into `size` equal ones; of one, which is everything, all answers are neutral."""

    rank: int
    size: int
    experts: Experts

    def check(self, config: ModelConfig) -> None:
        """Raise InvalidRequest, with all reasons, for a model that cannot be cut into so many parts."""
        text, n = config.text, self.size
        counts = {"num_attention_heads": text.num_attention_heads, "vocab_size": text.vocab_size}
        if self.experts == "whole":
            counts["num_local_experts"] = text.num_local_experts
        else:
            counts["intermediate_size"] = text.intermediate_size
        amiss = [f"{name}={count}" for name, count in counts.items() if count % n]
        heads = text.num_key_value_heads
        if heads % n and n % heads:
            amiss.append(f"num_key_value_heads={heads}")
        if amiss:
            raise InvalidRequest(
                found=f"{n} processes for {', '.join(amiss)}",
                expected="a number that divides these; of key/value heads also a multiple",
                cause="as many processes as there are GPUs, for a model with other sizes",
                next_step="start a number that divides them, such as a power of two",
            )

    def text(self, config: TextConfig) -> TextConfig:
        """What the layers of this process compute: its heads, and its slice of every expert."""
        return replace(
            config,
            num_attention_heads=config.num_attention_heads // self.size,
            num_key_value_heads=max(1, config.num_key_value_heads // self.size),
            intermediate_size=config.intermediate_size // (self.size if self.experts == "slices" else 1),
        )

    def expert_range(self, config: TextConfig) -> range:
        """The experts that this process knows."""
        count = config.num_local_experts
        if self.experts == "slices":
            return range(count)
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def shares(self, config: ModelConfig) -> dict[str, Share]:
        """Published name -> what this process holds of it, sorted by name; experts of others are left out."""
        local = replace(config, text=self.text(config.text))
        known = self.expert_range(config.text)
        shares = {}
        for key, shape in published_keys(config).items():
            spot = place(key, local)
            if spot.expert is not None:
                if spot.expert not in known:
                    continue
                spot = replace(spot, expert=spot.expert - known.start)
            shares[key] = Share(*self._cut(key, shape, spot, config.text.num_key_value_heads), spot)
        return shares

    def _cut(
        self, key: str, shape: tuple[int, ...], spot: Place, key_heads: int
    ) -> tuple[slice, slice | None]:
        sliced = spot.expert is not None and self.experts == "slices"
        if BY_COLUMNS.fullmatch(key) or (sliced and key.endswith(".w2.weight")):
            return slice(0, shape[0]), self._part(shape[1], self.size)
        if BY_KEY_HEADS.fullmatch(key):  # processes that are more than the heads hold the same ones
            return self._part(shape[0], min(self.size, key_heads)), None
        if BY_ROWS.fullmatch(key) or sliced:
            return self._part(shape[0], self.size), None
        return slice(0, shape[0]), None

    def _part(self, count: int, parts: int) -> slice:
        size, at = count // parts, self.rank * parts // self.size
        return slice(size * at, size * (at + 1))


WHOLE = Split(0, 1, "slices")


def read_experts(name: str) -> Experts:
    """Raises InvalidRequest for what is not a way to divide experts."""
    if name not in get_args(Experts):
        raise InvalidRequest(
            found=f"mesh={name!r}",
            expected=f"one of {', '.join(map(repr, get_args(Experts)))}, or None for a model of one process",
            cause="a typing error",
            next_step="use 'slices', which is faster for one answer at a time",
        )
    return cast("Experts", name)


def held_shapes(config: ModelConfig, split: Split) -> dict[str, tuple[int, ...]]:
    """Published name -> shape of what a process holds of it."""
    shapes = published_keys(config)
    held = {}
    for key, share in split.shares(config).items():
        rows, columns = share.rows, share.columns
        rest = shapes[key][1:] if columns is None else (columns.stop - columns.start,)
        held[key] = (rows.stop - rows.start, *rest)
    return held
