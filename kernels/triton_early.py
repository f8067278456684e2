"""Launches that are set up while the kernel before them ends: programmatic dependent launch, of Hopper and later."""

from __future__ import annotations

import triton
import triton.language as tl
from triton.language.extra import cuda

from minimax_vl.kernels import configs


def early() -> dict[str, bool]:
    """Arguments for a launch of a kernel that begins with `begin`."""
    chip = configs.architecture()
    able = chip.startswith("sm_") and int(chip[3:]) >= 90
    return {"EARLY": True, "launch_pdl": True} if able else {"EARLY": False}


@triton.jit
def begin(EARLY: tl.constexpr):
    """Before anything is read or written: what earlier kernels wrote is there. The next one may be set up meanwhile.

    Every program comes past here before it ends, so a kernel that has begun knows that all before the one before
    it are over.
    """
    if EARLY:
        cuda.gdc_wait()
        cuda.gdc_launch_dependents()
