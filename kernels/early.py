"""Which launches begin while the kernel before them runs (`triton_early.py`); without Triton, for those who decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from minimax_vl.kernels import configs

_in_order: ContextVar[bool] = ContextVar("in_order", default=False)


@contextmanager
def in_order() -> Iterator[None]:
    """Launches inside the block wait until their turn has come."""
    before = _in_order.set(True)
    try:
        yield
    finally:
        _in_order.reset(before)


def early() -> dict[str, bool]:
    """Arguments for a launch of a kernel that begins with `begin`."""
    chip = configs.architecture()
    able = not _in_order.get() and chip.startswith("sm_") and int(chip[3:]) >= 90
    return {"EARLY": True, "launch_pdl": True} if able else {"EARLY": False}
