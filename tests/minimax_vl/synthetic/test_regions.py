"""Reading by place: lines are counted from the top, corners are corners, neighbours stand below each other."""

from __future__ import annotations

import random

from minimax_vl.synthetic import FontBook
from minimax_vl.synthetic.canvas import Canvas
from minimax_vl.synthetic.regions import LONGEST_REGION, regions

FONTS = FontBook.load(None, "train")
LINES = (
    "GARDEN CENTRE",
    "12 Long Lane",
    "Opening hours from nine",
    "Closed on Sundays",
    "Thank you for coming",
)


def page(lines=LINES, x=lambda row: 30.0, y=lambda row: 20.0 + 40 * row) -> Canvas:
    canvas = Canvas(320, 400, (255, 255, 255))
    for row, text in enumerate(lines):
        canvas.write(x(row), y(row), text, FONTS.print(FONTS.faces[0], 18), (0, 0, 0))
    return canvas


def asked(canvas: Canvas) -> dict[str, set[str]]:
    answers: dict[str, set[str]] = {}
    for seed in range(60):
        for question, answer in regions(canvas, random.Random(seed)):
            answers.setdefault(question, set()).add(answer)
    return answers


def test_lines_are_counted_from_the_top_and_from_the_bottom():
    answers = asked(page())
    assert answers["What is the first line?"] == {LINES[0]}
    assert answers["Read the third line."] == {LINES[2]}
    assert answers["Read the last line."] == answers["Read the bottom line."] == {LINES[4]}
    assert answers["Read the first two lines."] == {"\n".join(LINES[:2])}


def test_neighbours():
    answers = asked(page())
    assert answers["What is written below '12 Long Lane'?"] == {LINES[2]}
    assert answers["What is written above '12 Long Lane'?"] == {LINES[0]}


def test_every_question_has_one_answer():
    assert all(len(found) == 1 for found in asked(page()).values())


def test_lines_that_were_not_written_downwards_are_not_counted():
    answers = asked(page(y=lambda row: 20.0 + 40 * (row % 3), x=lambda row: 10.0 if row < 3 else 250.0))
    assert not [question for question in answers if " third " in question or " last " in question]


def test_corners_are_the_outer_pieces():
    canvas = page(("left", "right"), x=lambda row: (10.0, 340.0)[row], y=lambda row: 15.0)
    answers = asked(canvas)
    assert answers["What is written in the top left corner?"] == {"left"}
    assert answers["What is written in the top right corner?"] == {"right"}
    assert not [question for question in answers if "bottom left" in question]


def test_nothing_is_too_long_to_answer():
    canvas = page(("x" * 60,) * 2 + ("word " * 12,) * 3)
    assert all(len(answer) <= LONGEST_REGION for found in asked(canvas).values() for answer in found)


def test_an_empty_page_is_not_asked_about():
    assert regions(Canvas(100, 100, (255, 255, 255)), random.Random(0)) == []
