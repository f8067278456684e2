"""What labels lie on, and how their own paper is cut: boxes, shelves, walls, steel, cloth, glass."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

from minimax_vl.synthetic.canvas import Canvas, Colour, darker
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.stock import Stock

Rect = tuple[float, float, float, float]  # left, top, right, bottom


def card(canvas: Canvas, rng: random.Random) -> None:
    """A brown box, sometimes with a strip of tape."""
    brown = rng.randint(120, 200)
    _tile(canvas, (brown, round(brown * 0.8), round(brown * 0.58)), _noise(rng, (64, 64), 5))
    if rng.random() < 0.5:
        x, wide = canvas.width * rng.uniform(0.1, 0.8), canvas.width * 0.1
        canvas.fill(x, 0, x + wide, canvas.height, (min(brown + 25, 255), round(brown * 0.85), brown // 2))


def wood(canvas: Canvas, rng: random.Random) -> None:
    """Boards of a table, with their grain from left to right."""
    red = rng.randint(90, 190)
    grain = np.repeat(_noise(rng, (96, 16), 9), 24, axis=1)
    _tile(canvas, (red, round(red * rng.uniform(0.6, 0.8)), round(red * rng.uniform(0.35, 0.6))), grain)


def wall(canvas: Canvas, rng: random.Random) -> None:
    """Paint, or a plain cloth on a table: one colour, light or dark."""
    base = (rng.randint(60, 225), rng.randint(60, 225), rng.randint(60, 225))
    _tile(canvas, base, _noise(rng, (48, 48), rng.choice((0.5, 3))))


def steel(canvas: Canvas, rng: random.Random) -> None:
    """The painted or bare side of a machine, lighter towards one edge."""
    base = np.array(
        rng.choice(((150, 154, 158), (60, 95, 80), (50, 80, 125), (200, 200, 190), (190, 110, 30)))
    )
    slope = np.linspace(0, rng.randint(-45, 45), canvas.height)  # [H]
    canvas.pixels[:] = (base + slope[:, None]).clip(0, 255).astype(np.uint8)[:, None]  # [H, 1, 3]


def cloth(canvas: Canvas, rng: random.Random) -> None:
    """Woven stuff: threads across and down."""
    base = (rng.randint(30, 210), rng.randint(30, 210), rng.randint(30, 210))
    weave = np.where(np.add.outer(np.arange(4) // 2, np.arange(4) // 2) % 2, 9.0, -9.0)
    _tile(canvas, base, np.tile(weave, (16, 16)) + _noise(rng, (64, 64), 4))


def glass(canvas: Canvas, rng: random.Random) -> None:
    """A bottle or jar close up: dark at its sides, with a gleam."""
    base = np.array(rng.choice(((40, 70, 35), (90, 50, 20), (150, 155, 150), (35, 35, 40), (190, 110, 30))))
    across = np.linspace(-1, 1, canvas.width)  # [W]
    round_ = 0.45 + 0.75 * np.sqrt(1 - 0.95 * across**2)
    gleam = 70 * np.exp(-(((across - rng.uniform(-0.8, -0.6)) / 0.05) ** 2))
    row = (base[None, :] * round_[:, None] + gleam[:, None]).clip(0, 255)  # [W, 3]
    canvas.pixels[:] = row.astype(np.uint8)


def shelf(canvas: Canvas, rng: random.Random) -> None:
    """A shop's or store's shelf: boards and the rail that labels are pushed into."""
    grey = rng.randint(95, 215)
    base = (grey, grey, grey) if rng.random() < 0.5 else (grey, grey - 15, grey - 35)
    canvas.fill(0, 0, canvas.width, canvas.height, base)
    for share in (0.0, 0.97):
        y = canvas.height * share
        canvas.fill(0, y, canvas.width, y + max(canvas.height * 0.03, 5), darker(base, 60))


GROUNDS: dict[str, Callable[[Canvas, random.Random], None]] = {
    "card": card, "wood": wood, "wall": wall, "steel": steel, "cloth": cloth, "glass": glass, "shelf": shelf,
}  # fmt: skip


def paste(stock: Stock, box: Rect, shape: str, *, frame: str = "", hole: float = 0.0) -> None:
    """Lay the label's paper on the page: square, with round or cut corners; `hole` is the radius of one at its top."""
    canvas, (x0, y0, x1, y1) = stock.sheet.canvas, box
    # A frame runs so near to the edge that the corners inside of it must be small.
    bend = (0.8 if shape == "round" else 0.45) if frame else 1.1
    corner = 0 if shape == "square" else round(min(bend * stock.size, 0.12 * min(x1 - x0, y1 - y0)))
    kept = _corners(canvas, box, corner)
    behind = tuple(int(part) for part in canvas.pixels[round(max(y0, 0)), round(max(x0, 0))])
    canvas.fill(x0, y0, x1, y1, stock.paper)
    if frame:
        inset, thick = max(round(0.25 * stock.size), 2), max(round(0.08 * stock.size), 1)
        canvas.box(x0 + inset, y0 + inset, x1 - inset, y1 - inset, stock.accent, thick=thick)
        if frame == "double":
            inset += 2 * thick + 1
            canvas.box(x0 + inset, y0 + inset, x1 - inset, y1 - inset, stock.accent)
    _cut(canvas, kept, corner, rounded=shape == "round")
    if hole:
        disc(canvas, (x0 + x1) / 2, y0 + 1.6 * hole, hole, (behind[0], behind[1], behind[2]))


