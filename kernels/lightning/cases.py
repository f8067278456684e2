"""Shapes and inputs of lightning attention that tests run on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Heads 0, 31 and 63 of the release's layers 0 and 78: half of the state forgotten in 0.76 to 14,000 tokens.
FAST = (0.91701321, 0.06250063, 0.00390629)
SLOW = (0.01161682, 0.00079176, 0.0000494853)


@dataclass(frozen=True)
class Case:
    """B sequences of T tokens, one head per entry of `decay`, key width D, value width E."""

    B: int
    T: int
    D: int
    E: int
    decay: tuple[float, ...]
    with_state: bool
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        speed = "slow" if self.decay == SLOW else "fast"
        state = "state" if self.with_state else "zeros"
        return f"B{self.B}-T{self.T}-D{self.D}-E{self.E}-{speed}-{state}-{str(self.dtype)[6:]}"

    def inputs(self, device: str = "cpu") -> dict[str, Tensor | None]:
        """q, k, v, decay and state; values of the size that a layer's SiLU gives."""
        make, H = torch.Generator().manual_seed(self.T), len(self.decay)

        def random(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=make).to(device, self.dtype)

        return {
            "q": random(self.B, self.T, H, self.D),
            "k": random(self.B, self.T, H, self.D),
            "v": random(self.B, self.T, H, self.E),
            "decay": torch.tensor(self.decay, device=device),
            "state": 3 * random(self.B, H, self.D, self.E).float() if self.with_state else None,
        }


# Around the chunk of 64, and shorter than any.
LENGTHS = (1, 2, 63, 64, 65, 130)
TEST = (
    *(Case(2, T, 16, 24, FAST, with_state=True) for T in LENGTHS),
    *(Case(2, T, 16, 24, SLOW, with_state=False) for T in LENGTHS),
    *(Case(1, T, 32, 32, SLOW, with_state=True, dtype=torch.bfloat16) for T in (1, 65, 130)),
)
