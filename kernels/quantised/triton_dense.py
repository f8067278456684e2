"""Packed weights as the matrices that they stand for: once for many rows, not again for every tile of them."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.quantised.triton_unpack import unpack_nibbles
from minimax_vl.kernels.sizes import cdiv

ROWS, BLOCK = 16, 256  # of a program; a block of packed nibbles is 256 weights


def unpacked(weight: QuantisedWeight, dtype: torch.dtype) -> Tensor:
    """The stack of matrices [X, R, K], each weight times its scale rounded once to `dtype`."""
    X, R, K = weight.shape
    out = torch.empty(X, R, K, dtype=dtype, device=weight.data.device)
    _unpack[(cdiv(K, BLOCK), cdiv(R, ROWS), X)](
        weight.data, weight.scale, out, R, K, BITS=weight.bits, ROWS=ROWS, HALF=BLOCK // 2, num_warps=4
    )
    return out


@triton.jit
def _unpack(data, scale, out, R, K, BITS: tl.constexpr, ROWS: tl.constexpr, HALF: tl.constexpr):
    """ROWS rows of one matrix, 2 * HALF of their weights; formats as in `QuantisedWeight`."""
    block, matrix = tl.program_id(0), tl.program_id(2).to(tl.int64)
    r, half = tl.program_id(1) * ROWS + tl.arange(0, ROWS), tl.arange(0, HALF)
    inside = r < R
    row = matrix * R + r
    k = 2 * HALF * block + half
    first, second = inside[:, None] & (k < K)[None, :], inside[:, None] & (k + HALF < K)[None, :]
    if BITS == 4:
        blocks = tl.cdiv(K, 2 * HALF)
        packed = tl.load(
            data + row[:, None] * (blocks * HALF) + block * HALF + half[None, :],
            mask=inside[:, None],
            other=0,
        )
        low, high = unpack_nibbles(packed, tl.float32, False)
        groups = scale + (matrix * 2 * blocks + 2 * block) * R + r
        s = tl.load(groups, mask=inside, other=0.0).to(tl.float32)
        t = tl.load(groups + R, mask=inside, other=0.0).to(tl.float32)
    else:
        at = data + row[:, None] * K + k[None, :]
        low = tl.load(at, mask=first, other=0).to(tl.float32)
        high = tl.load(at + HALF, mask=second, other=0).to(tl.float32)
        s = tl.load(scale + row, mask=inside, other=0.0)
        t = s
    to = out + row[:, None] * K + k[None, :]
    tl.store(to, (low * s[:, None]).to(out.dtype.element_ty), mask=first)
    tl.store(to + HALF, (high * t[:, None]).to(out.dtype.element_ty), mask=second)
