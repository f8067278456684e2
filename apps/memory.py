"""How the command line's own process takes memory: a prompt's temporaries are used again instead of faulted in anew."""

from __future__ import annotations

import ctypes
import os
import sys

# glibc's numbers of what mallopt sets.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30  # bytes at the end of the heap that are free and not given back
IN_HEAP = 1 << 25  # the largest block that glibc agrees to take from the heap


def keep_memory() -> bool:
    """Call before torch is imported. Whether the C library agreed; others than glibc keep their own ways.

    A fifth of a prefill on a CPU was the kernel clearing pages. What the user has set in the environment stays.
    """
    # PyTorch asks for huge pages where a tensor is large.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if not sys.platform.startswith("linux") or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, IN_HEAP) and mallopt(M_TRIM_THRESHOLD, KEPT))
