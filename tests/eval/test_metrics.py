"""Exact match as a table, ANLS against forty computed facts, the interval against arithmetic and a simulation."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from minimax_vl.eval.metrics import anls, clustered_mean, exact_match


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("12.50", "12.50", True),
        (" 12.50\n", "12.50", True),
        ("a  b\nc", "a b c", True),
        ("12.5", "12.50", False),
        ("total", "Total", False),
        ("", "x", False),
        ("$ 5", "$5", False),
    ],
)
def test_exact_match(reply, answer, right):
    assert exact_match(reply, answer) is right


def test_one_question_a_page_is_the_usual_interval():
    mean = clustered_mean([1, 1, 0, 1], [0, 1, 2, 3])
    half = 1.96 * (0.1875 / 3) ** 0.5
    assert (mean.value, mean.count, mean.clusters) == (0.75, 4, 4)
    assert mean.low == pytest.approx(0.75 - half) and mean.high == 1.0


def test_questions_that_fail_together_widen_the_interval():
    scores = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    together = clustered_mean(scores, [i // 4 for i in range(12)])
    apart = clustered_mean(scores, range(12))
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_the_interval_holds_the_truth_19_times_in_20():
    rng = random.Random(0)
    held = 0
    for _ in range(300):
        scores, pages = [], []
        for page in range(60):
            easy = rng.random()
            scores += [float(rng.random() < easy) for _ in range(5)]
            pages += [page] * 5
        mean = clustered_mean(scores, pages)
        held += mean.low <= 0.5 <= mean.high
    assert 0.90 <= held / 300 <= 0.99


def test_one_page_says_nothing_about_others():
    mean = clustered_mean([1, 1, 1], ["a", "a", "a"])
    assert (mean.low, mean.high) == (0.0, 1.0)


def test_nothing_to_average_is_an_error():
    with pytest.raises(ValueError, match="0 scores"):
        clustered_mean([], [])


FACTS = json.loads((Path(__file__).parent / "anls_facts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("reply", "answers", "score"), [f[1:] for f in FACTS], ids=[f[0] for f in FACTS])
def test_anls_is_the_official_one(reply, answers, score):
    assert anls(reply, answers) == pytest.approx(score, abs=5e-7)  # the facts are given to six decimals


def test_the_mean_of_the_facts():
    mean = sum(anls(reply, answers) for _, reply, answers, _ in FACTS) / len(FACTS)
    assert mean == pytest.approx(0.6969256854256856, abs=1e-12)


def test_answers_as_one_string_are_refused():
    with pytest.raises(TypeError, match="'abc'"):
        anls("abc", "abc")
    with pytest.raises(ValueError, match="no accepted answer"):
        anls("abc", [])
