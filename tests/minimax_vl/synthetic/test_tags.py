"""Laws of drawn labels: they repeat, answers are printed, nothing overlaps, and their numbers agree."""

from __future__ import annotations

import datetime
import random
import re
from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest

from minimax_vl.synthetic import SPLITS, FontBook
from minimax_vl.synthetic.facts import FREE, NOT_THERE
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags import packs, parcels, pharmacy, tag
from minimax_vl.synthetic.tags.garments import shares
from minimax_vl.synthetic.tags.nutrition import Serving, american, european
from minimax_vl.synthetic.tags.packs import pack
from minimax_vl.synthetic.tags.pharmacy import medicine
from minimax_vl.synthetic.tags.prices import price
from minimax_vl.synthetic.tags.wares import Ware
from minimax_vl.synthetic.tags.words import article

SIZES = ((336, 336), (336, 672), (672, 336), (672, 672), (1008, 672))
DESIGNS = [design for design, _ in tag.DESIGNS]
FONTS = {split: FontBook.load(None, split) for split in SPLITS}


def drawn(design, seed: int, size=(672, 672), level: float = 1.0, split: str = "train") -> Sheet:
    sheet = Sheet(size, FONTS[split], random.Random(seed), level)
    design(sheet)
    return sheet


@lru_cache
def many() -> list[tuple[str, Sheet]]:
    """Every design at two sizes of its turn, all levels and both splits; names say how to draw each again."""
    sheets = []
    for number, design in enumerate(DESIGNS):
        for turn, level in enumerate((0.0, 0.5, 1.0)):
            for step, split in enumerate(SPLITS):
                size = SIZES[(number + 2 * turn + step) % len(SIZES)]
                name = f"{design.__name__} at {size}, level {level}, {split}"
                sheets.append((name, drawn(design, 50 + number, size, level, split)))
    return sheets


def answers(sheet: Sheet) -> dict[str, str]:
    """What the page is asked in its own words: no caption, kind or lacking field."""
    asked = sheet.facts.turns(sheet.canvas, 400)
    return {question: answer for question, answer in asked if question not in FREE and answer != NOT_THERE}


def amount(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text.replace(",", ".")))


def test_labels_fit_on_their_pages():
    clipped = [name for name, sheet in many() if sheet.canvas.clipped]
    assert len(clipped) <= 0.05 * len(many()), clipped


def test_answers_are_printed():
    for name, sheet in many():
        printed = " ".join(sheet.canvas.text.split())
        for question, answer in answers(sheet).items():
            assert " ".join(answer.split()) in printed, f"{name}: {question} -> {answer}"


