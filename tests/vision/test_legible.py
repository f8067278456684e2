"""Small print is enlarged until its lines reach the aim; large print, pictures and the release are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from minimax_vl.presets import PRESETS
from minimax_vl.processor import Processor
from minimax_vl.testing import NANO
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.legible import legible_size, line_height
from minimax_vl.vision.tiling import plan_tiles

TILING = PRESETS["nano"].tiling


def page(size: int, height: int = 672, width: int = 672, *, slope: float = 0.0) -> Image.Image:
    """Lines of `size` pixels an em over the whole page, turned by `slope` degrees."""
    image = Image.new("L", (width, height), 245)
    pen = ImageDraw.Draw(image)
    for y in range(12, height - 2 * size, round(1.5 * size)):
        pen.text((12, y), "Amount due 45.10 paid by card, change 0.00 " * 5, fill=20, font_size=size)
    return image.rotate(slope, Image.Resampling.BICUBIC, fillcolor=245)


@pytest.mark.parametrize("slope", [0.0, 1.0])
@pytest.mark.parametrize("size", [9, 12, 16, 24, 40])
def test_the_height_of_lines_is_three_quarters_of_an_em_and_more(size, slope):
    assert 0.7 * size <= line_height(np.asarray(page(size, slope=slope))) <= 1.25 * size


def test_small_print_gets_more_tiles_and_large_print_does_not():
    small, large = legible_size(page(9), TILING), legible_size(page(20), TILING)
    assert large == (672, 672)
    assert small[0] == small[1] and 1.15 * 672 < small[0] <= 1.7 * 672
    lines = line_height(np.asarray(page(9).resize((small[1], small[0]), Image.Resampling.BICUBIC)))
    assert lines >= TILING.line_height - 2


def test_what_holds_no_print_or_has_no_larger_grid_keeps_its_size():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (672, 672), dtype=np.uint8))
    for image in (noise, Image.new("L", (672, 672), 255), page(9, 1344, 1008), page(9, 3000, 2000)):
        assert legible_size(image, TILING) == (image.height, image.width)


def test_the_release_enlarges_nothing():
    assert legible_size(page(9), PRESETS["minimax-vl-01"].tiling) == (672, 672)


def test_the_processor_plans_for_the_enlarged_page_and_counts_agree():
    tokenizer = Tokenizer.read(NANO)
    image = Processor(tokenizer, TILING).image(page(9).convert("RGB"))
    plain = Processor(tokenizer, replace(TILING, line_height=0.0)).image(page(9).convert("RGB"))
    assert image.plan.grid == (3, 3) and plain.plan.grid == (2, 2)
    assert image.plan.size == plain.plan.size == plain.plan.planned
    again = plan_tiles(*image.plan.planned, TILING)
    assert (again.grid, again.kept) == (image.plan.grid, image.plan.kept)
    assert image.pixels.shape == (10, 3, 336, 336)
