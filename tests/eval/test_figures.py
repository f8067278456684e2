"""Suites of figures: what is asked, how it is grouped, what counts as right."""

from __future__ import annotations

import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.figures import SUITES, evaluate, number, pages
from minimax_vl.reply import Reply
from minimax_vl.synthetic.facts import NOT_THERE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$1,200", 1200),
        ("12.5%", 12.5),
        (" -3 ", -3),
        (".5", 0.5),
        ("40 N", None),
        ("2 of 3", None),
        ("", None),
        ("Oslo", None),
    ],
)
def test_a_number_is_read_from_what_states_nothing_else(text, wanted):
    assert number(text) == wanted


@pytest.mark.parametrize(
    ("group", "reply", "answer", "right"),
    [
        ("value", "$41", "$40", True),
        ("value", "42.1", "40", False),
        ("value", "40%", "40", True),
        ("value", "0", "0", True),
        ("value", "1", "0", False),
        ("value", "about forty", "40", False),
        ("difference", "19", "20", True),
        ("count", "19", "20", False),
        ("extreme", "1991", "1990", False),
        ("extreme", "Oslo", "Oslo", True),
        ("color", "Red", "red", False),
    ],
)
def test_only_numbers_off_an_axis_may_be_near(group, reply, answer, right):
    assert SUITES["charts"].right(group, reply, answer) is right


@pytest.mark.parametrize(
    ("suite", "question", "answer", "group"),
    [
        ("charts", "What is the sales for Oslo?", "40", "value"),
        ("charts", "What is the value at 10?", "40", "value"),
        ("charts", "What is the sales when Hours is 10?", "40", "value"),
        ("charts", "How many fruits are in the chart?", "4", "count"),
        ("charts", "What is the difference between A and B for 1990?", "4", "difference"),
        ("charts", "Which year has the highest value?", "1990", "extreme"),
        ("charts", "Where is Men highest?", "1990", "extreme"),
        ("charts", "How many bars are there?", "4", "count"),
        ("charts", "How many bars are above 40?", "3", "count"),
        ("charts", "What is the title?", "Sales", "print"),
        ("charts", "What color are the bars?", "red", "color"),
        ("charts", "Does the line rise or fall?", "it rises", "comparison"),
        ("charts", "What is the total?", NOT_THERE, ""),
        ("diagrams", "What eats krill?\nA. Seal\nB. Moss\nC. Crab\nD. Ant", "A", "four choices"),
        ("diagrams", "What comes after Egg?", "Larva", "open"),
        ("scenes", "How many stars are there?", "3", "count"),
        ("scenes", "What color is the star?", "red", "attribute"),
        ("scenes", "Where is the red star?", "top left", "relation"),
        ("scenes", "True or false: There is a red star.", "true", "statement"),
        ("scenes", "Is there a star?", "yes", "yes or no"),
        ("scenes", "What is shown?", "A red star.", "caption"),
        ("absent", "What is the total?", NOT_THERE, "unanswerable"),
        ("absent", "What is the total?", "4.00", "answerable"),
    ],
)  # fmt: skip
def test_questions_are_grouped_by_what_they_are_about(suite, question, answer, group):
    assert SUITES[suite].group(question, answer) == group


def test_a_refusal_is_right_only_where_nothing_answers():
    right = SUITES["absent"].right
    assert right("unanswerable", NOT_THERE, NOT_THERE) and not right("unanswerable", "4.00", NOT_THERE)
    assert right("answerable", "9.99", "4.00") and not right("answerable", NOT_THERE, "4.00")


def test_an_unknown_suite_names_the_known_ones():
    with pytest.raises(InvalidRequest, match="charts, diagrams, scenes, captions, absent"):
        next(pages("photos", 1))


class Knowing:
    """A pipeline that has seen the answers of a suite."""

    def __init__(self, suite: str, questions: int):
        self.known = {
            (page.image.tobytes(), q): a for _, page, turns in pages(suite, questions) for q, a in turns
        }

    def encode(self, image: Image.Image) -> bytes:
        return image.tobytes()

    def batch(self, requests, **_):
        return [Reply(self.known[request], thought="seen before", tokens=(1, 2)) for request in requests]


@pytest.mark.parametrize("suite", SUITES)
def test_true_answers_score_all(suite, tmp_path):
    questions = 6
    result = evaluate(Knowing(suite, questions), suite, questions=questions, out=tmp_path)
    assert result.mean().value == 1.0 and len(result.records) >= questions
    lines = (tmp_path / "records.jsonl").read_text().splitlines()
    assert len(lines) == len(result.records) and all("seen before" in line for line in lines)
    assert {r.kind for r in result.records} <= {
        SUITES[suite].group(r.question, r.answer) for r in result.records
    }


@pytest.mark.parametrize("suite", ["charts", "diagrams", "scenes"])
def test_a_suite_keeps_to_its_kind_of_page(suite):
    for _, page, turns in pages(suite, 5):
        assert page.kind in SUITES[suite].kinds
        assert all(answer != NOT_THERE for _, answer in turns)


def test_as_many_answerable_as_unanswerable_on_every_page():
    for _, _, turns in pages("absent", 20):
        without = sum(answer == NOT_THERE for _, answer in turns)
        assert without > 0 and len(turns) - without <= without
