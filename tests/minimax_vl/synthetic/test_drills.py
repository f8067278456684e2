"""Laws of reckoning without a picture: what is asked is stated, and its answer follows."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from minimax_vl.synthetic import FontBook
from minimax_vl.synthetic.drills import PLAIN, drills
from minimax_vl.synthetic.reckoning import Asked

FONTS = FontBook.load(None, "train")


def amount(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def of_two(asked: Asked) -> str:
    """The sign of a question about two numbers, its answer checked; "" for one about a list."""
    if found := re.fullmatch(r"Each \w+ has (\d+) \w+\. How many \w+ are in (\d+) \w+\?", asked.question):
        one, many = map(int, found.groups())
        assert asked.answer == str(one * many) and asked.thought == f"{many} x {one}"
        return "x"
    if found := re.fullmatch(r"What is (\S+) ([+-]) (\S+)\?", asked.question):
        one, sign, other = found.groups()
        told = amount(one) + amount(other) * (1 if sign == "+" else -1)
        assert told == pytest.approx(amount(asked.answer)) and not asked.thought, asked
        return sign
    if found := re.fullmatch(r"Is (\S+) more than (\S+)\?", asked.question):
        one, other = map(amount, found.groups())
        assert asked.answer == ("yes" if one > other else "no")
        sign = ">" if one > other else "<" if one < other else "="
        assert asked.thought == f"{found[1]} {sign} {found[2]}"
        return sign
    return ""


def test_questions_about_two_numbers_have_the_right_answer():
    signs = Counter(of_two(asked) for seed in range(200) for asked in drills(FONTS, random.Random(seed)))
    assert set(signs) >= {"+", "-", ">", "<", "=", "x"}
    assert sum(signs.values()) - signs[""] - signs["x"] == PLAIN * 200


def test_a_list_is_stated_and_thought_about():
    lists = 0
    for seed in range(200):
        for asked in drills(FONTS, random.Random(seed)):
            if of_two(asked):
                continue
            stated = set(re.findall(r"\d[\d,.]*\d|\d", asked.question))
            cells = [part.rsplit(": ", 1)[-1] for part in asked.thought.split(". ")[0].split("; ")]
            assert asked.thought and {re.search(r"\d[\d,.]*\d|\d", cell)[0] for cell in cells} <= stated, (
                asked
            )
            lists += 1
    assert lists > 100


def test_drills_are_the_same_again():
    assert drills(FONTS, random.Random(3)) == drills(FONTS, random.Random(3))
