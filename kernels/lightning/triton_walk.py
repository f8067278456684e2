"""Triton kernels of lightning attention over many tokens: all segments of a sequence at once, both directions.

One walk serves the forward pass and the three gradients, because each of them reads
    out_i = sum over j of weight(|i - j|) * (a_i . b_j) * c_j,
forwards (j <= i) with a, b, c = q, k, v for the output and dout, v, k for dq, and backwards (j >= i) with
v, dout, q for dk and k, q, dout for dv. What lies outside the segment comes in as one matrix, the state.

The chunked form is that of Lightning Attention-2 (arXiv 2401.04658); the segments are ours.
"""

from __future__ import annotations

import triton
import triton.language as tl

LOG2E = tl.constexpr(1.4426950408889634)
FORGOTTEN = tl.constexpr(
    32.0
)  # tokens weighing less than 2^-32 of the newest are not read for a segment's state


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
    SILU: tl.constexpr,
):
    """[C, W] of x from token `first` on, bf16 or fp32, through SiLU where asked; zeros where not live.

    A tensor descriptor does not know `live`: it gives zeros only past the end of the tensor.
    """
    C: tl.constexpr = live.shape[0]
    W: tl.constexpr = columns.shape[0]
    if TMA:
        tile = x.load([b, first, h, tl.min(columns, 0)]).reshape(C, W)
    else:
        tokens = (first + tl.arange(0, C)).to(tl.int64)
        mask = live[:, None] & (columns < WIDTH)[None, :]
        tile = tl.load(x + offset + tokens[:, None] * stride + columns[None, :], mask=mask, other=0.0)
    if tile.dtype == tl.float16:  # a state outgrows fp16's range
        tile = tile.to(tl.float32)
    if SILU:
        wide = tile.to(tl.float32)
        tile = (wide * tl.sigmoid(wide)).to(tile.dtype)
    return tile


@triton.jit
def segment_states(
    b,
    c,
    states,
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
    PRECISION: tl.constexpr,
):
    """What each segment adds to the state of the next one (REVERSE: of the one before), into that one's slot."""
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
    else:
        skip, stop = (size - reach) // C, tl.cdiv(size, C)

    batch = n * (not VARLEN)
    r, rd, rv = tl.arange(0, C), tl.arange(0, BD), tl.program_id(0) * BV + tl.arange(0, BV)
    wide_batch, wide_head = batch.to(tl.int64), h.to(tl.int64)
    b_at = wide_batch * b_sb + wide_head * b_sh
    c_at = wide_batch * c_sb + wide_head * c_sh
    state = tl.zeros([BD, BV], tl.float32)
    for i in tl.range(skip, stop):
        chunk = skip + stop - 1 - i if REVERSE else i
        first = begin + chunk * C
        count = tl.minimum(C, begin + size - first)
        live = r < count
        tile_b = load_tile(b, batch, h, origin + first, live, rd, b_at, b_st, D, TMA, SILU_B)
        tile_c = load_tile(c, batch, h, origin + first, live, rv, c_at, c_st, E, TMA, SILU_C)
        age = r + 1 if REVERSE else count - 1 - r
        write = tl.where(live, tl.exp2(-rate * age), 0.0)
        new = (tile_c * write[:, None]).to(tile_c.dtype)
        state = tl.dot(tl.trans(tile_b), new, state * tl.exp2(-rate * count), input_precision=PRECISION)
    neighbour = slot - 1 if REVERSE else slot + 1
    at = (neighbour.to(tl.int64) * H + h) * D * E + rd[:, None] * E + rv[None, :]
    tl.store(states + at, state, mask=(rd < D)[:, None] & (rv < E)[None, :])


