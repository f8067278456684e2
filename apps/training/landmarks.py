"""Dense supervision of figures: every image token is asked which landmark has its middle in its block of patches,
and where in the block.

For shapes, ends of bars and heads of arrows it is what glyph supervision is for print: answers alone never taught nano
to tell a circle from a hexagon (docs/log.md). A value is read off an axis by less than the height of a block. The head
is thrown away after training.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.apps.training.paint import BETA, SPREAD, together
from minimax_vl.synthetic.canvas import LANDMARK, LANDMARKS
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.tiling import TilePlan

CLASSES = len(LANDMARKS) + 1  # 0: none; then LANDMARKS
UNKNOWN = 255  # not learned
NONE_WEIGHT = 0.03  # one block in a hundred has a landmark


def landmark_labels(
    glyphs: np.ndarray, size: tuple[int, int], plan: TilePlan, config: TilingConfig
) -> tuple[np.ndarray, np.ndarray]:
    """glyphs as in `Page`, on a page of `size` (height, width) -> uint8 [tiles, blocks] and [tiles, blocks, 2], the
    thumbnail first: names, and where in their blocks they lie, x and y in 255ths.

    Of several landmarks in one block the last is kept.
    """
    side, (rows, columns) = config.side, plan.grid
    found = glyphs[glyphs[:, 3] >= LANDMARK]
    name = (found[:, 3] - LANDMARK + 1).astype(np.uint8)
    share = found[:, :2] / np.array([size[1], size[0]])  # [N, 2], x and y as parts of the page

    def marked(high: int, wide: int, at: np.ndarray) -> np.ndarray:
        """[high, wide, 3] blocks with the landmarks `at` x and y in blocks: names and places."""
        labels = np.zeros((high, wide, 3), dtype=np.uint8)
        corner = np.clip(at.astype(np.int64), 0, [wide - 1, high - 1])
        within = np.rint(np.clip(at - corner, 0, 1) * 255).astype(np.uint8)
        labels[corner[:, 1], corner[:, 0]] = np.concatenate([name[:, None], within], axis=1)
        return labels

    block = config.tile / side
    place = share * plan.resized[::-1] + plan.offset[::-1]
    whole = marked(rows * side, columns * side, place / block)
    tiles = whole.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(rows * columns, side * side, 3)
    found = np.concatenate([marked(side, side, share * side).reshape(1, side * side, 3), tiles])
    return found[..., 0], found[..., 1:]


class LandmarkHead(nn.Module):
    """Image tokens -> the landmark in each one's block, and its place there."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.name, self.place = nn.Linear(width, CLASSES), nn.Linear(width, 2)
        weight = torch.ones(CLASSES)
        weight[0] = NONE_WEIGHT
        self.class_weight: Tensor
        self.register_buffer("class_weight", weight)

    def forward(self, tokens: Tensor, labels: Tensor, within: Tensor) -> tuple[Tensor, Tensor]:
        """tokens [N, blocks, C], labels [N, blocks], within [N, blocks, 2] -> (loss, share named right)."""
        logits, told = (x.flatten(0, 1).float() for x in together(tokens, self.name, self.place))
        wanted, weight = labels.flatten().long(), self.class_weight.float()
        known = wanted != UNKNOWN
        asked = known & (wanted > 0)
        loss = F.cross_entropy(logits, wanted, weight=weight, reduction="sum", ignore_index=UNKNOWN)
        # Nothing may be known about a batch.
        loss = loss / (weight[wanted * known] * known).sum().clamp_min(1)
        place = (within.flatten(0, 1).float() / 127.5 - 1) * SPREAD  # variance 1
        off = F.smooth_l1_loss(told, place, beta=BETA, reduction="none").mean(-1)
        loss = loss + (off * asked).sum() / asked.sum().clamp_min(1)
        with torch.no_grad():
            right = ((logits.argmax(-1) == wanted) & asked).sum() / asked.sum().clamp_min(1)
        return loss, right
