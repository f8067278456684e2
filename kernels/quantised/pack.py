"""Weight-only formats: int8 with one scale a row, int4 with one scale for each 128 weights of a row."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

GROUP = 128
# Packed together: byte j of a block holds weight j in its low half and weight 128 + j in its high half.
BLOCK = 2 * GROUP
ZERO = 8  # nibbles hold weight + 8
SHARES = (1.0, 0.92, 0.84)  # of its largest weight that a group may end at: the others gain by a finer step


@dataclass(frozen=True)
class QuantisedWeight:
    """A matrix [..., R, K] whose rows are outputs, in 8 or 4 bits.

    8 bits: data int8 [..., R, K], scale fp32 [..., R]; group is K. 4 bits: data uint8 [..., R, ceil(K / 256) * 128],
    scale bf16 [..., 2 * ceil(K / 256), R]: a group's scales lie together, as a tile of rows reads them.
    """

    data: Tensor
    scale: Tensor
    bits: int
    group: int
    shape: tuple[int, ...]

    def __getitem__(self, index: int) -> QuantisedWeight:
        """One matrix of a stack: expert `index`."""
        return QuantisedWeight(self.data[index], self.scale[index], self.bits, self.group, self.shape[1:])


@torch.no_grad()  # or the scales would hold on to a parameter by the way to its gradient
def quantise(weight: Tensor, bits: int) -> QuantisedWeight:
    """Weight [..., R, K] in 8 or 4 bits, rounded to nearest; one matrix of a stack after the other."""
    if bits not in (8, 4):
        raise ValueError(f"bits={bits}; weights are kept in 8 or 4 bits")
    shape = tuple(weight.shape)
    pack = quantise_rows if bits == 8 else quantise_groups
    parts = [pack(one) for one in weight.reshape(-1, *shape[-2:])]
    data, scale = (torch.stack(part) for part in zip(*parts))
    lead = shape[:-2]
    return QuantisedWeight(
        data.view(*lead, *data.shape[1:]),
        scale.view(*lead, *scale.shape[1:]),
        bits,
        shape[-1] if bits == 8 else GROUP,
        shape,
    )


def quantise_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """[R, K] -> (int8 [R, K], fp32 scale [R]) with weight close to int8 * scale. A row of zeros stays zeros."""
    weight = weight.float()
    scale = weight.abs().amax(dim=-1) / 127  # [R]
    safe = torch.where(scale > 0, scale, torch.ones_like(scale))
    return (weight / safe[:, None]).round_().clamp_(-127, 127).to(torch.int8), scale


def quantise_groups(weight: Tensor, group: int = GROUP) -> tuple[Tensor, Tensor]:
    """[R, K] -> (packed uint8 [R, ceil(K / 256) * 128], bf16 scale [2 * ceil(K / 256), R]), weights -8..7 times scale.

    A row is padded with zeros to whole blocks of 256. The two halves of a block share its bytes, so one tile of bytes
    unpacks to two operands by a mask and a shift, without interleaving. Of a few scales a group keeps the one with the
    least squared error, and what was packed before comes out as it was.
    """
    if group != GROUP:
        raise ValueError(f"group={group}; a block of bytes holds two groups of {GROUP}")
    rows, depth = weight.shape
    weight = F.pad(weight.float(), (0, -depth % BLOCK)).view(rows, -1, GROUP)  # [R, G, 128]
    scale = scale_of_groups(weight)
    return pack_groups(nearest(weight, scale), scale)


def scale_of_groups(weight: Tensor) -> Tensor:
    """Weight [R, G, 128] -> the scale of each group, fp32 [R, G, 1] that bf16 holds exactly."""
    # The scale takes the sign that makes the largest weight -8: all sixteen numbers are used, not fifteen.
    largest = weight.gather(-1, weight.abs().argmax(-1, keepdim=True))  # [R, G, 1]
    scale, least = largest, torch.full_like(largest, torch.inf)
    for wanted in (largest.abs() / 7, *(largest * (-share / 8) for share in SHARES)):
        # Rounded before it divides: the integers are nearest for the scale that is kept.
        tried = wanted.bfloat16().float()
        error = nearest(weight, tried).mul_(tried).sub_(weight).square_().sum(-1, keepdim=True)
        scale, least = torch.where(error < least, tried, scale), torch.minimum(error, least)
    return scale


def pack_groups(numbers: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers -8..7 [R, G, 128] with an even G, and scales [R, G, 1], as `quantise_groups` returns them."""
    nibble = (numbers + ZERO).to(torch.uint8)  # [R, G, 128]
    packed = (nibble[:, ::2] | (nibble[:, 1::2] << 4)).flatten(1)
    return packed, scale[..., 0].bfloat16().T.contiguous()


def nearest(weight: Tensor, scale: Tensor) -> Tensor:
    """Weight [R, G, 128] in steps of scale [R, G, 1], rounded to -8..7; 0 where the scale is 0."""
    return (weight / torch.where(scale == 0, 1.0, scale)).round_().clamp_(-ZERO, ZERO - 1)


def integers(weight: QuantisedWeight) -> Tensor:
    """The unpacked integers, int8 [..., R, K]."""
    if weight.bits == 8:
        return weight.data
    blocks = weight.data.unflatten(-1, (-1, GROUP))  # [..., R, K/256, 128]
    both = torch.stack((blocks & 15, blocks >> 4), dim=-2)  # [..., R, K/256, 2, 128]
    return (both.to(torch.int8) - ZERO).flatten(-3)[..., : weight.shape[-1]]


def dequantise(weight: QuantisedWeight) -> Tensor:
    """The matrix that the packed one stands for, fp32 [..., R, K], exactly."""
    numbers = integers(weight).float()
    if weight.bits == 8:
        return numbers * weight.scale[..., None]
    scale = weight.scale.float().mT.repeat_interleave(GROUP, dim=-1)  # [..., R, K]
    return numbers * scale[..., : weight.shape[-1]]
