"""Softmax attention on a GPU: decode and later chunks by our kernels, a whole prompt by PyTorch's fused ones."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.attention import torch_sdpa
from minimax_vl.kernels.attention.triton_decode import decode
from minimax_vl.kernels.attention.triton_prefill import prefill
from minimax_vl.kernels.tensors import rows_dense, wants_gradient


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None, length: Tensor | None = None) -> Tensor:
    """Shapes as in `softmax_attention`."""
    whole = pad is None and length is None and q.shape[1] == k.shape[1] and q.shape[1] > 1
    if (whole and q.is_cuda) or _left_to_torch(q, k, v):
        return torch_sdpa.forward(q, k, v, pad, length)
    q, k, v = rows_dense(q), rows_dense(k), rows_dense(v)
    pad = None if pad is None else pad.contiguous()
    return (decode if q.shape[1] == 1 else prefill)(q, k, v, pad, length)


def _left_to_torch(*tensors: Tensor) -> bool:
    """Gradients, compiled layers, and heads that are no tile of a tensor core."""
    D = tensors[0].shape[-1]
    return torch.compiler.is_compiling() or not 16 <= D <= 256 or D & (D - 1) != 0 or wants_gradient(*tensors)
