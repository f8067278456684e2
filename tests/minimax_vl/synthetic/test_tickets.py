"""Laws of drawn tickets: all fits, answers are print, times and sums agree, one question means one ticket."""

from __future__ import annotations

import datetime
import random
import re
from collections import Counter

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.absent import absent
from minimax_vl.synthetic.facts import DESCRIBE, KIND, NOT_THERE
from minimax_vl.synthetic.names import listed
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tickets import ticket
from minimax_vl.synthetic.tickets.asked import PAIRS
from minimax_vl.synthetic.tickets.clerk import Clerk, Ticket
from minimax_vl.synthetic.tickets.words import TERMS

FONTS = {split: FontBook.load(None, split) for split in SPLITS}
SIZES = ((336, 336), (336, 672), (672, 336), (672, 672), (1008, 672), (1344, 1008))
LEVELS = (0.0, 0.5, 1.0)
# what `absent` asks for: keys of the terms that answer it
NAMED_BY_ABSENT = {
    "flight number": {"flight"},
    "gate": {"gate"},
    "seat": {"seat"},
    "licence plate": {"plate"},
    "registration number": {"plate"},
    "weight": {"weight"},
    "order number": {"order"},
    "total amount": {"price", "fare", "paid"},
    "cash paid": {"paid"},
    "due date": {"until"},
    "time on the receipt": {"time", "departure", "start", "boarding"},
    "telephone number": {"phone"},
}


def drawn(size: tuple[int, int], level: float, split: str, seed: int) -> tuple[Sheet, list[tuple[str, str]]]:
    sheet = Sheet(size, FONTS[split], random.Random(f"{size} {level} {split} {seed}"), level)
    ticket.draw(sheet)
    return sheet, sheet.facts.turns(sheet.canvas, 40)


@pytest.fixture(scope="module")
def pages() -> list[tuple[str, Sheet, list[tuple[str, str]]]]:
    """Sixty and some draws over sizes, levels and splits, each with a name that draws it again."""
    return [
        (f"{size} {level} {split} {seed}", *drawn(size, level, split, seed))
        for size in SIZES
        for level in LEVELS
        for split in SPLITS
        for seed in range(2)
    ]


def issued(design: str, count: int = 40) -> list[Ticket]:
    """Tickets as they are filled in, before any room is too small for them."""
    return [ticket.DESIGNS[design][0](clerk(seed)) for seed in range(count)]


def clerk(seed: int) -> Clerk:
    return Clerk(Sheet((336, 336), FONTS["train"], random.Random(seed), 1.0))


def minutes(text: str) -> int:
    """A time of the day as minutes after midnight, however it is written."""
    found = re.search(r"(\d+):(\d\d) ?([ap]m)?", text, re.IGNORECASE)
    assert found, text
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    return (hour % 12 + 12 * (half == "pm") if half else hour) * 60 + minute


def test_nothing_is_cut_off_or_too_small(pages):
    clipped = [where for where, sheet, _ in pages if sheet.canvas.clipped]
    assert len(clipped) <= 0.05 * len(pages), clipped
    for where, sheet, _ in pages:
        floor = 9 if sheet.canvas.width >= 900 else 11
        assert len(sheet.canvas.glyphs) > 30 and min(em for _, _, em, _ in sheet.canvas.glyphs) >= floor, (
            where
        )


def test_no_print_covers_other_print(pages):
    for where, sheet, _ in pages:
        centres = [(x, y, em) for x, y, em, _ in sheet.canvas.glyphs]
        at = np.array(centres)  # [N, 3]
        across = np.abs(at[:, None, 0] - at[None, :, 0]) < 0.1 * np.minimum(at[:, None, 2], at[None, :, 2])
        down = np.abs(at[:, None, 1] - at[None, :, 1]) < 0.3 * np.minimum(at[:, None, 2], at[None, :, 2])
        assert np.count_nonzero(across & down) == len(at), where


def test_answers_are_printed(pages):
    for where, sheet, turns in pages:
        printed = " ".join(sheet.canvas.text.split())
        for question, answer in turns:
            own = question in (*DESCRIBE, *KIND) or answer == NOT_THERE
            assert own or " ".join(answer.split()) in printed, f"{where}: {question} -> {answer}"


