"""Launches that begin while the kernel before them runs: programmatic dependent launch, of Hopper and later.

What no kernel before writes can be asked for already: weights. Between two products of a decode step come norms and
choices that read next to nothing; meanwhile memory would be idle. `early.py` says which launches are such.
"""

from __future__ import annotations

import triton
import triton.language as tl
from triton.language.extra import cuda


@triton.jit
def begin(EARLY: tl.constexpr):
    """Before anything is read or written: what earlier kernels wrote is there. The next one may be set up meanwhile.

    Every program comes past here before it ends, so a kernel that has begun knows that all before the one before
    it are over.
    """
    if EARLY:
        cuda.gdc_wait()
        cuda.gdc_launch_dependents()


@triton.jit
def fetch(w, row, first, last, LINES: tl.constexpr):
    """Ask for LINES lines of 128 bytes of each row of w, which begin at `row` [BN], `first` elements in, before `last`.

    Rows begin at multiples of 16 bytes and have 128 or more. What comes lies in the second cache; nobody waits for it.
    """
    PER: tl.constexpr = 1024 // w.dtype.element_ty.primitive_bitwidth  # elements of a line
    at = tl.minimum(first + PER * tl.arange(0, LINES), last - PER)
    line = (w + row[:, None] + at[None, :]).to(tl.int64)
    tl.inline_asm_elementwise(
        "{ cp.async.bulk.prefetch.L2.global [$1], 128; mov.u32 $0, 0; }",
        "=r,l", [line], dtype=tl.int32, is_pure=False, pack=1,
    )  # fmt: skip
