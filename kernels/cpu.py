"""What decides on a CPU how a product of int8 and bf16 is made."""

from __future__ import annotations

from functools import lru_cache

import torch

FEW = 8  # rows up to which reading bytes and widening them in registers beats a copy of the matrix


@lru_cache
def multiplies_bf16() -> bool:
    """Whether this CPU multiplies bf16 faster than fp32: AVX-512 BF16 or AMX."""
    return torch.backends.mkldnn.is_available() and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )
