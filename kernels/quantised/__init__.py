"""Linear maps with weights of 8 or 4 bits; activations stay as they are."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.backends import resolve
from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise, quantise

__all__ = ["QuantisedWeight", "dequantise", "linear_quantised", "quantise"]


def linear_quantised(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor:
    """x [N, K] times a quantised matrix [R, K], transposed: [N, R] in x's dtype. Not differentiable.

    Made for few rows, where time is the weights' bytes: int8 takes half of bf16's, int4 a quarter. dtype: another one
    for the result, whose sums are then not rounded to x's on the way.
    """
    if x.ndim != 2 or len(weight.shape) != 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"x {tuple(x.shape)} and weight {weight.shape} do not fit: expected [N, K] and [R, K]"
        )
    return resolve("linear_quantised", x.device.type)(x, weight, dtype)
