"""Laws of bent and worn pages: labels go where their ink goes, nothing leaves the page, small print stays legible."""

from __future__ import annotations

import random

import numpy as np
import pytest

from minimax_vl.synthetic.degrade import _screened, worn
from minimax_vl.synthetic.warp import LEAST, warp

WIDTH, HEIGHT = 320, 400


def dots(shape: tuple[int, ...] = (HEIGHT, WIDTH)):
    """Black squares of five pixels on white, and a label at the centre of each."""
    page = np.full(shape, 255, dtype=np.uint8)
    places = [(x, y) for x in range(40, WIDTH - 30, 60) for y in range(40, HEIGHT - 30, 60)]
    for x, y in places:
        page[y - 2 : y + 3, x - 2 : x + 3] = 0
    return page, np.array([(x + 0.5, y + 0.5, 20, 46) for x, y in places], dtype=np.float32)


@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3)])
def test_labels_move_with_the_ink(shape):
    page, glyphs = dots(shape)
    bent = 0
    for seed in range(30):
        image, moved = warp(page, glyphs, random.Random(seed))
        assert image.shape == page.shape and image.dtype == np.uint8 and len(moved) == len(glyphs)
        bent += bool(np.abs(moved[:, :2] - glyphs[:, :2]).max() > 2)
        grey = image if image.ndim == 2 else image[..., 1]
        for x, y, _, _ in moved:
            left, top = round(float(x)) - 7, round(float(y)) - 7
            ink = 255.0 - grey[top : top + 15, left : left + 15]
            rows, columns = np.mgrid[top : top + 15, left : left + 15]
            centre = (columns * ink).sum() / ink.sum() + 0.5, (rows * ink).sum() / ink.sum() + 0.5
            assert abs(centre[0] - x) < 0.8 and abs(centre[1] - y) < 0.8, f"seed {seed} at {x}, {y}"
    assert bent > 20


def test_print_at_the_limit_is_not_shrunk_below_it():
    page, glyphs = dots()
    glyphs[:, 2] = LEAST + 0.2
    for seed in range(30):
        _, moved = warp(page, glyphs, random.Random(seed))
        assert np.median(moved[:, 2]) >= LEAST


@pytest.mark.parametrize("mild", [True, False])
def test_wear_repeats_and_leaves_some_pages_as_they_are(mild):
    page, glyphs = dots((HEIGHT, WIDTH, 3))
    untouched = 0
    for seed in range(60):
        once, again = (worn(page, glyphs, random.Random(seed), mild=mild) for _ in range(2))
        assert np.array_equal(once[0], again[0]) and np.array_equal(once[1], again[1])
        assert once[0].shape == page.shape and once[0].dtype == np.uint8
        untouched += once[0] is page
    assert 10 < untouched < 45


def test_what_is_coloured_keeps_its_colours():
    page, glyphs = dots((HEIGHT, WIDTH, 3))
    page[:100] = (250, 120, 20)
    for seed in range(40):
        image, _ = worn(page, glyphs, random.Random(seed), mild=False, coloured=True)
        red, _, blue = image[30:80, 100:200].reshape(-1, 3).mean(axis=0)
        assert red > blue + 40, f"seed {seed}"


def test_a_screen_makes_dots_of_grey_and_leaves_strokes_whole():
    page = np.full((120, 120), 250, dtype=np.uint8)
    page[:, 40:80] = 215  # a tinted band
    page[30:33, 10:110] = 20  # a stroke across
    for seed in range(8):
        seen = _screened(page, random.Random(seed))
        assert set(np.unique(seen)) <= {*range(41), 255} and len(np.unique(seen)) == 2
        assert (seen[30:33, 10:110] < 50).all() and (seen[50:, :40] == 255).all()
        dark = (seen[50:, 40:80] < 128).mean()
        assert 0.02 < dark < 0.6
