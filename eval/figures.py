"""Held-out charts, diagrams and scenes, and questions that the picture does not answer: the synthetic suite's kin.

Pages, seeds and fonts are those of eval/drawn.py; a suite asks about some kinds of page only, groups its questions
by what they are about, and says what counts as right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.drawn import QUESTIONS_A_PAGE, Asked, Result, Turn, ask, drawn
from minimax_vl.eval.metrics import exact_match
from minimax_vl.synthetic import Page
from minimax_vl.synthetic.charts.questions import form_of
from minimax_vl.synthetic.facts import DESCRIBE, KIND, NOT_THERE

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

TOLERANCE = 0.05  # of the true number, for what is read off an axis
CHART_GROUPS = {
    "value": "value cell most least",
    "extreme": "highest lowest rank best",
    "difference": "difference sum",
    "count": "count groups series above",
    "comparison": "compare trend change",
    "color": "color",
    "print": "title axis end type place",
}
SIDES = ("left", "right", "above", "below", "top", "bottom", "center", "middle")


@dataclass(frozen=True)
class Suite:
    """Which pages are asked about, what a question is counted under, and the bar its groups must reach."""

    kinds: tuple[str, ...] | None  # of page; None for all
    about: str
    group: Callable[[str, str], str]  # (question, answer) -> name, "" to leave the question out
    right: Callable[[str, str, str], bool]  # (group, reply, answer)
    alone: bool = False  # whether pages of its kinds alone are drawn, of which else there would be few


def _chart_group(question: str, answer: str) -> str:
    if answer == NOT_THERE or question in KIND:
        return ""
    if question in DESCRIBE:
        return "caption"
    words = form_of(question).split()
    found = [group for group, forms in CHART_GROUPS.items() if set(words) & set(forms.split())]
    # "cell difference" is a difference before it is a cell, "color of all" has its one word
    return ("difference" if "difference" in words else found[0]) if found else "other"


def _diagram_group(question: str, answer: str) -> str:
    if answer == NOT_THERE or question in KIND:
        return ""
    if question in DESCRIBE:
        return "caption"
    return "four choices" if "\nA. " in question else "count" if question.startswith("How many") else "open"


def _scene_group(question: str, answer: str) -> str:
    if answer == NOT_THERE or question in KIND:
        return ""
    if question in DESCRIBE:
        return "caption"
    if answer in ("true", "false"):
        return "statement"
    if answer in ("yes", "no"):
        return "yes or no"
    if question.startswith("How many"):
        return "count"
    related = any(
        word in question
        for word in ("left", "right", "top", "bottom", "Where", "furthest", "highest", "lowest")
    )
    return "relation" if related or set(answer.split()) & set(SIDES) else "attribute"


def _caption_group(question: str, answer: str) -> str:
    return "caption" if question in DESCRIBE else ""


def _absent_group(question: str, answer: str) -> str:
    return "unanswerable" if answer == NOT_THERE else "answerable"


def _exact(group: str, reply: str, answer: str) -> bool:
    return exact_match(reply, answer)


def _near(group: str, reply: str, answer: str) -> bool:
    """Numbers read off an axis may be off by five per cent; a count, a name or a year may not."""
    if group in ("value", "difference"):
        told, true = number(reply), number(answer)
        if told is not None and true is not None:
            return abs(told - true) <= TOLERANCE * abs(true) + 1e-9
    return exact_match(reply, answer)


def _knows_when(group: str, reply: str, answer: str) -> bool:
    """Unanswerable: says so. Answerable: does not say so, whatever else is said."""
    return exact_match(reply, NOT_THERE) == (group == "unanswerable")


SUITES = {
    "charts": Suite(("chart",), "held-out drawn charts; numbers off an axis within 5 %", _chart_group, _near),
    "diagrams": Suite(
        ("diagram",), "held-out drawn diagrams; four choices and open questions", _diagram_group, _exact
    ),
    "scenes": Suite(
        ("scene",), "held-out drawn scenes; attributes, counts, relations, captions", _scene_group, _exact
    ),
    "captions": Suite(("scene",), "captions of held-out drawn scenes", _caption_group, _exact, alone=True),
    "absent": Suite(
        None, "questions without an answer in the picture, beside ones with", _absent_group, _knows_when
    ),
}


def number(text: str) -> float | None:
    """The number a text states and nothing else: "$1,200" is 1200.0, "12.5%" is 12.5; None for "2 of 3"."""
    found = re.fullmatch(r"[^\w.+-]*([+-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+))\W*", text.strip())
    return float(found[1].replace(",", "")) if found else None


def pages(suite: str, questions: int, first: int = 0) -> Iterator[Asked]:
    """Pages of a suite and the turns that it asks about. Raises InvalidRequest for a suite that does not exist."""
    if suite not in SUITES:
        raise InvalidRequest(f"suite {suite!r}", f"one of {', '.join(SUITES)}")
    chosen = SUITES[suite]

    def choose(page: Page) -> list[Turn]:
        if chosen.kinds is not None and page.kind not in chosen.kinds:
            return []
        turns = [turn for turn in page.turns if chosen.group(*turn)]
        return _balanced(turns) if suite == "absent" else turns

    return drawn(questions, first, choose, _alone(suite))


def _alone(suite: str) -> tuple[str, ...] | None:
    return SUITES[suite].kinds if SUITES[suite].alone else None


def _balanced(turns: list[Turn]) -> list[Turn]:
    """The turns without an answer, and as many that have one; none from a page that has no such turn."""
    without = [turn for turn in turns if turn[1] == NOT_THERE][: QUESTIONS_A_PAGE // 2]
    return without + [turn for turn in turns if turn[1] != NOT_THERE][: len(without)]


def evaluate(pipeline: Pipeline, suite: str, *, questions: int, first: int = 0, **options: Any) -> Result:
    """Ask at least `questions` questions of a suite; the records' `kind` is their group. options: of `drawn.ask`."""

    def judge(page: Page, turn: Turn, reply: str) -> tuple[str, bool]:
        group = SUITES[suite].group(*turn)
        return group, SUITES[suite].right(group, reply, turn[1])

    return Result(ask(pipeline, pages(suite, questions, first), judge, **options), _alone(suite))
