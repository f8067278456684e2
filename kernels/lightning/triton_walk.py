"""Triton kernels of lightning attention over many tokens: every segment of a sequence at once, chunk after chunk.

`walk` serves the output and the three gradients, because each of them is
    out_i = sum over j of weight(|i - j|) * (a_i . b_j) * c_j,
forwards (j <= i) with a, b, c = q, k, v for the output and dout, v, k for dq, and backwards (j >= i) with v, dout, q
for dk and k, q, dout for dv. `walk_back` finds dk and dv together, from the same four tiles, where the registers hold
both. What lies outside the segment comes in as one matrix, the state.

The chunked form is that of Lightning Attention-2 (arXiv 2401.04658); the segments are ours.
"""

from __future__ import annotations

import triton
import triton.language as tl

from minimax_vl.kernels.lightning.triton_tiles import LOG2E, load_tile, place_of, silu, times_slope


@triton.jit
def state_met(given, states, starts, n, slot, h, H, SIZE: tl.constexpr, cell, inside):
    """The state that a segment meets: the one `given` for sequence n where it `starts`, else its slot's."""
    if starts:
        state = tl.load(given + (n.to(tl.int64) * H + h) * SIZE + cell, mask=inside, other=0.0)
    else:
        state = tl.load(states + (slot.to(tl.int64) * H + h) * SIZE + cell, mask=inside, other=0.0)
    return state


@triton.jit
def weigh(scores, gap, rate):
    """Scores times 2^(-rate * gap), zero where gap < 0. No exponent that is used is positive: nothing overflows."""
    return tl.where(gap >= 0, scores * tl.exp2(-rate * gap), 0.0)


