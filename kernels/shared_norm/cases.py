"""Rows shared by several processes, and what a process alone would make of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Case:
    """Rows of shape [*rows, parts * width], normed and multiplied to `columns`; part i is i + 1 times as large."""

    rows: tuple[int, ...]
    parts: int
    width: int
    columns: int
    scale: float = 1.0
    eps: float = 1e-6

    def __str__(self) -> str:
        return (
            f"{'x'.join(map(str, self.rows))}-{self.parts}x{self.width}-to{self.columns}-scale{self.scale:g}"
        )

    def inputs(self, device: str, dtype: torch.dtype) -> list[tuple[Tensor, Tensor]]:
        """(product, x) of every part, the product rounded as a layer rounds it."""
        make, made = torch.Generator().manual_seed(self.width + self.columns), []
        for i in range(self.parts):
            x = (self.scale * (i + 1) * torch.randn(*self.rows, self.width, generator=make)).to(dtype)
            matrix = torch.randn(self.width, self.columns, generator=make).double()
            own = x.double() / (x.double().square().mean(-1, keepdim=True) + self.eps).sqrt()
            made.append(((own @ matrix).to(device, dtype), x.to(device)))
        return made

    def exact(self, given: list[tuple[Tensor, Tensor]]) -> Tensor:
        """The whole product of rows normed over all parts, float64 [*rows, columns]."""
        squares = [x.double().square().mean(-1, keepdim=True) for _, x in given]
        mean = torch.stack(squares).mean(0)
        parts = [
            product.double() * (square + self.eps).sqrt()
            for (product, _), square in zip(given, squares, strict=True)
        ]
        return torch.stack(parts).sum(0) / (mean + self.eps).sqrt()


TEST = (
    Case((1,), 1, 1, 1),
    Case((1, 1), 2, 48, 515),
    Case((3, 2), 2, 130, 65),
    Case((8, 1), 2, 7, 2049),
    Case((5,), 4, 96, 48, scale=1e-3),  # mean square equals eps
    Case((2, 1), 8, 33, 130, scale=1e3),
)
