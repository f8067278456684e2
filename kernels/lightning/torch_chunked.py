"""Lightning attention in plain PyTorch, a chunk at a time: the CPU backend, and differentiable."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.cpu import multiplies_bf16
from minimax_vl.kernels.lightning.pieces import one_by_one, one_token
from minimax_vl.kernels.unsummed import Unsummed, whole

CHUNK = 64  # the intra-chunk work grows with it, the number of state updates shrinks with it


def forward(
    q: Tensor | Unsummed,
    k: Tensor | Unsummed,
    v: Tensor | Unsummed,
    decay: Tensor,
    state: Tensor,
    silu: bool = False,
    inplace: bool = False,
) -> tuple[Tensor, Tensor]:
    """Shapes as in `lightning_attention`. Every exponent is at most 0, so nothing can overflow."""
    q, k, v = whole(q), whole(k), whole(v)
    if q.shape[1] == 1:
        q, k, v = (F.silu(x) for x in (q, k, v)) if silu else (q, k, v)
        out, after = _step(q, k, v, decay, state)
    else:
        out, after = _chunked(q, k, v, decay, state, silu)
    return out, state.copy_(after) if inplace else after


varlen = one_by_one(forward)
step = one_token(forward)


def _chunked(
    q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor, silu: bool
) -> tuple[Tensor, Tensor]:
    B, T, H, D = q.shape
    E, C = v.shape[-1], min(CHUNK, T)
    N = -(-T // C)  # chunks; the last may be short
    # One dtype: v's, which is also that of the result, and bf16 only where it is multiplied faster.
    slow = q.device.type == "cpu" and not (v.dtype == torch.bfloat16 and multiplies_bf16())
    kind = torch.float32 if slow else v.dtype
    qc, kc, vc = (_chunks(x.to(kind), N, C) for x in (q, k, v))  # [B, H, N, C, D or E]
    if silu:  # of the copies: the views of a projection that they are made from take three times as long
        qc, kc, vc = F.silu(qc), F.silu(kc), F.silu(vc)

    place = torch.arange(C, device=q.device)
    gap = place[:, None] - place[None, :]  # [C, C], query minus key
    rate = decay.float()[:, None, None]  # [H, 1, 1]
    within = torch.exp(-rate * gap.clamp_min(0)) * (gap >= 0)  # [H, C, C], the diagonal is 1
    length = torch.full((N,), C, device=q.device)
    length[-1] = T - (N - 1) * C
    until_end = (length[:, None] - 1 - place).clamp_min(0)  # [N, C]; keys past the end are zero anyway
    key_decay = torch.exp(-rate * until_end)[..., None]  # [H, N, C, 1], the last key is undecayed
    query_decay = torch.exp(-rate * (place + 1)[:, None])  # [H, C, 1], the first query decays once

    # What goes into the state is rounded once. (A product of bf16 and fp32 itself is several times slower.)
    faded = (kc.float() * key_decay).to(kc.dtype)
    added = (faded.transpose(-1, -2) @ vc).float()  # [B, H, N, D, E]
    keep = torch.exp(-rate * length)[..., None]  # [H, 1, N, 1]
    history = torch.empty_like(added)  # the state before each chunk
    for n in range(N):
        history[:, :, n] = state
        state = torch.addcmul(added[:, :, n], state, keep[:, :, n])  # [B, H, D, E]
    scores = (qc @ kc.transpose(-1, -2)).mul_(within[:, None].to(qc.dtype))  # [B, H, N, C, C]
    earlier = (qc * query_decay[:, None].to(qc.dtype)) @ history.to(vc.dtype)  # [B, H, N, C, E]
    out = torch.baddbmm(earlier.flatten(0, 2), scores.flatten(0, 2), vc.flatten(0, 2)).view(B, H, N, C, E)
    return out.permute(0, 2, 3, 1, 4).reshape(B, N * C, H, E)[:, :T].to(v.dtype), state


def _step(q: Tensor, k: Tensor, v: Tensor, decay: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    B, _, H, D = q.shape
    faded = state * torch.exp(-decay)[:, None, None]  # [B, H, D, E]
    # k^T v as a product of matrices: broadcasting a column against a row is ten times slower on a CPU.
    column, row = k.float().reshape(B * H, D, 1), v.float().reshape(B * H, 1, -1)
    state = torch.baddbmm(faded.flatten(0, 1), column, row)  # [B*H, D, E]
    out = torch.bmm(q.float().reshape(B * H, 1, D), state)  # [B*H, 1, E]
    return out.view(B, 1, H, -1).to(v.dtype), state.view_as(faded)


def _chunks(x: Tensor, N: int, C: int) -> Tensor:
    """[B, T, H, D] -> [B, H, N, C, D], zeros after the end."""
    B, T, H, D = x.shape
    if T < N * C:
        x = F.pad(x, (0, 0, 0, 0, 0, N * C - T))
    # One copy here, or every product below would make its own.
    return x.view(B, N, C, H, D).permute(0, 3, 1, 2, 4).contiguous()
