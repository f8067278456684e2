"""One query per row over many keys: the keys are split over programs, a second kernel merges their softmaxes."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.attention.triton_shared import held, scale_of
from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.sizes import next_power_of_2

ROWS = 16  # query heads that share a key head, filled up to the smallest tile of a tensor core
MOST_SPLITS = 128


@triton.jit
def span(length, first, split, SPLITS: tl.constexpr, LEAST: tl.constexpr, BLOCK: tl.constexpr):
    """(begin, end) of the keys of one split of first .. length-1; splits at the end may be empty."""
    each = tl.maximum(tl.cdiv(length - first, SPLITS), LEAST)
    each = tl.cdiv(each, BLOCK) * BLOCK
    begin = first + split * each
    return begin, tl.minimum(begin + each, length)


@triton.jit
def bounds(length, pad, S, b, ON_DEVICE: tl.constexpr, PADDED: tl.constexpr):
    """(first key, number of keys) of one row; a row that is nothing but padding keeps its last position."""
    count = held(length, S, ON_DEVICE)
    first = count * 0
    if PADDED:
        first = tl.minimum(tl.load(pad + b).to(tl.int32), count - 1)
    return first, count


@triton.jit(do_not_specialize=["S"])
def split_kernel(
    q,
    keys,
    values,
    part,
    weight,
    length,
    pad,
    S,
    scale,
    G,
    q_batch,
    q_head,
    k_batch,
    k_token,
    k_head,
    v_batch,
    v_token,
    v_head,
    GROUP: tl.constexpr,
    D: tl.constexpr,
    SPLITS: tl.constexpr,
    LEAST: tl.constexpr,
    BLOCK: tl.constexpr,
    ROWS: tl.constexpr,
    ON_DEVICE: tl.constexpr,
    PADDED: tl.constexpr,
):
    """The heads of one group over one split: part [B*G, SPLITS, GROUP, D], weight its log2 of the sum of exponents."""
    group, split = tl.program_id(0).to(tl.int64), tl.program_id(1)
    b, g = group // G, group % G
    first, count = bounds(length, pad, S, b, ON_DEVICE, PADDED)
    begin, end = span(count, first, split, SPLITS, LEAST, BLOCK)
    if begin < end:
        row, col, d = tl.arange(0, ROWS), tl.arange(0, BLOCK), tl.arange(0, D)
        mine = row < GROUP
        asked = tl.load(
            q + b * q_batch + (g * GROUP + row[:, None]) * q_head + d[None, :], mask=mine[:, None], other=0.0
        )
        keys += b * k_batch + g * k_head
        values += b * v_batch + g * v_head
        highest = tl.full([ROWS], float("-inf"), tl.float32)
        total = tl.zeros([ROWS], tl.float32)
        mixed = tl.zeros([ROWS, D], tl.float32)
        for at in range(begin, end, BLOCK):
            place = (at + col).to(tl.int64)
            live = place < end
            k = tl.load(keys + place[:, None] * k_token + d[None, :], mask=live[:, None], other=0.0)
            v = tl.load(values + place[:, None] * v_token + d[None, :], mask=live[:, None], other=0.0)
            score = tl.dot(asked, tl.trans(k), input_precision="ieee")
            score = tl.where(live[None, :], score, float("-inf"))
            peak = tl.maximum(highest, tl.max(score, 1) * scale)
            share = tl.exp2(score * scale - peak[:, None])
            fade = tl.exp2(highest - peak)
            total = total * fade + tl.sum(share, 1)
            rounded = share.to(v.dtype)
            mixed = tl.dot(rounded, v, mixed * fade[:, None], input_precision="ieee")
            if v.dtype != tl.float32:
                # What rounding took off, in a product of its own: it waits for memory anyway.
                mixed = tl.dot((share - rounded.to(tl.float32)).to(v.dtype), v, mixed)
            highest = peak
        place = (group * SPLITS + split) * GROUP + row
        tl.store(part + place[:, None] * D + d[None, :], mixed / total[:, None], mask=mine[:, None])
        tl.store(weight + place, highest + tl.log2(total), mask=mine)


@triton.jit(do_not_specialize=["S"])
def combine_kernel(
    part,
    weight,
    out,
    length,
    pad,
    S,
    H,
    GROUP: tl.constexpr,
    D: tl.constexpr,
    SPLITS: tl.constexpr,
    LEAST: tl.constexpr,
    BLOCK: tl.constexpr,
    ALL: tl.constexpr,
    ON_DEVICE: tl.constexpr,
    PADDED: tl.constexpr,
):
    """One head of one row: its splits weighted by their share of the softmax. out [B, H, D]"""
    head = tl.program_id(0).to(tl.int64)
    first, count = bounds(length, pad, S, head // H, ON_DEVICE, PADDED)
    split, d = tl.arange(0, ALL), tl.arange(0, D)
    begin, end = span(count, first, split, SPLITS, LEAST, BLOCK)
    live = (split < SPLITS) & (begin < end)
    place = (head // GROUP * SPLITS + split) * GROUP + head % GROUP
    score = tl.load(weight + place, mask=live, other=float("-inf"))
    share = tl.exp2(score - tl.max(score, 0))
    mixed = tl.load(part + place[:, None] * D + d[None, :], mask=live[:, None], other=0.0)
    mixed = tl.sum(mixed * share[:, None], 0) / tl.sum(share, 0)
    tl.store(out + head * D + d, mixed.to(out.dtype.element_ty))


def decode(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None) -> Tensor:
    """Shapes as in `softmax_attention`, T = 1. The number of splits follows from shapes alone: it may be captured."""
    B, _, H, D = q.shape
    S, G = k.shape[1], k.shape[2]
    config = config_of("attention.decode")
    shared = {
        "GROUP": H // G,
        "D": D,
        "SPLITS": splits_of(B * G, S, config),
        "LEAST": config["LEAST"],
        "BLOCK": config["BLOCK"],
        "ON_DEVICE": length is not None,
        "PADDED": pad is not None,
    }
    part = torch.empty(B * G, shared["SPLITS"], H // G, D, dtype=torch.float32, device=q.device)
    weight = torch.empty(part.shape[:3], dtype=torch.float32, device=q.device)
    split_kernel[(B * G, shared["SPLITS"])](
        q,
        k,
        v,
        part,
        weight,
        length,
        pad,
        S,
        scale_of(D),
        G,
        q.stride(0),
        q.stride(2),
        *k.stride()[:3],
        *v.stride()[:3],
        **shared,
        ROWS=max(ROWS, next_power_of_2(H // G)),
        num_warps=config["num_warps"],
        num_stages=config["num_stages"],
    )
    out = torch.empty(B, 1, H, D, dtype=q.dtype, device=q.device)
    merge = config_of("attention.combine")
    combine_kernel[(B * H,)](
        part, weight, out, length, pad, S, H, **shared, ALL=next_power_of_2(shared["SPLITS"]), **merge
    )
    return out


def splits_of(groups: int, S: int, config: dict[str, int]) -> int:
    """Splits of S keys for each of `groups` (row, key head) pairs."""
    most = max(1, min(config["PROGRAMS"] // groups, MOST_SPLITS))
    useful = -(-S // config["LEAST"])
    # A power of two while S decides: an eager decode, whose S grows, must not compile kernel after kernel.
    return min(most, 1 << (useful.bit_length() - 1))
