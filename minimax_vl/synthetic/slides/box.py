"""Rectangles, and simple shapes that fill them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from minimax_vl.synthetic.canvas import Canvas, Colour


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1

    def inset(self, across: float, down: float | None = None) -> Box:
        down = across if down is None else down
        return Box(self.x0 + across, self.y0 + down, self.x1 - across, self.y1 - down)

    def cut(self, **sides: float) -> Box:
        """The box with other sides: cut(y0=120)."""
        return replace(self, **sides)

    def columns(self, count: int, gap: float) -> list[Box]:
        width = (self.width - gap * (count - 1)) / count
        lefts = [self.x0 + index * (width + gap) for index in range(count)]
        return [Box(left, self.y0, left + width, self.y1) for left in lefts]

    def rows(self, count: int, gap: float) -> list[Box]:
        height = (self.height - gap * (count - 1)) / count
        tops = [self.y0 + index * (height + gap) for index in range(count)]
        return [Box(self.x0, top, self.x1, top + height) for top in tops]


def rounded(canvas: Canvas, box: Box, colour: Colour, radius: float) -> None:
    """A filled rectangle with round corners."""
    r = round(min(radius, box.width / 2, box.height / 2))
    x0, y0, x1, y1 = map(round, box.corners)
    canvas.fill(x0, y0 + r, x1, y1 - r, colour)
    canvas.fill(x0 + r, y0, x1 - r, y0 + r, colour)
    canvas.fill(x0 + r, y1 - r, x1 - r, y1, colour)
    if r:
        corner = _disc(2 * r)[:r, :r]  # [r, r], the upper left quarter
        canvas.stain(x0, y0, corner, colour)
        canvas.stain(x1 - r, y0, corner[:, ::-1], colour)
        canvas.stain(x0, y1 - r, corner[::-1], colour)
        canvas.stain(x1 - r, y1 - r, corner[::-1, ::-1], colour)


def disc(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """A filled disc around (x, y)."""
    canvas.stain(x - radius, y - radius, _disc(max(round(2 * radius), 2)), colour)


def _disc(side: int) -> np.ndarray:
    """Coverage uint8 [side, side] of a disc, smooth at its edge."""
    away = np.arange(side) + 0.5 - side / 2
    reach = np.hypot(away[:, None], away[None, :])
    return (np.clip(side / 2 - reach + 0.5, 0, 1) * 255).astype(np.uint8)


def arrow_head(
    canvas: Canvas, x: float, y: float, side: float, colour: Colour, *, down: bool = False
) -> None:
    """A filled triangle around (x, y) that points to the right, or down."""
    n = max(round(side), 4)
    along = np.arange(n)[None, :] / n
    away = np.abs(np.arange(n)[:, None] + 0.5 - n / 2) / (n / 2)
    cover = np.clip((1 - along - away) * n / 2 + 0.5, 0, 1)  # [n, n]
    cover = (cover * 255).astype(np.uint8)
    canvas.stain(x - n / 2, y - n / 2, cover.T if down else cover, colour)


def code_square(canvas: Canvas, rng: random.Random, box: Box) -> None:
    """Black and white cells with three finders, as on tickets and posters, as large as the box allows."""
    cells = rng.choice((21, 25, 29))
    scale = max(int(min(box.width, box.height) // (cells + 4)), 1)
    noise = np.random.default_rng(rng.getrandbits(32))
    bits = noise.random((cells, cells)) < 0.5
    finder = np.ones((8, 8), dtype=bool)
    finder[7, :] = finder[:, 7] = False
    finder[1:6, 1:6] = False
    finder[2:5, 2:5] = True
    bits[:8, :8], bits[:8, -8:], bits[-8:, :8] = finder, finder[:, ::-1], finder[::-1]
    side = scale * (cells + 4)
    canvas.fill(box.x0, box.y0, box.x0 + side, box.y0 + side, (255, 255, 255))
    cover = np.kron(bits, np.ones((scale, scale))).astype(np.uint8) * 255
    canvas.stain(box.x0 + 2 * scale, box.y0 + 2 * scale, cover, (0, 0, 0))
