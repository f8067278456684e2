"""Linear maps with weights of 8 or 4 bits; activations stay as they are."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.kernels.backends import backend_of, resolve
from minimax_vl.kernels.cpu import FEW, multiplies_bf16
from minimax_vl.kernels.quantised.pack import QuantisedWeight, dequantise, quantise
from minimax_vl.kernels.unsummed import Unsummed, whole

__all__ = [
    "QuantisedWeight",
    "dequantise",
    "linear_operand",
    "linear_quantised",
    "linear_rounds",
    "linear_unsummed",
    "quantise",
]


def linear_quantised(x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None) -> Tensor:
    """x [N, K] times a quantised matrix [R, K], transposed: [N, R] in x's dtype. Not differentiable.

    Made for few rows, where time is the weights' bytes: int8 takes half of bf16's, int4 a quarter. dtype: another one
    for the result, whose sums are then not rounded to x's on the way.
    """
    return whole(linear_unsummed(x, weight, dtype))


def linear_unsummed(
    x: Tensor, weight: QuantisedWeight, dtype: torch.dtype | None = None
) -> Tensor | Unsummed:
    """`linear_quantised`, whose parts a backend that splits the depth may leave to be summed where they are read."""
    if x.ndim != 2 or len(weight.shape) != 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"x {tuple(x.shape)} and weight {weight.shape} do not fit: expected [N, K] and [R, K]"
        )
    return resolve("linear_quantised", x.device.type)(x, weight, dtype)


def linear_operand(x: Tensor, weight: QuantisedWeight) -> Tensor:
    """x [..., K] in the dtype that `linear_quantised` multiplies it in: worth a call before several with the same x.

    Then they give that dtype too. Only on a CPU, with int8 and many rows is it another than x's.
    """
    few = x.numel() <= FEW * x.shape[-1]
    return x.bfloat16() if not few and x.device.type == "cpu" and linear_rounds(weight) else x


def linear_rounds(weight: QuantisedWeight) -> bool:
    """Whether `linear_quantised` rounds many fp32 rows to bf16, so that what makes them may do so as well."""
    if weight.bits != 8 or weight.data.device.type != "cpu":
        return False
    return backend_of("linear_quantised", "cpu") == "bf16" and multiplies_bf16()
