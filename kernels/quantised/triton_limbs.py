"""Activations as two bytes a number, so that weights of 8 and 4 bits meet them in the integer matrix unit.

There a nibble becomes an operand by a mask, where bf16 takes it apart, builds a float and subtracts; and a product
takes half as many instructions. A row has one unit: a number is off by max |x| / 65024 at most. That is 4e-5 of the
norm of a normal row, and about 9e-4 (half of what rounding to bf16 costs) where one of 9216 has all of the norm.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.early import early
from minimax_vl.kernels.triton_early import begin

PAD = 256  # a whole block of packed nibbles, so that no load asks where a row ends
DEEPEST = 1 << 17  # 127 * 128 * depth must fit in 31 bits


def limbs_of(x: Tensor) -> tuple[Tensor, Tensor]:
    """x [N, K] -> (int8 [N, 2, P], unit fp32 [N]) with x close to unit * (256 * first + second); P is K padded."""
    rows, depth = x.shape
    padded = -(-depth // PAD) * PAD
    limbs = torch.empty(rows, 2, padded, dtype=torch.int8, device=x.device)
    unit = torch.empty(rows, dtype=torch.float32, device=x.device)
    block = 1 << (padded - 1).bit_length()
    _limbs[(rows,)](x, limbs, unit, depth, padded, x.stride(0), BLOCK=block, num_warps=16, **early())
    return limbs, unit


@triton.jit
def _limbs(x, limbs, unit, depth, padded, sx, BLOCK: tl.constexpr, EARLY: tl.constexpr):
    begin(EARLY)
    r = tl.program_id(0).to(tl.int64)
    k = tl.arange(0, BLOCK)
    row = tl.load(x + r * sx + k, mask=k < depth, other=0.0).to(tl.float32)
    most = tl.maximum(tl.max(tl.abs(row), 0), 1e-30)  # a row of zeros, or nearly, must not divide by them
    number = tl.floor(row * (32512 / most) + 0.5).to(tl.int32)
    first = (number + 128) >> 8  # 32512 is 127 * 256: neither byte overflows
    at = limbs + 2 * r * padded + k
    tl.store(at, first.to(tl.int8), mask=k < padded)
    tl.store(at + padded, (number - 256 * first).to(tl.int8), mask=k < padded)
    # A maximum passes over NaN, and no integer is one: the unit has to carry it.
    tl.store(unit + r, most / 32512 + 0.0 * tl.sum(row, 0))
