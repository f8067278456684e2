"""Skew, perspective and the curl of paper: one smooth field of displacements that pixels and glyph labels share."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

Field = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
CELLS = 10  # the field is laid over the page as a mesh of so many cells a side, bilinear within each
LEAST = 9.0  # em height in pixels below which a page's common print is not shrunk
SMALL = 17.0  # em height in pixels up to which print is resampled with care
MARGIN = 3.0  # pixels that every glyph centre keeps from the edge, beside half its height


def warp(
    image: np.ndarray, glyphs: np.ndarray, rng: random.Random, *, strength: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """A bent copy of a page and its labels: image uint8 [H, W] or [H, W, 3], glyphs float32 [N, 4] as in `Page`.

    No glyph leaves the page: a field that would push one out is weakened, and given up when that does not help.
    """
    height, width = image.shape[:2]
    for _ in range(4):
        field = _field(rng, width, height, strength)
        moved = _moved(glyphs, field)
        reach = MARGIN + 0.5 * moved[:, 2]
        inside = (moved[:, 0] > reach) & (moved[:, 0] < width - reach)
        legible = np.median(moved[:, 2]) >= min(LEAST, np.median(glyphs[:, 2])) if len(glyphs) else True
        if legible and (inside & (moved[:, 1] > reach) & (moved[:, 1] < height - reach)).all():
            return _drawn(image, field, rng, float(np.median(moved[:, 2])) if len(moved) else 0.0), moved
        strength *= 0.6
    return image, glyphs


def _field(rng: random.Random, width: int, height: int, strength: float) -> Field:
    """From a place on the new page to the place on the old one that is seen there."""
    angle = math.radians(rng.triangular(-3, 3, 0)) * strength
    zoom = 1 + rng.uniform(0.0, 0.05) * strength  # above 1 shows more than the page: its edges come into view
    lean_x, lean_y = (rng.uniform(-0.05, 0.05) * strength if rng.random() < 0.5 else 0.0 for _ in "xy")
    shift_x, shift_y = (
        rng.uniform(-0.012, 0.012) * strength * width,
        rng.uniform(-0.012, 0.012) * strength * height,
    )
    bend = rng.uniform(-0.008, 0.008) * strength * height if rng.random() < 0.4 else 0.0
    waves, phase = rng.uniform(0.5, 1.6), rng.uniform(0, 6.3)
    cos, sin = math.cos(angle) * zoom, math.sin(angle) * zoom
    centre_x, centre_y = width / 2, height / 2

    def field(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u, v = (x - centre_x) / centre_x, (y - centre_y) / centre_y  # -1..1
        depth = 1 + lean_x * u + lean_y * v
        u, v = u / depth * centre_x, v / depth * centre_y
        curl = bend * np.sin(waves * math.pi * x / width + phase)
        return cos * u - sin * v + centre_x + shift_x, sin * u + cos * v + centre_y + shift_y + curl

    return field


def _moved(glyphs: np.ndarray, field: Field) -> np.ndarray:
    """Where the glyphs come to lie: the field inverted by iteration, as it is nearly the identity."""
    old_x, old_y = glyphs[:, 0].astype(np.float64), glyphs[:, 1].astype(np.float64)
    x, y = old_x.copy(), old_y.copy()
    for _ in range(12):
        seen_x, seen_y = field(x, y)
        x, y = x + old_x - seen_x, y + old_y - seen_y
    below_x, below_y = field(x, y + 1)
    seen_x, seen_y = field(x, y)
    scale = 1 / np.hypot(below_x - seen_x, below_y - seen_y)  # pixels of the new page to one of the old
    return np.stack([x, y, glyphs[:, 2] * scale, glyphs[:, 3]], axis=1).astype(np.float32)


def _drawn(image: np.ndarray, field: Field, rng: random.Random, em: float) -> np.ndarray:
    from PIL import Image

    height, width = image.shape[:2]
    xs, ys = np.linspace(0, width, CELLS + 1).astype(int), np.linspace(0, height, CELLS + 1).astype(int)
    from_x, from_y = field(*np.meshgrid(xs.astype(np.float64), ys.astype(np.float64)))
    mesh = []
    for r in range(CELLS):
        for c in range(CELLS):
            corners = [
                (r, c),
                (r + 1, c),
                (r + 1, c + 1),
                (r, c + 1),
            ]  # Pillow's order: from the top left, downwards
            quad = tuple(float(axis[corner]) for corner in corners for axis in (from_x, from_y))
            mesh.append(((xs[c], ys[r], xs[c + 1], ys[r + 1]), quad))
    edge = image[2, 2] if rng.random() < 0.6 else np.full(image.shape[2:], rng.choice((0, 10, 30, 120, 255)))
    fill = int(edge) if image.ndim == 2 else tuple(int(value) for value in edge)
    # Cubic keeps small print sharp; for large print and three channels it takes too long.
    how = Image.Resampling.BICUBIC if image.ndim == 2 and em < SMALL else Image.Resampling.BILINEAR
    page = Image.fromarray(np.ascontiguousarray(image))
    return np.array(page.transform((width, height), Image.Transform.MESH, mesh, how, fill=1, fillcolor=fill))
