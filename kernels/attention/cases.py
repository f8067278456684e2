"""Shapes and inputs of softmax attention that tests run on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Case:
    """The last T of S positions ask; H query heads share G key/value heads of width D; `pad` per row, or none."""

    T: int
    S: int
    H: int
    G: int
    D: int
    pad: tuple[int, ...] = ()
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        pad = "pad" + "_".join(map(str, self.pad)) if self.pad else "nopad"
        return f"T{self.T}-S{self.S}-H{self.H}-G{self.G}-D{self.D}-{pad}-{str(self.dtype)[6:]}"

    def inputs(self, device: str = "cpu") -> dict[str, Tensor | None]:
        """q, k, v and pad."""
        make, B = torch.Generator().manual_seed(self.S), len(self.pad) or 2

        def random(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=make).to(device, self.dtype)

        return {
            "q": random(B, self.T, self.H, self.D),
            "k": random(B, self.S, self.G, self.D),
            "v": random(B, self.S, self.G, self.D),
            "pad": torch.tensor(self.pad, device=device) if self.pad else None,
        }


TEST = (
    *(Case(T, T, 4, 2, 16) for T in (1, 2, 63, 65)),
    Case(33, 33, 3, 3, 16),  # every head its own keys
    Case(17, 17, 4, 1, 8),  # all heads share one
    *(Case(T, 67, 8, 2, 16) for T in (1, 5, 66)),  # later chunks, and decode
    Case(40, 40, 4, 2, 16, pad=(0, 13, 39)),
    Case(7, 40, 4, 2, 16, pad=(0, 13, 36)),  # the second row's padding ended before, the third's ends inside
    Case(1, 40, 4, 2, 16, pad=(3, 0, 39)),
    Case(9, 33, 4, 2, 32, dtype=torch.bfloat16),
    Case(20, 20, 4, 2, 32, pad=(0, 5), dtype=torch.bfloat16),
)
