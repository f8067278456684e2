"""What a camera or scanner does to a page, on the GPU: contrast, tint, blur, noise. Labels stay where they are."""

from __future__ import annotations

import torch
from torch import Tensor

TAPS = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
PERCENT = 35  # of the pages of a batch are worn


def some(pages: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Numbers of the pages to be worn, and each page's place among them, past their end for the others.

    As many in every batch of one size, so that no work is done on the others.
    """
    order = torch.rand(pages, device=device).argsort()
    return order[: -(-pages * PERCENT // 100)], order.argsort()


def worn(tiles: Tensor) -> Tensor:
    """tiles [B, N, 3, S, S] in 0..1 -> the same, each page as its own camera or scanner sees it.

    One chain of element-wise steps behind the blur, so that a compiler makes few passes of it; draws from the device's
    generator.
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
    """[B, N, 3, S, S], a 5-tap binomial blur in both directions, each tile by itself, its edge repeated.

    As products with matrices of five diagonals: a compiler's gathers took ten times as long.
    """
    down, across = (_diagonals(size, x) for size in x.shape[-2:])
    rows = (x @ across.mT).flatten(0, 2)
    return torch.bmm(down.expand(len(rows), -1, -1), rows).view_as(x)


def _diagonals(size: int, like: Tensor) -> Tensor:
    """[size, size]: what each of `size` neighbours counts in the blur of each."""
    at = torch.arange(size, device=like.device)
    near = ((at + o).clamp(0, size - 1)[:, None] == at for o in range(-2, 3))
    return sum(w * here.to(like.dtype) for w, here in zip(TAPS, near, strict=True))  # pyright: ignore
