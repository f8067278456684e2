"""Expert products for few rows per expert, where time is the weights' bytes: each is read once, 16, 8 or 4 bits wide.

The same kernel serves a single matrix, and the gate and up halves of two matrices with SwiGLU at the end.
"""

from __future__ import annotations

import triton
import triton.language as tl

from minimax_vl.kernels.experts.triton_routing import find_tile
from minimax_vl.kernels.quantised.triton_unpack import unpack_bytes, unpack_nibbles


@triton.jit
def _product(acc, a, w, SWAP: tl.constexpr):
    """acc + a [BM, BK] @ w [BN, BK]^T, or its transpose [BN, BM]."""
    if SWAP:
        return tl.dot(w, tl.trans(a), acc, input_precision="ieee", out_dtype=acc.dtype)
    else:
        return tl.dot(a, tl.trans(w), acc, input_precision="ieee", out_dtype=acc.dtype)


@triton.jit
def _joined(acc, unit, BM: tl.constexpr, BN: tl.constexpr):
    """[BN, 2 * BM] -> [BN, BM]: the two limbs of each number, in units [BM]."""
    first, second = acc.to(tl.float32).reshape(BN, BM, 2).split()
    return (256 * first + second) * unit[None, :]


@triton.jit
def _whole(
    acc, a, w, row, k, at, mask, TMA: tl.constexpr, EVEN: tl.constexpr, SWAP: tl.constexpr, ASM: tl.constexpr
):
    """One step with weights that have no scale, or one scale per row, applied at the end."""
    if TMA:
        b = w.load([row, k])
    elif EVEN:
        b = tl.load(w + at)
    else:
        b = tl.load(w + at, mask=mask, other=0)
    if b.dtype == tl.int8 and a.dtype != tl.int8:
        b = unpack_bytes(b, a.dtype, ASM)
    return _product(acc, a, b, SWAP)


@triton.jit
def _halves(
    acc, low, high, s, t, w, row, k, at, mask,
    TMA: tl.constexpr, EVEN: tl.constexpr, SWAP: tl.constexpr, ASM: tl.constexpr,
):  # fmt: skip
    """One step over two groups of 128: their products are scaled, by s and t [BN], not their weights."""
    if TMA:
        b = w.load([row, k])
    elif EVEN:
        b = tl.load(w + at)
    else:
        b = tl.load(w + at, mask=mask, other=0)
    first, second = unpack_nibbles(b, low.dtype, ASM)
    s, t = s.to(tl.float32), t.to(tl.float32)
    none = tl.zeros(acc.shape, tl.int32 if low.dtype == tl.int8 else tl.float32)
    if SWAP:
        acc += _product(none, low, first, SWAP).to(tl.float32) * s[:, None]
        acc += _product(none, high, second, SWAP).to(tl.float32) * t[:, None]
    else:
        acc += _product(none, low, first, SWAP).to(tl.float32) * s[None, :]
        acc += _product(none, high, second, SWAP).to(tl.float32) * t[None, :]
    return acc


@triton.jit
def _scales(scale, height, n, limit):
    """Of the two groups of one step; a load that only the next step waits for."""
    return tl.load(scale, mask=n < limit, other=0.0), tl.load(scale + height, mask=n < limit, other=0.0)


