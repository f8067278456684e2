"""Weight-only int8, symmetric, one scale per output row: how nano is stored."""

from __future__ import annotations

import torch
from torch import Tensor


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weight [rows, columns] -> (int8 [rows, columns], fp32 scale [rows]) with weight = int8 * scale."""
    weight = weight.float()
    scale = weight.abs().amax(dim=1) / 127  # [rows]
    safe = torch.where(scale > 0, scale, torch.ones_like(scale))  # a row of zeros stays zeros
    return (weight / safe[:, None]).round().clamp(-127, 127).to(torch.int8), scale


def dequantise(weight: Tensor, scale: Tensor) -> Tensor:
    """Int8 [rows, columns] and scale [rows] -> fp32 [rows, columns]."""
    return weight.float() * scale.float()[:, None]


def relative_error(weight: Tensor, restored: Tensor) -> float:
    """Norm of the difference over the norm of the weight; 0 for a weight of zeros."""
    weight = weight.float()
    norm = float(weight.norm())
    return float((weight - restored.float()).norm()) / norm if norm else 0.0
