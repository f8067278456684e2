"""Dense supervision of what is not print: every 14-pixel patch is asked for its own pixels, coarsely.

Glyph supervision alone makes a ViT that reads and is blind to the rest: after four runs a linear map from its features
to the mean colour of their patch explained a quarter of the variance, and nano called every bar purple
(docs/log.md). The head is thrown away after training.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

CELL = 2  # pixels along one side of what is asked for: a patch of 14 gives 7 x 7 colours
BETA = 0.5  # normalised units: errors above are counted by size, not by square, or fine print would be all


class PaintHead(nn.Module):
    """ViT features -> the pixels of their patches, as the ViT was given them."""

    def __init__(self, width: int, patch: int, channels: int) -> None:
        super().__init__()
        self.patch = patch
        self.paint = nn.Linear(width, channels * (patch // CELL) ** 2)

    def forward(self, features: Tensor, pixels: Tensor) -> Tensor:
        """features [N, patches, C], pixels [N, channels, S, S] -> loss, a number."""
        return F.smooth_l1_loss(
            self.paint(features).float(), coarse_patches(pixels.float(), self.patch), beta=BETA
        )


def coarse_patches(pixels: Tensor, patch: int) -> Tensor:
    """[N, channels, S, S] -> [N, patches, channels * cells], patches and cells row by row, cells averaged."""
    cells = F.avg_pool2d(pixels, CELL)  # [N, channels, S/CELL, S/CELL]
    return F.unfold(cells, patch // CELL, stride=patch // CELL).mT
