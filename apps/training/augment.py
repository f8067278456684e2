"""What a camera or scanner does to a page, on the GPU: contrast, tint, blur, noise. Labels stay where they are."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def augment(tiles: Tensor, generator: torch.Generator) -> Tensor:
    """tiles [B, N, 3, S, S] in 0..1 -> the same, some pages changed, each in its own way."""
    B, N, _, S, _ = tiles.shape

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return (
            torch.rand(B, *shape, 1, 1, 1, device=tiles.device, generator=generator).view(
                B, 1, *shape, *([1] * (3 - len(shape)))
            )
            * (high - low)
            + low
        )

    changed = (uniform(0, 1) < 0.35).to(tiles.dtype)
    blurred = _blur(tiles.view(B * N, 3, S, S)).view_as(tiles)
    x = torch.lerp(tiles, blurred, (uniform(-0.6, 1.0).clamp_min(0) * changed).to(tiles.dtype))
    gain, lift = 1 - uniform(0, 0.4) * changed, uniform(0, 1)
    x = x * gain + (1 - gain) * lift  # a fainter print on paper between black and white
    gamma = 1 + uniform(-0.3, 0.4) * changed
    x = x.clamp(1e-3, 1).pow(gamma)
    tint = 1 - uniform(0, 0.18, 3) * changed
    noise = torch.randn(x.shape, device=x.device, dtype=x.dtype, generator=generator)
    x = x * tint + noise * (uniform(-0.05, 0.07).clamp_min(0) * changed)
    inverted = (uniform(0, 1) < 0.02).to(x.dtype)
    return (inverted * (1 - x) + (1 - inverted) * x).clamp(0, 1).to(tiles.dtype)


def _blur(x: Tensor) -> Tensor:
    """[M, 3, S, S], a 5-tap binomial blur in both directions, each tile by itself."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=x.device, dtype=x.dtype) / 16
    for kernel, edge in ((taps.view(1, 1, 1, 5), (2, 2, 0, 0)), (taps.view(1, 1, 5, 1), (0, 0, 2, 2))):
        x = F.conv2d(F.pad(x, edge, mode="replicate"), kernel.expand(3, 1, -1, -1), groups=3)
    return x
