"""The definition of a norm shared by processes, fp32 inside."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.unsummed import Unsummed, whole


def part(product: Tensor | Unsummed, x: Tensor, eps: float) -> Tensor:
    """Shapes as in `part_of_norm`."""
    square = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32).square() / x.shape[-1]
    undone = whole(product.float()) * (square + eps).sqrt()
    return torch.cat((undone.flatten(), square.flatten()))


def together(total: Tensor, parts: int, eps: float, like: Tensor | Unsummed) -> Tensor:
    """Shapes as in `norm_of_parts`."""
    count = like.shape.numel()
    products, squares = total[:count].view(like.shape), total[count:]
    return (products * (squares.view(*like.shape[:-1], 1) / parts + eps).rsqrt()).to(like.dtype)
