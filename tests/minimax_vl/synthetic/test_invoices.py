"""Laws of drawn invoices: the heads of their columns stand apart."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from minimax_vl.synthetic import FontBook
from minimax_vl.synthetic.invoices import SHORT, invoice
from minimax_vl.synthetic.sheet import Sheet

WIDTH = 336


def heads(split: str, fonts: FontBook, seed: int) -> list[tuple[str, float, float]]:
    """What the row of heads says, and from where to where."""
    sheet = Sheet((672, WIDTH), fonts, random.Random(seed), 1.0)
    invoice(sheet, 10, WIDTH - 10, 10, 660)
    rows = [sorted(line, key=lambda piece: piece.x0) for line in sheet.canvas.lines]
    row = next((row for row in rows if row[0].text in ("Description", "Item", "Product", "Service")), [])
    return [(piece.text, piece.x0, piece.x1) for piece in row]


def met(row: list[tuple[str, float, float]]) -> bool:
    return any(right[1] < left[2] for left, right in pairwise(row))


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_heads_of_columns_do_not_meet(split: str) -> None:
    fonts = FontBook.load(None, split)
    drawn = [heads(split, fonts, seed) for seed in range(400)]
    assert not any(map(met, drawn))
    words = {text for row in drawn for text, *_ in row}
    assert words > set(SHORT.values()) and {len(row) for row in drawn} >= {2, 4}
    assert {"Unit Price", "Line Total", "Quantity"} <= words  # where there is room for them
