"""A card: one op at one shape, what it must move and compute at least, ours and its peers, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

Job = Callable[[], Any]  # one call on inputs that are made already; what it returns is dropped


@dataclass(frozen=True)
class Card:
    """One line of the table. `bytes` and `flops` are the floor's: what no implementation can do without.

    `build(device)` makes the inputs and returns the jobs by name: "ours", "torch", "fla" and so on; a peer that
    cannot be imported is left out. `check(device)` returns relative RMS errors against float64 at a small shape,
    by the same names; it runs under every configuration that the tuner tries.
    """

    op: str  # "lightning_forward"
    shape: str  # "T16384": what the table prints
    bytes: int
    flops: int
    build: Callable[[torch.device], dict[str, Job]]
    check: Callable[[torch.device], dict[str, float]]
    slot: str | None = None  # the entry of kernels/*/configs.py that `candidates` are for
    candidates: tuple[dict[str, int], ...] = ()
    graph: bool = False  # short ops: time them inside a CUDA graph too, without launch overhead
    backward: bool = False  # the jobs take gradients

    @property
    def name(self) -> str:
        return f"{self.op} {self.shape}"
