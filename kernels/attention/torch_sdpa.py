"""PyTorch's fused attention as a backend; also the one used for training."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None) -> Tensor:
    """Shapes as in `softmax_attention`."""
    B, T, H, D = q.shape
    S, G = k.shape[1], k.shape[2]
    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # [B, H or G, T or S, D]
    if pad is None and T == 1:
        # The heads of a group become query rows: no key is copied, and one row needs no mask. Not a view of the
        # result: some of PyTorch's CUDA kernels return heads and rows interleaved in memory.
        return F.scaled_dot_product_attention(q.reshape(B, G, H // G, D), k, v).reshape(B, 1, H, D)
    if pad is None and T == S:
        return F.scaled_dot_product_attention(q, *_every_head(k, v, H), is_causal=True).transpose(1, 2)
    if pad is None and q.device.type == "cpu" and not torch.is_grad_enabled():
        return _two_parts(q, k, v).transpose(1, 2)
    key = torch.arange(S, device=q.device)
    query = key[S - T :, None]  # [T, 1]
    seen = (key <= query)[None, None]  # [1, 1, T, S]
    if pad is not None:
        # A padded query sees itself, so that its row of the softmax is not empty.
        seen = seen & ((key >= pad[:, None, None, None]) | (key == query))
    return F.scaled_dot_product_attention(q, *_every_head(k, v, H), attn_mask=seen).transpose(1, 2)


def _two_parts(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """q [B, H, T, D] after an earlier chunk: keys before it, all visible, then its own; merged by their logsumexp.

    On a CPU this is the way to a later chunk without a mask of T x S, which costs as much as the attention.
    """
    B, H, T, D = q.shape
    G, past = k.shape[1], k.shape[2] - T
    attend = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    grouped = q.reshape(B, G, -1, D)  # the heads of a group become query rows: no key is copied
    before, lse_before = attend(grouped, k[:, :, :past], v[:, :, :past])
    own, lse_own = attend(q, *_every_head(k[:, :, past:], v[:, :, past:], H), is_causal=True)
    share = torch.sigmoid(lse_before.reshape(B, H, T) - lse_own)  # the earlier keys' part of the softmax
    return torch.lerp(own, before.reshape(B, H, T, D), share[..., None].to(own.dtype))


def _every_head(k: Tensor, v: Tensor, H: int) -> tuple[Tensor, Tensor]:
    """[B, G, S, D] each -> [B, H, S, D]: a copy for every query head of the group."""
    group = H // k.shape[1]
    return (k, v) if group == 1 else (k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1))
