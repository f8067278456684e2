"""What the lightning kernels share: where a program works, how a tile is loaded, SiLU and its derivative."""

from __future__ import annotations

import triton
import triton.language as tl

LOG2E = tl.constexpr(1.4426950408889634)


@triton.jit
def place_of(slot, cu, N, T, S, L, VARLEN: tl.constexpr):
    """Which segment a slot holds: sequence, its first token and length, and the segment's number in it.

    Sequences of different lengths share a grid of T // L + N slots without the host knowing the lengths: sequence
    n owns the slots from cu[n] // L + n on, which is never fewer than its segments.
    """
    if VARLEN:
        low = slot * 0
        high = low + (N - 1)
        while low < high:  # the last sequence that starts at or before this slot
            middle = (low + high + 1) // 2
            starts = tl.load(cu + middle).to(tl.int32) // L + middle <= slot
            low = tl.where(starts, middle, low)
            high = tl.where(starts, high, middle - 1)
        origin = tl.load(cu + low).to(tl.int32)
        length = tl.load(cu + low + 1).to(tl.int32) - origin
        return low, origin, length, slot - (origin // L + low)
    else:
        return slot // S, slot * 0, slot * 0 + T, slot % S


@triton.jit
def load_tile(
    x,
    b,
    h,
    first,
    live,
    columns,
    offset,
    stride,
    WIDTH: tl.constexpr,
    TMA: tl.constexpr,
    MASK: tl.constexpr,
):
    """[C, W] of x from token `first` on, bf16 or fp32; zeros where not live.

    A tensor descriptor does not know `live`: it gives zeros only past the end of the tensor. MASK for zeros also
    where another sequence follows, whose rows may hold anything.
    """
    C: tl.constexpr = live.shape[0]
    W: tl.constexpr = columns.shape[0]
    if TMA:
        tile = x.load([b, first, h, tl.min(columns, 0)]).reshape(C, W)
        if MASK:
            tile = tl.where(live[:, None], tile, 0.0)
    else:
        tokens = (first + tl.arange(0, C)).to(tl.int64)
        mask = live[:, None] & (columns < WIDTH)[None, :]
        tile = tl.load(x + offset + tokens[:, None] * stride + columns[None, :], mask=mask, other=0.0)
    if tile.dtype == tl.float16:  # a state outgrows fp16's range
        tile = tile.to(tl.float32)
    return tile


@triton.jit
def _half_tanh(x, ASM: tl.constexpr):
    """tanh(x / 2) of fp32. ASM: one instruction of an NVIDIA GPU's special-function unit, right to 2^-11."""
    if ASM:
        return tl.inline_asm_elementwise(
            "tanh.approx.f32 $0, $1;", "=f,f", [0.5 * x], dtype=tl.float32, is_pure=True, pack=1
        )
    else:
        return 2.0 * tl.sigmoid(x) - 1.0


@triton.jit
def silu(tile, SILU: tl.constexpr, ASM: tl.constexpr):
    """x * sigmoid(x) = x/2 + x/2 * tanh(x/2), rounded to the tile's dtype; the tile itself if not SILU."""
    if SILU:
        x = tile.to(tl.float32)
        half = 0.5 * x
        return (half + half * _half_tanh(x, ASM)).to(tile.dtype)
    else:
        return tile


@triton.jit
def times_slope(gradient, tile, SILU: tl.constexpr, ASM: tl.constexpr):
    """`gradient` of what SiLU gave for `tile`, turned into that of the tile; unchanged if not SILU."""
    if SILU:
        x = tile.to(tl.float32)
        gate = 0.5 + 0.5 * _half_tanh(x, ASM)
        return gradient * gate * (1.0 + x * (1.0 - gate))
    else:
        return gradient
