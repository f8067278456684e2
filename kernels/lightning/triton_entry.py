"""Lightning attention in Triton: the launches behind the ops, and their gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from minimax_vl.kernels.lightning.triton_launch import cut, run_back, run_walk, states_of
from minimax_vl.kernels.lightning.triton_step import step_states
from minimax_vl.kernels.tensors import rows_dense, wants_gradient
from minimax_vl.kernels.unsummed import Unsummed, whole

WIDEST = 128  # key and value widths up to which a state's columns fit in registers


def forward(
    q: Tensor | Unsummed,
    k: Tensor | Unsummed,
    v: Tensor | Unsummed,
    decay: Tensor,
    state: Tensor,
    silu: bool = False,
    inplace: bool = False,
) -> tuple[Tensor, Tensor]:
    """Shapes as in `lightning_attention`; D and E up to 128. Differentiable in q, k, v and state unless in place."""
    assert not inplace or state.is_contiguous(), "a copy would be changed in its place"
    decay = decay.contiguous()
    if isinstance(q, Unsummed) and isinstance(k, Unsummed) and isinstance(v, Unsummed):
        state = state.contiguous()
        after = state if inplace else torch.empty_like(state)
        parts = (x.parts[:, :, 0, :, 0] for x in (q, k, v))  # [S, B, H, D]
        return step_states(*parts, decay, state, after, None, silu, v.dtype)[:, None], after
    q, k, v = whole(q), whole(k), whole(v)
    q, k, v, state = _ready(q, k, v, state)
    if _differentiable(q, k, v, state):
        assert not inplace, (
            "the state in place is for inference: its old value would be missing in the backward pass"
        )
        return _attend(q, k, v, decay, state, None, silu)
    after = state if inplace else torch.empty_like(state)
    if q.shape[1] == 1:
        rows = (x[None, :, 0] for x in (q, k, v))
        return step_states(*rows, decay, state, after, None, silu, v.dtype)[:, None], after
    out, _ = _forward(q, k, v, decay, state, after, None, silu)
    return out, after


def varlen(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, cu_seqlens: Tensor, states: Tensor, silu: bool = False
) -> tuple[Tensor, Tensor]:
    """Shapes as in `lightning_attention_varlen`; differentiable, and no length is read by the host."""
    q, k, v, states = _ready(q[None], k[None], v[None], states)
    decay, cu_seqlens = decay.contiguous(), cu_seqlens.contiguous()
    if _differentiable(q, k, v, states):
        out, after = _attend(q, k, v, decay, states, cu_seqlens, silu)
        return out[0], after
    after = torch.empty_like(states)
    out, _ = _forward(q, k, v, decay, states, after, cu_seqlens, silu)
    return out[0], after


def step(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, states: Tensor, slots: Tensor, silu: bool = False
) -> Tensor:
    """Shapes as in `lightning_step`."""
    assert states.is_contiguous(), "the pool is changed in place, so it must be the memory itself"
    q, k, v, _ = _ready(q, k, v, states)
    decay, slots = decay.contiguous(), slots.contiguous()
    return step_states(q[None], k[None], v[None], decay, states, states, slots, silu, v.dtype)


def _forward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    state: Tensor,
    after: Tensor,
    bounds: Tensor | None,
    silu: bool,
) -> tuple[Tensor, Tensor]:
    """Returns out and the states between segments, which are `state` itself where each sequence is one."""
    segments = cut(q, v, state, bounds)
    if after is state and not segments.one_each:
        state = state.clone()  # the last segment may end before the first has read the state
    flags = (silu, silu, silu)
    before = states_of(k, v, decay, state, segments, flags[1:], reverse=False)
    kernel = "silu" if silu else "forward"
    out = run_walk(kernel, q, k, v, decay, state, before, segments, flags, after=after)
    return out, before


def _backward(
    dout: Tensor,
    dafter: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    state: Tensor,
    before: Tensor,
    bounds: Tensor | None,
    silu: bool,
) -> tuple[Tensor, Tensor]:
    """dq, dk and dv side by side, [B, T, H, 2D + E], and the gradient of the state.

    Where q, k and v are views into one projection this is its gradient, and no pass joins its parts.
    """
    segments = cut(q, v, state, bounds)
    assert segments.one_each or before.shape[0] == segments.slots, (
        "the configuration changed between forward and backward"
    )
    dout, dafter = rows_dense(dout), dafter.contiguous()
    joint = q.new_empty(_joint(q, v))
    dq, dk, dv = _apart(joint, q, v)
    run_walk(
        "backward",
        dout,
        v,
        k,
        decay,
        state,
        state if segments.one_each else before,
        segments,
        (False, silu, silu),
        out=dq,
        transposed=True,
        raw=q if silu else None,
    )
    # Gradients of the state behind each segment, from the last to the first.
    behind = states_of(q, dout, decay, dafter, segments, (silu, False), reverse=True)
    return joint, run_back(q, k, v, dout, decay, dafter, behind, segments, silu, dk, dv)


def _joint(q: Tensor, v: Tensor) -> tuple[int, ...]:
    return (*q.shape[:-1], 2 * q.shape[-1] + v.shape[-1])


def _apart(joint: Tensor, q: Tensor, v: Tensor) -> tuple[Tensor, ...]:
    return joint.split((q.shape[-1], q.shape[-1], v.shape[-1]), dim=joint.ndim - 1)


def _differentiable(*tensors: Tensor) -> bool:
    return torch.compiler.is_compiling() or wants_gradient(*tensors)


def _attend(*args: Any) -> tuple[Tensor, Tensor]:
    """`_forward` for autograd and compilers. Outside of them a custom op costs more than the launches that it hides."""
    out, after, _ = _lightning(*args) if torch.compiler.is_compiling() else _Lightning.apply(*args)  # pyright: ignore
    return out, after


@torch.library.custom_op("minimax_vl::lightning_attention", mutates_args=())
def _lightning(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    state: Tensor,
    bounds: Tensor | None,
    silu: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    after = torch.empty_like(state)
    out, before = _forward(q, k, v, decay, state, after, bounds, silu)
    # An op may not return what it was given.
    return out, after, before.new_empty(0) if before is state else before


@_lightning.register_fake
def _(q: Tensor, k: Any, v: Tensor, decay: Any, state: Tensor, bounds: Tensor | None, silu: bool) -> Any:
    segments = cut(q, v, state, bounds)
    before = state.new_empty(0 if segments.one_each else (segments.slots, *state.shape[1:]))
    return v.new_empty(v.shape), torch.empty_like(state), before


_lightning_backward = torch.library.custom_op(
    "minimax_vl::lightning_attention_backward", _backward, mutates_args=()
)


@_lightning_backward.register_fake
def _(dout: Any, dafter: Any, q: Tensor, k: Any, v: Tensor, decay: Any, state: Tensor, *rest: Any) -> Any:
    return q.new_empty(_joint(q, v)), torch.empty_like(state)


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    q, k, v, decay, state, bounds, ctx.silu = inputs
    ctx.save_for_backward(q, k, v, decay, state, output[2], *([] if bounds is None else [bounds]))


def _gradients(
    ctx: Any, dout: Tensor | None, dafter: Tensor | None, _: Any, run: Callable[..., Any]
) -> tuple[Any, ...]:
    q, k, v, decay, state, before, *bounds = ctx.saved_tensors
    dout = torch.zeros_like(v) if dout is None else dout
    dafter = torch.zeros_like(state) if dafter is None else dafter
    saved = (q, k, v, decay, state, before, bounds[0] if bounds else None)
    joint, dstate = run(dout, dafter, *saved, ctx.silu)
    return *_apart(joint, q, v), None, dstate, None, None


_lightning.register_autograd(partial(_gradients, run=_lightning_backward), setup_context=_keep)


class _Lightning(torch.autograd.Function):
    """The same op for eager autograd."""

    @staticmethod
    def forward(*args: Any) -> tuple[Tensor, Tensor, Tensor]:
        q, state = args[0], args[4]
        after = torch.empty_like(state)
        out, before = _forward(*args[:5], after, *args[5:])
        return out, after, q.new_empty(0) if before is state else before

    setup_context = staticmethod(_keep)
    backward = staticmethod(partial(_gradients, run=_backward))


def _ready(q: Tensor, k: Tensor, v: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One dtype, and rows without gaps between their columns; other strides stay."""
    if max(q.shape[-1], v.shape[-1]) > WIDEST:
        raise ValueError(
            f"widths {q.shape[-1]} and {v.shape[-1]}: this backend takes up to {WIDEST}; use 'torch'"
        )
    q, k = q.to(v.dtype), k.to(v.dtype)
    return rows_dense(q), rows_dense(k), rows_dense(v), state.contiguous()
