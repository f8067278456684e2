"""The exact GELU behind a linear map's bias: for training, where the bias's gradient then needs no pass of its own."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def biased_gelu(x: Tensor, bias: Tensor) -> Tensor:
    """y (1 + erf(y / sqrt 2)) / 2 of y = x + bias, in fp32, cast back to x's dtype. x [..., C]   bias [C]

    Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), without the approximation by tanh.
    """
    if bias.shape != x.shape[-1:]:
        raise ValueError(f"bias has shape {tuple(bias.shape)}; the last axis of x has {x.shape[-1]}")
    return resolve("biased_gelu", x.device.type)(x, bias)
