"""Causal attention a tile of queries at a time, for what PyTorch's fused kernels cannot mask: later chunks, padding."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.attention.triton_shared import held, scale_of
from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.sizes import cdiv


@triton.jit
def attend(
    asked,
    keys,
    values,
    highest,
    total,
    mixed,
    begin,
    end,
    query,
    first,
    count,
    scale,
    k_token,
    v_token,
    D: tl.constexpr,
    BLOCK: tl.constexpr,
    MASKED: tl.constexpr,
):
    """Take keys begin .. end-1 into the running softmax; not MASKED, every query sees all of them."""
    col, d = tl.arange(0, BLOCK), tl.arange(0, D)
    for at in range(begin, end, BLOCK):
        place = (at + col).to(tl.int64)
        if MASKED:
            live = place[:, None] < count
            k = tl.load(keys + place[:, None] * k_token + d[None, :], mask=live, other=0.0)
            v = tl.load(values + place[:, None] * v_token + d[None, :], mask=live, other=0.0)
        else:
            k = tl.load(keys + place[:, None] * k_token + d[None, :])
            v = tl.load(values + place[:, None] * v_token + d[None, :])
        score = tl.dot(asked, tl.trans(k), input_precision="ieee")
        if MASKED:
            key, own = place[None, :], query[:, None]
            # A padded query sees itself, so that its row of the softmax is not empty.
            seen = ((key >= first) & (key < own)) | (key == own)
            score = tl.where(seen, score, float("-inf"))
        peak = tl.maximum(highest, tl.max(score, 1) * scale)
        # A row that has seen no key yet has no peak to subtract.
        base = tl.where(peak == float("-inf"), 0.0, peak) if MASKED else peak
        share = tl.exp2(score * scale - base[:, None])  # scaled here, the product is part of the subtraction
        fade = tl.exp2(highest - base)
        total = total * fade + tl.sum(share, 1)
        mixed = tl.dot(share.to(v.dtype), v, mixed * fade[:, None], input_precision="ieee")
        highest = peak
    return highest, total, mixed


@triton.jit(do_not_specialize=["T", "S"])
def prefill_kernel(
    q,
    k,
    v,
    out,
    length,
    pad,
    T,
    S,
    scale,
    H,
    q_batch,
    q_token,
    q_head,
    k_batch,
    k_token,
    k_head,
    v_batch,
    v_token,
    v_head,
    GROUP: tl.constexpr,
    D: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    ON_DEVICE: tl.constexpr,
    PADDED: tl.constexpr,
):
    """ROWS queries of one head. Tiles with the most keys start first; heads of a group lie beside each other."""
    head = tl.program_id(0).to(tl.int64)
    tile = tl.num_programs(1) - 1 - tl.program_id(1)
    b, h = head // H, head % H
    count = held(length, S, ON_DEVICE)
    row, d = tile * ROWS + tl.arange(0, ROWS), tl.arange(0, D)
    mine = (row < T)[:, None]
    lowest = count - T + tile * ROWS  # position of the tile's first query
    query = count - T + row
    where = row.to(tl.int64)[:, None]
    asked = tl.load(q + b * q_batch + h * q_head + where * q_token + d[None, :], mask=mine, other=0.0)
    k += b * k_batch + h // GROUP * k_head
    v += b * v_batch + h // GROUP * v_head

    # Three stretches of whole blocks: some keys are padding, every query sees every key, some keys come too late.
    late = (lowest + 1) // BLOCK * BLOCK
    first = lowest * 0
    begin, free = first, first
    if PADDED:
        first = tl.load(pad + b).to(tl.int32)
        begin = tl.minimum(first, lowest) // BLOCK * BLOCK
        free = tl.minimum(tl.cdiv(first, BLOCK) * BLOCK, late)
    end = tl.minimum(lowest + ROWS, count)

    highest = tl.full([ROWS], float("-inf"), tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    mixed = tl.zeros([ROWS, D], tl.float32)
    if PADDED:
        highest, total, mixed = attend(
            asked, k, v, highest, total, mixed, begin, free, query, first, count, scale, k_token, v_token,
            D, BLOCK, True,
        )  # fmt: skip
    highest, total, mixed = attend(
        asked, k, v, highest, total, mixed, free, late, query, first, count, scale, k_token, v_token,
        D, BLOCK, False,
    )  # fmt: skip
    highest, total, mixed = attend(
        asked, k, v, highest, total, mixed, late, end, query, first, count, scale, k_token, v_token,
        D, BLOCK, True,
    )  # fmt: skip
    out += (b * T + where) * H * D + h * D + d[None, :]
    tl.store(out, (mixed / total[:, None]).to(out.dtype.element_ty), mask=mine)


def prefill(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None) -> Tensor:
    """Shapes as in `softmax_attention`."""
    B, T, H, D = q.shape
    config = config_of("attention.prefill")
    out = torch.empty(q.shape, dtype=q.dtype, device=q.device)
    prefill_kernel[(B * H, cdiv(T, config["ROWS"]))](
        q,
        k,
        v,
        out,
        length,
        pad,
        T,
        k.shape[1],
        scale_of(D),
        H,
        *q.stride()[:3],
        *k.stride()[:3],
        *v.stride()[:3],
        GROUP=H // k.shape[2],
        D=D,
        ON_DEVICE=length is not None,
        PADDED=pad is not None,
        **config,
    )
    return out