@triton.jit
def _chunk(
    a, b, c, out, raw, state, batch, h, origin, first, count, rate, T, H, rd, rv, a_at, a_st, b_at, b_st, c_at, c_st,
    r_at, r_st, o_sh, D: tl.constexpr, E: tl.constexpr, C: tl.constexpr, REVERSE: tl.constexpr,
    TMA: tl.constexpr, MASK: tl.constexpr, SILU_A: tl.constexpr, SILU_B: tl.constexpr, SILU_C: tl.constexpr,
    SILU_OUT: tl.constexpr, ASM: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One chunk of `walk`, `count` tokens from `first` on: writes `out`, returns the state behind it.

    MASK where rows of another sequence follow within the tile.
    """
    r = tl.arange(0, C)
    live = r < count
    tile_a = silu(load_tile(a, batch, h, origin + first, live, rd, a_at, a_st, D, TMA, False), SILU_A, ASM)
    tile_b = silu(load_tile(b, batch, h, origin + first, live, rd, b_at, b_st, D, TMA, MASK), SILU_B, ASM)
    tile_c = silu(load_tile(c, batch, h, origin + first, live, rv, c_at, c_st, E, TMA, MASK), SILU_C, ASM)
    # The state lies before the first token, or, backwards, at the last: one step of decay apart.
    read_age = tl.maximum(count - 1 - r, 0) if REVERSE else r + 1
    write_age = r + 1 if REVERSE else tl.maximum(count - 1 - r, 0)
    # `count` cancels: it keeps the compiler from holding C x C weights in registers all along, which spills.
    place = (r + count).to(tl.float32)
    gap = place[None, :] - place[:, None] if REVERSE else place[:, None] - place[None, :]
    read, write = tl.exp2(-rate * read_age), tl.where(live, tl.exp2(-rate * write_age), 0.0)
    scores = weigh(tl.dot(tile_a, tl.trans(tile_b), input_precision=PRECISION), gap, rate)
    mixed = tl.dot(tile_a, tl.trans(state.to(tile_a.dtype)), input_precision=PRECISION) * read[:, None]
    mixed = tl.dot(scores.to(tile_c.dtype), tile_c, mixed, input_precision=PRECISION)
    new = (tile_c * write[:, None]).to(tile_c.dtype)
    state = tl.dot(tl.trans(new), tile_b, state * tl.exp2(-rate * count), input_precision=PRECISION)
    if SILU_OUT:
        x = load_tile(raw, batch, h, origin + first, live, rv, r_at, r_st, E, False, False)
        mixed = times_slope(mixed, x, True, ASM)
    tokens = batch.to(tl.int64) * T + (origin + first + r).to(tl.int64)
    to = out + (tokens[:, None] * H + h) * o_sh + rv[None, :]
    tl.store(to, mixed.to(out.dtype.element_ty), mask=live[:, None] & (rv < E)[None, :])
    return state


@triton.jit
def walk(
    a,
    b,
    c,
    out,
    raw,
    given,
    states,
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
    r_sb,
    r_st,
    r_sh,
    o_sh,
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
    TRANSPOSED: tl.constexpr,
    REVERSE: tl.constexpr,
    VARLEN: tl.constexpr,
    TMA: tl.constexpr,
    SILU_A: tl.constexpr,
    SILU_B: tl.constexpr,
    SILU_C: tl.constexpr,
    SILU_OUT: tl.constexpr,
    WITH_AFTER: tl.constexpr,
    ASM: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """One segment of one head: read the state it meets, walk its chunks, write `out` and the state behind the last.

    TRANSPOSED: the states are [E, D] in memory. SILU_OUT multiplies by the derivative of SiLU at `raw`: `out` is then
    the gradient of what went into SiLU. `out` [B, T, H, E] is dense but for the gap between heads: o_sh from one to
    the next.
    """
    slot, h = tl.program_id(2), tl.program_id(1)
    n, origin, length, segment = place_of(slot, cu, N, T, S, L, VARLEN)
    begin = segment * L
    if (segment > 0) & (begin >= length):
        return
    size = tl.minimum(L, length - begin)
    batch = n * (not VARLEN)
    rd, rv = tl.arange(0, BD), tl.program_id(0) * BV + tl.arange(0, BV)
    wide_batch, wide_head = batch.to(tl.int64), h.to(tl.int64)
    a_at = wide_batch * a_sb + wide_head * a_sh
    b_at = wide_batch * b_sb + wide_head * b_sh
    c_at = wide_batch * c_sb + wide_head * c_sh
    r_at = wide_batch * r_sb + wide_head * r_sh

    inside = (rv < E)[:, None] & (rd < D)[None, :]
    cell = rv[:, None] * D + rd[None, :] if TRANSPOSED else rv[:, None] + rd[None, :] * E
    # Columns first: b is then the right operand of both its products, and SiLU is not computed for a second layout.
    # [BV, BD] fp32, in registers until the end
    starts = begin + L >= length if REVERSE else segment == 0
    state = state_met(given, states, starts, n, slot, h, H, D * E, cell, inside)
    rate = tl.load(decay + h).to(tl.float32) * LOG2E

    # Where another sequence may follow, the ragged chunk stands apart: only there are tiles masked, which costs a pass
    # through registers, and shared memory that a second program on the multiprocessor needs.
    chunks = size // C if VARLEN else tl.cdiv(size, C)
    if VARLEN and REVERSE:
        ragged = size - chunks * C
        if ragged > 0:
            state = _chunk(
                a, b, c, out, raw, state, batch, h, origin, begin + chunks * C, ragged, rate, T, H, rd, rv,
                a_at, a_st, b_at, b_st, c_at, c_st, r_at, r_st, o_sh, D, E, C, REVERSE, TMA, True,
                SILU_A, SILU_B, SILU_C, SILU_OUT, ASM, PRECISION,
            )  # fmt: skip
    for i in tl.range(0, chunks):
        first = begin + (chunks - 1 - i if REVERSE else i) * C
        state = _chunk(
            a, b, c, out, raw, state, batch, h, origin, first, tl.minimum(C, begin + size - first), rate, T, H, rd, rv,
            a_at, a_st, b_at, b_st, c_at, c_st, r_at, r_st, o_sh, D, E, C, REVERSE, TMA, False,
            SILU_A, SILU_B, SILU_C, SILU_OUT, ASM, PRECISION,
        )  # fmt: skip
    if VARLEN and not REVERSE:
        ragged = size - chunks * C
        if ragged > 0:
            state = _chunk(
                a, b, c, out, raw, state, batch, h, origin, begin + chunks * C, ragged, rate, T, H, rd, rv,
                a_at, a_st, b_at, b_st, c_at, c_st, r_at, r_st, o_sh, D, E, C, REVERSE, TMA, True,
                SILU_A, SILU_B, SILU_C, SILU_OUT, ASM, PRECISION,
            )  # fmt: skip

    if WITH_AFTER:
        ends = segment == 0 if REVERSE else begin + L >= length
        if ends:
            tl.store(after + (n.to(tl.int64) * H + h) * D * E + cell, state, mask=inside)


@triton.jit
def walk_back(
    q,
    k,
    v,
    dout,
    raw_k,
    raw_v,
    dk,
    dv,
    given,
    states,
    dstate,
    decay,
    cu,
    q_sb,
    q_st,
    q_sh,
    k_sb,
    k_st,
    k_sh,
    v_sb,
    v_st,
    v_sh,
    o_sb,
    o_st,
    o_sh,
    d_sh,
    N,
    T,
    S,
    L,
    H,
    D: tl.constexpr,
    E: tl.constexpr,
    BD: tl.constexpr,
    BE: tl.constexpr,
    C: tl.constexpr,
    VARLEN: tl.constexpr,
    TMA: tl.constexpr,
    SILU: tl.constexpr,
    ASM: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """One segment of one head from its last token to its first: dk and dv, and at the first token the state's gradient.

    The state is the gradient of the forward one behind the segment, [BE, BD]: what later tokens' q and dout left. dk
    and dv [B, T, H, ...] are dense but for the gap between heads: d_sh from one to the next.
    """
    slot, h = tl.program_id(1), tl.program_id(0)
    n, origin, length, segment = place_of(slot, cu, N, T, S, L, VARLEN)
    begin = segment * L
    if (segment > 0) & (begin >= length):
        return
    size = tl.minimum(L, length - begin)
    batch = n * (not VARLEN)
    r, rd, rv = tl.arange(0, C), tl.arange(0, BD), tl.arange(0, BE)
    wide_batch, wide_head = batch.to(tl.int64), h.to(tl.int64)
    q_at = wide_batch * q_sb + wide_head * q_sh
    k_at = wide_batch * k_sb + wide_head * k_sh
    v_at = wide_batch * v_sb + wide_head * v_sh
    o_at = wide_batch * o_sb + wide_head * o_sh

    inside = (rv < E)[:, None] & (rd < D)[None, :]
    cell = rv[:, None] + rd[None, :] * E  # columns first, as in `walk`
    state = state_met(given, states, begin + L >= length, n, slot, h, H, D * E, cell, inside)
    rate = tl.load(decay + h).to(tl.float32) * LOG2E

    chunks = tl.cdiv(size, C)
    for i in tl.range(0, chunks):
        first = begin + (chunks - 1 - i) * C
        count = tl.minimum(C, begin + size - first)
        live = r < count
        tile_q = silu(load_tile(q, batch, h, origin + first, live, rd, q_at, q_st, D, TMA, VARLEN), SILU, ASM)
        tile_o = load_tile(dout, batch, h, origin + first, live, rv, o_at, o_st, E, TMA, VARLEN)
        tile_k = silu(load_tile(k, batch, h, origin + first, live, rd, k_at, k_st, D, TMA, False), SILU, ASM)
        tile_v = silu(load_tile(v, batch, h, origin + first, live, rv, v_at, v_st, E, TMA, False), SILU, ASM)
        place = (r + count).to(tl.float32)
        later = place[None, :] - place[:, None]  # the query's place behind the key's
        met = state.to(tile_q.dtype)
        fade = tl.exp2(-rate * tl.maximum(count - 1 - r, 0))[:, None]
        tokens = wide_batch * T + (origin + first + r).to(tl.int64)
        row = tokens[:, None] * H + h

        scores = weigh(tl.dot(tile_k, tl.trans(tile_q), input_precision=PRECISION), later, rate)
        mixed = tl.dot(tile_k, tl.trans(met), input_precision=PRECISION) * fade
        mixed = tl.dot(scores.to(tile_o.dtype), tile_o, mixed, input_precision=PRECISION)
        if SILU:  # loaded again: kept, it would fill the registers
            x = load_tile(raw_v, batch, h, origin + first, live, rv, v_at, v_st, E, False, False)
            mixed = times_slope(mixed, x, True, ASM)
        to = dv + row * d_sh + rv[None, :]
        tl.store(to, mixed.to(dv.dtype.element_ty), mask=live[:, None] & (rv < E)[None, :])

        scores = weigh(tl.dot(tile_v, tl.trans(tile_o), input_precision=PRECISION), later, rate)
        mixed = tl.dot(tile_v, met, input_precision=PRECISION) * fade
        mixed = tl.dot(scores.to(tile_q.dtype), tile_q, mixed, input_precision=PRECISION)
        if SILU:
            x = load_tile(raw_k, batch, h, origin + first, live, rd, k_at, k_st, D, False, False)
            mixed = times_slope(mixed, x, True, ASM)
        to = dk + row * d_sh + rd[None, :]
        tl.store(to, mixed.to(dk.dtype.element_ty), mask=live[:, None] & (rd < D)[None, :])

        write = tl.where(live, tl.exp2(-rate * (r + 1)), 0.0)
        new = (tile_o * write[:, None]).to(tile_o.dtype)
        state = tl.dot(tl.trans(new), tile_q, state * tl.exp2(-rate * count), input_precision=PRECISION)

    if segment == 0:
        tl.store(dstate + (n.to(tl.int64) * H + h) * D * E + cell, state, mask=inside)
