"""The definition of a norm shared by processes, fp32 inside."""

from __future__ import annotations

import torch
from torch import Tensor


def part(product: Tensor, x: Tensor, eps: float) -> Tensor:
    """Shapes as in `part_of_norm`."""
    square = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32).square() / x.shape[-1]
    return torch.cat(((product.float() * (square + eps).sqrt()).flatten(), square.flatten()))


def whole(total: Tensor, parts: int, eps: float, like: Tensor) -> Tensor:
    """Shapes as in `norm_of_parts`."""
    products, squares = total[: like.numel()].view(like.shape), total[like.numel() :]
    return (products * (squares.view(*like.shape[:-1], 1) / parts + eps).rsqrt()).to(like.dtype)
