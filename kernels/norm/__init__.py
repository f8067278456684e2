"""Root-mean-square normalisation, alone and fused with what stands before or after it in a layer."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve
from minimax_vl.kernels.unsummed import Unsummed


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x [..., C] / sqrt(mean(x^2) + eps) in fp32, cast back to x's dtype, then times weight [C] in that dtype."""
    _check(x, weight)
    return resolve("rms_norm", x.device.type)(x, weight, eps)


def residual_norm(
    x: Tensor | Unsummed,
    residual: Tensor,
    weight: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    keep: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Close one half of a layer and open the next: total = alpha * residual + beta * x, normed by `rms_norm`.

    x, residual [..., C]. Returns (normed, total if `keep` else None), [..., C] in the residual's dtype. A backend may
    norm the total before it is rounded, and add up an `Unsummed` x while it reads it, without rounding that.
    """
    _check(residual, weight)
    if x.shape != residual.shape:
        raise ValueError(f"x {tuple(x.shape)} does not fit the residual {tuple(residual.shape)}")
    return resolve("residual_norm", residual.device.type)(x, residual, weight, alpha, beta, eps, keep)


def gated_norm(x: Tensor, gate: Tensor | Unsummed, weight: Tensor, eps: float) -> Tensor:
    """rms_norm(x, weight, eps) * sigmoid(gate), in x's dtype. x, gate [..., C]   weight [C]

    An `Unsummed` gate comes from a single matrix.
    """
    _check(x, weight)
    assert not isinstance(gate, Unsummed) or gate.of_one_matrix
    if gate.shape != x.shape:
        raise ValueError(f"gate {tuple(gate.shape)} does not fit x {tuple(x.shape)}")
    return resolve("gated_norm", x.device.type)(x, gate, weight, eps)


def _check(x: Tensor, weight: Tensor) -> None:
    if weight.shape != x.shape[-1:]:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; the last axis of x has {x.shape[-1]}")
