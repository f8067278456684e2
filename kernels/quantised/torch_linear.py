"""Quantised linear map in plain PyTorch: the matrix in x's dtype for the length of one product."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise, integers


def forward(x: Tensor, weight: QuantisedWeight) -> Tensor:
    """Shapes as in `linear_quantised`. Also what the GPU uses for many rows, where the product costs more."""
    if weight.bits == 8:
        # Integers up to 127 are exact in bf16: scaling the outputs loses less than rounding scaled weights.
        return (F.linear(x, integers(weight).to(x.dtype)).float() * weight.scale).to(x.dtype)
    return F.linear(x, dequantise(weight).to(x.dtype))
