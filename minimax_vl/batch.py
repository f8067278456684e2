"""The model's side of answers that are written together: what reads their prompts, then one id of each at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from minimax_vl.decode import DecodeSteps
    from minimax_vl.model import VLModel


class Batch:
    """`rows` answers over one cache, of `room` positions in all; `read` the prompts, then `write` ids.

    Writes by a step lent from `steps` where there is one for these rows and so many `tokens`.
    """

    def __init__(self, model: VLModel, steps: DecodeSteps | None, rows: int, room: int, tokens: int) -> None:
        self.model, self._steps = model, steps
        self.step = steps.lend(rows, room, tokens) if steps else None
        self._cache = self.step.cache if self.step else model.new_cache(room)
        self._begun = False

    @property
    def ahead(self) -> bool:
        """Whether `write` takes ids on the device, which may still be computing them."""
        return self.step is not None

    def read(self, embeds: Tensor, pad: Tensor | None = None) -> Tensor:
        """The next part of the prompts [B, T, C] -> fp32 logits [B, V]; `pad` [B] comes with the first."""
        return self.model(embeds, self._cache, pad=pad)

    def write(self, last: Tensor) -> Tensor:
        """The last id of each row [B, 1], on the CPU, or with `ahead` where it was chosen -> fp32 logits [B, V]."""
        if self.step is None:
            return self.model(self.model.embed(last), self._cache)
        if not self._begun:
            self.step.begin()
            self._begun = True
        return self.step(last)

    def keep(self, rows: Sequence[int]) -> bool:
        """Whether only these rows, in this order, are written from here on; a lent step goes on with all."""
        if self.step is None:
            self._cache.select(torch.tensor(rows, device=self.model.device))
        return self.step is None

    def close(self) -> None:
        """Give back what was lent; nothing is read or written after it."""
        if self._steps and self.step:
            self._steps.give_back(self.step)
