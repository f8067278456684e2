"""PyTorch's fused attention as a backend; also the one used for training."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from minimax_vl.kernels.tensors import rows_dense

LONG = 8192  # tokens; cuDNN plans anew for every shape, which only a long prompt repays


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    """Shapes as in `softmax_attention`. With `length` all S keys are read, and the late ones masked."""
    B, T, H, D = q.shape
    S, G = k.shape[1], k.shape[2]
    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # [B, H or G, T or S, D]
    if length is not None:
        return _masked(q, k, v, pad, length - T).transpose(1, 2)
    if T == 1:
        # The heads of a group become query rows: no key is copied, and one row masks nothing but padding. Not a view
        # of the result: some of PyTorch's CUDA kernels return heads and rows interleaved in memory.
        seen = None if pad is None else (torch.arange(S, device=q.device) >= pad[:, None])[:, None, None]
        return F.scaled_dot_product_attention(q.reshape(B, G, H // G, D), k, v, seen).reshape(B, 1, H, D)
    if pad is None and T == S:
        if q.is_cuda and q.dtype != torch.float32 and not _wants_gradient(q, k, v):
            return _fused(q, k, v).transpose(1, 2)
        return F.scaled_dot_product_attention(q, *_every_head(k, v, H), is_causal=True).transpose(1, 2)
    if pad is None and q.device.type == "cpu" and not torch.is_grad_enabled():
        # Called by its own name, PyTorch's kernel takes it on trust that channels lie side by side.
        return _two_parts(rows_dense(q), rows_dense(k), rows_dense(v)).transpose(1, 2)
    return _masked(q, k, v, pad, S - T).transpose(1, 2)


def _wants_gradient(*tensors: Tensor) -> bool:
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


def _masked(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, start: int | Tensor) -> Tensor:
    """q [B, H, T, D] at positions from `start` on, against all keys, by a mask of T x S."""
    key = torch.arange(k.shape[2], device=q.device)
    query = start + torch.arange(q.shape[2], device=q.device)[:, None]  # [T, 1]
    seen = (key <= query)[None, None]  # [1, 1, T, S]
    if pad is not None:
        # A padded query sees itself, so that its row of the softmax is not empty.
        seen = seen & ((key >= pad[:, None, None, None]) | (key == query))
    return F.scaled_dot_product_attention(q, *_every_head(k, v, q.shape[1]), attn_mask=seen)


def _fused(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """A whole prompt on a GPU: by cuDNN, half as fast again as the others, once it is long."""
    fast = [SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION]
    order = fast if q.shape[2] >= LONG else fast[::-1]
    with sdpa_kernel([*order, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH], set_priority=True):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=q.shape[1] != k.shape[1])


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
