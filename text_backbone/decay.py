"""Decay rate per layer and head of lightning attention: one pure function, pinned by a golden file."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def decay_rates(layer: int, num_layers: int, num_heads: int) -> Tensor:
    """[H] fp32: exp(-rate) is what a token keeps of the state before it.

    ALiBi's geometric slopes 2^(-8(i+1)/H), times 1 - layer/(num_layers-1) + 1e-5, where `layer` counts all layers,
    softmax ones included. Head counts that are no power of two interleave the slopes of the next one, as the
    authors' reference does. Source: the reference model of MiniMax-Text-01.
    """
    factor = 1 - layer / (num_layers - 1) + 1e-5 if num_layers > 1 else 1 + 1e-5
    return torch.tensor([slope * factor for slope in _slopes(num_heads)], dtype=torch.float32)


def _slopes(heads: int) -> list[float]:
    floor = 2 ** int(math.log2(heads))
    slopes = [2 ** (-8 * (i + 1) / floor) for i in range(floor)]
    if floor != heads:
        slopes += _slopes(2 * floor)[0::2][: heads - floor]
    return slopes
