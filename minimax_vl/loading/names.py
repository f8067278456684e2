"""The names of a whole checkpoint, from its config alone: shapes, where each tensor goes, which may be quantised."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from minimax_vl.config import ModelConfig
from minimax_vl.text_backbone import checkpoint_keys as text
from minimax_vl.vision import checkpoint_keys as vision

# Below this share of all parameters the vision side stays dense: in the release it is 0.08 % of the bytes and
# quantising it would cost accuracy for nothing; in nano it is a quarter of the file. Four bits are too few for it.
VISION_SHARE = 0.05


@dataclass(frozen=True)
class Place:
    """Where a published tensor lies in the model: parameter, expert in a stacked one, first row."""

    into: str
    expert: int | None = None
    row: int = 0


def published_keys(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor in a checkpoint of this config, sorted by name."""
    keys = text.published_keys(config.text) | vision.published_keys(
        config.vision, merge=config.tiling.merge, text_width=config.text.hidden_size
    )
    return dict(sorted(keys.items()))


def place(key: str, config: ModelConfig) -> Place:
    """The place of one published tensor; every name but an expert's is the parameter's own."""
    found = text.expert_place(key, config.text)
    return Place(*found) if found else Place(key)


def quantised_keys(config: ModelConfig, bits: int | None) -> dict[str, int]:
    """Matrix -> its bits, of those that are quantised; nothing for `bits` None.

    Experts and lightning attention in `bits`, softmax attention and the head in eight, in int8 the vision side too,
    where it weighs anything.
    """
    if bits is None:
        return {}
    keys = published_keys(config)
    seen = {key: prod(shape) for key, shape in keys.items() if vision.QUANTISABLE.fullmatch(key)}
    chosen = {key: bits for key in keys if text.QUANTISABLE.fullmatch(key)}
    chosen |= {key: 8 for key in keys if text.EIGHT.fullmatch(key)}
    if bits == 8 and sum(seen.values()) > VISION_SHARE * count_parameters(config):
        chosen |= dict.fromkeys(seen, bits)
    return chosen


def quantised_parameters(config: ModelConfig, bits: int | None) -> dict[str, int]:
    """`quantised_keys` as parameters of the model, experts stacked."""
    return {place(key, config).into: kept for key, kept in quantised_keys(config, bits).items()}


def is_unused(key: str) -> bool:
    """A tensor that other exporters write and the model does not have."""
    return vision.UNUSED.fullmatch(key) is not None


def count_parameters(config: ModelConfig) -> int:
    """Elements of all tensors: 456,437,219,328 for the release."""
    return sum(prod(shape) for shape in published_keys(config).values())
