"""Contact sheet: answers right and wrong beside the pages they were read from, as one picture."""

from __future__ import annotations

import random
import textwrap

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.eval.drawn import Record, Result
from minimax_vl.synthetic import FontBook, sample

CELL, MARGIN, TEXT = 336, 12, 118
RIGHT, WRONG, INK = (20, 110, 50), (170, 30, 30), (30, 30, 30)


def contact_sheet(result: Result, columns: int = 4, rows: int = 2, seed: int = 0) -> Image.Image:
    """`rows` rows of wrong answers, then `rows` rows of right ones, drawn at random, one a page."""
    rng = random.Random(seed)
    wrong = _one_a_page([r for r in result.records if not r.right], rng)[: columns * rows]
    right = _one_a_page([r for r in result.records if r.right], rng)[: columns * rows]
    lines = -(-len(wrong) // columns) + -(-len(right) // columns)
    sheet = Image.new(
        "RGB", (columns * (CELL + MARGIN) + MARGIN, max(1, lines) * (CELL + TEXT + MARGIN) + MARGIN), "white"
    )
    fonts = FontBook.load(None, "heldout")
    place = 0
    for group in (wrong, right):
        for record in group:
            row, column = divmod(place, columns)
            corner = (MARGIN + column * (CELL + MARGIN), MARGIN + row * (CELL + TEXT + MARGIN))
            _cell(sheet, corner, record, fonts)
            place += 1
        place = -(-place // columns) * columns
    return sheet


def _one_a_page(records: list[Record], rng: random.Random) -> list[Record]:
    pages = {r.page: r for r in rng.sample(records, len(records))}
    return list(pages.values())


def _cell(sheet: Image.Image, corner: tuple[int, int], record: Record, fonts: FontBook) -> None:
    page = Image.fromarray(sample("heldout", record.page, record.size, fonts, level=1.0).image)
    page.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    sheet.paste(page, corner)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    x, y = corner[0], corner[1] + CELL + 4
    pairs = [("Q ", record.question, INK), ("read ", record.reply, RIGHT if record.right else WRONG)]
    if not record.right:
        pairs.append(("is ", record.answer, INK))
    for label, text, colour in pairs:
        for line in textwrap.wrap(label + text.replace("\n", " / "), 44)[:3]:
            draw.text((x, y), line, fill=colour, font=font)
            y += 17
