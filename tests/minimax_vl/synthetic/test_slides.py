"""Slides and notices: what is asked is printed and true, nothing is cut off or overlaps, every design turns up."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.absent import TOPICS
from minimax_vl.synthetic.facts import DESCRIBE, KIND, NOT_THERE
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.slides import (
    boards,
    cards,
    closing,
    doors,
    frame,
    menu,
    paths,
    poster,
    slide,
    talks,
    timetable,
)
from minimax_vl.synthetic.slides.asked import NTH
from minimax_vl.synthetic.slides.look import LARGEST, Look
from minimax_vl.synthetic.slides.words import CLOCKS, clock

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
SIZES = ((336, 336), (336, 672), (672, 336), (672, 672), (1008, 672), (672, 1008))


class Listener(Sheet):
    """A sheet that remembers the wording and the names of every question."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.heard: list[tuple[str, tuple[str, ...], dict[str, str]]] = []
        ask = self.facts.ask

        def heard(answer: str, forms: tuple[str, ...], **names) -> str:
            self.heard.append((answer, forms, names))
            return ask(answer, forms, **names)

        self.facts.ask = heard


def desk(seed: int, size: tuple[int, int], level: float = 1.0, split: str = "train") -> Listener:
    return Listener(size, FONTS[split], random.Random(f"{seed} {size} {level} {split}"), level)


def drawn(design, count: int, size: tuple[int, int] = (672, 672)) -> Iterator[Listener]:
    """Sheets with one design at level 1 that found room for it."""
    for seed in range(count):
        sheet = desk(seed, size)
        if design(Look(sheet)) and not sheet.canvas.clipped:
            yield sheet


def asked(sheet: Listener, *kinds: tuple[str, ...]) -> Iterator[tuple[dict[str, str], str]]:
    """What the questions in one of these wordings name, and their answers, in the order of asking."""
    return ((names, answer) for answer, forms, names in sheet.heard if forms in kinds and answer)


@pytest.fixture(scope="module")
def pages() -> list[tuple[str, Sheet]]:
    """One page of every size at three levels, by each split's faces, of whatever design comes."""
    made = []
    for split in SPLITS:
        for level in (0.0, 0.5, 1.0):
            for size in SIZES:
                for seed in range(2):
                    sheet = desk(seed, size, level, split)
                    slide.draw(sheet)
                    made.append((f"{split} {seed} at {size}, level {level}: {sheet.facts.caption}", sheet))
    return made


def test_nearly_every_page_finds_room(pages):
    assert sum(sheet.canvas.clipped for _, sheet in pages) <= 0.05 * len(pages)


def test_every_answer_is_printed(pages):
    for where, sheet in pages:
        if sheet.canvas.clipped:
            continue
        printed = " ".join(sheet.canvas.text.split())
        assert sheet.facts.caption.endswith(".") and ".." not in sheet.facts.caption, where
        for question, answer in sheet.facts.turns(sheet.canvas, 40):
            if question not in (*DESCRIBE, *KIND) and answer != NOT_THERE:
                assert " ".join(answer.split()) in printed, f"{where}: {question} -> {answer}"


def test_print_is_legible_and_nothing_overlaps(pages):
    for where, sheet in pages:
        width = sheet.canvas.width
        pieces = [piece for line in sheet.canvas.lines for piece in line]
        for number, one in enumerate(pieces):
            assert (9 if width >= 900 else 11) <= one.size <= LARGEST, f"{where}: {one}"
            assert one.x0 >= 0 and one.x1 <= width + 1, f"{where}: {one}"
            rows, columns = (
                slice(int(one.y), int(one.y + 1.2 * one.size)),
                slice(int(one.x0), int(one.x1) + 1),
            )
            window = sheet.canvas.pixels[rows, columns] @ np.array((0.3, 0.59, 0.11))
            assert window.max() - window.min() > 60, f"{where}: {one.text} is pale"
            for other in pieces[:number]:
                across = min(one.x1, other.x1) - max(one.x0, other.x0)
                down = min(one.y + one.size, other.y + other.size) - max(one.y, other.y)
                assert across <= 1 or down <= 0.15 * min(one.size, other.size), f"{where}: {one} over {other}"


