"""Expert products for many rows per expert, weights as the left operand: an expert's last tile may be a little taller.

Rows of x are the columns of the matrix instruction then, which come in steps of eight: with 256 rows an expert, a few
rows more cost what they are worth, not a tile, and the weights are read for them once.
"""

from __future__ import annotations

import triton
import triton.language as tl

from minimax_vl.kernels.experts.triton_routing import find_tile


@triton.jit
def _gated(gate, up, h, first, end, tile, F, BM: tl.constexpr, BN: tl.constexpr):
    """Rows of h from gate and up [BN, BM]."""
    made = (gate * tl.sigmoid(gate) * up).to(h.dtype.element_ty)
    r = (first + tl.arange(0, BM)).to(tl.int64)
    n = tile * BN + tl.arange(0, BN)
    mask = (r < end)[:, None] & (n < F)[None, :]
    tl.store(h + r[:, None] * F + n[None, :], made.T, mask=mask)


@triton.jit
def _gate_up_tile(
    x, x_tail, w, h, expert, first, end, tile, C, F,
    BM: tl.constexpr, TAIL: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    row = 2 * expert * F + tile * BN
    gate = tl.zeros([BN, BM], tl.float32)
    up = tl.zeros([BN, BM], tl.float32)
    if TAIL:
        more_gate = tl.zeros([BN, TAIL], tl.float32)
        more_up = tl.zeros([BN, TAIL], tl.float32)
    tl.assume(C > 0)  # see `_down_tile`
    for k in range(0, C, BK):
        a, b = w.load([row, k]), w.load([row + F, k])
        rows = x.load([first, k]).T
        gate = tl.dot(a, rows, gate)
        up = tl.dot(b, rows, up)
        if TAIL:
            rows = x_tail.load([first + BM, k]).T
            more_gate = tl.dot(a, rows, more_gate)
            more_up = tl.dot(b, rows, more_up)
    _gated(gate, up, h, first, end, tile, F, BM, BN)
    if TAIL:
        _gated(more_gate, more_up, h, first + BM, end, tile, F, TAIL, BN)


@triton.jit
def gate_up_tall(
    x, x_half, x_quarter, x_tail, w, h, offsets, tiles, C, F, NT,
    BM: tl.constexpr, TAIL: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """h [S, F] = silu(x w1^T) * (x w3^T) for sorted rows x [S, C] and w [X * 2 * F, C]."""
    expert, first, end, tile = find_tile(
        tl.program_id(0), NT, tiles, offsets, tiles, 0, True, False, BM, TAIL, GROUP
    )
    if expert < 0:
        return
    rows = end - first
    if rows > BM // 2 + TAIL:
        if (rows > BM) & (rows <= BM + TAIL):
            _gate_up_tile(x, x_tail, w, h, expert, first, end, tile, C, F, BM, TAIL, BN, BK)
        else:
            _gate_up_tile(x, x_tail, w, h, expert, first, end, tile, C, F, BM, 0, BN, BK)
    elif rows > BM // 2:
        _gate_up_tile(x_half, x_tail, w, h, expert, first, end, tile, C, F, BM // 2, TAIL, BN, BK)
    elif rows > BM // 4:
        _gate_up_tile(x_half, x_tail, w, h, expert, first, end, tile, C, F, BM // 2, 0, BN, BK)
    else:
        _gate_up_tile(x_quarter, x_tail, w, h, expert, first, end, tile, C, F, BM // 4, 0, BN, BK)


@triton.jit
def _weighted(acc, y, weights, order, first, end, tile, C, BM: tl.constexpr, BN: tl.constexpr):
    """Rows of acc [BN, BM] to their slots, times their weights."""
    r = first + tl.arange(0, BM)
    slot = tl.load(order + r, mask=r < end, other=0)
    made = acc.T * tl.load(weights + slot, mask=r < end, other=0.0).to(tl.float32)[:, None]
    n = tile * BN + tl.arange(0, BN)
    mask = (r < end)[:, None] & (n < C)[None, :]
    tl.store(y + slot.to(tl.int64)[:, None] * C + n[None, :], made.to(y.dtype.element_ty), mask=mask)


@triton.jit
def _down_tile(
    h, h_tail, w, y, weights, order, expert, first, end, tile, F, C,
    BM: tl.constexpr, TAIL: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    row = expert * C + tile * BN
    acc = tl.zeros([BN, BM], tl.float32)
    if TAIL:
        more = tl.zeros([BN, TAIL], tl.float32)
    # Were zero steps possible, ptxas would wait for each product before it issues the next (its warning C7515).
    tl.assume(F > 0)
    for k in range(0, F, BK):
        a = w.load([row, k])
        acc = tl.dot(a, h.load([first, k]).T, acc)
        if TAIL:
            more = tl.dot(a, h_tail.load([first + BM, k]).T, more)
    _weighted(acc, y, weights, order, first, end, tile, C, BM, BN)
    if TAIL:
        _weighted(more, y, weights, order, first + BM, end, tile, C, TAIL, BN)


@triton.jit
def down_tall(
    h, h_half, h_quarter, h_tail, w, y, weights, order, offsets, tiles, F, C, NT,
    BM: tl.constexpr, TAIL: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """y [N, K, C], slot by slot: weights [N, K] * h w2^T for sorted rows h [S, F] and w [X * C, F]."""
    expert, first, end, tile = find_tile(
        tl.program_id(0), NT, tiles, offsets, tiles, 0, True, False, BM, TAIL, GROUP
    )
    if expert < 0:
        return
    rows = end - first
    if rows > BM // 2 + TAIL:
        if (rows > BM) & (rows <= BM + TAIL):
            _down_tile(h, h_tail, w, y, weights, order, expert, first, end, tile, F, C, BM, TAIL, BN, BK)
        else:
            _down_tile(h, h_tail, w, y, weights, order, expert, first, end, tile, F, C, BM, 0, BN, BK)
    elif rows > BM // 2:
        _down_tile(
            h_half, h_tail, w, y, weights, order, expert, first, end, tile, F, C, BM // 2, TAIL, BN, BK
        )
    elif rows > BM // 4:
        _down_tile(h_half, h_tail, w, y, weights, order, expert, first, end, tile, F, C, BM // 2, 0, BN, BK)
    else:
        _down_tile(
            h_quarter, h_tail, w, y, weights, order, expert, first, end, tile, F, C, BM // 4, 0, BN, BK
        )
