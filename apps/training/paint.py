"""Dense supervision of what is not print: every image token is asked for the colours of its block, and where it lies.

Asked of the tokens that the decoder reads, not of the ViT: glyph supervision and answers alone left tokens that told
neither the colour of a block nor its column, and nano called every bar purple (docs/log.md). The head is thrown away
after training.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CELL = 7  # pixels along one side of what is asked for: a block of 28 gives 4 x 4 colours
BETA = 0.5  # normalised units: errors above are counted by size, not by square, or fine print would be all
SPREAD = 3**0.5  # places run from -SPREAD to SPREAD across a tile: variance 1, as colours have


class PaintHead(nn.Module):
    """Image tokens -> the pixels of their blocks, as the ViT was given them, and their place in the tile."""

    def __init__(self, width: int, block: int, channels: int) -> None:
        super().__init__()
        self.block = block
        self.paint = nn.Linear(width, channels * (block // CELL) ** 2 + 2)

    def forward(self, tokens: Tensor, pixels: Tensor) -> Tensor:
        """tokens [N, blocks, C], pixels [N, channels, S, S] -> loss, a number."""
        told = together(tokens, self.paint)[0].float()
        colours = coarse_blocks(pixels.float(), self.block)
        where = places(pixels.shape[-1] // self.block, told).expand_as(told[..., -2:])
        return F.smooth_l1_loss(told[..., :-2], colours, beta=BETA) + F.smooth_l1_loss(
            told[..., -2:], where, beta=BETA
        )


def together(x: Tensor, *maps: nn.Linear) -> tuple[Tensor, ...]:
    """What several maps make of x [..., C], by one product; without a multiple of 8 rows it takes ten times as long."""
    rows = [len(one.weight) for one in maps]
    spare = -sum(rows) % 8
    weight = F.pad(torch.cat([one.weight for one in maps]), (0, 0, 0, spare))
    bias = F.pad(torch.cat([one.bias for one in maps]), (0, spare))
    return F.linear(x, weight, bias).split([*rows, spare], dim=-1)[:-1]


def coarse_blocks(pixels: Tensor, block: int) -> Tensor:
    """[N, channels, S, S] -> [N, blocks, channels * cells], blocks and cells row by row, cells averaged."""
    cells = F.avg_pool2d(pixels, CELL)  # [N, channels, S/CELL, S/CELL]
    return F.unfold(cells, block // CELL, stride=block // CELL).mT


def places(side: int, like: Tensor) -> Tensor:
    """[side * side, 2]: x and y of the blocks of a tile, row by row, on the device and in the dtype of `like`."""
    along = torch.linspace(-SPREAD, SPREAD, side, device=like.device, dtype=like.dtype)
    return torch.stack((along.repeat(side), along.repeat_interleave(side)), dim=-1)
