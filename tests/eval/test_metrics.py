"""Exact match as a table, ANLS against forty computed facts, the interval against arithmetic and a simulation."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from minimax_vl.eval.metrics import (
    anls,
    clustered_difference,
    clustered_mean,
    clustered_ratio,
    exact_match,
    student,
)


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


def test_one_question_a_page_is_wilsons_interval_of_so_many_questions():
    mean = clustered_mean([1.0] * 900 + [0.0] * 100, range(1000))
    assert (mean.value, mean.count, mean.clusters) == (0.9, 1000, 1000)
    assert (mean.low, mean.high) == pytest.approx((0.8798, 0.9171), abs=3e-4)  # Wilson's for 900 of 1000


def test_the_interval_is_that_of_drawing_pages_again():
    rng = random.Random(1)
    scores = [
        [float(rng.random() < easy) for _ in range(1 + page % 7)]
        for page in range(80)
        if (easy := rng.random())
    ]
    mean = clustered_mean(
        [s for page in scores for s in page], [n for n, page in enumerate(scores) for _ in page]
    )
    drawn = sorted(
        sum(map(sum, again)) / sum(map(len, again))
        for _ in range(4000)
        if (again := rng.choices(scores, k=80))
    )
    assert (mean.low, mean.high) == pytest.approx((drawn[100], drawn[-100]), abs=0.01)


@pytest.mark.parametrize("pages", [(0, 1), (0, 0, 1), (0, 1, 2, 3)])
def test_answers_that_are_nearly_right_alike_are_no_certainty(pages):
    mean = clustered_mean([0.8] * len(pages), pages)
    assert mean.value == pytest.approx(0.8) and mean.low < 0.6 and mean.high > 0.9
    unchanged = clustered_difference([0.0] * 100, range(100))
    assert unchanged.high < 0.05  # nothing changed: that is no spread that was missed


def test_questions_that_fail_together_widen_the_interval():
    scores = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    together = clustered_mean(scores, [i // 4 for i in range(12)])
    apart = clustered_mean(scores, range(12))
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize(("truth", "count"), [(0.5, 8), (0.5, 60), (0.75, 12), (0.9, 25), (0.97, 40)])
def test_the_interval_holds_the_truth_19_times_in_20(truth, count):
    rng = random.Random(0)
    held = 0
    for _ in range(500):
        scores, pages = [], []
        for page in range(count):
            easy, asked = rng.betavariate(2 * truth, 2 - 2 * truth), rng.randint(1, 8)
            scores += [float(rng.random() < easy) for _ in range(asked)]
            pages += [page] * asked
        mean = clustered_mean(scores, pages)
        held += mean.low <= truth <= mean.high
    assert 0.92 <= held / 500 <= 0.99


@pytest.mark.parametrize(("freedom", "t"), [(3, 3.182), (7, 2.365), (24, 2.064), (39, 2.023), (1000, 1.962)])
def test_students_t_is_that_of_the_tables(freedom, t):
    assert student(freedom) == pytest.approx(t, rel=0.008)


@pytest.mark.parametrize(
    ("pages", "each", "up", "down", "alike"),
    [
        (25, 4, 0.02, 0, 0.3),
        (50, 4, 0.02, 0.01, 0.3),
        (250, 2, 0.005, 0, 0.3),
        (50, 1, 0.06, 0, 0),
        (100, 4, 0.1, 0.08, 0.3),
    ],
)
def test_the_interval_of_a_difference_holds_the_truth_though_few_questions_changed(
    pages, each, up, down, alike
):
    rng = random.Random(1)

    def change():
        drawn = rng.random()
        return 1.0 if drawn < up else -1.0 if drawn < up + down else 0.0

    held = 0
    for _ in range(300):
        changes, of = [], []
        for page in range(pages):
            first = change()
            changes += [first, *(first if rng.random() < alike else change() for _ in range(each - 1))]
            of += [page] * each
        found = clustered_difference(changes, of)
        assert found.value == pytest.approx(sum(changes) / len(changes)) and found.low < found.high
        held += found.low <= up - down <= found.high
    assert held / 300 >= 0.92


def test_two_pages_that_agree_are_not_certain():
    half = clustered_ratio([1, 2], [2, 4], ["a", "b"])  # half of the things on each
    assert half.value == 0.5 and half.low < 0.2 and half.high > 0.8
    assert (clustered_ratio([0, 0], [2, 4], "ab").low, clustered_ratio([2, 4], [2, 4], "ab").high) == (0, 1)


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