@triton.jit
def stream(
    x, unit, w, scale, y, ids, order, offsets, tiles, rows, columns, depth, NT, sx, sy, K,
    BITS: tl.constexpr, GATED: tl.constexpr, ROUTED: tl.constexpr, DIRECT: tl.constexpr, GATHER: tl.constexpr,
    SCATTER: tl.constexpr, EVEN: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
    SPLIT: tl.constexpr, GROUP: tl.constexpr, SWAP: tl.constexpr, TMA: tl.constexpr, ASM: tl.constexpr,
    LIMBS: tl.constexpr,
):  # fmt: skip
    """y [SPLIT, slots, columns] = rows of x times w [X, columns, depth]^T; parts of the depth lie beside each other.

    GATED: w is [X, 2 * columns, depth] and y = silu(x w1^T) * (x w3^T).
    GATHER: row r of x is that of slot order[r] (K slots a token), else r itself. SCATTER: y's row is order[r].
    BITS 4: w is packed by two halves of 256 (see `quantise_groups`), BK its bytes, scale [X, depth/128, columns].
    LIMBS: x is int8 [rows, 2, depth padded], its rows in units of `unit` [rows] (see `limbs_of`).
    """
    tl.static_assert(SPLIT == 1 or not GATED)
    tl.static_assert(SWAP == 1 or not LIMBS)
    WIDE: tl.constexpr = 2 * BM if LIMBS else BM  # rows of the operand: limbs of one number beside each other
    part = tl.program_id(1)
    expert, first, end, tile = find_tile(
        tl.program_id(0), NT, ids, offsets, tiles, rows, ROUTED, DIRECT, BM, GROUP
    )
    if expert < 0:
        return
    e = expert.to(tl.int64)
    r = first + tl.arange(0, BM)
    live = r < end
    slot = tl.load(order + r, mask=live, other=0) if ROUTED else r
    source = slot // K if GATHER else r
    n = tile * BN + tl.arange(0, BN)
    wide = n < columns
    ks = tl.arange(0, BK)
    if LIMBS:
        limb = tl.arange(0, WIDE)
        number = first + limb // 2
        given = number < end
        row_of = number
        if GATHER:
            row_of = (tl.load(order + number, mask=given, other=0) if ROUTED else number) // K
        xp = x + (row_of.to(tl.int64) * sx + limb % 2 * (sx // 2))[:, None] + ks[None, :]
    else:
        given = live
        xp = x + source.to(tl.int64)[:, None] * sx + ks[None, :]
    height = 2 * columns if GATED else columns  # rows of one expert's matrix
    bytes_deep = (depth + 255) // 256 * 128 if BITS == 4 else depth  # elements of w in one of its rows
    at = n.to(tl.int64)[:, None] * bytes_deep + ks[None, :]
    if TMA:
        row = expert * height + tile * BN
        wp = w
    else:
        row = 0
        wp = w + e * height * bytes_deep
    up_row = row + columns
    up_at = at + tl.cast(columns, tl.int64) * bytes_deep  # a width of 1 comes as a constant

    SUM: tl.constexpr = tl.int32 if LIMBS and BITS == 8 else tl.float32
    acc = tl.zeros([BN, WIDE], SUM) if SWAP else tl.zeros([BM, BN], SUM)
    up = tl.zeros([BN, WIDE], SUM) if SWAP else tl.zeros([BM, BN], SUM)
    each = ((bytes_deep + BK - 1) // BK + SPLIT - 1) // SPLIT * BK
    start, stop = part * each, tl.minimum(bytes_deep, (part + 1) * each)
    if BITS == 4:
        limit = tl.where(start < stop, columns, 0)
        sp = scale + (e * (bytes_deep // 64) + start // 64) * height + n
        s, t = _scales(sp, height, n, limit)
        if GATED:
            s_up, t_up = _scales(sp + columns, height, n, limit)
    for k in range(start, stop, BK):
        mask = wide[:, None] & ((k + ks) < bytes_deep)[None, :]
        if BITS == 4:
            # Asked for one step ahead: what is not an operand of a product, the compiler does not prefetch.
            sp += 2 * height
            limit = tl.where(k + BK < stop, columns, 0)
            s_next, t_next = _scales(sp, height, n, limit)
            c = 2 * k + ks
            if LIMBS:
                low = tl.load(xp + 2 * k, mask=given[:, None], other=0)
                high = tl.load(xp + 2 * k + BK, mask=given[:, None], other=0)
            else:
                low = tl.load(xp + 2 * k, mask=live[:, None] & (c < depth)[None, :], other=0.0)
                high = tl.load(xp + 2 * k + BK, mask=live[:, None] & (c + BK < depth)[None, :], other=0.0)
            acc = _halves(acc, low, high, s, t, wp, row, k, at + k, mask, TMA, EVEN, SWAP, ASM)
            s, t = s_next, t_next
            if GATED:
                s_next, t_next = _scales(sp + columns, height, n, limit)
                up = _halves(up, low, high, s_up, t_up, wp, up_row, k, up_at + k, mask, TMA, EVEN, SWAP, ASM)
                s_up, t_up = s_next, t_next
        else:
            if EVEN or LIMBS:
                a = tl.load(xp + k, mask=given[:, None], other=0)
            else:
                a = tl.load(xp + k, mask=live[:, None] & ((k + ks) < depth)[None, :], other=0.0)
            acc = _whole(acc, a, wp, row, k, at + k, mask, TMA, EVEN, SWAP, ASM)
            if GATED:
                up = _whole(up, a, wp, up_row, k, up_at + k, mask, TMA, EVEN, SWAP, ASM)

    if LIMBS:
        u = tl.load(unit + source, mask=live, other=0.0)
        if BITS == 4:
            u *= 1 / 16  # see `unpack_nibbles`
        acc = _joined(acc, u, BM, BN)
        if GATED:
            up = _joined(up, u, BM, BN)
    if BITS == 8:
        s = tl.load(scale + e * height + n, mask=wide, other=0.0).to(tl.float32)
        acc = acc * s[:, None] if SWAP else acc * s[None, :]
    if GATED:
        if BITS == 8:
            s = tl.load(scale + e * height + columns + n, mask=wide, other=0.0).to(tl.float32)
            up = up * s[:, None] if SWAP else up * s[None, :]
        acc = acc * tl.sigmoid(acc) * up
    target = (slot if SCATTER else r).to(tl.int64)
    yp = y + part.to(tl.int64) * sy
    if SWAP:
        yp += target[None, :] * columns + n[:, None]
        tl.store(yp, acc.to(y.dtype.element_ty), mask=live[None, :] & wide[:, None])
    else:
        yp += target[:, None] * columns + n[None, :]
        tl.store(yp, acc.to(y.dtype.element_ty), mask=live[:, None] & wide[None, :])
