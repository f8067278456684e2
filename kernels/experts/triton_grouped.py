"""Expert products for many rows per expert: rows sorted by expert, both operands through tensor descriptors."""

from __future__ import annotations

import triton
import triton.language as tl

from minimax_vl.kernels.experts.triton_routing import find_tile, known_tiles


@triton.jit
def gather(x, y, order, width, K: tl.constexpr, BC: tl.constexpr):
    """Row r of y is x's row of the token that slot order[r] belongs to."""
    r = tl.program_id(0).to(tl.int64)
    c = tl.program_id(1) * BC + tl.arange(0, BC)
    token = (tl.load(order + r) // K).to(tl.int64)
    row = tl.load(x + token * width + c, mask=c < width, other=0.0)
    tl.store(y + r * width + c, row, mask=c < width)


@triton.jit
def _gate_up_tile(
    x, w, h, expert, first, end, tile, C, F, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr
):
    acc = tl.zeros([BM, 2 * BN], tl.float32)
    tl.assume(C > 0)  # see `_down_tile`
    for k in range(0, C, BK):
        # One product for both: x is read from shared memory once.
        b = w.load([2 * expert, tile * BN, k]).reshape(2 * BN, BK)
        acc = tl.dot(x.load([first, k]), b.T, acc)
    gate, up = acc.reshape(BM, 2, BN).permute(0, 2, 1).split()
    made = gate * tl.sigmoid(gate) * up
    r = (first + tl.arange(0, BM)).to(tl.int64)
    n = tile * BN + tl.arange(0, BN)
    mask = (r < end)[:, None] & (n < F)[None, :]
    tl.store(h + r[:, None] * F + n[None, :], made.to(h.dtype.element_ty), mask=mask)


@triton.jit
def gate_up(
    x, x_half, w, h, offsets, tiles, C, F, NT,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """h [S, F] = silu(x w1^T) * (x w3^T) for sorted rows x [S, C] and w [X * 2, F, C].

    An expert's last tile is half as high where that is enough: with 256 rows an expert, half of the experts would
    otherwise compute 50 % more than they need.
    """
    expert, first, end, tile = find_tile(
        tl.program_id(0), NT, tiles, offsets, tiles, 0, True, False, BM, GROUP
    )
    if expert < 0:
        return
    if end - first > BM // 2:
        _gate_up_tile(x, w, h, expert, first, end, tile, C, F, BM, BN, BK)
    else:
        _gate_up_tile(x_half, w, h, expert, first, end, tile, C, F, BM // 2, BN, BK)


@triton.jit
def gate_up_staying(
    x, w, h, offsets, tiles, C, F, NT, X, XP: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """`gate_up` by as many programs as run at once, which take tile after tile, all of one height.

    One loop over tiles and depth: a tile's first loads are on their way while the one before is stored, where a
    program of its own would start, look up its expert and wait for memory.
    """
    for t in tl.range(
        tl.program_id(0), NT * known_tiles(offsets, X, XP, BM), tl.num_programs(0), flatten=True
    ):
        expert, first, end, tile = find_tile(t, NT, tiles, offsets, tiles, 0, True, False, BM, GROUP)
        _gate_up_tile(x, w, h, expert, first, end, tile, C, F, BM, BN, BK)


@triton.jit
def _down_tile(
    h, w, y, weights, order, expert, first, end, tile, F, C,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    row = expert * C + tile * BN
    acc = tl.zeros([BM, BN], tl.float32)
    # Were zero steps possible, ptxas would wait for each product before it issues the next (its warning C7515).
    tl.assume(F > 0)
    for k in range(0, F, BK):
        acc = tl.dot(h.load([first, k]), w.load([row, k]).T, acc)
    r = first + tl.arange(0, BM)
    slot = tl.load(order + r, mask=r < end, other=0)
    acc *= tl.load(weights + slot, mask=r < end, other=0.0).to(tl.float32)[:, None]
    n = tile * BN + tl.arange(0, BN)
    mask = (r < end)[:, None] & (n < C)[None, :]
    tl.store(y + slot.to(tl.int64)[:, None] * C + n[None, :], acc.to(y.dtype.element_ty), mask=mask)


@triton.jit
def down(
    h, h_half, w, y, weights, order, offsets, tiles, F, C, NT,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """y [N, K, C], slot by slot: weights [N, K] * h w2^T for sorted rows h [S, F] and w [X * C, F]."""
    expert, first, end, tile = find_tile(
        tl.program_id(0), NT, tiles, offsets, tiles, 0, True, False, BM, GROUP
    )
    if expert < 0:
        return
    if end - first > BM // 2:
        _down_tile(h, w, y, weights, order, expert, first, end, tile, F, C, BM, BN, BK)
    else:
        _down_tile(h_half, w, y, weights, order, expert, first, end, tile, F, C, BM // 2, BN, BK)


@triton.jit
def down_staying(
    h, w, y, weights, order, offsets, tiles, F, C, NT, X, XP: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """`down` in the manner of `gate_up_staying`."""
    for t in tl.range(
        tl.program_id(0), NT * known_tiles(offsets, X, XP, BM), tl.num_programs(0), flatten=True
    ):
        expert, first, end, tile = find_tile(t, NT, tiles, offsets, tiles, 0, True, False, BM, GROUP)
        _down_tile(h, w, y, weights, order, expert, first, end, tile, F, C, BM, BN, BK)
