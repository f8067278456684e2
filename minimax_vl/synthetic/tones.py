"""Names for the colours of a photograph: the eleven that people use without thinking, by share of its pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 64  # pixels: finer detail than that of a thumbnail has no part in what a picture is "mostly"
LEAST, MOST = 0.15, 3  # share of the pixels from which a colour is named, and how many are
# Below the first degree of each name, the hue belongs to it; behind the last it is red again.
HUES = (
    (18, "red"),
    (45, "orange"),
    (68, "yellow"),
    (170, "green"),
    (258, "blue"),
    (290, "purple"),
    (338, "pink"),
)
NAMES = ("black", "gray", "white", "brown", *(name for _, name in HUES))


def main_colors(image: np.ndarray) -> list[str]:
    """Names of the colours that cover most of an image, uint8 [H, W, 3], the largest share first; at most three."""
    return [name for name, share in color_shares(image).items() if share >= LEAST][:MOST]


def color_shares(image: np.ndarray) -> dict[str, float]:
    """{name: share of the pixels}, all of `NAMES`, the largest share first."""
    small = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX).convert("HSV")
    hue, depth, value = (channel.ravel() / 255 for channel in np.moveaxis(np.asarray(small), -1, 0))
    warmth = np.digitize(hue * 360, [degree for degree, _ in HUES])
    index = NAMES.index("red") + warmth % len(HUES)
    muted = np.isin(warmth, (0, 1, len(HUES))) & (value < 0.68) & (value * depth < 0.48)
    index = np.where(muted, NAMES.index("brown"), index)
    pale = (depth < 0.12) | (value * depth < 0.075)
    index = np.where(pale, np.where(value > 0.78, NAMES.index("white"), NAMES.index("gray")), index)
    index = np.where(value < 0.2, NAMES.index("black"), index)
    shares = np.bincount(index, minlength=len(NAMES)) / index.size
    return {NAMES[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}