def test_what_is_said_to_be_missing_is_not_there(monkeypatch):
    """`absent` looks for English words: whatever language a ticket is in, they stand beside what they name."""
    shown: set[str] = set()
    monkeypatch.setattr(ticket, "ask", lambda sheet, one, on: shown.update(one.shown()))
    met: Counter[str] = Counter()
    for seed in range(120):
        shown.clear()
        sheet, _ = drawn((672, 672), 1.0, "train", seed)
        missing = " ".join(
            question for _ in range(3) for question in absent(sheet.rng, sheet.canvas.text, 60)
        ).lower()
        for name, keys in NAMED_BY_ABSENT.items():
            if shown & keys:
                assert not re.search(rf"\b{name}\b", missing), (
                    f"{seed}: {name} is missing in {sheet.canvas.text!r}"
                )
                met[name] += 1
    assert set(met) == set(NAMED_BY_ABSENT)


def test_captions_are_sentences_and_questions_are_filled_in(pages):
    for where, sheet, turns in pages:
        assert not any("{" in question for question, _ in turns), where
        assert sheet.facts.caption[0].isupper() and sheet.facts.caption.endswith("."), where


def test_enough_is_asked():
    counts = [len(drawn((672, 672), 1.0, "train", seed)[1]) for seed in range(12)]
    assert np.mean(counts) >= 6 and min(counts) >= 5


@pytest.mark.parametrize("design", ticket.DESIGNS)
def test_every_design_can_be_drawn_alone(design, monkeypatch):
    monkeypatch.setattr(ticket, "DESIGNS", {design: ticket.DESIGNS[design]})
    kind = issued(design, 1)[0].kind
    for size in ((336, 336), (672, 336), (336, 672)):
        sheet, turns = drawn(size, 0.7, "train", 0)
        assert sheet.facts.kind == kind and kind in sheet.facts.caption.lower() and turns


def test_every_design_turns_up():
    sheets = [drawn((336, 336), 0.0, "train", seed)[0] for seed in range(200)]
    met = {sheet.facts.kind for sheet in sheets}
    assert met >= {issued(design, 1)[0].kind for design in ticket.DESIGNS}


def test_same_seed_same_page():
    for size in ((336, 336), (672, 672)):
        first, second = (drawn(size, 1.0, "train", 3) for _ in range(2))
        assert np.array_equal(first[0].canvas.pixels, second[0].canvas.pixels)
        assert first[1] == second[1] and first[0].facts.caption == second[0].facts.caption


def test_two_tickets_are_told_apart():
    """Where two are on the page, every question says which one, or names a value that is there only once."""
    seen = 0
    given = {form for _, _, forms in PAIRS for form in forms}
    named = [re.escape(form).replace(r"\{value\}", "(.+)") for form in given]
    for seed in range(40):
        sheet, _ = drawn((672, 1344), 1.0, "train", seed)
        if " beside " not in sheet.facts.caption and " above " not in sheet.facts.caption:
            continue
        seen += 1
        for question in sheet.facts._answers:
            told = re.search(
                r" on the (left|right|upper|lower|top|bottom|[a-z]+ [a-z]+|[a-z]+ tag)", question
            )
            assert told or any(re.fullmatch(form, question) for form in named), question
    assert seen > 8


def test_times_of_a_journey_follow_each_other():
    for design, first, last in (
        ("boarding pass", "departure", "arrival"),
        ("boarding pass", "boarding", "departure"),
        ("train", "departure", "arrival"),
        ("bus", "departure", "arrival"),
        ("ferry", "departure", "arrival"),
        ("concert", "doors", "start"),
        ("match", "doors", "kickoff"),
    ):
        both = [
            (one[first].value, one[last].value)
            for one in (t.shown() for t in issued(design))
            if {first, last} <= set(one)
        ]
        assert len(both) > 10, design
        for early, late in both:
            assert minutes(early) < minutes(late), f"{design}: {first} {early}, {last} {late}"


