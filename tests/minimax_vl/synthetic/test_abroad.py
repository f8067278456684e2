"""How other countries write things: printable, dated rightly, and on training pages alone."""

from __future__ import annotations

import random
import re

import pytest

from minimax_vl.synthetic import FontBook, abroad
from minimax_vl.synthetic.sheet import SHARE_ABROAD, Sheet
from minimax_vl.synthetic.values import CURRENCIES, Values


def test_everything_is_printable_ascii():
    rng = random.Random(0)
    drawn = [f(rng, "Ramsau") for f in (abroad.street, abroad.place) for _ in range(400)]
    drawn += [abroad.date(form, 7, month, 2019) for form in abroad.DATES for month in range(1, 13)]
    drawn += abroad.CURRENCIES
    for text in drawn:
        assert text.isascii() and text.isprintable() and not re.search(r"[{}]", text), text


@pytest.mark.parametrize("form", abroad.DATES)
def test_a_date_tells_its_day_month_and_year(form: str) -> None:
    """Two dates that differ in one of them are written differently."""
    written = {abroad.date(form, *when) for when in ((3, 5, 2011), (4, 5, 2011), (3, 6, 2011), (3, 5, 2012))}
    assert len(written) == 4


def test_training_pages_have_a_share_of_them_and_held_out_pages_none():
    shares = {}
    for split in ("train", "heldout"):
        fonts = FontBook.load(None, split)
        sheets = [Sheet((336, 336), fonts, random.Random(i), 1.0) for i in range(400)]
        shares[split] = sum(sheet.values.currency not in CURRENCIES for sheet in sheets) / 400
    assert shares["heldout"] == 0 and shares["train"] == pytest.approx(SHARE_ABROAD, abs=0.07)


def test_a_page_keeps_to_one_way_to_write_a_date():
    values = Values(random.Random(1), share_abroad=1.0)
    shapes = {re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", values.date())) for _ in range(30)}
    assert len(shapes) == 1
