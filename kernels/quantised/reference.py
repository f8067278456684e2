"""The definition of the quantised linear map: what the integers stand for, then a product in fp32."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise


def forward(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor:
    """Shapes as in `linear_quantised`."""
    return (x.float() @ dequantise(weight).mT).to(dtype or x.dtype)
