"""Triton kernel of one decode step: the whole state is read and written once, so bytes are all that counts."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.early import early
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.triton_early import begin
from minimax_vl.kernels.unsummed.triton_sum import add_up


def step_states(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    state: Tensor,
    after: Tensor,
    slots: Tensor | None,
    silu: bool,
    dtype: torch.dtype,
) -> Tensor:
    """q, k [S, B, H, D], v [S, B, H, E], rows strided: sums of S parts each, rounded to `dtype`.

    `after` may be `state` itself. Slots as in `lightning_step`.
    """
    S, B, H, D = q.shape
    E = v.shape[-1]
    out = torch.empty(B, H, E, dtype=dtype, device=v.device)
    config = config_of(f"lightning.step.{'B4' if B <= 4 else 'B16' if B <= 16 else 'B64'}")
    _step[(cdiv(E, config["BV"]), H, B)](
        q,
        k,
        v,
        out,
        state,
        after,
        decay,
        slots,
        *q.stride()[:3],
        *k.stride()[:3],
        *v.stride()[:3],
        H,
        D=D,
        E=E,
        BD=next_power_of_2(D),
        SPLIT=S,
        SILU=silu,
        SLOTS=slots is not None,
        **config,
        **early(),
    )
    return out


@triton.jit
def _load(x, at, stride, mask, SPLIT: tl.constexpr, SILU: tl.constexpr, DTYPE: tl.constexpr):
    """A row as the layer's own projection and its SiLU would round it."""
    row = add_up(x + at, stride, mask, SPLIT).to(DTYPE).to(tl.float32)
    if SILU:
        row = (row * tl.sigmoid(row)).to(DTYPE).to(tl.float32)
    return row


@triton.jit
def _step(
    q,
    k,
    v,
    out,
    state,
    after,
    decay,
    slots,
    q_ss,
    q_sb,
    q_sh,
    k_ss,
    k_sb,
    k_sh,
    v_ss,
    v_sb,
    v_sh,
    H,
    D: tl.constexpr,
    E: tl.constexpr,
    BD: tl.constexpr,
    BV: tl.constexpr,
    SPLIT: tl.constexpr,
    SILU: tl.constexpr,
    SLOTS: tl.constexpr,
    EARLY: tl.constexpr,
):
    """One head of one sequence, BV columns of its state."""
    begin(EARLY)
    b, h = tl.program_id(2).to(tl.int64), tl.program_id(1).to(tl.int64)
    d, e = tl.arange(0, BD), tl.program_id(0) * BV + tl.arange(0, BV)
    has_d, has_e = d < D, e < E
    inside = has_d[:, None] & has_e[None, :]
    to = out + (b * H + h) * E + e
    if SLOTS:
        slot = tl.load(slots + b).to(tl.int64)
        if slot < 0:  # a row that only fills the batch up
            tl.store(to, tl.zeros([BV], out.dtype.element_ty), mask=has_e)
            return
    else:
        slot = b
    at = (slot * H + h) * D * E + d[:, None] * E + e[None, :]
    memory = tl.load(state + at, mask=inside, other=0.0)  # [BD, BV]
    kind: tl.constexpr = out.dtype.element_ty
    key = _load(k, b * k_sb + h * k_sh + d, k_ss, has_d, SPLIT, SILU, kind)
    value = _load(v, b * v_sb + h * v_sh + e, v_ss, has_e, SPLIT, SILU, kind)
    query = _load(q, b * q_sb + h * q_sh + d, q_ss, has_d, SPLIT, SILU, kind)
    keep = tl.exp2(tl.load(decay + h).to(tl.float32) * -1.4426950408889634)
    memory = memory * keep + key[:, None] * value[None, :]
    tl.store(after + at, memory, mask=inside)
    tl.store(to, tl.sum(memory * query[:, None], axis=0).to(out.dtype.element_ty), mask=has_e)
