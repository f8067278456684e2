"""What lies on pages beside print: logos, barcodes, stamps, signatures, shading of the paper."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import numpy as np

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Canvas, Colour


def logo(canvas: Canvas, rng: random.Random, x: float, y: float, side: int, ink: Colour) -> None:
    """A simple emblem in a square of `side` pixels: disc, ring, diamond, or bars."""
    rows, columns = np.mgrid[0:side, 0:side]
    dy, dx = (rows - side / 2) / (side / 2), (columns - side / 2) / (side / 2)  # [side, side], -1..1
    shape = rng.choice(
        (
            dx**2 + dy**2 < 0.95,
            (dx**2 + dy**2 < 0.95) & (dx**2 + dy**2 > rng.uniform(0.2, 0.6)),
            abs(dx) + abs(dy) < 0.95,
            (abs(dx) < 0.9) & (abs(dy) < 0.9) & ((columns // max(side // 6, 1)) % 2 == 0),
            (dy > 2 * abs(dx) - 0.95) & (dy < 0.9),
        )
    )
    canvas.stain(x, y, shape.astype(np.uint8) * 255, ink)


def barcode(
    canvas: Canvas, rng: random.Random, x: float, y: float, width: float, height: float, ink: Colour
) -> None:
    """Upright bars of random thickness over the given rectangle."""
    pen = x
    while pen < x + width - 4:
        thick = rng.choice((1, 1, 2, 3))
        canvas.fill(pen, y, pen + thick, y + height, ink)
        pen += thick + rng.choice((1, 1, 2, 3))


@lru_cache(maxsize=512)
def disc_cover(side: int) -> np.ndarray:
    """Coverage of a disc that fills its square, uint8 [side, side]."""
    place = np.arange(side) + 0.5 - side / 2
    reach = np.hypot(place[:, None], place[None, :])  # [side, side]
    return (np.clip(side / 2 - reach + 0.5, 0, 1) * 255).astype(np.uint8)


def rounded(canvas: Canvas, box: Box, radius: float, colour: Colour) -> None:
    """A filled rectangle with round corners."""
    x0, y0, x1, y1 = round(box.x0), round(box.y0), round(box.x1), round(box.y1)
    r = min(round(radius), (x1 - x0) // 2, (y1 - y0) // 2)
    if r < 2:
        canvas.fill(x0, y0, x1, y1, colour)
        return
    canvas.fill(x0 + r, y0, x1 - r, y1, colour)
    canvas.fill(x0, y0 + r, x0 + r, y1 - r, colour)
    canvas.fill(x1 - r, y0 + r, x1, y1 - r, colour)
    cover = disc_cover(2 * r)
    canvas.stain(x0, y0, cover[:r, :r], colour)
    canvas.stain(x1 - r, y0, cover[:r, r:], colour)
    canvas.stain(x0, y1 - r, cover[r:, :r], colour)
    canvas.stain(x1 - r, y1 - r, cover[r:, r:], colour)


def code_square(count: int, seed: int, module: int = 1) -> np.ndarray:
    """What telephones read: `count` x `count` modules of `module` pixels, a ring in three corners; uint8 0 or 255."""
    cells = np.random.default_rng(seed).integers(0, 2, (count, count), dtype=np.uint8)
    ring = np.zeros((8, 8), dtype=np.uint8)  # its eighth row and column part it from the rest
    ring[:7, :7] = 1
    ring[1:6, 1:6] = 0
    ring[2:5, 2:5] = 1
    cells[:8, :8], cells[:8, -8:], cells[-8:, :8] = ring, ring[:, ::-1], ring[::-1]
    return np.kron(cells, np.full((module, module), 255, dtype=np.uint8))


def stamp(canvas: Canvas, rng: random.Random) -> None:
    """A faint ring or frame, as a rubber stamp leaves it, anywhere on the page."""
    side = round(min(canvas.height, canvas.width) * rng.uniform(0.15, 0.3))
    rows, columns = np.mgrid[0:side, 0:side]
    dy, dx = (rows - side / 2) / (side / 2), (columns - side / 2) / (side / 2)
    reach = np.sqrt(dx**2 + dy**2) if rng.random() < 0.6 else np.maximum(abs(dx), 1.4 * abs(dy))
    ring = ((reach < 0.95) & (reach > 0.87)) | ((reach < 0.7) & (reach > 0.66))
    ink = rng.choice(((160, 30, 40), (40, 50, 150), (90, 40, 120)))
    x, y = rng.uniform(0, canvas.width - side), rng.uniform(0, canvas.height - side)
    canvas.stain(x, y, ring.astype(np.uint8) * rng.randint(40, 130), ink)


def signature(
    canvas: Canvas, rng: random.Random, x: float, y: float, width: float, height: float, ink: Colour
) -> None:
    """A pen stroke without meaning."""
    a, b, c = rng.uniform(3, 9), rng.uniform(8, 17), rng.uniform(0, 6)
    cover = np.zeros((max(round(height), 6), max(round(width), 12)), dtype=np.uint8)
    h, w = cover.shape
    for step in range(w * 4):
        t = step / (w * 4)
        row = (0.5 + 0.28 * math.sin(a * t * 2 + c) + 0.18 * math.sin(b * t * 2)) * (h - 3)
        column = (t + 0.04 * math.sin(b * t * 3)) * (w - 3)
        cover[int(row) : int(row) + 2, max(int(column), 0) : int(column) + 2] = 220
    canvas.stain(x, y, cover, ink)


def shade(canvas: Canvas, rng: random.Random) -> None:
    """Uneven light: the page gets darker towards one side."""
    across = rng.random() < 0.5
    length = canvas.width if across else canvas.height
    ramp = np.linspace(256, rng.randint(190, 245), length).astype(np.uint16)
    ramp = ramp[::-1] if rng.random() < 0.5 else ramp
    weight = ramp[None, :, None] if across else ramp[:, None, None]
    np.right_shift(canvas.pixels * weight, 8, out=canvas.pixels, casting="unsafe")
