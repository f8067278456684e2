"""How many layers go on each device: filled in order, or to a common level. Bytes in, counts out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from minimax_vl.config import ModelConfig
from minimax_vl.loading.formats import bytes_of
from minimax_vl.loading.names import published_keys, quantised_keys
from minimax_vl.text_backbone.config import SOFTMAX

LAYER = re.compile(r"language_model\.model\.layers\.(\d+)(?:\.|$)")
LAST = {"language_model.lm_head.weight", "language_model.model.norm.weight"}  # used after the last layer


def cache_bytes(config: ModelConfig, context: int, kv_cache: str | None = None) -> list[int]:
    """What each layer remembers of one sequence: keys and values, or an fp32 state of fixed size.

    kv_cache: None for bf16; "int8" for eight bits an element and a bf16 scale for each token and head.
    """
    text = config.text
    head = 2 * text.head_dim if kv_cache is None else text.head_dim + 2
    kv = 2 * text.num_key_value_heads * head
    state = text.num_attention_heads * text.head_dim**2 * 4
    return [kv * context if kind == SOFTMAX else state for kind in text.attn_type_list]


@dataclass(frozen=True)
class Sizes:
    """Bytes of each layer's weights and of its cache, and of what comes before and after the layers."""

    weights: Sequence[int]
    caches: Sequence[int]
    first: int
    last: int

    @property
    def layers(self) -> list[int]:
        return [weight + cache for weight, cache in zip(self.weights, self.caches)]

    @property
    def total(self) -> int:
        return sum(self.layers) + self.first + self.last


def sizes_of(
    config: ModelConfig, bits: int | None, width: int, context: int, kv_cache: str | None = None
) -> Sizes:
    """Of a model whose dense weights take `width` bytes an element, with one sequence of `context` tokens."""
    packed = quantised_keys(config, bits)
    layers, first, last = [0] * config.text.num_hidden_layers, 0, 0
    for key, shape in published_keys(config).items():
        size = bytes_of(shape, packed.get(key), width)
        match = LAYER.match(key)
        if match:
            layers[int(match[1])] += size
        elif key in LAST:
            last += size
        else:
            first += size  # vision, embeddings
    return Sizes(layers, cache_bytes(config, context, kv_cache), first, last)


def fill(layers: Sequence[int], room: Sequence[int], first: int, last: int) -> tuple[list[int], bool]:
    """Layers per device, filled in order; and whether that was all of them.

    `first` bytes lie on the first device, `last` on the last; devices without room for those take no layer.
    """
    counts, free = [0] * len(room), list(room)
    if not free:
        return counts, False
    free[0] -= first
    free[-1] -= last
    if min(free) < 0:
        return counts, False
    at = 0
    for device in range(len(free)):
        while at < len(layers) and layers[at] <= free[device]:
            free[device] -= layers[at]
            counts[device] += 1
            at += 1
    return counts, at == len(layers)


def overflow(sizes: Sizes, room: Sequence[int], *, visits: bool) -> list[int] | None:
    """Layers per device when not all fit, the first ones; None where not even the other parts do.

    The caches of layers that wait elsewhere lie on the first device, and with `visits` it keeps room for the largest
    layer's weights, which pass through it one layer at a time.
    """
    waiting, visitor = 0, max(sizes.weights) if visits else 0
    while True:
        first = sizes.first + visitor + waiting
        free = [size - first * (i == 0) - sizes.last * (i == len(room) - 1) for i, size in enumerate(room)]
        if not room or min(free) < 0:
            return None
        counts, _ = fill(sizes.layers, room, first, sizes.last)
        caches = sum(sizes.caches[sum(counts) :])
        if caches <= waiting:
            return counts
        waiting = caches


def balanced(layers: Sequence[int], room: Sequence[int], first: int, last: int) -> list[int] | None:
    """Layers per device at the lowest common fill level that holds them all; None when even full devices do not."""
    best, fits = fill(layers, room, first, last)
    if not fits:
        return None
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        counts, fits = fill(layers, [int(middle * size) for size in room], first, last)
        if fits:
            best, high = counts, middle
        else:
            low = middle
    return best
