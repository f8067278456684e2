"""Quantised linear map in plain PyTorch: the matrix in x's dtype for the length of one product."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise, integers


def forward(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor:
    """Shapes as in `linear_quantised`. Also what the GPU uses for many rows, where the product costs more."""
    dtype = dtype or x.dtype
    if weight.bits == 8:
        # Integers up to 127 are exact in bf16: scaling the outputs loses less than rounding scaled weights.
        # fp16 ends at 65504, which the sums of integers pass before they are scaled, so there they are fp32.
        sums = torch.float32 if dtype == torch.float16 else dtype
        return (_product(x, integers(weight), sums).float() * weight.scale).to(dtype)
    return _product(x, dequantise(weight), dtype)


def _product(x: Tensor, matrix: Tensor, dtype: torch.dtype) -> Tensor:
    if x.is_cuda and x.dtype != dtype:
        return torch.mm(x, matrix.to(x.dtype).t(), out_dtype=dtype)
    return F.linear(x.to(dtype), matrix.to(dtype))
