"""Letters read from replies: the 24 facts about lmms-eval's extraction, and what the tolerant reading must not do."""

from __future__ import annotations

import pytest

from minimax_vl.eval.choice import is_right_strictly, tolerant

OPTIONS = ("krill", "whale", "Phytoplankton", "leopard seal")

# reply, right by lmms-eval (gold A), letter that VLMEvalKit finds ("" for none): run through both
FACTS = [
    ("A", True, "A"), ("a", True, ""), ("A.", True, "A"), ("A)", True, "A"), ("(A)", True, "A"),
    ("A. krill", True, "A"), ("a. krill", False, "A"), ("A: krill", False, "A"), ("Answer: A", False, "A"),
    ("The answer is A", False, "A"), ("The correct answer is **A**. Here is why", False, "A"),
    ("**A**", True, "A"), ("A,", True, "A"), ("A or B", False, ""), ("krill", False, "A"),
    ("It is krill", False, "A"), ("Krill.", False, "A"), ("", False, ""), ("E", False, ""),
    ("I think the krill is smallest, so A", False, "A"), ("A whale is bigger than krill", False, ""),
    ("The smallest organism is C, since Phytoplankton is microscopic.", False, "C"),
    ("Option A", False, "A"), ("A\nB", False, ""),
]  # fmt: skip
IDS = [f"E{number:02}" for number in range(1, len(FACTS) + 1)]


@pytest.mark.parametrize(("reply", "right", "_letter"), FACTS, ids=IDS)
def test_the_strict_reading_is_lmms_evals(reply, right, _letter):
    assert is_right_strictly(reply, "A") is right


@pytest.mark.parametrize(("reply", "_right", "letter"), FACTS, ids=IDS)
def test_the_tolerant_reading_finds_at_least_what_vlmevalkit_finds(reply, _right, letter):
    found, rule = tolerant(reply, OPTIONS)
    if reply == "a":
        assert (found, rule) == ("A", "bare")  # the one that VLMEvalKit misses
    else:
        assert found == letter
    assert (rule == "unparsed") == (found == "")


@pytest.mark.parametrize(
    ("reply", "letter", "rule"),
    [
        ("b)", "B", "bare"),
        ("[c]", "C", "bare"),
        ("(B) whale", "B", "led"),
        ("**D.** leopard seal", "D", "led"),
        ("Answer:\nB", "B", "stated"),
        ("The answer is not A. The answer is D", "D", "stated"),
        ("It's option b.", "B", "stated"),
        ("I choose B", "B", "subject"),
        ("the leopard seal", "D", "text"),
        ("The answer is a whale", "B", "text"),
        ("A. krill\nB. whale", "", "unparsed"),
        ("The answer is B or C", "", "unparsed"),
        ("A seal", "", "unparsed"),
        ("whale and krill", "", "unparsed"),
        ("seal", "", "unparsed"),
        ("B, because it eats krill", "B", "led"),
        ("B because it eats krill", "B", "led"),
        ("A, since it is small", "A", "led"),
        ("**B**, it eats krill", "B", "led"),
        ("B, not option C.", "B", "led"),
        ("The answer is B, not option C.", "B", "stated"),
        ("**Answer:** B", "B", "stated"),
        ("**Answer**: B", "B", "stated"),
        ("Answer: D because seals hunt", "D", "stated"),
        ("Option C is the correct answer", "C", "stated"),
        ("B is correct.", "B", "stated"),
        ("B is the answer", "B", "stated"),
        ("I think B is right, as it eats krill", "B", "stated"),
        ("The answer is “B”", "B", "stated"),
        ("“B”", "B", "bare"),
        ("The answer is 'B'", "B", "stated"),
        (r"\boxed{B}", "B", "stated"),
        ("The correct answer is option A since it is small", "A", "stated"),
        ("The answer is B, I think", "B", "stated"),
        ("A whale", "B", "text"),
        ("A whale eats krill", "", "unparsed"),
        ("not B", "", "unparsed"),
        ("It is not B", "", "unparsed"),
        ("I would not choose B", "", "unparsed"),
        ("Not option C", "", "unparsed"),
        ("B is not correct", "", "unparsed"),
        ("Option C is wrong", "", "unparsed"),
        ("B is the wrong answer", "", "unparsed"),
        ("The answer is B, C", "", "unparsed"),
        ("The answer is B/C", "", "unparsed"),
        ("B, or krill", "", "unparsed"),
        ("B is correct, and C is correct", "", "unparsed"),
        ("B, but C is correct", "", "unparsed"),
        ("Option B, option C", "", "unparsed"),
        ("vitamin A is the answer", "", "unparsed"),
    ],
)
def test_readings(reply, letter, rule):
    assert tolerant(reply, OPTIONS) == (letter, rule)


def test_the_longer_of_two_options_that_hold_each_other():
    options = ("leaf", "leaf stalk", "root", "stalk")
    assert tolerant("the leaf stalk", options) == ("B", "text")
    assert tolerant("the leaf", options) == ("A", "text")


def test_the_same_text_twice_names_no_letter():
    assert tolerant("root", ("root", "root", "stem", "leaf")) == ("", "unparsed")


def test_a_letter_beyond_the_options_is_none():
    assert tolerant("D", ("yes", "no")) == ("", "unparsed")
