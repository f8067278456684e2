"""Which of several processes this one is, and which questions are its own.

accelerate, torchrun and most cluster schedulers say so in the environment. Nothing is exchanged between processes
but files in a shared folder, so a process that dies takes nothing with it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import Question


@dataclass(frozen=True)
class Place:
    """Process `rank` of `world`; `local` counts the processes of one host."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @classmethod
    def here(cls) -> Place:
        """From RANK, WORLD_SIZE and LOCAL_RANK; alone where they are not set."""
        names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
        values = [os.environ.get(name, default) for name, default in zip(names, ("0", "1", "0"))]
        try:
            rank, world, local = (int(value) for value in values)
            if not 0 <= rank < world:
                raise ValueError("rank out of range")
        except ValueError as error:
            raise InvalidRequest(
                found=", ".join(f"{name}={value}" for name, value in zip(names, values)),
                expected="whole numbers with 0 <= RANK < WORLD_SIZE",
                cause="variables of another job left in the environment",
                next_step="unset them, or start with accelerate launch or torchrun, which set them",
            ) from error
        return cls(rank, world, local)

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def device(self, asked: str) -> str:
        """A GPU of its own for each process of a host, where the user left the choice to us."""
        if asked != "auto" or self.world == 1:
            return asked
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return f"cuda:{self.local % count}" if count else "cpu"

    def share(self, questions: Sequence[Question]) -> list[Question]:
        """The questions of every `world`-th image: one image is encoded by one process only."""
        order: dict[str, int] = {}
        for question in questions:
            order.setdefault(question.cluster, len(order))
        return [q for q in questions if order[q.cluster] % self.world == self.rank]
