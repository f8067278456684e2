"""The mean of a model's weights over the last steps: what is checked and saved, while training goes on from its own.

Steps of a size that still learns something leave noise in the weights, which else only ever smaller steps take out
(Polyak and Juditsky 1992; Izmailov et al. 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

EVERY = 10  # steps between two weights that are taken: neighbours are alike


class Average:
    """Over about `steps` steps; before there were so many, of all, the first weights included. 0: none is kept."""

    def __init__(self, module: nn.Module, steps: int) -> None:
        self.steps, self.taken = steps, 1
        self.parameters = list(module.parameters()) if steps else []
        self.mean = [p.detach().float().clone() for p in self.parameters]

    @torch.no_grad()
    def take(self, step: int) -> None:
        """Called after each step, from 0 on."""
        if not self.steps or (step + 1) % EVERY:
            return
        self.taken += 1
        share = min(1.0, max(EVERY / self.steps, 1 / self.taken))
        torch._foreach_lerp_(self.mean, [p.detach().float() for p in self.parameters], share)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The mean where the weights are, in their memory, and the weights again afterwards."""
        own = [p.detach().clone() for p in self.parameters]
        self._copy(self.mean)
        try:
            yield
        finally:
            self._copy(own)

    def settle(self) -> None:
        """The mean for good."""
        self._copy(self.mean)

    @torch.no_grad()
    def _copy(self, values: list[torch.Tensor]) -> None:
        for p, value in zip(self.parameters, values, strict=True):
            p.copy_(value)
