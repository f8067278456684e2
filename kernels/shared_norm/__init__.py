"""A norm over rows whose channels lie in several processes, behind the product that reads the normed rows.

A norm's divisor is one number for a row, so it may as well be applied to what the product makes of the row. Every
process norms its channels by their own mean square; what is added up then carries the mean squares along.
"""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve
from minimax_vl.kernels.unsummed import Unsummed


def part_of_norm(product: Tensor | Unsummed, x: Tensor, eps: float) -> Tensor:
    """What a process has to add: fp32 [N * C + N], the products without their norm, then the mean squares.

    product [..., C]: what this process's columns of a matrix make of x / sqrt(mean(x^2) + eps); it may be left unsummed
    x [..., W]: this process's channels of the N rows, before that norm
    """
    if product.shape[:-1] != x.shape[:-1]:
        raise ValueError(f"x {tuple(x.shape)} has other rows than the product {tuple(product.shape)}")
    assert not isinstance(product, Unsummed) or product.of_one_matrix
    return resolve("part_of_norm", x.device.type)(product, x, eps)


def norm_of_parts(total: Tensor, parts: int, eps: float, like: Tensor | Unsummed) -> Tensor:
    """The whole product of the normed rows, in shape [..., C] and dtype of `like`.

    total fp32 [N * C + N]: the sum of `parts` results of `part_of_norm`, from x of one width
    """
    if total.shape != (like.shape.numel() + like.shape[:-1].numel(),):
        raise ValueError(
            f"total {tuple(total.shape)} does not fit {tuple(like.shape)}: expected N * C + N numbers"
        )
    return resolve("norm_of_parts", total.device.type)(total, parts, eps, like)