def test_parking_is_paid_by_the_hour_begun():
    counted = 0
    for seed in range(80):
        one = ticket.DESIGNS["parking"][0](clerk(seed)).shown()
        if not {"rate", "duration"} <= set(one):
            continue
        hours, rest = (int(part) for part in re.findall(r"\d+", one["duration"].value))
        paid, rate = (
            int("".join(re.findall(r"\d", one[key].value.split(" EUR")[0]))) for key in ("paid", "rate")
        )
        assert paid == rate * (hours + bool(rest)), one
        stayed = (
            minutes(one["exit"].value.split(" ", 1)[1]) - minutes(one["entry"].value.split(" ", 1)[1])
        ) % 1440
        assert stayed == 60 * hours + rest, one
        counted += 1
    assert counted > 10


def test_weekdays_are_true():
    for seed in range(60):
        issuer = clerk(seed)
        date = datetime.date(2024, 2, 1 + seed % 28)
        printed = issuer.day(date)
        if found := re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)", printed):
            assert date.strftime("%a") == found[1], printed


def test_labels_of_one_clerk_differ_and_questions_fit_every_term():
    for seed in range(20):
        issuer = clerk(seed)
        for design in ("boarding pass", "train", "concert", "parking"):
            labels = Counter(
                entry.label.lower() for entry in ticket.DESIGNS[design][0](clerk(seed)).entries if entry.label
            )
            assert max(labels.values()) == 1, labels
        assert all(issuer.label(key).isascii() for key in TERMS)
    for key, term in TERMS.items():
        assert term.asked and all("{on}" in form for form in term.asked), key
        assert len(term.labels) in (0, 1, 5), key


@pytest.mark.parametrize("design", ticket.DESIGNS)
def test_what_may_be_missing_is_what_such_tickets_have(design):
    """No platform is asked for on a bus ticket that has a bay, no hall on one for a concert in Ball Hall."""
    tickets = issued(design, 60)
    had = {key for one in tickets for key in one.shown()}
    assert {key for one in tickets for key in one.usual} <= had
    # What the head says ("TRAIN TICKET"), and what can be reckoned from entry and exit, is not missing.
    assert not {key for one in tickets for key in one.usual} & {"type", "duration", "exit"}


def test_one_question_means_one_field():
    """Wordings that another field of the same ticket would answer as well."""
    doubtful = {
        "type": "type of ticket",  # TRAIN TICKET, in the head
        "time": "the time",  # when it was printed, or until when one may park
        "place": "Where was the car",  # in a car park, on a level, in a space
        "street": "What is the address",  # with its city, or without
        "until": "How long",
        "queue": "number in the queue",  # one's own, or of those who wait
    }
    for key, words in doubtful.items():
        forms = (*TERMS[key].asked, f"What is the {TERMS[key].name}{{on}}?")
        assert not any(re.search(rf"{words}\b(?! of)", form) for form in forms), key


def test_pieces_are_a_number_and_labels_fit_every_ticket():
    pieces = [one.shown()["pieces"].value for one in issued("luggage tag") if "pieces" in one.shown()]
    assert len(pieces) > 10 and all(value.isdigit() for value in pieces)
    assert not any("Fahr" in label for key in ("ticket", "type") for label in TERMS[key].labels[1])


def test_captions_of_two_tickets_part_them():
    """Not "for AUD 9.00 above a ticket": a comma stands between."""
    captions = [drawn((672, 1344), 1.0, "train", seed)[0].facts.caption for seed in range(30)]
    both = [one for one in captions if re.search(r" (above|beside) an? ", one)]
    assert len(both) > 5 and all(re.search(r", (above|beside) a ", one) for one in both)


def test_clubs_do_not_exist():
    """A real town with United behind it would be a real club."""
    towns = {town.lower() for town in listed("cities")}
    for one in issued("match", 80):
        sides = re.split(r" (?:vs\.?|v|-) ", one.shown()["match"].value.lower())
        assert len(sides) == 2 and not any(set(re.split(r"\W+", side)) & towns for side in sides), sides
