"""Shapes and inputs of partial rotary embedding that tests run on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Case:
    """T tokens of H heads of width D whose first R channels turn."""

    T: int
    H: int
    D: int
    R: int
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        return f"T{self.T}-H{self.H}-D{self.D}-R{self.R}-{str(self.dtype)[6:]}"

    def inputs(self, device: str = "cpu") -> dict[str, Tensor]:
        """x, cos and sin; angles over the whole circle."""
        make = torch.Generator().manual_seed(self.T)
        angle = 6.3 * torch.rand(self.T, self.R // 2, generator=make)
        return {
            "x": torch.randn(2, self.T, self.H, self.D, generator=make).to(device, self.dtype),
            "cos": angle.cos().to(device),
            "sin": angle.sin().to(device),
        }


TEST = (
    *(Case(T, 3, 16, 8) for T in (1, 2, 63, 65)),
    Case(5, 2, 128, 64),  # the release: half of the head
    Case(5, 2, 16, 16),  # the whole head
    Case(5, 2, 16, 0),  # nothing turns
    Case(7, 1, 6, 2),
    Case(9, 2, 16, 8, dtype=torch.bfloat16),
)
