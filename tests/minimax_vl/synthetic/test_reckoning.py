"""Laws of what is reckoned about a column of numbers: by exact arithmetic, in the units that are written."""

from __future__ import annotations

import random
import re
from collections import Counter
from fractions import Fraction
from itertools import accumulate
from operator import add, mul, sub, truediv

import pytest

from minimax_vl.synthetic.facts import Facts
from minimax_vl.synthetic.reckoning import SMALL, reckoned

LABELS = "apple bus cup door egg fish goat hat".split()
NUMBER = r"-?\$?\d[\d,]*(?:\.\d+)?"
SIGNS = {"+": add, "-": sub, "x": mul, "/": truediv}


def asked(seed: int, kind: str) -> tuple[dict[str, Fraction], list[tuple[str, str, str]]]:
    """A column of "whole" numbers, of "cents" or of "money", and what is asked of it."""
    rng = random.Random(seed)
    facts, most = Facts(rng), rng.choice((60, 400, 30_000))
    facts.teaching = True
    labels = rng.sample(LABELS, rng.randint(2, 6))
    values = [rng.randint(0, most) for _ in labels]
    sign, parts = "$" if kind == "money" else "", 1 if kind == "whole" else 100
    texts = [f"{sign}{value // parts:,}" + f".{value % 100:02d}" * (parts > 1) for value in values]
    reckoned(facts, rng, ["Name", "Amount"], [list(row) for row in zip(labels, texts, strict=True)])
    known = {label: Fraction(value, parts) for label, value in zip(labels, values, strict=True)}
    return known, facts.thought_out()


def exact(text: str) -> Fraction:
    return Fraction(re.sub("[$,]", "", text))


def wanted(question: str, known: dict[str, Fraction]) -> tuple[str, Fraction | bool]:
    """What kind of question it is, and its answer, reckoned anew."""
    values = list(known.values())
    told = [exact(number) for number in re.findall(NUMBER, question)]
    some = [known[word] for word in re.findall(r"\w+", question) if word in known][-2:]
    for word, answer in (
        ("mean of the", lambda: sum(values) / len(values)),
        ("total of all", lambda: sum(values)),
        ("range of the", lambda: max(values) - min(values)),
        ("median of the", lambda: sorted(values)[len(values) // 2]),
        ("mode of the", lambda: Counter(values).most_common(1)[0][0]),
        ("(largest|highest) of the", lambda: max(values)),
        ("(smallest|lowest) of the", lambda: min(values)),
        ("but fewer than", lambda: sum(told[0] <= value < told[1] for value in values)),
        ("have at least|or more", lambda: sum(value >= told[0] for value in values)),
        ("Is that enough", lambda: told[0] >= sum(some)),
        ("money is left", lambda: told[0] - sum(some)),
        ("the change", lambda: some[1] - some[0]),
        ("(many|much) more", lambda: some[0] - some[1]),
        (r"\d of", lambda: told[0] * some[-1]),
        ("together|total (of|cost)|How much money", lambda: sum(some)),
    ):
        if re.search(word, question):
            return word, answer()
    raise AssertionError(question)


@pytest.mark.parametrize("kind", ["whole", "cents", "money"])
def test_answers_are_right_and_follow_from_their_thoughts(kind):
    seen: Counter[str] = Counter()
    for seed in range(3000):
        known, questions = asked(seed, kind)
        for question, answer, thought in questions:
            word, value = wanted(question, known)
            if isinstance(value, bool):
                assert answer == ("yes" if value else "no"), (question, thought)
            else:
                assert exact(answer) == value, (question, answer, thought)
            if found := re.search(rf"({NUMBER}) ([-+x/]) ({NUMBER})$", thought):
                one, sign, other = found.groups()
                assert SIGNS[sign](exact(one), exact(other)) == value, (question, thought)
            if word in ("mean of the", "total of all"):
                sums = [exact(text) for text in re.findall(rf" = ({NUMBER})", thought)]
                assert sums == list(accumulate(known.values())), thought
                assert max(known.values()) <= SMALL
            seen[word] += 1
    assert len(seen) == (5 if kind == "money" else 12) and min(seen.values()) > 30, seen


def test_a_mean_has_one_digit_more_than_its_numbers():
    rows = [["a", "0.16"], ["b", "0.34"], ["c", "0.28"], ["d", "0.40"], ["e", "0.04"]]
    for seed in range(50):
        facts = Facts(random.Random(seed))
        facts.teaching = True
        reckoned(facts, facts.rng, ["Name", "Share"], rows)
        for question, answer, thought in facts.thought_out():
            if "mean" in question:
                assert answer == "0.244"
                told = "a: 0.16 = 0.16; b: 0.34 = 0.50; c: 0.28 = 0.78; d: 0.40 = 1.18; e: 0.04 = 1.22"
                assert thought == f"{told}. 1.22 / 5"
                return
    raise AssertionError("no mean was asked for")
