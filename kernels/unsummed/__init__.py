"""Rows whose last sum is left to the kernel that reads them: in decode a launch and a pass over memory less."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from minimax_vl.kernels.backends import resolve

FEW = 64  # rows up to which a sum is left: more would hold all their parts in memory until the next norm
# Parts up to which it is: a norm reads a row on one multiprocessor, 64 bytes a cycle, so that eight parts of 6,144
# channels take about as long as the launch that they replace.
MOST = 8


class Unsummed(NamedTuple):
    """Rows [..., C] as what they are the sum of. Made by backends that split a product's depth; for inference.

    parts [S, ..., K, C]: S parts of the depth, for each of K experts of a row (one where there are no experts)
    weights [..., K], or None for ones: what an expert's row counts
    dtype: of the rows when they are whole
    """

    parts: Tensor
    weights: Tensor | None
    dtype: torch.dtype

    @property
    def shape(self) -> torch.Size:
        """[..., C], of the whole rows."""
        return self.parts.shape[1:-2] + self.parts.shape[-1:]

    @property
    def of_one_matrix(self) -> bool:
        """Whether rows are parts of the depth alone, not of several experts, and unweighted."""
        return self.weights is None and self.parts.shape[-2] == 1

    def view(self, *shape: int) -> Unsummed:
        """As `Tensor.view`; rows of several experts keep their width."""
        S, *_, K, _ = self.parts.shape
        weights = None if self.weights is None else self.weights.view(*shape[:-1], K)
        return Unsummed(self.parts.view(S, *shape[:-1], K, shape[-1]), weights, self.dtype)

    def split(self, size: int, dim: int) -> tuple[Unsummed, ...]:
        """As `Tensor.split`, along the last axis."""
        assert dim == -1
        return tuple(self._replace(parts=parts) for parts in self.parts.split(size, dim))

    def float(self) -> Unsummed:
        """As `Tensor.float`: without the rounding."""
        return self._replace(dtype=torch.float32)

    def to(self, device: torch.device) -> Tensor | Unsummed:
        """Itself where it is; for another device the sum, which is less to move."""
        return self if self.parts.device == device else whole(self).to(device)


def left(x: Unsummed) -> Tensor | Unsummed:
    """x for whoever comes next while there is little of it, else its sum."""
    S, *_, K, C = x.parts.shape
    rows = x.parts.numel() // (S * K * C) if C else 0
    return x if rows <= FEW and S * K <= MOST else whole(x)


def whole(x: Tensor | Unsummed) -> Tensor:
    """x, or the sum that it stands for, [..., C]: in fp32, an expert's parts before its weight, rounded once."""
    if not isinstance(x, Unsummed):
        return x
    return resolve("whole", x.parts.device.type)(*x)
