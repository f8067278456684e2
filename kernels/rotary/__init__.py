"""Partial rotary position embedding."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def apply_rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the first R channels of every head, pass the others through.

    x [B, T, H, D]   cos, sin [T, R/2] fp32 with R <= D. Channel j pairs with channel j + R/2 (half-split
    convention inside the R). Computed in fp32, returned in x's dtype.
    """
    if cos.shape != sin.shape or cos.shape[0] != x.shape[1] or 2 * cos.shape[1] > x.shape[-1]:
        raise ValueError(f"cos {tuple(cos.shape)}, sin {tuple(sin.shape)} do not fit x {tuple(x.shape)}")
    return resolve("rotary")(x, cos, sin)
