"""Pages as training sees them, with their questions and answers beside them, as one picture: look before you train."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from minimax_vl.apps.training.batches import page_size
from minimax_vl.apps.training.real import RealPages
from minimax_vl.apps.training.recipe import BUCKETS
from minimax_vl.config import ModelConfig
from minimax_vl.synthetic import FontBook, Page, sample

PAGE, TEXT, HEIGHT, MARGIN = 380, 400, 520, 10
QUESTION, ANSWER = (90, 90, 90), (20, 20, 120)


def show(
    config: ModelConfig, count: int, fonts: Path | None, real: Path | None, seed: int
) -> tuple[Image.Image, float]:
    """`count` pages of the last stage, three beside each other; every fourth is a real one where a pack is given.

    And the seconds that it took to draw them, which is what training's processes do all the time.
    """
    rng, book = np.random.default_rng(seed), FontBook.load(fonts, "train")
    packed = RealPages(real, config.tiling, book) if real else None
    weights = np.array([bucket.weight for bucket in BUCKETS])
    columns = min(3, count)
    rows = -(-count // columns)
    width, height = PAGE + TEXT + MARGIN, HEIGHT + MARGIN
    sheet = Image.new("RGB", (columns * width + MARGIN, rows * height + MARGIN), (225, 225, 230))
    seconds = 0.0
    for number in range(count):
        bucket = BUCKETS[int(rng.choice(len(BUCKETS), p=weights / weights.sum()))]
        size = page_size(bucket, config.tiling.tile, rng)
        index = seed * 1_000_000 + number
        began = time.perf_counter()
        page = packed.page(index, size) if packed and number % 4 == 3 else None
        page = page or sample("train", index, size, book)
        seconds += time.perf_counter() - began
        row, column = divmod(number, columns)
        _cell(sheet, MARGIN + column * width, MARGIN + row * height, page)
    return sheet, seconds


def _cell(sheet: Image.Image, x: int, y: int, page: Page) -> None:
    picture = Image.fromarray(page.image)
    title = f"{page.kind}, {picture.width} x {picture.height}"
    picture.thumbnail((PAGE, HEIGHT), Image.Resampling.LANCZOS)
    sheet.paste((255, 255, 255), (x, y, x + PAGE + TEXT, y + HEIGHT))
    sheet.paste(picture, (x, y))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    x, bottom = x + PAGE + 8, y + HEIGHT - 14
    draw.text((x, y + 2), title, fill=(160, 60, 0), font=font)
    y += 20
    for question, answer in page.turns:
        thought = page.thoughts.get(question, "")
        for text, colour in ((question, QUESTION), (f"({thought}) {answer}" if thought else answer, ANSWER)):
            for line in textwrap.wrap(text.replace("\n", " / "), 62)[:3]:
                if y > bottom:
                    return
                draw.text((x, y), line, fill=colour, font=font)
                y += 14
        y += 3
