"""What the two attention kernels share."""

from __future__ import annotations

import math

import triton
import triton.language as tl


def scale_of(D: int) -> float:
    """1 / sqrt(D) for a softmax of powers of two."""
    return math.log2(math.e) / D**0.5


@triton.jit
def held(length, S, ON_DEVICE: tl.constexpr):
    """How many of the S positions hold a key: all, or as many as `length` says ON_DEVICE."""
    count = S
    if ON_DEVICE:
        count = tl.load(length).to(tl.int32)
    return count
