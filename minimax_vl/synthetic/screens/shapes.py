"""What screens are built of beside print: boxes with round corners, discs, icons, switches, batteries."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Canvas, Colour, blend
from minimax_vl.synthetic.marks import disc_cover, rounded

FINE = 4  # icons are made at so many times their size and averaged down, which smooths their edges


def grey(shade: int) -> Colour:
    """Neither warm nor cold."""
    return shade, shade, shade


def dot(canvas: Canvas, x: float, y: float, side: float, colour: Colour) -> None:
    """A disc with its middle at (x, y)."""
    whole = max(round(side), 2)
    canvas.stain(x - whole / 2, y - whole / 2, disc_cover(whole), colour)


def framed(canvas: Canvas, box: Box, radius: float, inside: Colour, edge: Colour, thick: float = 1) -> None:
    """A filled box with an outline."""
    rounded(canvas, box, radius, edge)
    rounded(canvas, box.inset(thick), radius - thick, inside)


def _stroke(x: np.ndarray, y: np.ndarray, *points: tuple[float, float], wide: float = 0.11) -> np.ndarray:
    """Where a line through the points lies, on a grid from -1 to 1."""
    lies = np.zeros(np.broadcast(x, y).shape, dtype=bool)
    for (ax, ay), (bx, by) in pairwise(points):
        long = (bx - ax) ** 2 + (by - ay) ** 2
        along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long, 0, 1)
        lies |= np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) < wide
    return lies


def _ring(x: np.ndarray, y: np.ndarray, radius: float, wide: float = 0.11) -> np.ndarray:
    return abs(np.hypot(x, y) - radius) < wide


def _round(x: np.ndarray, y: np.ndarray, cx: float, cy: float, radius: float) -> np.ndarray:
    return np.hypot(x - cx, y - cy) < radius


def _cloud(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    puffs = _round(x, y, -0.45, 0.2, 0.38) | _round(x, y, 0.45, 0.22, 0.36) | _round(x, y, 0.0, -0.1, 0.5)
    return puffs | ((abs(x) < 0.5) & (abs(y - 0.38) < 0.2))


def _house(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return ((y > abs(x) * 0.9 - 0.8) & (y < 0)) | ((abs(x) < 0.6) & (y >= 0) & (y < 0.75))


def _sun(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rays = (np.cos(8 * np.arctan2(y, x)) > 0.55) & (np.hypot(x, y) > 0.62) & (np.hypot(x, y) < 0.95)
    return _round(x, y, 0, 0, 0.48) | rays


ICONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "search": lambda x, y: _ring(x + 0.2, y + 0.2, 0.5) | _stroke(x, y, (0.2, 0.2), (0.8, 0.8), wide=0.14),
    "menu": lambda x, y: (abs(x) < 0.75) & (abs(abs(y) - 0.27) > 0.14) & (abs(y) < 0.66),
    "close": lambda x, y: _stroke(x, y, (-0.6, -0.6), (0.6, 0.6)) | _stroke(x, y, (0.6, -0.6), (-0.6, 0.6)),
    "plus": lambda x, y: _stroke(x, y, (-0.7, 0), (0.7, 0)) | _stroke(x, y, (0, -0.7), (0, 0.7)),
    "minus": lambda x, y: _stroke(x, y, (-0.6, 0.0), (0.6, 0.0)),
    "square": lambda x, y: abs(np.maximum(abs(x), abs(y)) - 0.6) < 0.1,
    "back": lambda x, y: _stroke(x, y, (0.3, -0.7), (-0.4, 0), (0.3, 0.7), wide=0.13),
    "forward": lambda x, y: _stroke(x, y, (-0.3, -0.7), (0.4, 0), (-0.3, 0.7), wide=0.13),
    "down": lambda x, y: _stroke(x, y, (-0.6, -0.25), (0, 0.35), (0.6, -0.25), wide=0.13),
    "again": lambda x, y: _ring(x, y, 0.6) & ((x < 0.1) | (y > 0.1)) | (abs(x - 0.6) + abs(y + 0.1) < 0.3),
    "home": _house,
    "person": lambda x, y: _round(x, y, 0, -0.35, 0.36) | (_round(x, y, 0, 0.9, 0.75) & (y < 0.8)),
    "bell": lambda x, y: (
        (_round(x, y, 0, -0.1, 0.5) | ((abs(x) < 0.5) & (y > -0.1))) & (y < 0.45)
        | (abs(x) < 0.75) & (abs(y - 0.5) < 0.1)
        | _round(x, y, 0, 0.75, 0.15)
    ),
    "heart": lambda x, y: (
        _round(x, y, -0.35, -0.2, 0.42) | _round(x, y, 0.35, -0.2, 0.42) | ((abs(x) + y < 0.75) & (y > -0.1))
    ),
    "mail": lambda x, y: (
        (abs(x) < 0.85) & (abs(y) < 0.6) & ~_stroke(x, y, (-0.8, -0.5), (0, 0.15), (0.8, -0.5), wide=0.08)
    ),
    "clock": lambda x, y: _ring(x, y, 0.75) | _stroke(x, y, (0, -0.45), (0, 0), (0.35, 0.2)),
    "lock": lambda x, y: (abs(x) < 0.55) & (abs(y - 0.35) < 0.42) | _ring(x, y + 0.2, 0.38) & (y < 0),
    "star": lambda x, y: np.hypot(x, y) < 0.55 + 0.33 * np.cos(5 * (np.arctan2(y, x) + np.pi / 2)),
    "gear": lambda x, y: _ring(x, y, 0.45, 0.2) | (np.cos(8 * np.arctan2(y, x)) > 0.3) & _ring(x, y, 0.75),
    "dots": lambda x, y: _round(x, y, 0, -0.6, 0.17) | _round(x, y, 0, 0, 0.17) | _round(x, y, 0, 0.6, 0.17),
    "folder": lambda x, y: (abs(x) < 0.85) & (abs(y - 0.12) < 0.52) | (abs(x + 0.47) < 0.38) & (abs(y + 0.45) < 0.15),
    "page": lambda x, y: (abs(x) < 0.55) & (abs(y) < 0.8) & ~(x - y > 0.95) & ~_stroke(x, y, (-0.3, 0.1), (0.3, 0.1)),
    "play": lambda x, y: (x > -0.5) & (abs(y) < 0.35 * (1.2 - x) + 0.02) & (x < 0.8),
    "tick": lambda x, y: _stroke(x, y, (-0.6, 0.05), (-0.15, 0.5), (0.65, -0.5), wide=0.16),
    "sun": _sun,
    "cloud": _cloud,
    "rain": lambda x, y: (
        _cloud(x, y + 0.25)
        | _stroke(x, y, (-0.4, 0.5), (-0.5, 0.85), wide=0.09)
        | _stroke(x, y, (0.0, 0.5), (-0.1, 0.85), wide=0.09)
        | _stroke(x, y, (0.4, 0.5), (0.3, 0.85), wide=0.09)
    ),
    "alert": lambda x, y: (
        (y > 2 * abs(x) - 0.9) & (y < 0.75) & ~_stroke(x, y, (0, -0.3), (0, 0.2)) & ~_round(x, y, 0, 0.5, 0.1)
    ),
    "info": lambda x, y: (
        _round(x, y, 0, 0, 0.85) & ~_stroke(x, y, (0, -0.05), (0, 0.5)) & ~_round(x, y, 0, -0.42, 0.12)
    ),
}  # fmt: skip
# What a row or a tab may carry without a meaning that its words would have to keep.
PLAIN_ICONS = ("home", "person", "bell", "heart", "mail", "clock", "star", "gear", "folder", "page", "lock")


@lru_cache(maxsize=1024)
def _cover(name: str, side: int) -> np.ndarray:
    """Coverage of an icon, uint8 [side, side]."""
    place = ((np.arange(side * FINE) + 0.5) / (side * FINE) * 2 - 1).astype(np.float32)
    lies = ICONS[name](place[None, :], place[:, None])  # [side * FINE, side * FINE]
    return (lies.reshape(side, FINE, side, FINE).mean(axis=(1, 3)) * 255).astype(np.uint8)


def icon(canvas: Canvas, name: str, x: float, y: float, side: float, ink: Colour) -> None:
    """One of ICONS with its middle at (x, y)."""
    whole = max(round(side), 6)
    canvas.stain(x - whole / 2, y - whole / 2, _cover(name, whole), ink)


def switch(
    canvas: Canvas, box: Box, *, on: bool, style: str, accent: Colour, off: Colour, page: Colour
) -> None:
    """A switch that fills `box`, its knob at the right and its track in colour when it is on."""
    tall, middle = box.height, (box.y0 + box.y1) / 2
    x = box.x1 - tall / 2 if on else box.x0 + tall / 2
    if style == "thin":  # the knob is taller than its track and has the colour too
        rounded(canvas, box.inset(tall * 0.15, tall * 0.22), tall, blend(page, accent if on else off, 0.5))
        dot(canvas, x, middle, tall, accent if on else blend(off, page, 0.3))
    elif style == "ring":  # an outline when off
        track = accent if on else page
        framed(canvas, box, tall, track, accent if on else off, max(tall * 0.1, 1.5))
        dot(canvas, x, middle, tall * (0.7 if on else 0.5), page if on else off)
    elif style == "square":
        rounded(canvas, box, 2, accent if on else off)
        knob = Box(x - tall * 0.4, box.y0 + tall * 0.1, x + tall * 0.4, box.y1 - tall * 0.1)
        rounded(canvas, knob, 1, (250, 250, 250))
    else:
        rounded(canvas, box, tall, accent if on else off)
        dot(canvas, x, middle, tall * 0.84, (252, 252, 252))


def battery(canvas: Canvas, box: Box, share: float, ink: Colour, page: Colour) -> None:
    """A cell lying on its side, filled to `share`."""
    body = Box(box.x0, box.y0, box.x1 - box.width * 0.1, box.y1)
    framed(canvas, body, 2, page, ink, 1)
    canvas.fill(body.x1, box.y0 + box.height * 0.3, box.x1, box.y1 - box.height * 0.3, ink)
    full = body.inset(2)
    canvas.fill(full.x0, full.y0, full.x0 + max(full.width * share, 1), full.y1, ink)


def bars(canvas: Canvas, box: Box, strength: int, ink: Colour, faint: Colour) -> None:
    """Four steps of signal strength."""
    for number, step in enumerate(box.columns(4, box.width * 0.08)):
        top = box.y1 - box.height * (number + 1) / 4
        canvas.fill(step.x0, top, step.x1, box.y1, ink if number < strength else faint)


def wallpaper(canvas: Canvas, rng: random.Random, box: Box) -> None:
    """What lies behind a window: two colours that run into each other, and now and then some discs."""
    low, high = rng.choice(((20, 90), (70, 160), (150, 225)))
    a, b = ([rng.randint(low, high) for _ in range(3)] for _ in range(2))
    if rng.random() < 0.25:
        b = a
    x0, y0, x1, y1 = round(box.x0), round(box.y0), round(box.x1), round(box.y1)
    window = canvas.pixels[max(y0, 0) : y1, max(x0, 0) : x1]
    across = rng.random() < 0.4
    for channel, (start, end) in enumerate(zip(a, b, strict=True)):
        ramp = np.linspace(start, end, window.shape[across]).astype(np.uint8)
        window[:, :, channel] = ramp[None, :] if across else ramp[:, None]
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 3)):
            side = round(min(box.width, box.height) * rng.uniform(0.1, 0.35))
            tint = (min(a[0] + 25, 255), min(a[1] + 25, 255), min(a[2] + 25, 255))
            x, y = rng.uniform(box.x0, box.x1 - side), rng.uniform(box.y0, box.y1 - side)
            canvas.stain(x, y, disc_cover(side), tint)