def test_no_line_lies_on_another():
    for name, sheet in many():
        pieces = [piece for line in sheet.canvas.lines for piece in line]
        for a, b in combinations(pieces, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            down = min(a.y + a.size, b.y + b.size) - max(a.y, b.y)
            assert across < 1 or down < 0.3 * min(a.size, b.size), f"{name}: {a.text} on {b.text}"


def test_print_is_large_enough_to_read():
    for name, sheet in many():
        least = 9 if sheet.canvas.width >= 900 else 11
        assert all(least <= glyph[2] <= 60 for glyph in sheet.canvas.glyphs), name


def test_labels_say_what_they_are():
    for name, sheet in many():
        assert sheet.facts.kind and sheet.facts.caption.endswith("."), name


def test_there_is_much_to_ask():
    for design in DESIGNS:
        counts = [len(answers(drawn(design, seed))) for seed in range(3)]
        assert np.mean(counts) >= 6, design.__name__


def test_every_design_turns_up():
    kinds = {drawn(tag.draw, seed, (336, 336), 0.5).facts.kind for seed in range(150)}
    assert kinds >= {
        "shipping label", "price label", "nutrition label", "food label", "bottle label", "medicine label",
        "type plate", "asset tag", "care label", "folder label",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_seed_is_a_page(seed):
    first, second = drawn(tag.draw, seed), drawn(tag.draw, seed)
    assert np.array_equal(first.canvas.pixels, second.canvas.pixels)
    assert first.facts.turns(first.canvas, 20) == second.facts.turns(second.canvas, 20)


def test_easy_labels_have_larger_print():
    easy, hard = (
        np.mean([np.median(drawn(design, 3, level=level).canvas.glyphs, axis=0)[2] for design in DESIGNS])
        for level in (0.0, 1.0)
    )
    assert easy > hard + 2


def test_the_price_of_a_kilogram_follows_from_the_pack():
    assert Ware("Rye Bread", 250, 500, False).per_unit == 500
    assert Ware("Iced Tea", 300, 1500, True).content == "1.5 L"
    checked = 0
    for seed in range(12):
        asked = answers(drawn(price, seed))
        for question, answer in asked.items():
            if not (whose := re.fullmatch(r"How much is in a pack( of .*)?\?", question)):
                continue
            grams = amount(answer) * (1000 if answer.endswith((" kg", " L")) else 1)
            ending = (whose[1] or "") + r"( cost)?\?"
            rates = [a for q, a in asked.items() if re.fullmatch(r".* (kilogram|litre)" + ending, q)]
            what = (whose[1] or "").removeprefix(" of ")
            costs = [a for q, a in asked.items() if q.endswith(f" a pack of {what} cost?")]
            for rate in rates[:1] if costs else ():
                checked += 1
                assert amount(rate) == pytest.approx(amount(costs[0]) * 1000 / grams, abs=0.006), seed
    assert checked > 3


def test_what_is_saved_is_the_old_price_less_the_new_one():
    words = {"saved": "saved|discount", "old": "old|before|use to be", "new": "new|now|reduced"}
    checked = 0
    for seed in range(60):
        asked = answers(drawn(price, seed, (336, 336)))  # too small for more than one label
        told = {
            name: amount(answer)
            for question, answer in asked.items()
            for name, word in words.items()
            if re.search(rf"price\b.*\b({word})\b|\b({word})\b.*price", question)
        }
        if len(told) == 3:
            checked += 1
            assert told["old"] - told["saved"] == pytest.approx(told["new"]), f"{seed}: {asked}"
    assert checked > 2


def test_article_numbers_carry_their_check_digit():
    for seed in range(20):
        digits = [int(digit) for digit in article(random.Random(seed))]
        assert len(digits) == 13 and sum(digits[::2]) % 10 == -3 * sum(digits[1::2]) % 10


def test_parts_of_a_serving_are_no_larger_than_the_whole():
    for seed in range(50):
        rng = random.Random(seed)
        one = Serving.drawn(rng)
        assert one.saturated <= one.fat and one.added <= one.sugars
        assert one.sugars + one.fiber <= one.carbohydrate
        assert one.fat + one.carbohydrate + one.protein < one.grams(rng)


def test_shares_of_a_day_follow_from_amounts():
    for seed in range(4):
        text = drawn(american, seed).canvas.text
        sodium = re.search(r"^Sodium (\d+)mg (\d+)%$", text, re.MULTILINE)
        assert sodium and round(100 * int(sodium[1]) / 2300) == int(sodium[2]), text


def test_a_portion_holds_its_share_of_a_hundred_grams():
    checked = 0
    for seed in range(12):
        text = drawn(european, seed).canvas.text.replace(",", ".")
        grams = re.search(r"[=:] (\d+) g$", text)
        for row in re.findall(r"^\D+ ([\d.]+) g ([\d.]+) g$", text, re.MULTILINE) if grams else ():
            checked += 1
            assert float(row[1]) == pytest.approx(float(row[0]) * int(grams[1]) / 100, abs=0.051), text
    assert checked > 10


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_fibres_make_a_hundred_percent(count):
    for seed in range(50):
        split = shares(random.Random(seed), count)
        assert len(split) == count and sum(split) == 100 and min(split) > 0


def test_medicine_and_food_keep_longer_than_the_day_they_are_packed(monkeypatch):
    for module in (pharmacy, packs):
        monkeypatch.setattr(module, "calendar", lambda sheet: datetime.date.isoformat)
    checked = 0
    orders = ("birth", "filled", "expiry"), ("packing", "before")
    for design, order in zip((medicine, pack), orders, strict=True):
        for seed in range(12):
            days = {
                word: answer
                for question, answer in answers(drawn(design, seed)).items()
                for word in order
                if f"{word} date" in question or f"date {word}" in question or f"date of {word}" in question
            }
            told = [days[word] for word in order if word in days]
            checked += len(told) > 1
            assert told == sorted(told), f"{design.__name__} {seed}"
    assert checked > 6


def test_no_product_of_a_shelf_is_named_within_another():
    """Butter and Peanut Butter side by side leave it open what the price of butter is."""
    shelves = 0
    for seed in range(40):
        asked = drawn(price, seed, (1008, 672)).facts._answers
        goods = {q.split(" of ", 1)[1] for q in asked if re.match(r"(What is|How much is in)\b.* of ", q)}
        goods = {
            name.rstrip("?").lower()
            for name in goods
            if f"What does a pack of {name.rstrip('?')} cost?" in asked
        }
        shelves += len(goods) > 1
        for one, other in combinations(sorted(goods), 2):
            assert one not in other and other not in one, f"{seed}: {one}, {other}"
    assert shelves > 5


def test_no_question_has_two_answers_on_a_label():
    """Wordings that something else on the same label would answer as well, or that print does not answer."""
    asked = [question for design in DESIGNS for seed in range(12) for question in wordings_of(design, seed)]
    doubtful = (
        r"(What is the year|Year|Find the year|Tell me the year)[?.]",  # of the harvest, or the house's first
        r"What is in the pack\?",  # the product, or what it is made of
        r"How should it be stored or used\?",  # a temperature is storage, too
        r"What is the routing code\?",  # the large code, or the route
        r"When should it be taken\?",  # in the evening, or with food
        r"May it be .*\?",  # yes or no, where print says more
        r"What is .{1,2}\?",  # a short number stands in more than one place
        r"How much is (?!in |a |saved ).*\?",  # how much is olives?
        r".* of the folder of the folder .*",
        r"How much .* sugars .*",
        r"How much [A-Z](?!itamin).*",  # lacking nutrients are not told by their capitals
    )
    for form in doubtful:
        assert not [question for question in asked if re.fullmatch(form, question)], form


def wordings_of(design, seed: int) -> list[str]:
    """Every question that the page has, and those about what it lacks, but for words that make no sense."""
    facts = drawn(design, seed).facts
    lacks = [(forms, names) for forms, names in facts._lacks if all(names.values())]
    return [*facts._answers, *(form.format(**names) for forms, names in lacks for form in forms)]


def test_what_a_label_lacks_is_told_by_nothing_else_on_it():
    """A storage note without degrees, no warning that says what is inside."""
    assert not any(re.search(r"\d+ C", kept) for kept in packs.KEPT)
    assert not any("BATTER" in warning for warning in parcels.WARNINGS)


def test_a_hundred_grams_hold_no_more_than_that():
    for seed in range(40):
        text = drawn(european, seed, (672, 672)).canvas.text.replace(",", ".")
        rows = re.findall(r"^(\D+) (\d+\.\d) g\b", text, re.MULTILINE)
        held = [float(grams) for label, grams in rows if not re.match(DEEP, label)]
        assert len(held) > 3 and sum(held) <= 100.5, text


DEEP = "of which|davon|dont|saturadas|azucares|lemak tepu|gula"  # what is in the row before as well
