"""Softmax attention of long prompts for CPUs that multiply bf16: blocks of scores, and no running maximum."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from minimax_vl.kernels.attention import torch_sdpa
from minimax_vl.kernels.cpu import multiplies_bf16
from minimax_vl.kernels.tensors import wants_gradient

ROWS, COLUMNS = 1024, 2048  # of a block of scores: large, since two threads meet after each of its operations
MANY = 128  # queries, below which blocks are too flat to be fast
LONG = 2048 * 2048  # queries times keys, below which attention is a twentieth of a prefill, and better exact
NATS = 64.0  # how far from one anything may lie; bf16, as fp32, holds e^-87 to e^88


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    """Shapes as in `softmax_attention`. What is not long, or could leave the range of a number, is PyTorch's."""
    T, S = q.shape[1], k.shape[1]
    suits = T >= MANY and T * S >= LONG and pad is None and length is None
    suits = suits and q.dtype == k.dtype == torch.float32 and not wants_gradient(q, k, v)
    if suits and multiplies_bf16() and within_range(q, k, v):
        return _blocks(q, k, v)
    return torch_sdpa.forward(q, k, v, pad, length)


def within_range(q: Tensor, k: Tensor, v: Tensor) -> bool:
    """Whether no exponential of a score, and no sum of them times v, can overflow or fade; False for NaN and inf.

    By |q| |k|, which no score passes. What still falls below the smallest number is 1e-10 of v's size.
    """
    G, D = k.shape[2:]
    longest_q = torch.linalg.vector_norm(q, dim=-1).amax((0, 1)).view(G, -1).amax(1)  # [G]
    longest_k = torch.linalg.vector_norm(k, dim=-1).amax((0, 1))  # [G]
    low, high = v.aminmax()
    size = torch.maximum(high, -low)
    nats = (longest_q * longest_k).amax() / D**0.5 + size.log().abs() + math.log(k.shape[1])
    return bool(nats <= NATS)


def _blocks(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Shapes as in `softmax_attention`. Scores, exponentials and a block's sums are bf16, their totals fp32."""
    B, T, H, D = q.shape
    G = k.shape[2]
    group = H // G
    # 2^x takes a sixth less time than e^x; the scale goes where it is rounded once.
    queries = (q * (math.log2(math.e) / D**0.5)).bfloat16().view(B, T, G, group, D)
    out = torch.empty_like(queries, dtype=q.dtype)
    step = max(ROWS // group, 1)
    causal = torch.ones(step, step, dtype=torch.bfloat16).tril_()
    room = queries.new_empty(group * step * max(COLUMNS, step))  # for the scores of one block
    for b in range(B):
        for g in range(G):
            keys, values = k[b, :, g].bfloat16(), v[b, :, g].bfloat16()  # [S, D]
            heads = queries[b, :, g].transpose(0, 1).contiguous()  # [group, T, D]
            for first in range(0, T, step):
                rows = heads[:, first : first + step]  # [group, up to step, D]
                mixed = _rows(rows, keys, values, keys.shape[0] - T + first, causal, room)
                out[b, first : first + step, g] = mixed.transpose(0, 1)
    return out.view(B, T, H, D)


def _rows(rows: Tensor, keys: Tensor, values: Tensor, start: int, causal: Tensor, room: Tensor) -> Tensor:
    """fp32 [N, R, D] of rows [N, R, D]: R queries of N heads, at positions from `start` on, to keys, values [S, D]."""
    N, R, D = rows.shape
    rows = rows.reshape(-1, D)
    total, weight = (rows.new_zeros(N * R, width, dtype=torch.float32) for width in (D, 1))
    # The queries' own keys are a block by themselves, the only one of which a part is in the future.
    edges = [*range(0, start, COLUMNS), start, start + R]
    for begin, end in pairwise(edges):
        if begin < end:
            scores = room[: N * R * (end - begin)].view(N * R, -1)
            torch.mm(rows, keys[begin:end].mT, out=scores).exp2_()
            if begin == start:
                scores.view(N, R, R).mul_(causal[:R, :R])
            weight += scores.sum(-1, keepdim=True)
            total += scores @ values[begin:end]
    return (total / weight).view(N, R, D)
