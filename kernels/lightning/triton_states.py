"""Triton kernels for the states between the segments of lightning attention, in both directions."""

from __future__ import annotations

import triton
import triton.language as tl

from minimax_vl.kernels.lightning.triton_tiles import LOG2E, load_tile, place_of, silu

FORGOTTEN = tl.constexpr(
    32.0
)  # tokens weighing less than 2^-32 of the newest are not read for a segment's state


@triton.jit
def segment_states(
    b,
    c,
    states,
    given,
    decay,
    cu,
    b_sb,
    b_st,
    b_sh,
    c_sb,
    c_st,
    c_sh,
    N,
    T,
    S,
    L,
    H,
    D: tl.constexpr,
    E: tl.constexpr,
    BD: tl.constexpr,
    BV: tl.constexpr,
    C: tl.constexpr,
    REVERSE: tl.constexpr,
    VARLEN: tl.constexpr,
    TMA: tl.constexpr,
    SILU_B: tl.constexpr,
    SILU_C: tl.constexpr,
    ASM: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """What each segment adds to the state of the next one (REVERSE: of the one before), into that one's slot.

    The sequence's first segment (REVERSE: its last) starts from the state `given`, so its neighbour's is complete.
    """
    slot, h = tl.program_id(2), tl.program_id(1)
    n, origin, length, segment = place_of(slot, cu, N, T, S, L, VARLEN)
    begin = segment * L
    if REVERSE:
        if (segment == 0) | (begin >= length):
            return
    else:
        if begin + L >= length:
            return
    size = tl.minimum(L, length - begin)
    rate = tl.load(decay + h).to(tl.float32) * LOG2E
    # A fast head forgets most of its segment: only the chunks that still weigh something are read.
    reach = tl.minimum((1.0 / tl.maximum(rate, 1e-6) * FORGOTTEN).to(tl.int32) + 1, size)
    if REVERSE:
        skip, stop = 0, tl.cdiv(reach, C)
        starts, unread = begin + L >= length, tl.maximum(size - stop * C, 0)
    else:
        skip, stop = (size - reach) // C, tl.cdiv(size, C)
        starts, unread = segment == 0, skip * C

    batch = n * (not VARLEN)
    r, rd, rv = tl.arange(0, C), tl.arange(0, BD), tl.program_id(0) * BV + tl.arange(0, BV)
    inside = (rd < D)[:, None] & (rv < E)[None, :]
    cell = rd[:, None] * E + rv[None, :]
    wide_batch, wide_head = batch.to(tl.int64), h.to(tl.int64)
    b_at = wide_batch * b_sb + wide_head * b_sh
    c_at = wide_batch * c_sb + wide_head * c_sh
    state = tl.load(given + (n.to(tl.int64) * H + h) * D * E + cell, mask=inside & starts, other=0.0)
    state *= tl.exp2(-rate * unread)
    # Forwards the last segment, the only one with a ragged end, has no neighbour.
    RAGGED: tl.constexpr = VARLEN and REVERSE
    for i in tl.range(skip, stop):
        chunk = skip + stop - 1 - i if REVERSE else i
        first = begin + chunk * C
        count = tl.minimum(C, begin + size - first)
        live = r < count
        tile_b = silu(
            load_tile(b, batch, h, origin + first, live, rd, b_at, b_st, D, TMA, RAGGED), SILU_B, ASM
        )
        tile_c = silu(
            load_tile(c, batch, h, origin + first, live, rv, c_at, c_st, E, TMA, RAGGED), SILU_C, ASM
        )
        age = r + 1 if REVERSE else count - 1 - r
        write = tl.where(live, tl.exp2(-rate * age), 0.0)
        new = (tile_c * write[:, None]).to(tile_c.dtype)
        state = tl.dot(tl.trans(tile_b), new, state * tl.exp2(-rate * count), input_precision=PRECISION)
    neighbour = slot - 1 if REVERSE else slot + 1
    tl.store(states + (neighbour.to(tl.int64) * H + h) * D * E + cell, state, mask=inside)


@triton.jit
def join_states(
    states,
    decay,
    cu,
    N,
    T,
    S,
    L,
    H,
    SIZE: tl.constexpr,
    BLOCK: tl.constexpr,
    REVERSE: tl.constexpr,
    VARLEN: tl.constexpr,
):
    """Turn what each segment adds into the state that each segment meets, in place; the first such is complete."""
    n, h = tl.program_id(2), tl.program_id(1)
    if VARLEN:
        origin = tl.load(cu + n).to(tl.int32)
        length = tl.load(cu + n + 1).to(tl.int32) - origin
        base = origin // L + n
    else:
        length, base = n * 0 + T, n * S
    segments = tl.cdiv(length, L)
    if segments <= 2:
        return
    rate = tl.load(decay + h).to(tl.float32) * LOG2E
    cell = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = cell < SIZE
    wide = h.to(tl.int64)
    first = base + segments - 2 if REVERSE else base + 1
    state = tl.load(states + (first.to(tl.int64) * H + wide) * SIZE + cell, mask=mask, other=0.0)
    for i in tl.range(2, segments):
        segment = segments - 1 - i if REVERSE else i
        at = states + ((base + segment).to(tl.int64) * H + wide) * SIZE + cell
        passed = segment + 1 if REVERSE else segment - 1  # the segment that lies between the two states
        tokens = tl.minimum(L, length - passed * L)
        state = state * tl.exp2(-rate * tokens) + tl.load(at, mask=mask, other=0.0)
        tl.store(at, state, mask=mask)
