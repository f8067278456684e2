"""Quantised linear map for CPUs: the integers themselves are multiplied, by bf16 activations with fp32 sums."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.cpu import FEW, multiplies_bf16
from minimax_vl.kernels.quantised import torch_linear
from minimax_vl.kernels.quantised.pack import QuantisedWeight


def forward(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor:
    """Shapes as in `linear_quantised`. x, sums and a scaled matrix are rounded to bf16, also where x is fp32.

    Not so where a dtype is asked for, nor with four bits.
    """
    if weight.bits != 8 or dtype is not None:
        return torch_linear.forward(x, weight, dtype)
    if x.shape[0] > FEW and not multiplies_bf16():
        return F.linear(x.float(), weight.data.float()).mul_(weight.scale).to(x.dtype)
    return product(x.bfloat16(), weight.data, weight.scale).to(x.dtype)


def product(x: Tensor, integers: Tensor, scale: Tensor) -> Tensor:
    """bf16 [N, K] times int8 [R, K], transposed, times fp32 scale [R]: [N, R], bf16 of many rows and fp32 of few.

    The scale goes where there are fewer numbers to multiply, onto sums or matrix.
    """
    if x.shape[0] > x.shape[1]:
        return F.linear(x, integers.float().mul_(scale[:, None]).bfloat16())
    made = sums(x, integers)
    # Of many rows in two passes: PyTorch has no vectors for a product of two types.
    return made.float().mul_(scale) if x.shape[0] > FEW else made * scale


def sums(x: Tensor, integers: Tensor) -> Tensor:
    """bf16 [N, K] times int8 [R, K], transposed: bf16 [N, R]. Every integer is a bf16 number."""
    if x.shape[0] <= FEW and _aligned(x, integers):
        return torch._weight_int8pack_mm(x, integers, _ones(integers.shape[0]))
    return F.linear(x, integers.bfloat16())


def _aligned(x: Tensor, integers: Tensor) -> bool:
    """Whether PyTorch's kernel may read them: whole vectors of 16, unchecked, that must not straddle an address."""
    whole = x.shape[1] % 16 == 0 and x.is_contiguous() and integers.is_contiguous()
    return whole and x.data_ptr() % 32 == 0 and integers.data_ptr() % 32 == 0


@lru_cache
def _ones(rows: int) -> Tensor:
    """The scale that the product asks for; ours are fp32 and come after it. Made once, so treat it as read-only."""
    with torch.inference_mode(False):
        return torch.ones(rows, dtype=torch.bfloat16)
