"""Dense supervision of figures: every image token is asked which landmark has its middle in its block of patches.

For shapes, ends of bars and heads of arrows it is what glyph supervision is for print: answers alone never taught nano
to tell a circle from a hexagon (docs/log.md). The head is thrown away after training.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.synthetic.canvas import LANDMARK, LANDMARKS
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.tiling import TilePlan

CLASSES = len(LANDMARKS) + 2  # 0: none; then LANDMARKS; the last: unknown, not learned
UNKNOWN = CLASSES - 1
NONE_WEIGHT = 0.03  # one block in a hundred has a landmark


def landmark_labels(
    glyphs: np.ndarray, size: tuple[int, int], plan: TilePlan, config: TilingConfig
) -> np.ndarray:
    """glyphs as in `Page`, on a page of `size` (height, width) -> uint8 [tiles, blocks], the thumbnail first.

    Of several landmarks in one block the last is kept.
    """
    side, (rows, columns) = config.side, plan.grid
    found = glyphs[glyphs[:, 3] >= LANDMARK]
    name = (found[:, 3] - LANDMARK + 1).astype(np.uint8)
    share = found[:, :2] / np.array([size[1], size[0]])  # [N, 2], x and y as parts of the page

    def marked(high: int, wide: int, at: np.ndarray) -> np.ndarray:
        """[high, wide] blocks with the landmarks `at` x and y in blocks."""
        labels = np.zeros((high, wide), dtype=np.uint8)
        column, row = np.clip(at.astype(np.int64), 0, [wide - 1, high - 1]).T
        labels[row, column] = name
        return labels

    block = config.tile / side
    place = share * plan.resized[::-1] + plan.offset[::-1]
    whole = marked(rows * side, columns * side, place / block)
    tiles = whole.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows * columns, side * side)
    return np.concatenate([marked(side, side, share * side).reshape(1, -1), tiles])


class LandmarkHead(nn.Module):
    """Image tokens -> the landmark in each one's block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.name = nn.Linear(width, CLASSES)
        weight = torch.ones(CLASSES)
        weight[0], weight[UNKNOWN] = NONE_WEIGHT, 0.0
        self.class_weight: Tensor
        self.register_buffer("class_weight", weight)

    def forward(self, tokens: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """tokens [N, blocks, C], labels [N, blocks] -> (loss, share of landmarks named right)."""
        logits = self.name(tokens).flatten(0, 1).float()
        wanted, weight = labels.flatten().long(), self.class_weight.float()
        loss = F.cross_entropy(logits, wanted, weight=weight, reduction="sum")
        loss = loss / weight[wanted].sum().clamp_min(1)  # nothing may be known about a batch
        with torch.no_grad():
            asked = (wanted > 0) & (wanted != UNKNOWN)
            right = ((logits.argmax(-1) == wanted) & asked).sum() / asked.sum().clamp_min(1)
        return loss, right
