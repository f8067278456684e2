"""Print that is too small for the ViT's patches: how high its lines are, and the size at which it can be read.

Enlarging adds no detail, but it spreads a line over more patches: on 64 questions about drawn pages of 9 to 13 pixels
an em it took nano from 29 right answers to 50 (docs/log.md).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.ink import inked
from minimax_vl.vision.tiling import plan_tiles

STRIP = 48  # pixels: a few letters wide, so that a skewed line is still level within it
LINES = (4, 64)  # pixels: lower runs of ink are rules and dirt, higher ones pictures
ENOUGH = 8  # runs of ink that make a page
WORTH = 1.18  # a smaller factor is not worth the tiles
MOST = 1.7  # beyond it nothing can be gained


def legible_size(picture: Image.Image, config: TilingConfig) -> tuple[int, int]:
    """(height, width) for which `picture` should be planned, so that its lines of print reach `config.line_height`.

    Its own size where the print is large enough, where there is none, or where no larger grid is left.
    """
    own = picture.height, picture.width
    if not config.line_height:
        return own
    plan = plan_tiles(*own, config)
    if max(w * h for w, h in config.pinpoints) == plan.grid[0] * plan.grid[1] * config.tile**2:
        return own
    height, width = plan.resized
    lines = line_height(np.asarray(picture.convert("L").resize((width, height), Image.Resampling.BILINEAR)))
    factor = min(config.line_height / lines, MOST) if lines else 1.0
    return (round(height * factor), round(width * factor)) if factor >= WORTH else own


def line_height(grey: np.ndarray) -> float:
    """Median height of the lines of print on a page, uint8 [H, W], from their highest to their lowest ink; 0 if none.

    Some 0.75 of an em: of lines without descenders a little less, with them more.
    """
    strips = grey.shape[1] // STRIP
    ink = inked(grey)[:, : strips * STRIP].reshape(len(grey), strips, STRIP).any(2)  # [H, strips]
    edges = np.diff(np.pad(ink, ((1, 1), (0, 0))).astype(np.int8), axis=0).T
    heights = np.argwhere(edges < 0)[:, 1] - np.argwhere(edges > 0)[:, 1]
    heights = heights[(heights >= LINES[0]) & (heights <= LINES[1])]
    return float(np.median(heights)) if len(heights) >= ENOUGH else 0.0