def test_pages_have_enough_to_ask():
    counts = []
    for seed in range(30):
        sheet = desk(seed, (672, 672))
        slide.draw(sheet)
        counts.append(len(sheet.facts._answers))
        assert sheet.facts._answers or sheet.canvas.clipped
    assert np.mean(counts) >= 10


def test_same_seed_same_page():
    def page() -> tuple[np.ndarray, list[tuple[str, str]]]:
        sheet = desk(3, (672, 672))
        slide.draw(sheet)
        return sheet.canvas.pixels, sheet.facts.turns(sheet.canvas, 40)

    (pixels, turns), (again, others) = page(), page()
    assert np.array_equal(pixels, again) and turns == others


def test_every_design_turns_up(monkeypatch):
    seen = set()
    for name, (_, share) in list(slide.DESIGNS.items()):
        monkeypatch.setitem(slide.DESIGNS, name, (lambda look, name=name: not seen.add(name), share))
    for seed in range(200):
        slide.draw(desk(seed, (336, 336)))
    assert seen == set(slide.DESIGNS)


@pytest.mark.parametrize("design", slide.DESIGNS)
def test_every_design_fits_every_shape(design):
    failed = 0
    for size in SIZES[:4]:
        for level in (0.0, 1.0):
            sheet = desk(7, size, level)
            found = slide.DESIGNS[design][0](Look(sheet))
            failed += not found or sheet.canvas.clipped
    assert failed <= 1


def test_a_page_without_room_is_thrown_away(monkeypatch):
    monkeypatch.setattr(slide, "DESIGNS", {"none": (lambda look: False, 1)})
    sheet = desk(0, (336, 336))
    slide.draw(sheet)
    assert sheet.canvas.clipped


def test_bullets_stand_in_the_order_they_are_asked_by():
    for sheet in drawn(talks.bullets, 12):
        printed = " ".join(sheet.canvas.text.split())
        texts = [answer for names, answer in asked(sheet, NTH) if names["place"] in ORDINALS]
        places = [printed.index(text) for text in texts]
        assert len(places) >= 2 and places == sorted(places)


def test_the_sum_under_a_table_is_that_of_its_column():
    summed = 0
    for sheet in drawn(boards.table, 25):
        for names, total in asked(sheet, boards.SUMMED):
            cells = [a for n, a in asked(sheet, boards.IN, boards.CELL) if n["column"] == names["column"]]
            figures = [int(cell.replace(",", "")) for cell in cells]
            assert sum(figures) == int(total.replace(",", "")), f"{names}: {cells}, {total}"
            summed += 1
    assert summed >= 6


def test_years_go_up_along_a_time_line():
    for sheet in drawn(paths.timeline, 12):
        years = [int(answer) for _, answer in asked(sheet, paths.YEAR)]
        assert len(years) >= 2 and years == sorted(set(years))
        first, last = (answer for _, answer in asked(sheet, paths.FIRST))
        assert (int(first), int(last)) == (years[0], years[-1])


def test_what_follows_a_step_has_it_before():
    for sheet in drawn(paths.process, 12):
        follows = {names["step"]: answer for names, answer in asked(sheet, paths.FOLLOWS)}
        before = {names["step"]: answer for names, answer in asked(sheet, paths.BEFORE)}
        assert follows and before == {later: step for step, later in follows.items()}


def test_prices_stand_behind_their_dishes():
    for sheet in drawn(menu.menu, 12):
        printed = " ".join(sheet.canvas.text.split())
        prices = list(asked(sheet, menu.PRICE))
        assert prices
        for names, price in prices:
            assert f"{names['dish']} {price}" in printed


