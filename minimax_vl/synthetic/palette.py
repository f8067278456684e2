"""Colours with the names people give them; the held-out split sees shades that training does not."""

from __future__ import annotations

import random

from minimax_vl.synthetic.canvas import Colour

# name: shades of training, shades of the held-out split
SHADES: dict[str, tuple[tuple[Colour, ...], tuple[Colour, ...]]] = {
    "red": (((205, 30, 35), (214, 39, 40), (240, 20, 20), (185, 28, 28)), ((225, 50, 50), (200, 16, 46))),
    "blue": (((31, 119, 180), (40, 80, 200), (0, 153, 255), (20, 50, 150)), ((30, 136, 229), (25, 70, 180))),
    "green": (((44, 160, 44), (40, 120, 60), (90, 180, 70), (0, 200, 60)), ((56, 142, 60), (20, 175, 80))),
    "yellow": (((255, 255, 0), (250, 220, 50), (255, 235, 80)), ((255, 225, 30), (250, 240, 60))),
    "orange": (((255, 127, 14), (245, 145, 30), (237, 125, 49)), ((251, 140, 0), (240, 120, 20))),
    "purple": (((128, 0, 160), (148, 80, 189), (112, 48, 160)), ((142, 36, 170), (110, 60, 170))),
    "pink": (((255, 150, 195), (240, 130, 190), (255, 175, 205)), ((250, 140, 180), (248, 165, 200))),
    "brown": (((135, 80, 40), (120, 66, 25), (140, 86, 65)), ((109, 76, 50), (128, 70, 27))),
    "gray": (((127, 127, 127), (150, 150, 150), (110, 110, 110)), ((135, 135, 140), (120, 124, 128))),
    "black": (((0, 0, 0), (25, 25, 25)), ((15, 15, 20),)),
    "white": (((255, 255, 255), (248, 248, 248)), ((252, 252, 252),)),
}  # fmt: skip
BRIGHT: tuple[str, ...] = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown")
ALIKE = (
    {"red", "brown", "orange"},
    {"yellow", "white"},
    {"pink", "purple"},
    {"gray", "white"},
    {"yellow", "orange"},
)


def shade(rng: random.Random, name: str, split: str) -> Colour:
    """One shade of a named colour, shifted a little."""
    named = rng.choice(SHADES[name][split == "heldout"])
    red, green, blue = (min(255, max(0, part + rng.randint(-7, 7))) for part in named)
    return red, green, blue


def names(rng: random.Random, count: int, *, among: tuple[str, ...] = BRIGHT) -> list[str]:
    """Up to `count` different names of colours that nobody would mistake for each other."""
    chosen: list[str] = []
    for name in rng.sample(among, len(among)):
        if len(chosen) < count and not any(name in pair and pair & set(chosen) for pair in ALIKE):
            chosen.append(name)
    return chosen


def readable_on(colour: Colour) -> Colour:
    """Black or white, whichever can be read on the colour."""
    red, green, blue = colour
    return (10, 10, 10) if 0.3 * red + 0.59 * green + 0.11 * blue > 135 else (250, 250, 250)
