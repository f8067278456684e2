"""The ops around lightning attention for backends that have only the op itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Forward = Callable[..., tuple[Tensor, Tensor]]


def one_by_one(forward: Forward) -> Callable[..., tuple[Tensor, Tensor]]:
    """`lightning_attention_varlen` out of `forward`: the host reads the lengths and calls it for each sequence."""

    def varlen(
        q: Tensor, k: Tensor, v: Tensor, decay: Tensor, cu_seqlens: Tensor, states: Tensor, silu: bool = False
    ) -> tuple[Tensor, Tensor]:
        ends = cu_seqlens.tolist()
        if ends[0] != 0 or ends[-1] != q.shape[0] or ends != sorted(ends):
            raise ValueError(
                f"cu_seqlens holds {ends} for {q.shape[0]} tokens: it must rise from 0 to their number, or tokens are"
                " left out"
            )
        outs, after = [], []
        for begin, end, state in zip(ends, ends[1:], states.split(1), strict=False):
            if begin < end:
                part = (x[None, begin:end] for x in (q, k, v))
                out, state = forward(*part, decay, state, silu)
                outs.append(out[0])
            after.append(state)
        return torch.cat(outs), torch.cat(after)

    return varlen


def one_token(forward: Forward) -> Callable[..., Tensor]:
    """`lightning_step` out of `forward`: states are gathered from the pool and put back."""

    def step(
        q: Tensor, k: Tensor, v: Tensor, decay: Tensor, states: Tensor, slots: Tensor, silu: bool = False
    ) -> Tensor:
        used = slots >= 0
        rows: Any = slots.clamp_min(0).long()
        out, after = forward(q[:, None], k[:, None], v[:, None], decay, states[rows], silu)
        states[rows[used]] = after[used]
        # Not times zero: a row that fills up may hold anything, NaN too.
        return out[:, 0].masked_fill(~used[:, None, None], 0)

    return step
