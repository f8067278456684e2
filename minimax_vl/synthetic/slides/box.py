"""Rectangles, and simple shapes that fill them."""

from __future__ import annotations

import random

import numpy as np

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Canvas, Colour
from minimax_vl.synthetic.marks import code_square as modules
from minimax_vl.synthetic.marks import disc_cover


def disc(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """A filled disc around (x, y)."""
    canvas.stain(x - radius, y - radius, disc_cover(max(round(2 * radius), 2)), colour)


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
    side = scale * (cells + 4)
    canvas.fill(box.x0, box.y0, box.x0 + side, box.y0 + side, (255, 255, 255))
    cover = modules(cells, rng.getrandbits(32), scale)
    canvas.stain(box.x0 + 2 * scale, box.y0 + 2 * scale, cover, (0, 0, 0))
