"""Several processes, one model: equal weights on every rank, gradients averaged, one clock."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from minimax_vl.eval.processes import Place


class Ranks:
    """The group that `torchrun` started, or a group of one in which nothing is sent."""

    def __init__(self, device: torch.device) -> None:
        place = Place.here()
        self.size, self.rank = place.world, place.rank
        self.device = device
        if self.size == 1:
            return
        if device.type == "cuda":
            self.device = torch.device("cuda", place.local)
            torch.cuda.set_device(self.device)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        # The clock is a number on the host, so that no rank waits for its GPU. (Typed loosely in PyTorch.)
        self._clock: Any = dist.new_group(backend="gloo")

    def agree(self, value: float) -> float:
        """The first rank's value. Learning rates follow from it, so ranks must not read clocks of their own."""
        if self.size == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(shared, 0, group=self._clock)
        return shared.item()

    def average(self, values: Tensor) -> None:
        """Mean over ranks, in place."""
        if self.size > 1:
            dist.all_reduce(values)
            values /= self.size

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()
