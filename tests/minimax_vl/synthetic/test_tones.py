"""Names of a photograph's colours."""

from __future__ import annotations

import numpy as np
import pytest

from minimax_vl.synthetic.palette import SHADES
from minimax_vl.synthetic.tones import NAMES, color_shares, main_colors


def painted(*parts: tuple[tuple[int, int, int], int]) -> np.ndarray:
    """uint8 [64, sum of widths, 3]: stripes of (colour, width)."""
    return np.concatenate([np.full((64, width, 3), colour, np.uint8) for colour, width in parts], axis=1)


@pytest.mark.parametrize("name", SHADES)
def test_shades_have_the_names_that_drawn_pages_give_them(name):
    assert set(NAMES) == set(SHADES)
    assert {main_colors(painted((shade, 8)))[0] for split in SHADES[name] for shade in split} == {name}


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((86, 125, 70), "green"),  # grass
        ((135, 170, 215), "blue"),  # sky
        ((150, 110, 80), "brown"),  # wood
        ((30, 32, 35), "black"),
        ((225, 225, 220), "white"),
        ((110, 115, 118), "gray"),  # asphalt
    ],
)
def test_muted_colours_of_photographs(colour, name):
    assert main_colors(painted((colour, 8))) == [name]


def test_the_largest_come_first_and_small_ones_are_left_out():
    image = painted(((40, 120, 60), 30), ((20, 50, 150), 40), ((214, 39, 40), 20), ((250, 220, 50), 10))
    assert main_colors(image) == ["blue", "green", "red"]
    shares = color_shares(image)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["yellow"] == pytest.approx(0.1, abs=0.02)
    assert main_colors(image[:, ::-1]) == ["blue", "green", "red"]
