"""Lightning attention: linear attention with one fixed decay rate per head."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.backends import resolve


def lightning_attention(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Mix T new tokens into a running state and read them back out.

    q, k [B, T, H, D]   v [B, T, H, E]   decay [H] fp32, positive, per token   state [B, H, D, E] fp32, None for zeros.
    Returns (out [B, T, H, E] in v's dtype, state fp32 after the last token), where
    out_t = sum over j <= t of exp(-decay * (t - j)) * (q_t . k_j) * v_j. There is no scale and no feature map:
    the layer applies SiLU before. Prefill, a later chunk and one decode step are the same call: pass the
    returned state to the next. The given state is not changed.

    Source: MiniMax-Text-01's reference model (arXiv 2501.08313, section 2.2).
    """
    B, T, H, D = q.shape
    if decay.shape != (H,):
        raise ValueError(f"decay has shape {tuple(decay.shape)}; q has {H} heads, so it must be ({H},)")
    if k.shape != q.shape or v.shape[:3] != q.shape[:3]:
        raise ValueError(
            f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)} disagree in B, T, H or D"
        )
    if T == 0:
        raise ValueError("lightning_attention needs at least one token")
    if state is None:
        state = torch.zeros(B, H, D, v.shape[-1], dtype=torch.float32, device=q.device)
    elif state.shape != (B, H, D, v.shape[-1]) or state.dtype != torch.float32:
        raise ValueError(
            f"state is {state.dtype} {tuple(state.shape)}; it must be fp32 {(B, H, D, v.shape[-1])}"
            " (a bf16 state drifts by over 10 % within 2,000 tokens in slow heads)"
        )
    return resolve("lightning_attention")(q, k, v, decay, state)