@triton.jit
def join_states(
    states,
    given,
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
    """Turn what each segment adds into the state that each segment meets, starting from `given`; in place."""
    n, h = tl.program_id(2), tl.program_id(1)
    if VARLEN:
        origin = tl.load(cu + n).to(tl.int32)
        length = tl.load(cu + n + 1).to(tl.int32) - origin
        base = origin // L + n
    else:
        length, base = n * 0 + T, n * S
    segments = tl.maximum(tl.cdiv(length, L), 1)
    rate = tl.load(decay + h).to(tl.float32) * LOG2E
    cell = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = cell < SIZE
    wide = h.to(tl.int64)
    state = tl.load(given + (n.to(tl.int64) * H + wide) * SIZE + cell, mask=mask, other=0.0)
    first = base + segments - 1 if REVERSE else base
    tl.store(states + (first.to(tl.int64) * H + wide) * SIZE + cell, state, mask=mask)
    for i in tl.range(1, segments):
        segment = segments - 1 - i if REVERSE else i
        at = states + ((base + segment).to(tl.int64) * H + wide) * SIZE + cell
        passed = segment + 1 if REVERSE else segment - 1  # the segment that lies between the two states
        tokens = tl.minimum(L, length - passed * L)
        state = state * tl.exp2(-rate * tokens) + tl.load(at, mask=mask, other=0.0)
        tl.store(at, state, mask=mask)


@triton.jit
def walk(
    a,
    b,
    c,
    out,
    raw,
    before,
    after,
    decay,
    cu,
    a_sb,
    a_st,
    a_sh,
    b_sb,
    b_st,
    b_sh,
    c_sb,
    c_st,
    c_sh,
    o_sb,
    o_st,
    o_sh,
    r_sb,
    r_st,
    r_sh,
    before_row,
    before_column,
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
    SILU_A: tl.constexpr,
    SILU_B: tl.constexpr,
    SILU_C: tl.constexpr,
    SILU_OUT: tl.constexpr,
    WITH_AFTER: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """One segment of one head: read the state it meets, walk its chunks, write `out` and the state behind the last.

    SILU_OUT multiplies by the derivative of SiLU at `raw`: `out` is then the gradient of what went into SiLU.
    """
    slot, h = tl.program_id(2), tl.program_id(1)
    n, origin, length, segment = place_of(slot, cu, N, T, S, L, VARLEN)
    begin = segment * L
    if (segment > 0) & (begin >= length):
        return
    size = tl.minimum(L, length - begin)
    batch = n * (not VARLEN)
    r, rd, rv = tl.arange(0, C), tl.arange(0, BD), tl.program_id(0) * BV + tl.arange(0, BV)
    wide_batch, wide_head = batch.to(tl.int64), h.to(tl.int64)
    a_at = wide_batch * a_sb + wide_head * a_sh
    b_at = wide_batch * b_sb + wide_head * b_sh
    c_at = wide_batch * c_sb + wide_head * c_sh
    o_at = wide_batch * o_sb + wide_head * o_sh

    inside = (rd < D)[:, None] & (rv < E)[None, :]
    at = (slot.to(tl.int64) * H + h) * D * E + rd[:, None] * before_row + rv[None, :] * before_column
    state = tl.load(before + at, mask=inside, other=0.0)  # [BD, BV] fp32, in registers until the end
    rate = tl.load(decay + h).to(tl.float32) * LOG2E

    chunks = tl.cdiv(size, C)
    for i in tl.range(0, chunks):
        chunk = chunks - 1 - i if REVERSE else i
        first = begin + chunk * C
        count = tl.minimum(C, begin + size - first)
        live = r < count
        tile_a = load_tile(a, batch, h, origin + first, live, rd, a_at, a_st, D, TMA, SILU_A)
        tile_b = load_tile(b, batch, h, origin + first, live, rd, b_at, b_st, D, TMA, SILU_B)
        tile_c = load_tile(c, batch, h, origin + first, live, rv, c_at, c_st, E, TMA, SILU_C)
        # The state lies before the first token, or, backwards, at the last: one step of decay apart.
        read_age = tl.maximum(count - 1 - r, 0) if REVERSE else r + 1
        write_age = r + 1 if REVERSE else tl.maximum(count - 1 - r, 0)
        # `count` cancels: it keeps the compiler from holding C x C weights in registers all along, which spills.
        place = (r + count).to(tl.float32)
        gap = place[None, :] - place[:, None] if REVERSE else place[:, None] - place[None, :]
        scores = tl.dot(tile_a, tl.trans(tile_b), input_precision=PRECISION)
        # No exponent that is used is positive, so no decay can overflow.
        scores = tl.where(gap >= 0, scores * tl.exp2(-rate * gap), 0.0)
        mixed = tl.dot(tile_a, state.to(tile_a.dtype), input_precision=PRECISION)
        mixed = mixed * tl.exp2(-rate * read_age)[:, None]
        mixed = tl.dot(scores.to(tile_c.dtype), tile_c, mixed, input_precision=PRECISION)
        write = tl.where(live, tl.exp2(-rate * write_age), 0.0)
        new = (tile_c * write[:, None]).to(tile_c.dtype)
        state = tl.dot(tl.trans(tile_b), new, state * tl.exp2(-rate * count), input_precision=PRECISION)
        if SILU_OUT:
            r_at = wide_batch * r_sb + wide_head * r_sh
            x = load_tile(raw, batch, h, origin + first, live, rv, r_at, r_st, E, False, False).to(tl.float32)
            gate = tl.sigmoid(x)
            mixed = mixed * gate * (1.0 + x * (1.0 - gate))
        tokens = (origin + first + r).to(tl.int64)
        to = out + o_at + tokens[:, None] * o_st + rv[None, :]
        tl.store(to, mixed.to(out.dtype.element_ty), mask=live[:, None] & (rv < E)[None, :])

    if WITH_AFTER:
        ends = segment == 0 if REVERSE else begin + L >= length
        if ends:
            at = (n.to(tl.int64) * H + h) * D * E + rd[:, None] * E + rv[None, :]
            tl.store(after + at, state, mask=inside)
