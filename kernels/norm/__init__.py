"""Root-mean-square normalisation."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x [..., C] / sqrt(mean(x^2) + eps) in fp32, cast back to x's dtype, then times weight [C] in that dtype."""
    if weight.shape != x.shape[-1:]:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; the last axis of x has {x.shape[-1]}")
    return resolve("rms_norm")(x, weight, eps)
