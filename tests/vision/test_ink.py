"""The inked area: print is never cut, blank paper and scan borders go, pictures stay whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from minimax_vl.config import ModelConfig
from minimax_vl.presets import PRESETS
from minimax_vl.processor import Processor
from minimax_vl.synthetic import FontBook, sample
from minimax_vl.synthetic.canvas import LANDMARK
from minimax_vl.testing import NANO
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.ink import inked_area
from minimax_vl.vision.pixels import render
from minimax_vl.vision.tiling import plan_tiles


def paper(width: int, height: int, shade: int = 250) -> Image.Image:
    grain = np.random.default_rng(0).integers(-3, 4, (height, width))
    return Image.fromarray((shade + grain).clip(0, 255).astype(np.uint8))


def print_block(page: Image.Image, box: tuple[int, int, int, int], *, size: int = 20, ink: int = 30) -> None:
    """Lines of words that fill `box` from edge to edge."""
    pen = ImageDraw.Draw(page)
    for y in range(box[1], box[3] - size, size + 6):
        text, x = "TOTAL 45.10 Amount due", float(box[0])
        while (step := pen.textlength(text, font_size=size)) and x + step < box[2]:
            pen.text((x, y), text, fill=ink, font_size=size)
            x += step + size


def contains(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


@settings(max_examples=25, deadline=None)
@given(
    left=st.integers(20, 500),
    top=st.integers(20, 700),
    width=st.integers(300, 460),
    height=st.integers(80, 460),
    ink=st.integers(0, 150),
)
def test_print_is_inside_and_blank_paper_is_not(left, top, width, height, ink):
    page, block = paper(1000, 1200), (left, top, left + width, top + height)
    print_block(page, block, ink=ink)
    area = inked_area(page)
    dark = np.argwhere(np.asarray(page) < 200)
    (y0, x0), (y1, x1) = dark.min(0), dark.max(0) + 1
    assert contains(area, (x0, y0, x1, y1))
    # 2 % of the longer side and a cell of the copy around it, and never less than a tile
    assert area[2] - area[0] <= max(336, x1 - x0 + 2 * (24 + 24))
    assert area[3] - area[1] <= max(336, y1 - y0 + 2 * (24 + 24))


def test_black_borders_and_dirt_are_cut_off():
    page = paper(1000, 1400)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 60, 1400), fill=5)
    pen.rectangle((960, 0, 1000, 1400), fill=5)
    for x, y in ((100, 300), (900, 1350), (130, 1300)):
        pen.rectangle((x, y, x + 3, y + 3), fill=0)
    print_block(page, (250, 200, 750, 700))
    area = inked_area(page)
    assert contains(area, (250, 204, 700, 690))
    assert area[0] > 150
    assert area[3] < 800


@pytest.mark.parametrize("fill", ["black", "gray", "#2c7fd1", "#f0dc3c", "pink"])
def test_a_figure_is_left_whole_though_it_has_a_few_words(fill):
    page = paper(672, 672).convert("RGB")
    print_block(page, (400, 400, 640, 430))
    assert inked_area(page) != (0, 0, 672, 672)
    pen = ImageDraw.Draw(page)
    pen.ellipse((60, 80, 160, 180), fill=fill)
    pen.polygon((300, 60, 400, 60, 350, 160), fill=fill)
    assert inked_area(page) == (0, 0, 672, 672)


def test_a_paper_with_a_logo_on_a_table_is_cut_as_before():
    page = paper(1000, 1400).convert("RGB")
    print_block(page, (300, 200, 800, 700))
    bare = inked_area(page)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1000, 40), fill="#7a5230")
    pen.rectangle((320, 220, 400, 260), fill="#b01030")
    assert inked_area(page) == bare != (0, 0, 1000, 1400)


@pytest.mark.parametrize(("kind", "most"), [("scene", 2), ("chart", 0), ("diagram", 0)])
def test_no_thing_of_a_drawn_figure_is_cut_off(kind, most):
    """most: of 40 pages. What stands before grass, or on a table, that reaches the edge is not told from it."""
    fonts, cut = FontBook.load(None, "train"), 0
    for index in range(40):
        page = sample("train", index, ((672, 672), (1008, 672))[index % 2], fonts, kinds=(kind,))
        left, top, right, bottom = inked_area(Image.fromarray(page.image))
        x, y = page.glyphs[page.glyphs[:, 3] >= LANDMARK][:, :2].T
        cut += bool(((x < left) | (x >= right) | (y < top) | (y >= bottom)).any())
    assert cut <= most


def test_pale_print_is_found():
    page = paper(800, 1200, shade=235)
    print_block(page, (100, 100, 600, 400), ink=190)
    print_block(page, (100, 600, 600, 700), ink=20)
    assert inked_area(page)[1] <= 105


@pytest.mark.parametrize("make", ["noise", "blank", "night", "full"])
def test_the_whole_is_kept_when_in_doubt(make):
    if make == "noise":
        colours = np.random.default_rng(1).integers(0, 255, (50, 60, 3), dtype=np.uint8)
        image = Image.fromarray(colours).resize((960, 800), Image.Resampling.BICUBIC)
    elif make == "blank":
        image = paper(700, 900)
    elif make == "night":
        image = paper(700, 900, shade=12)
        print_block(image, (200, 200, 500, 500), ink=240)
    else:
        image = paper(700, 900)
        print_block(image, (10, 10, 690, 890))
        print_block(image, (400, 10, 690, 890))
    assert inked_area(image) == (0, 0, *image.size)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (300, 300), (63, 5000)], ids=str)
def test_small_and_thin_images_are_kept_whole(size):
    assert inked_area(Image.new("L", size, 255)) == (0, 0, *size)


def test_a_word_on_a_large_page_is_not_blown_up():
    page = paper(2000, 2000)
    print_block(page, (900, 900, 1200, 960), size=24)
    left, top, right, bottom = inked_area(page, least=400)
    assert right - left >= 400
    assert bottom - top == 400
    assert contains((left, top, right, bottom), (900, 900, 1180, 940))


def test_the_processor_crops_only_when_told_and_says_where():
    page = paper(1000, 1400).convert("RGB")
    print_block(page, (300, 500, 800, 1000), ink=0)
    plain = PRESETS["nano"].tiling
    tiling = replace(plain, crop_ink=True)
    tokenizer = Tokenizer.read(NANO)
    whole = Processor(tokenizer, replace(plain, crop_ink=False)).image(page)
    part = Processor(tokenizer, tiling).image(page)
    assert whole.plan == plan_tiles(1400, 1000, plain)
    left, top, right, bottom = inked_area(page)
    assert part.plan.crop == (top, left)
    assert part.plan.size == (bottom - top, right - left)
    assert part.plan.size < whole.plan.size
    cut = page.crop((left, top, right, bottom))
    assert (part.pixels == render(cut, plan_tiles(cut.height, cut.width, tiling), tiling)).all()


def test_the_setting_survives_config_json():
    plain = PRESETS["minimax-vl-01"]
    cropping = replace(plain, tiling=replace(plain.tiling, crop_ink=True))
    assert ModelConfig.from_dict(cropping.to_dict()) == cropping
    assert "crop_ink" not in plain.to_dict()  # the release's file stays the release's
