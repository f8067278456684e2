"""Laws of questions without an answer: nothing on the page may answer them, and they do ask for something."""

from __future__ import annotations

import random

import pytest

from minimax_vl.synthetic.absent import SHOWN, TOPICS, absent, foreign

RECEIPT = """CORNER SHOP LTD
12/03/2019 14:22
TEL 03-7712345
TEA 2.40
VAT 0.48
TOTAL 2.88
CASH 5.00
CHANGE 2.12"""


def asked(text: str, **how) -> set[str]:
    return {question for seed in range(300) for question in absent(random.Random(seed), text, 3, **how)}


@pytest.mark.parametrize(
    "word", ["tax", "total amount", "change", "telephone", "date on", "time on", "cash paid"]
)
def test_what_a_receipt_has_is_never_called_absent(word):
    assert not [question for question in asked(RECEIPT) if word in question.lower()]


def test_what_it_lacks_is_asked_for_in_the_words_of_the_receipts():
    bare = asked("CORNER SHOP LTD\nTEA 2.40\nMILK 3.10")
    assert {
        "What is the tax amount?",
        "What is the time on the receipt?",
        "What is the telephone number?",
    } <= bare
    assert not [
        question for question in bare if "total amount" in question.lower()
    ]  # prices are there to be argued with


def test_pictures_are_not_asked_for_what_they_may_show_without_words():
    assert all(name in dict(TOPICS) for name in SHOWN)
    assert not [q for q in asked("", drawn=True) for name in SHOWN if q.lower().endswith(f"the {name}?")]


def test_foreign_words_are_not_on_the_page():
    for seed in range(200):
        label = foreign(random.Random(seed), RECEIPT)
        assert all(word.lower() not in RECEIPT.lower() for word in label.split())


def test_no_more_than_wanted():
    assert all(
        len(absent(random.Random(seed), "", count)) <= count for seed in range(50) for count in (0, 1, 2)
    )
