"""Tokens sorted by expert on the device: a stable counting sort and the list of row tiles, read by no host."""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.sizes import cdiv, next_power_of_2

ONE_PROGRAM = 512  # slots that one program sorts alone; above, a first kernel counts chunk by chunk
CHUNK = 256
LIST = 64  # tiles of the list that are written at once


class Routing(NamedTuple):
    """Slots n * K + k sorted by expert, where each expert's begin, and which (expert, tile) a program works on."""

    order: Tensor  # [N*K] int32, slots by expert, then by token
    offsets: Tensor  # [X+1] int32 into order
    tiles: Tensor  # [M, 2] int32: expert (-1 beyond the last), number of the tile within the expert


def route(ids: Tensor, experts: int, rows: int) -> Routing:
    """Sort ids [N, K] for tiles of `rows` rows. M is the most tiles that any routing could need."""
    slots = ids.numel()
    most = min(slots, cdiv(slots, rows) + min(experts, slots) - 1)
    order = torch.empty(slots, dtype=torch.int32, device=ids.device)
    offsets = torch.empty(experts + 1, dtype=torch.int32, device=ids.device)
    tiles = torch.empty(most, 2, dtype=torch.int32, device=ids.device)
    wide = next_power_of_2(experts)
    alone = slots <= ONE_PROGRAM
    chunk = max(16, next_power_of_2(slots)) if alone else CHUNK
    chunks = cdiv(slots, chunk)
    counts = offsets  # not read when one program does it all
    if not alone:
        counts = torch.empty(chunks, wide, dtype=torch.int32, device=ids.device)
        _count[(chunks,)](ids, counts, slots, XP=wide, CHUNK=chunk, num_warps=4)
    _place[(chunks,)](
        ids, counts, order, offsets, tiles, slots, chunks, most, experts,
        XP=wide, CHUNK=chunk, BM=rows, LIST=LIST, ALONE=alone, num_warps=4,
    )  # fmt: skip
    return Routing(order, offsets, tiles)


@triton.jit
def _count(ids, counts, slots, XP: tl.constexpr, CHUNK: tl.constexpr):
    chunk = tl.program_id(0)
    slot = chunk * CHUNK + tl.arange(0, CHUNK)
    expert = tl.load(ids + slot, mask=slot < slots, other=-1).to(tl.int32)
    experts = tl.arange(0, XP)
    hits = (expert[:, None] == experts[None, :]).to(tl.int32)  # [CHUNK, XP]
    tl.store(counts + chunk * XP + experts, tl.sum(hits, 0))


@triton.jit
def _place(
    ids, counts, order, offsets, tiles, slots, chunks, most, X,
    XP: tl.constexpr, CHUNK: tl.constexpr, BM: tl.constexpr, LIST: tl.constexpr, ALONE: tl.constexpr,
):  # fmt: skip
    chunk = tl.program_id(0)
    slot = chunk * CHUNK + tl.arange(0, CHUNK)
    expert = tl.load(ids + slot, mask=slot < slots, other=-1).to(tl.int32)
    experts = tl.arange(0, XP)
    hits = (expert[:, None] == experts[None, :]).to(tl.int32)  # [CHUNK, XP]
    if ALONE:
        total = tl.sum(hits, 0)  # [XP]
        earlier = tl.zeros([XP], tl.int32)
    else:
        total = tl.zeros([XP], tl.int32)
        earlier = tl.zeros([XP], tl.int32)
        for c in range(0, chunks, LIST):
            row = c + tl.arange(0, LIST)
            n = tl.load(counts + row[:, None] * XP + experts[None, :], mask=(row < chunks)[:, None], other=0)
            total += tl.sum(n, 0)
            earlier += tl.sum(tl.where((row < chunk)[:, None], n, 0), 0)
    begin = tl.cumsum(total, 0) - total
    # Among the slots of this chunk those before mine, after all of the chunks before: stable by token.
    rank = tl.cumsum(hits, 0) - hits + (begin + earlier)[None, :]
    tl.store(order + tl.sum(hits * rank, 1), slot, mask=slot < slots)
    if chunk == 0:
        tl.store(offsets + experts, begin, mask=experts <= X)
        tl.store(offsets + X, slots)
        count = (total + BM - 1) // BM  # tiles of each expert
        end = tl.cumsum(count, 0)
        for t in range(0, most, LIST):
            tile = t + tl.arange(0, LIST)
            owner = tl.sum((end[None, :] <= tile[:, None]).to(tl.int32), 1)
            first = tl.sum(tl.where(owner[:, None] == experts[None, :], (end - count)[None, :], 0), 1)
            tl.store(tiles + 2 * tile, tl.where(owner < XP, owner, -1), mask=tile < most)
            tl.store(tiles + 2 * tile + 1, tile - first, mask=tile < most)


@triton.jit
def find_tile(
    t, NT, ids, offsets, tiles, rows,
    ROUTED: tl.constexpr, DIRECT: tl.constexpr, BM: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """Program t of (row tiles x NT column tiles) -> (expert or -1, first row, end of rows, column tile).

    ROUTED: by the list, experts one after the other, within one expert GROUP row tiles beside each other for every
    column tile, so that a weight tile is read from memory once. DIRECT: one slot each, its expert from `ids`.
    Neither: a single matrix and `rows` rows.
    """
    if ROUTED:
        expert = tl.load(tiles + 2 * (t // NT))
        number = tl.load(tiles + 2 * (t // NT) + 1)
        known = tl.maximum(expert, 0)
        begin = tl.load(offsets + known)
        end = tl.load(offsets + known + 1)
        inside = t - (t // NT - number) * NT  # programs of this expert before mine
        group = inside // (GROUP * NT)
        high = tl.maximum(tl.minimum((end - begin + BM - 1) // BM - group * GROUP, GROUP), 1)
        inside = inside % (GROUP * NT)
        first = begin + (group * GROUP + inside % high) * BM
        column = inside // high
    elif DIRECT:
        expert = tl.load(ids + t // NT).to(tl.int32)
        first = t // NT
        end = first + 1
        column = t % NT
    else:
        expert = t * 0
        high = (rows + BM - 1) // BM
        first = (t % high) * BM
        end = rows
        column = t // high
    return expert, first, end, column


@triton.jit
def known_tiles(offsets, X, XP: tl.constexpr, BM: tl.constexpr):
    """How many tiles of BM rows the list holds before those without an expert."""
    experts = tl.arange(0, XP)
    inside = experts < X
    rows = tl.load(offsets + experts + 1, mask=inside, other=0) - tl.load(
        offsets + experts, mask=inside, other=0
    )
    return tl.sum((rows + BM - 1) // BM)
