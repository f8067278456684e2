"""What a camera or scanner does to a page, on the GPU: contrast, tint, blur, noise. Labels stay where they are."""

from __future__ import annotations

import torch
from torch import Tensor

TAPS = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


def augment(tiles: Tensor) -> Tensor:
    """tiles [B, N, 3, S, S] in 0..1 -> the same, some pages changed, each in its own way.

    One chain of element-wise steps, so that a compiler makes one pass of it; draws from the device's generator.
    """
    B = tiles.shape[0]

    def uniform(low: float, high: float, channels: int = 1) -> Tensor:
        drawn = torch.rand(B, 1, channels, 1, 1, device=tiles.device, dtype=tiles.dtype)
        return drawn * (high - low) + low

    changed = (uniform(0, 1) < 0.35).to(tiles.dtype)
    x = torch.lerp(tiles, _blur(tiles), uniform(-0.6, 1.0).clamp_min(0) * changed)
    gain, lift = 1 - uniform(0, 0.4) * changed, uniform(0, 1)
    x = x * gain + (1 - gain) * lift  # a fainter print on paper between black and white
    gamma = 1 + uniform(-0.3, 0.4) * changed
    x = x.clamp(1e-3, 1).pow(gamma)
    x = x * (1 - uniform(0, 0.18, 3) * changed)
    x = x + torch.randn_like(x) * (uniform(-0.05, 0.07).clamp_min(0) * changed)
    # Never inverted: what is asked about colours would be wrong, and dark pages are drawn.
    return x.clamp(0, 1)


def _blur(x: Tensor) -> Tensor:
    """[B, N, 3, S, S], a 5-tap binomial blur in both directions, each tile by itself, its edge repeated."""
    for dim in (-1, -2):
        last = x.shape[dim] - 1
        at = torch.arange(last + 1, device=x.device)
        x = sum(w * x.index_select(dim, (at + o).clamp(0, last)) for o, w in enumerate(TAPS, -2))  # pyright: ignore
    return x
