"""What makes drawn papers like real ones: names that nobody listed, long answers, sums that add up, their questions."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from minimax_vl.synthetic import FontBook, Page, malaysia, names, sample
from minimax_vl.synthetic.facts import MAX_ANSWER
from minimax_vl.synthetic.tills.asked import COMPANY as COMPANIES
from minimax_vl.synthetic.tills.asked import TOTAL
from minimax_vl.synthetic.tills.totals import BEFORE_AND_WITH

FONTS = FontBook.load(None, "train")
COMPANY = "What is the name of the company on this receipt?"


@pytest.fixture(scope="module")
def tills() -> list[Page]:
    return [sample("train", index, (1008, 512), FONTS, kinds=("till",)) for index in range(90)]


def answers(kind: str, size: tuple[int, int], count: int) -> dict[str, list[tuple[str, str]]]:
    """Question -> (answer, the page's text) over a few pages of a kind."""
    found: dict[str, list[tuple[str, str]]] = {}
    for index in range(count):
        page = sample("train", index, size, FONTS, kinds=(kind,))
        for question, answer in page.turns:
            found.setdefault(question, []).append((answer, page.text))
    return found


def test_names_go_beyond_every_list():
    rng = random.Random(0)
    listed = {
        word.lower() for name in ("words", "surnames", "cities", "first_names") for word in names.listed(name)
    }
    words = [names.invented(rng) for _ in range(500)]
    assert len(set(words)) > 450 and sum(word in listed for word in words) < 10
    firms = {malaysia.firm(rng) for _ in range(500)} | {names.western_firm(rng) for _ in range(500)}
    assert len(firms) > 980
    assert all(firm.isascii() and firm.isprintable() and firm == firm.strip() for firm in firms)
    places = {malaysia.address(rng) for _ in range(500)}
    assert len(places) > 495 and all("  " not in place and place.isascii() for place in places)


def test_receipts_ask_for_companies_and_addresses_over_several_lines():
    found = answers("till", (1008, 512), 40)
    companies = found[COMPANY] + found["Which company issued the receipt?"]
    assert any(answer not in text and answer in text.replace("\n", " ") for answer, text in companies)
    lengths = [len(answer) for answer, _ in found["What is the address of the company?"]]
    assert max(lengths) > 60 and max(lengths) <= MAX_ANSWER


def test_the_total_is_the_last_sum_before_the_money_that_was_handed_over():
    found = answers("slip", (672, 512), 40)
    for answer, text in found["What is the total amount?"]:
        figure = re.sub(r"[^\d.,]", "", answer)
        assert figure in text
        before = text[: text.rindex(figure)].splitlines()
        assert len(before) > 3  # never in the head


def test_of_a_total_before_and_one_with_tax_the_second_is_the_total(tills):
    labels = [(before.lower(), total.lower()) for before, total in BEFORE_AND_WITH if "supplies" not in total]
    seen = 0
    for page in tills:
        sums = {}
        for line in page.text.lower().splitlines():
            if found := re.match(r"(.+?)[ :]*(?:rm|s?\$)?\s*([\d,]+\.\d\d)$", line):
                sums[found[1].strip()] = int(re.sub(r"\D", "", found[2]))
        total = next((int(re.sub(r"\D", "", a)) for q, a in page.turns if q in TOTAL), None)
        for before, after in labels:
            if total and before in sums and after in sums:
                assert sums[before] < sums[after] == total
                seen += 1
    assert seen >= 5


def test_a_number_beside_the_company_is_not_its_name(tills):
    beside = 0
    for page in tills:
        company = next((answer for question, answer in page.turns if question in COMPANIES), None)
        printed = " ".join(page.text.split())
        if company and re.search(re.escape(company) + r" (\(\d|CO\.|ROC)", printed):
            beside += 1
            assert not re.search(r"\d{5}", company)
    assert beside >= 3


def test_invoices_of_stations_are_asked_in_the_words_of_their_fields():
    found = answers("station", (1008, 1344), 12)
    for question in (
        "Who is the advertiser?",
        "What is the property (station)?",
        "What is the invoice number?",
    ):
        assert found[question], question


def test_a_print_can_be_stretched():
    face = FONTS.faces[0]
    plain, wide = FONTS.print(face, 20), FONTS.print(face, 20, 2.0)
    assert wide.width("Total") == 2 * plain.width("Total")
    assert wide.glyph("H").mask.shape[0] == plain.glyph("H").mask.shape[0]
    assert np.isclose(wide.glyph("H").mask.shape[1], 2 * plain.glyph("H").mask.shape[1], atol=1)


def test_raster_print_keeps_the_pitch_and_loses_no_letter():
    for face in FONTS.mono:
        for size, dots in ((10, 14), (17, 15), (26, 24)):
            plain, raster = FONTS.print(face, size), FONTS.print(face, size, 1.0, dots)
            assert raster.width("TOTAL 12.50") == plain.width("TOTAL 12.50")
            for character in "TilH.,:-'1470%&":
                mask = raster.glyph(character).mask
                assert mask.max() > 60, f"{face.family} {size} {dots} {character}"
                assert mask.shape[0] == plain.glyph(character).mask.shape[0]
                assert mask.shape[1] <= plain.glyph(character).mask.shape[1]
