"""Work that nothing needs yet: where a step is recorded as a CUDA graph, a branch beside what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from minimax_vl.kernels.early import in_order

T = TypeVar("T")


def beside(work: Callable[[], T], recorded: bool) -> Callable[[], T]:
    """Begin `work`; what is returned waits for it and gives its result. Not `recorded`: it is done only then.

    One small product after the other leaves memory idle at the end of each. Beside each other they share it.
    """
    if not (recorded and torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()):
        return work
    now, branch = torch.cuda.current_stream(), torch.cuda.Stream()
    branch.wait_stream(now)
    # Kernels of a branch that hold their places before their turn take them from the others.
    with torch.cuda.stream(branch), in_order():
        made = work()

    def joined() -> T:
        now.wait_stream(branch)
        return made

    return joined
