"""Modules that hold 8- or 4-bit weights, and the exchange of a model's dense ones for them.

The layers do not know: a quantised module is called like the dense one and carries its published name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.kernels import (
    Unsummed,
    expert_mlp_quantised,
    expert_mlp_quantised_unsummed,
    linear_operand,
    linear_quantised,
    linear_rounds,
    linear_unsummed,
)
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, quantise
from minimax_vl.kernels.quantised.pack import integers, pack_groups
from minimax_vl.loading.formats import BLOCK, GROUP, data_shape, scale_shape
from minimax_vl.text_backbone.parts import Head

SCALES = {8: torch.float32, 4: torch.bfloat16}


class Packed(nn.Module):
    """Stands where a parameter stood: integers and scales as buffers, so that they move with the model."""

    def __init__(self, weight: QuantisedWeight) -> None:
        super().__init__()
        self.bits, self.group, self.shape = weight.bits, weight.group, weight.shape
        self.data: Tensor
        self.scale: Tensor
        self.register_buffer("data", weight.data)
        self.register_buffer("scale", weight.scale)

    @property
    def held(self) -> QuantisedWeight:
        return QuantisedWeight(self.data, self.scale, self.bits, self.group, self.shape)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> Packed:
        # Casting a model must not round the scales: integers and scales belong to no dtype of the model.
        before = self.scale
        super()._apply(fn, recurse)
        if self.scale.dtype != before.dtype:
            self.scale = before.to(self.scale.device)
        return self


class QuantisedLinear(nn.Module):
    """`nn.Linear` on quantised weights, for inference."""

    def __init__(self, weight: QuantisedWeight, bias: nn.Parameter | None) -> None:
        super().__init__()
        self.weight, self.bias = Packed(weight), bias

    def operand(self, x: Tensor) -> Tensor:
        return linear_operand(x, self.weight.held)

    def rounds(self) -> bool:
        return linear_rounds(self.weight.held)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., K] -> [..., R]."""
        rows = linear_quantised(x.flatten(0, -2), self.weight.held).view(*x.shape[:-1], -1)
        return rows if self.bias is None else rows.add_(self.bias)

    def unsummed(self, x: Tensor) -> Tensor | Unsummed:
        """`forward` without a bias, for a norm to read; see `linear_unsummed`."""
        assert self.bias is None
        return linear_unsummed(x.flatten(0, -2), self.weight.held).view(*x.shape[:-1], -1)


class QuantisedHead(QuantisedLinear):
    """`Head` on quantised weights: logits are fp32 whatever the model computes in."""

    def forward(self, x: Tensor) -> Tensor:
        rows = linear_quantised(x.flatten(0, -2), self.weight.held, torch.float32)
        return rows.view(*x.shape[:-1], -1)


class QuantisedExperts(nn.Module):
    """`Experts` on quantised weights, for inference."""

    def __init__(self, w13: QuantisedWeight, w2: QuantisedWeight) -> None:
        super().__init__()
        self.w13, self.w2 = Packed(w13), Packed(w2)

    def forward(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor:
        return expert_mlp_quantised(x, ids, weights, self.w13.held, self.w2.held)

    def unsummed(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor | Unsummed:
        return expert_mlp_quantised_unsummed(x, ids, weights, self.w13.held, self.w2.held)


def hold_quantised(model: nn.Module, names: Mapping[str, int]) -> None:
    """Exchange parameters of linears and stacked experts, name -> bits, for quantised ones, rounded to nearest.

    A parameter on the meta device gives a quantised one on it, to be filled by a loader.
    """
    owners = {name.rpartition(".")[0] for name in names}
    for owner in sorted(owners):
        module = model.get_submodule(owner)
        if isinstance(module, nn.Linear):
            kind = QuantisedHead if isinstance(module, Head) else QuantisedLinear
            held: nn.Module = kind(_quantise(module.weight, names[f"{owner}.weight"]), module.bias)
        else:
            parts = [
                _quantise(module.get_parameter(name), names[f"{owner}.{name}"]) for name in ("w13", "w2")
            ]
            held = QuantisedExperts(*parts)
        model.set_submodule(owner, held)


def weights_of(model: nn.Module) -> dict[str, Tensor | QuantisedWeight]:
    """Every weight by the name that it has in a dense model."""
    packed = {name: part.held for name, part in model.named_modules() if isinstance(part, Packed)}
    dense: dict[str, Tensor | QuantisedWeight] = dict(model.named_parameters())
    return dense | packed


def held_bits(model: nn.Module) -> int | None:
    """8 or 4 where a model holds quantised weights, the fewest it has, else None."""
    return min((part.bits for part in model.modules() if isinstance(part, Packed)), default=None)


def rows_of(weight: QuantisedWeight, at: tuple[int | slice, ...]) -> QuantisedWeight:
    """A view of some rows of a matrix, or of one in a stack; `at` is what would index the dense weight so."""
    *lead, rows = at
    scale = weight.scale[at if weight.bits == 8 else (*lead, slice(None), rows)]
    data = weight.data[at]
    return QuantisedWeight(data, scale, weight.bits, weight.group, (data.shape[0], weight.shape[-1]))


def columns_of(weight: QuantisedWeight, columns: slice) -> QuantisedWeight:
    """Some columns of a matrix [R, K], as a matrix of their own.

    Integers and scales stay what they were, so nothing is rounded twice; only where a group of the new matrix would
    lie in two of the old one is it quantised anew.
    """
    width = columns.stop - columns.start
    shape = (weight.shape[0], width)
    if weight.bits == 8:
        return QuantisedWeight(weight.data[:, columns].contiguous(), weight.scale, 8, width, shape)
    first, before = divmod(columns.start, GROUP)
    if before and before + width > GROUP:
        return quantise(dequantise(weight)[:, columns], 4)
    scale = weight.scale.new_zeros(scale_shape(shape, 4))
    groups = -(-width // GROUP)
    scale[:groups] = weight.scale[first : first + groups]
    numbers = F.pad(integers(weight)[:, columns], (0, -width % BLOCK)).view(
        shape[0], -1, GROUP
    )  # [R, G, 128]
    return QuantisedWeight(*pack_groups(numbers, scale.T[..., None]), 4, GROUP, shape)


@torch.no_grad()
def _quantise(weight: Tensor, bits: int) -> QuantisedWeight:
    if not weight.is_meta:
        return quantise(weight, bits)
    shape, kind = tuple(weight.shape), torch.int8 if bits == 8 else torch.uint8
    return QuantisedWeight(
        torch.empty(data_shape(shape, bits), dtype=kind, device="meta"),
        torch.empty(scale_shape(shape, bits), dtype=SCALES[bits], device="meta"),
        bits,
        shape[-1] if bits == 8 else GROUP,
        shape,
    )
