"""Lightning attention: linear attention with one fixed decay rate per head."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.backends import resolve
from minimax_vl.kernels.unsummed import Unsummed


def lightning_attention(
    q: Tensor | Unsummed,
    k: Tensor | Unsummed,
    v: Tensor | Unsummed,
    decay: Tensor,
    state: Tensor | None = None,
    *,
    silu: bool = False,
    inplace: bool = False,
) -> tuple[Tensor, Tensor]:
    """Mix T new tokens, at least one, into a running state and read them back out.

    q, k [B, T, H, D]   v [B, T, H, E]   decay [H] fp32, positive, per token   state [B, H, D, E] fp32, None for zeros.
    Returns (out [B, T, H, E] in v's dtype, state fp32 after the last token), where
    out_t = sum over j <= t of exp(-decay * (t - j)) * (q_t . k_j) * v_j. There is no scale; `silu` sends q, k and v
    through SiLU first, without a pass over memory of its own on a GPU. Prefill, a later chunk and one decode step are
    the same call: pass the returned state to the next. The given state is not changed, unless `inplace` asks for the
    new one in its memory, which leaves no gradient. q, k and v may be views into one projection; of a single token all
    three may be `Unsummed`.

    Source: MiniMax-Text-01's reference model (arXiv 2501.08313, section 2.2).
    """
    B, T, H, D = q.shape
    _check(q, k, v, decay)
    if B * T == 0:
        raise ValueError(f"q of shape {tuple(q.shape)}: there must be at least one token")
    assert T == 1 or not isinstance(q, Unsummed)
    state = _state(state, (B, H, D, v.shape[-1]), decay.device)
    return resolve("lightning_attention", decay.device.type)(q, k, v, decay, state, silu, inplace)


def lightning_attention_varlen(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    cu_seqlens: Tensor,
    states: Tensor | None = None,
    *,
    silu: bool = False,
) -> tuple[Tensor, Tensor]:
    """`lightning_attention` over N sequences that lie one behind the other, each with a state of its own.

    q, k [T, H, D]   v [T, H, E]   decay [H]   cu_seqlens [N + 1] int32 or int64 on q's device: 0, the ends of the
    sequences in tokens, T last; empty sequences are allowed   states [N, H, D, E] fp32, None for zeros.
    Returns (out [T, H, E], states after each sequence's last token). On a GPU the host never reads cu_seqlens.
    """
    T, H, D = q.shape
    _check(q, k, v, decay)
    if T == 0 or cu_seqlens.ndim != 1 or cu_seqlens.numel() < 2:
        raise ValueError(
            f"cu_seqlens of shape {tuple(cu_seqlens.shape)} for {T} tokens: it needs [N + 1] ends, and there"
            " must be a token"
        )
    states = _state(states, (cu_seqlens.numel() - 1, H, D, v.shape[-1]), q.device)
    return resolve("lightning_attention_varlen", q.device.type)(q, k, v, decay, cu_seqlens, states, silu)


def lightning_step(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, states: Tensor, slots: Tensor, *, silu: bool = False
) -> Tensor:
    """One token for each of B sequences whose states live in a pool of N, updated there; for inference.

    q, k [B, H, D]   v [B, H, E]   decay [H]   states [N, H, D, E] fp32, changed in place   slots [B] int32 or int64,
    distinct: which state is whose. A negative slot is a row that only fills the batch up: its output is zero.
    Returns out [B, H, E] in v's dtype. Can be captured in a CUDA graph.
    """
    _check(q, k, v, decay)
    if slots.shape != q.shape[:1] or not len(slots):
        raise ValueError(
            f"slots has shape {tuple(slots.shape)}; {q.shape[0]} sequences need as many, and one at least"
        )
    states = _state(states, (states.shape[0], *q.shape[1:], v.shape[-1]), q.device)
    return resolve("lightning_step", q.device.type)(q, k, v, decay, states, slots, silu)


def _check(q: Tensor | Unsummed, k: Tensor | Unsummed, v: Tensor | Unsummed, decay: Tensor) -> None:
    heads = q.shape[-2]
    if decay.shape != (heads,):
        raise ValueError(
            f"decay has shape {tuple(decay.shape)}; q has {heads} heads, so it must be ({heads},)"
        )
    if k.shape != q.shape or v.shape[:-1] != q.shape[:-1]:
        raise ValueError(
            f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)} disagree in B, T, H or D"
        )


def _state(state: Tensor | None, shape: tuple[int, ...], device: torch.device) -> Tensor:
    if state is None:
        return torch.zeros(shape, dtype=torch.float32, device=device)
    if state.shape != shape or state.dtype != torch.float32:
        raise ValueError(
            f"state is {state.dtype} {tuple(state.shape)}; it must be fp32 {shape}"
            " (a bf16 state drifts by over 10 % within 2,000 tokens in slow heads)"
        )
    return state
