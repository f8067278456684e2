"""Dense glyph supervision: every 14-pixel patch of a page is asked which characters have their centre in it.

Reading is learned in minutes with it and not at all in the same time without (docs/log.md). The head that answers
is thrown away after training.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.synthetic.canvas import LANDMARK
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.tiling import TilePlan

SLOTS = 3  # characters of small print whose centres can share one patch
CLASSES = 96  # 0: none; 1..94: printable ASCII without the blank; 95: too small to be read, not learned
UNREADABLE = 95
LEGIBLE = 7.0  # pixels of print height below which a character is not asked for
NONE_WEIGHT = 0.1


def glyph_labels(
    glyphs: np.ndarray, size: tuple[int, int], plan: TilePlan, config: TilingConfig
) -> np.ndarray:
    """glyphs [N, 4] (x, y, print height, code) on a page of `size` -> uint8 [tiles - 1, patches, SLOTS], thumbnail out.

    In the order of writing within a patch; a fourth character is dropped, and so are landmarks.
    """
    glyphs = glyphs[glyphs[:, 3] < LANDMARK]
    side = config.tile // config.patch
    rows, columns = plan.grid
    labels = np.zeros((rows * side, columns * side, SLOTS), dtype=np.uint8)
    if len(glyphs):
        scale = np.array([plan.resized[1] / size[1], plan.resized[0] / size[0]])
        x, y = (glyphs[:, :2] * scale + np.array([plan.offset[1], plan.offset[0]])).T
        column = np.clip(x // config.patch, 0, columns * side - 1).astype(np.int64)
        row = np.clip(y // config.patch, 0, rows * side - 1).astype(np.int64)
        label = np.clip(glyphs[:, 3].astype(np.int64) - 32, 0, 94)
        label = np.where(glyphs[:, 2] * scale[1] < LEGIBLE, UNREADABLE, label)
        patch = row * (columns * side) + column
        order = np.argsort(patch, kind="stable")
        patch, label = patch[order], label[order]
        first = np.searchsorted(patch, patch, side="left")
        rank = np.arange(len(patch)) - first
        fits = rank < SLOTS
        labels.reshape(-1, SLOTS)[patch[fits], rank[fits]] = label[fits]
    tiled = labels.reshape(rows, side, columns, side, SLOTS).transpose(0, 2, 1, 3, 4)
    return tiled.reshape(rows * columns, side * side, SLOTS)


class GlyphHead(nn.Module):
    """ViT features -> the characters of each patch."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read = nn.Linear(width, SLOTS * CLASSES)
        weight = torch.ones(CLASSES)
        weight[0], weight[UNREADABLE] = NONE_WEIGHT, 0.0
        self.class_weight: Tensor
        self.register_buffer("class_weight", weight)

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """features [N, patches, C], labels [N, patches, SLOTS] -> (loss, share of characters read right)."""
        logits = self.read(features).view(-1, CLASSES).float()
        wanted = labels.reshape(-1).long()
        loss = F.cross_entropy(logits, wanted, weight=self.class_weight.float())
        with torch.no_grad():
            asked = (wanted > 0) & (wanted != UNREADABLE)
            right = ((logits.argmax(-1) == wanted) & asked).sum() / asked.sum().clamp_min(1)
        return loss, right
