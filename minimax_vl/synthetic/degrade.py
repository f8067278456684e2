"""Mild wear of a drawn page: contrast, blur and noise, as a scan would add."""

from __future__ import annotations

import random

import numpy as np


def degrade(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A worn copy of a page (uint8 [H, W, 3]); nothing moves, so glyph labels stay true."""
    page = image.astype(np.float32)
    if rng.random() < 0.4:  # blur: a three-tap kernel both ways
        side = rng.uniform(0.05, 0.18)
        for axis in (0, 1):
            page = (1 - 2 * side) * page + side * (np.roll(page, 1, axis) + np.roll(page, -1, axis))
    contrast, shift = rng.uniform(0.75, 1.0), rng.uniform(-10, 10)
    page = (page - 128) * contrast + 128 + shift
    noise = rng.uniform(0, 7)
    draw = np.random.default_rng(rng.getrandbits(64)).standard_normal(page.shape[:2], dtype=np.float32)
    page += noise * draw[:, :, None]
    return np.clip(page, 0, 255).astype(np.uint8)
