"""New values in real fields: what is asked stands on the page, in print as large, and nothing else has changed."""

from __future__ import annotations

import random

import numpy as np

from minimax_vl.apps.training.real_refill import refilled
from minimax_vl.apps.training.real_rows import Row, Word
from minimax_vl.synthetic import FontBook
from minimax_vl.synthetic.canvas import Canvas

FONTS = FontBook.load(None, "train")
FIELDS = (
    ("Invoice #", "What is the invoice number?", "2471-1"),
    ("Invoice Month", "What is the invoice month?", "May 2020"),
    ("title", "What is the title of this form?", "INVOICE"),
    ("Order #", "What is the order number?", "99999"),  # not printed
)


def _page() -> tuple[Row, np.ndarray]:
    """A page of values between rules; only that of the month stands behind its label."""
    canvas, words, print_ = Canvas(220, 420, (255, 255, 255)), [], FONTS.print(FONTS.office[0], 14)
    for line, text in enumerate(("INVOICE", "Number 2471-1", "Month May 2020", "Again 2471-1 May 2020")):
        x, y = 20.0, 20.0 + 40 * line
        for word in text.split():
            end = canvas.write(x, y, word, print_, (0, 0, 0))
            words.append(Word(x, y, end, y + print_.height, word))
            x = end + 5
        canvas.rule(10, 400, y - 10, (0, 0, 0))
    return Row("a.webp", "invoices_fcc", (220, 420), tuple(words), FIELDS), canvas.pixels[:, :, 0]


def test_answers_change_with_their_print():
    row, page = _page()
    new, drawn = refilled(row, page, FONTS, random.Random(0))
    number, month, title, order = (answer for _, _, answer in new.fields)
    assert title == "INVOICE" and order == "99999"
    assert number != "2471-1" and number[4] == "-" and month != "May 2020"
    texts = [word.text for word in new.words]
    assert texts == ["INVOICE", "Number", number, "Month", *month.split(), "Again", number, "May", "2020"]
    for word in new.words:
        area = drawn[round(word.y0) : round(word.y1), round(word.x0) : round(word.x1)]
        assert (area < 100).any(0).mean() > 0.5, word.text
    old = [w for w in row.words if w.text in ("2471-1", "May", "2020")]
    changed = drawn != page
    for word in (*old, *new.words):
        changed[round(word.y0) - 1 : round(word.y1) + 2, round(word.x0) - 2 : round(word.x1) + 3] = False
    assert not changed.any()


def test_the_row_and_the_page_that_were_given_stay_as_they_are():
    row, page = _page()
    before = page.copy()
    one, other = (refilled(row, page, FONTS, random.Random(3)) for _ in range(2))
    assert (page == before).all() and row.fields == FIELDS
    assert one[0] == other[0] and (one[1] == other[1]).all()


def test_a_value_without_room_for_another_stays():
    row, page = _page()
    for word in row.words:  # a rule close behind every word
        page[round(word.y0) : round(word.y1), round(word.x1) + 3] = 0
    new, _ = refilled(row, page, FONTS, random.Random(1))
    assert len(new.words) == len(row.words)
    assert all(now.x1 < was.x1 + 4 for was, now in zip(row.words, new.words, strict=True))