def minutes(text: str) -> int:
    """A time of day as the doors print it, in minutes."""
    hour, minute, half = re.fullmatch(r"(\d+)(?:[:.](\d\d))? ?(am|pm|h)?", text).groups()
    hours = int(hour) % 12 + 12 * (half == "pm") if half in ("am", "pm") else int(hour)
    return 60 * hours + int(minute or 0)


def test_a_time_reads_as_it_was_meant():
    for style in range(CLOCKS):
        assert all(minutes(clock(style, moment)) == moment for moment in range(0, 24 * 60, 30))


def test_doors_open_before_they_close_on_every_day():
    for sheet in drawn(doors.hours, 15):
        opens = {names["day"]: minutes(answer) for names, answer in asked(sheet, doors.OPENS)}
        closes = {names["day"]: minutes(answer) for names, answer in asked(sheet, doors.CLOSES)}
        assert len(opens) >= 6 and opens.keys() == closes.keys()
        assert all(opens[day] < closes[day] for day in opens)


def test_departures_and_minutes_are_in_order():
    kinds = set()
    for sheet in drawn(timetable.timetable, 20):
        times = [answer for _, answer in asked(sheet, timetable.FIRST, timetable.LAST)]
        rows = [a for _, a in asked(sheet, timetable.MINUTES, timetable.MINUTES_OF)]
        kinds.add(bool(rows))
        assert rows or times[0] <= times[-1]
        for row in rows:
            assert all(int(one) < int(next_) < 60 for one, next_ in pairwise(row.split()))
    assert kinds == {True, False}


def lacked(sheet: Listener) -> list[str]:
    """The wordings of what the page is said to lack."""
    return [form for forms, _ in sheet.facts._lacks for form in forms]


def test_a_place_or_a_time_that_is_there_is_not_said_to_lack():
    seen = 0
    for sheet in drawn(poster.poster, 30):
        assert not any(form.startswith(("Where", "When")) for form in lacked(sheet))
    for sheet in drawn(talks.cover, 30):
        assert not any("under the title" in form for form in lacked(sheet))
        if list(asked(sheet, talks.COVER["day"])):
            seen += 1
            assert not set(frame.DATE) & set(lacked(sheet))
    assert seen >= 5


def test_a_card_without_a_telephone_has_no_mobile_one():
    for sheet in drawn(cards.business_card, 30):
        assert list(asked(sheet, cards.CARD["phone"])) or not list(asked(sheet, cards.CARD["mobile"]))


def test_a_town_is_asked_for_where_it_stands_alone():
    assert not any("line" in form for form in cards.CARD["city"])  # which may have a code beside it
    seen = 0
    for sheet in drawn(cards.badge, 40):  # an event may be called after another town, above the name
        printed = " ".join(sheet.canvas.text.split())
        for _, town in asked(sheet, cards.BADGE["city"]):
            ((_, name),) = asked(sheet, cards.BADGE["name"])
            seen += 1
            assert printed.index(name) < printed.rindex(town)
    assert seen >= 5 and all("name" in form or "person" in form for form in cards.BADGE["city"])


def test_standard_questions_see_numbers_to_call_and_sums():
    patterns = dict(TOPICS)
    assert all(patterns["total amount"].search(name) for name in boards.SUMS)
    phones = (poster.POSTER["phone"], closing.CONTACT["phone"][2], doors.PHONE, cards.CARD["phone"])
    for design in (poster.poster, closing.thanks, doors.hours, cards.business_card):
        for sheet in drawn(design, 25):
            if list(asked(sheet, *phones)):
                assert patterns["telephone number"].search(sheet.canvas.text), sheet.canvas.text


def test_what_is_in_a_dish_is_not_asked_for_by_its_place():
    for sheet in drawn(menu.menu, 20):
        for answer, forms, _ in sheet.heard:
            assert not answer or not any("under {dish}" in form for form in forms)