def screws(sheet: Sheet, box: Rect, radius: float) -> None:
    """A slotted head in each corner of a plate."""
    x0, y0, x1, y1 = box
    tone = sheet.rng.randint(100, 170)
    for x in (x0 + 1.8 * radius, x1 - 1.8 * radius):
        for y in (y0 + 1.8 * radius, y1 - 1.8 * radius):
            disc(sheet.canvas, x, y, radius, (tone, tone, tone))
            thick = max(round(radius * 0.25), 1)
            sheet.canvas.fill(x - radius * 0.7, y, x + radius * 0.7, y + thick, (40, 40, 40))


def disc(canvas: Canvas, x: float, y: float, radius: float, ink: Colour) -> None:
    side = max(math.ceil(2 * radius), 3)
    across = np.arange(side) - (side - 1) / 2
    cover = np.add.outer(across**2, across**2) <= radius**2  # [side, side]
    canvas.stain(x - side / 2, y - side / 2, cover.astype(np.uint8) * 255, ink)


def _noise(rng: random.Random, shape: tuple[int, int], depth: float) -> np.ndarray:
    return np.random.default_rng(rng.getrandbits(32)).normal(0, depth, shape)


def _tile(canvas: Canvas, base: Colour, grain: np.ndarray) -> None:
    """Cover the page with `base` and a patch of grain [h, w] over and over."""
    patch = (np.array(base) + grain[:, :, None]).clip(0, 255).astype(np.uint8)
    h, w = grain.shape
    strip = np.tile(patch, (1, -(-canvas.width // w), 1))[:, : canvas.width]  # [h, W, 3]
    for top in range(0, canvas.height, h):
        canvas.pixels[top : top + h] = strip[: canvas.height - top]


def _corners(canvas: Canvas, box: Rect, side: int) -> list[tuple[np.ndarray, np.ndarray, int, int]]:
    """The page under the four corners of a box: window, copy, and which way the corner looks."""
    if not side:
        return []
    left, top, right, bottom = (round(part) for part in box)
    kept = []
    for rows, down in ((slice(top, top + side), 1), (slice(bottom - side, bottom), -1)):
        for columns, along in ((slice(left, left + side), 1), (slice(right - side, right), -1)):
            window = canvas.pixels[rows, columns]
            if window.shape[:2] == (side, side):
                kept.append((window, window.copy(), down, along))
    return kept


def _cut(
    canvas: Canvas, kept: list[tuple[np.ndarray, np.ndarray, int, int]], side: int, *, rounded: bool
) -> None:
    """Give back what was under the corners, outside of a quarter circle or of a slanting cut."""
    far = side - np.arange(side) - 0.5
    outside = np.add.outer(far**2, far**2) > side**2 if rounded else np.add.outer(far, far) > side
    for window, before, down, along in kept:
        mask = outside[::down, ::along]
        window[mask] = before[mask]
