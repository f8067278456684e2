"""What a camera or scanner does to a page, on the GPU: contrast, tint, blur, noise. Labels stay where they are."""

from __future__ import annotations

import torch
from torch import Tensor

TAPS = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
PERCENT = 35  # of the pages of a batch are worn


def some(pages: int, device: torch.device) -> Tensor:
    """Numbers of the pages to be worn: as many in every batch of one size, so that no work is done on the others."""
    return torch.rand(pages, device=device).argsort()[: -(-pages * PERCENT // 100)]


def worn(tiles: Tensor) -> Tensor:
    """tiles [B, N, 3, S, S] in 0..1 -> the same, each page as its own camera or scanner sees it.

    One chain of element-wise steps, so that a compiler makes few passes of it; draws from the device's generator.
    """
    B = tiles.shape[0]

    def uniform(low: float, high: float, channels: int = 1) -> Tensor:
        drawn = torch.rand(B, 1, channels, 1, 1, device=tiles.device, dtype=tiles.dtype)
        return drawn * (high - low) + low

    x = torch.lerp(tiles, _blur(tiles), uniform(-0.6, 1.0).clamp_min(0))
    gain, lift = 1 - uniform(0, 0.4), uniform(0, 1)
    x = x * gain + (1 - gain) * lift  # a fainter print on paper between black and white
    x = x.clamp(1e-3, 1).pow(1 + uniform(-0.3, 0.4))
    x = x * (1 - uniform(0, 0.18, 3))
    x = x + torch.randn_like(x) * uniform(-0.05, 0.07).clamp_min(0)
    # Never inverted: what is asked about colours would be wrong, and dark pages are drawn.
    return x.clamp(0, 1)


def _blur(x: Tensor) -> Tensor:
    """[B, N, 3, S, S], a 5-tap binomial blur in both directions, each tile by itself, its edge repeated."""
    for dim in (-1, -2):
        last = x.shape[dim] - 1
        at = torch.arange(last + 1, device=x.device)
        x = sum(w * x.index_select(dim, (at + o).clamp(0, last)) for o, w in enumerate(TAPS, -2))  # pyright: ignore
    return x
