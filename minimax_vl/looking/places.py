"""Where an image's tokens lie on the picture: the rectangles of its tiles, and weights of tokens as a heat map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from minimax_vl.vision.tiling import TilePlan


@dataclass(frozen=True)
class Tile:
    """What one tile shows of the upright original, in its pixels, and how many tokens it became.

    Empty where a tile holds padding only.
    """

    row: int
    column: int
    left: float
    top: float
    right: float
    bottom: float
    tokens: int  # newlines not counted

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top


def tiles(plan: TilePlan, tile: int) -> list[Tile]:
    """The tiles of a plan, row by row, without the thumbnail, which shows everything; `tile` is a tile's side."""
    (height, width), (crop_top, crop_left), side = plan.size, plan.crop, plan.side
    tall, wide = height / plan.resized[0], width / plan.resized[1]  # original pixels per pixel of the grid

    def across(column: int) -> float:
        return crop_left + min(max((column * tile - plan.offset[1]) * wide, 0.0), width)

    def down(row: int) -> float:
        return crop_top + min(max((row * tile - plan.offset[0]) * tall, 0.0), height)

    return [
        Tile(
            *(row, column, across(column), down(row), across(column + 1), down(row + 1)),
            tokens=_overlap(plan.kept[0], row, side) * _overlap(plan.kept[1], column, side),
        )
        for row in range(plan.grid[0])
        for column in range(plan.grid[1])
    ]


def newlines(plan: TilePlan) -> int:
    """Tokens of a plan that end a row of features and show nothing."""
    return plan.kept[0][1] - plan.kept[0][0]


def heat(plan: TilePlan, weights: np.ndarray, tile: int, longest: int = 160) -> np.ndarray:
    """Weights of an image's tokens [tokens] as density over the part of it that was shown, [h, w] fp32.

    Thumbnail and tiles both show the picture, so their densities add up; newlines lie nowhere. The longer side of
    the map has `longest` cells.
    """
    height, width = plan.size
    scale = longest / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    side, unit = plan.side, tile / plan.side  # a feature covers unit x unit pixels of the grid
    (top, bottom), (left, right) = plan.kept
    thumbnail = weights[: side**2].reshape(side, side) * (side**2 / (h * w))
    density = _resized(thumbnail, (0, 0, side, side), h, w)
    if bottom > top and right > left:
        lines = weights[side**2 :].reshape(bottom - top, right - left + 1)[:, :-1]
        grid = np.zeros((plan.grid[0] * side, plan.grid[1] * side), np.float32)
        grid[top:bottom, left:right] = lines
        (y, x), (tall, wide) = plan.offset, plan.resized
        box = (x / unit, y / unit, (x + wide) / unit, (y + tall) / unit)
        density += _resized(grid, box, h, w) * (tall / unit * wide / unit / (h * w))
    return density


def _overlap(kept: tuple[int, int], index: int, side: int) -> int:
    """How many of the kept features lie in one tile, along one axis."""
    return max(0, min(kept[1], (index + 1) * side) - max(kept[0], index * side))


def _resized(values: np.ndarray, box: tuple[float, float, float, float], h: int, w: int) -> np.ndarray:
    picture = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.array(picture.resize((w, h), Image.Resampling.BILINEAR, box=box))
