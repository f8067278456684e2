"""Shapes and inputs of RMS norm that tests run on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Case:
    """Rows of `shape[-1]` channels, of size `scale`: small enough that eps decides, or far above it."""

    shape: tuple[int, ...]
    eps: float
    scale: float = 1.0
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        shape = "x".join(map(str, self.shape))
        return f"{shape}-eps{self.eps:g}-scale{self.scale:g}-{str(self.dtype)[6:]}"

    def inputs(self, device: str = "cpu") -> dict[str, Tensor | float]:
        """x, weight and eps."""
        make = torch.Generator().manual_seed(sum(self.shape))
        return {
            "x": (self.scale * torch.randn(*self.shape, generator=make)).to(device, self.dtype),
            "weight": (1 + 0.3 * torch.randn(self.shape[-1], generator=make)).to(device, self.dtype),
            "eps": self.eps,
        }


TEST = (
    Case((3, 2), 1e-5),
    Case((2, 65, 48), 1e-5),
    Case((2, 7, 130), 1e-6, scale=1e-3),  # mean square equals eps
    Case((5, 64), 1e-5, scale=1e3),
    Case((1, 1, 256), 1e-6),
    Case((2, 63, 96), 1e-5, dtype=torch.bfloat16),
)
