"""One message of every process to every other in one launch, through memory that all of them can write.

A number travels in a word of 64 bits beside the number of its message, and a word is written at once: whoever finds the
message's number has the number. Nothing else is waited for, so a message costs one way through the link. NCCL's
protocol for short messages, LL, rests on the same fact.

Messages of a channel lie in two places by turns. One may be overwritten as soon as the message after it has come from
everywhere: it is sent by a launch that only follows when the launch that read this one has ended.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import on_device_of
from minimax_vl.kernels.unsummed import Unsummed
from minimax_vl.kernels.unsummed.triton_sum import add_up

BLOCK = 1024  # numbers that a program sends
WIDTH = BLOCK + 16  # words of a message: its numbers, and behind them the mean square of their row
WARPS = 4


@triton.jit
def packed(number, message):
    """fp32 numbers as words of `message`."""
    return (message.to(tl.int64) << 32) | (number.to(tl.int32, bitcast=True).to(tl.int64) & 0xFFFFFFFF)


@triton.jit
def received(words, live, message):
    """The fp32 numbers in `words`, once all that are `live` are those of `message`."""
    # Volatile: what another device writes never reaches a multiprocessor's own cache.
    got = tl.load(words, mask=live, other=message.to(tl.int64) << 32, volatile=True)
    while tl.max(((got >> 32).to(tl.int32) != message).to(tl.int32), 0) != 0:
        got = tl.load(words, mask=live, other=message.to(tl.int64) << 32, volatile=True)
    return got.to(tl.int32).to(tl.float32, bitcast=True)


@triton.jit
def exchange_kernel(
    part,
    weights,
    normed,
    out,
    inbox,
    inboxes,
    messages,
    C,
    W,
    split,
    eps,
    SPLIT: tl.constexpr,
    PARTS: tl.constexpr,
    WEIGHTED: tl.constexpr,
    RANK: tl.constexpr,
    SIZE: tl.constexpr,
    CHANNELS: tl.constexpr,
    JOIN: tl.constexpr,
    WIDE: tl.constexpr,
    BLOCK: tl.constexpr,
    WIDTH: tl.constexpr,
):
    """BLOCK numbers of a row: of all ranks side by side with JOIN, else their sum.

    A rank's row is the sum over PARTS, times weights [N, PARTS] if WEIGHTED, of SPLIT numbers each, `split` apart.
    With WIDE > 0 the sum is that of one product whose operand was `normed` by every rank's own mean square, put right
    to the mean square of all.
    """
    row = tl.program_id(1)
    channel = row * tl.num_programs(0) + tl.program_id(0)
    message = tl.load(messages + channel) + 1
    lane, one = tl.arange(0, BLOCK), tl.arange(0, 1)
    col = tl.program_id(0) * BLOCK + lane
    live = col < C
    mine = tl.zeros([BLOCK], dtype=tl.float32)
    for i in tl.static_range(PARTS):
        at = row.to(tl.int64) * PARTS + i
        one_part = add_up(part + at * C + col, split, live, SPLIT)
        if WEIGHTED:
            one_part *= tl.load(weights + at).to(tl.float32)
        mine += one_part
    square = tl.zeros([1], dtype=tl.float32)
    if WIDE:
        wide = tl.arange(0, WIDE)
        x = tl.load(normed + row.to(tl.int64) * W + wide, mask=wide < W, other=0.0).to(tl.float32)
        square += tl.sum(x * x, 0) / W
        mine *= tl.sqrt(square + eps)
    place = ((message & 1) * CHANNELS + channel) * SIZE
    for rank in tl.static_range(SIZE):
        if rank != RANK:
            # Written through: neither this device nor a compiler may keep back what another waits for.
            theirs = tl.multiple_of(tl.load(inboxes + rank).to(tl.pointer_type(tl.int64)), 16)
            theirs += (place + RANK) * WIDTH
            tl.store(theirs + lane, packed(mine, message), mask=live, cache_modifier=".wt")
            if WIDE:
                tl.store(theirs + BLOCK + one, packed(square, message), cache_modifier=".wt")
    tl.debug_barrier()  # all is sent before anything is waited for
    total = tl.zeros([BLOCK], dtype=tl.float32)
    squares = tl.zeros([1], dtype=tl.float32)
    for rank in tl.static_range(SIZE):  # in the same order everywhere: the same bits
        got, its_square = mine, square
        if rank != RANK:
            words = inbox + (place + rank) * WIDTH
            got = received(words + lane, live, message)
            if WIDE:
                its_square = received(words + BLOCK + one, one == 0, message)
        if JOIN:
            side_by_side = out + (row.to(tl.int64) * SIZE + rank) * C
            tl.store(side_by_side + col, got.to(out.dtype.element_ty), mask=live)
        total += got
        squares += its_square
    if not JOIN:
        if WIDE:
            total *= tl.rsqrt(squares / SIZE + eps)
        tl.store(out + row.to(tl.int64) * C + col, total.to(out.dtype.element_ty), mask=live)
    tl.store(messages + channel, message)


def exchange(
    part: Tensor | Unsummed,
    out: Tensor,
    inbox: Tensor,
    inboxes: Tensor,
    messages: Tensor,
    rank: int,
    *,
    normed: Tensor | None = None,
    eps: float = 0.0,
) -> Tensor:
    """`out`, filled with the sum of all ranks' parts, or with all of them side by side if it is that wide.

    part [N, C]   out [N, C] or [N, ranks * C]   normed [N, W]: see the kernel
    inbox: int64 words of this rank   inboxes [ranks]: addresses of all   messages [channels] int32: sent so far
    """
    if not isinstance(part, Unsummed):
        part = Unsummed(part[None, :, None], None, part.dtype)
    parts, weights = part.parts.contiguous(), part.weights
    (S, N, K, C), size = parts.shape, inboxes.shape[0]
    width = 0 if normed is None else normed.shape[1]
    with on_device_of(parts):
        exchange_kernel[(cdiv(C, BLOCK), N)](
            parts,
            None if weights is None else weights.contiguous(),
            normed,
            out,
            inbox,
            inboxes,
            messages,
            C,
            width,
            parts.stride(0),
            eps,
            SPLIT=S,
            PARTS=K,
            WEIGHTED=weights is not None,
            RANK=rank,
            SIZE=size,
            CHANNELS=messages.shape[0],
            JOIN=out.shape[1] > C,
            WIDE=next_power_of_2(width) if width else 0,
            BLOCK=BLOCK,
            WIDTH=WIDTH,
            num_warps=WARPS,
        )
    return out
