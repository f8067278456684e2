"""Shapes, loads and inputs of the expert MLP that tests run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Load = Literal["spread", "one", "ends"]


@dataclass(frozen=True)
class Case:
    """N tokens, each to K of X experts; load: random, the same K for all, or the first and the last expert alone."""

    N: int
    X: int
    K: int
    load: Load = "spread"
    C: int = 24
    F: int = 40
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        return f"N{self.N}-X{self.X}-K{self.K}-C{self.C}-F{self.F}-{self.load}-{str(self.dtype)[6:]}"

    def inputs(self, device: str = "cpu") -> dict[str, Tensor]:
        """x, ids, weights, w13 and w2; weights of a token sum to one."""
        make = torch.Generator().manual_seed(self.N)

        def random(*shape: int, scale: float = 1.0) -> Tensor:
            return (scale * torch.randn(*shape, generator=make)).to(device, self.dtype)

        score = torch.randn(self.N, self.X, generator=make)
        if self.load == "one":
            score = score[:1].expand(self.N, -1)
        elif self.load == "ends":
            score[:, 1:-1] = float("-inf")
        ids = score.topk(self.K).indices
        return {
            "x": random(self.N, self.C),
            "ids": ids.to(device),
            "weights": torch.randn(self.N, self.K, generator=make).softmax(-1).to(device),
            "w13": random(self.X, 2 * self.F, self.C, scale=self.C**-0.5),
            "w2": random(self.X, self.C, self.F, scale=self.F**-0.5),
        }


TEST = (
    *(Case(N, X=4, K=2) for N in (1, 2, 63, 65)),
    Case(1, X=32, K=2),  # thirty experts without a token
    Case(5, X=32, K=2),
    Case(64, X=8, K=2, load="one"),
    Case(31, X=8, K=2, load="ends"),
    Case(17, X=4, K=1),
    Case(17, X=3, K=3),
    Case(9, X=1, K=1),
    Case(1, X=4, K=2, dtype=torch.bfloat16),
    Case(65, X=4, K=2, dtype=torch.bfloat16),
)
