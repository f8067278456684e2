"""Reading the text of a part of a held-out page: character error rate of lines, corners, neighbours and transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minimax_vl.eval.drawn import Asked, Result, Turn, ask, drawn
from minimax_vl.eval.metrics import Mean, clustered_ratio, exact_match
from minimax_vl.synthetic import Page
from minimax_vl.synthetic.facts import NOT_THERE, READ
from minimax_vl.synthetic.regions import ABOVE, BELOW, CORNER, LINE, SOME, STARTS

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

GROUPS: dict[str, Sequence[str]] = {
    "transcript": READ,
    "several lines": SOME,
    "line by place": LINE,
    "line by start": STARTS,
    "line above or below": (*ABOVE, *BELOW),
    "corner": CORNER,
}


def _pattern(form: str) -> str:
    """A question form as a regular expression; what is filled in may be anything."""
    return ".+".join(re.escape(part) for part in re.split(r"\{\w+\}", form))


PATTERNS = {group: re.compile("|".join(_pattern(form) for form in forms)) for group, forms in GROUPS.items()}


def group_of(question: str) -> str:
    """What kind of reading a question asks for; '' when it asks for something else."""
    return next((group for group, pattern in PATTERNS.items() if pattern.fullmatch(question)), "")


def edits(reply: str, answer: str) -> int:
    """Characters to insert, delete or replace in `reply`, runs of white space taken as one blank."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(" ".join(reply.split()), " ".join(answer.split()))


@dataclass(frozen=True)
class ReadingResult(Result):
    """Records whose kind is a group of questions."""

    def error_rate(self, kind: str | None = None) -> Mean:
        """Edits over characters of the answers, with a 95 % interval that takes a page as one cluster."""
        chosen = [r for r in self.records if kind in (None, r.kind)]
        return clustered_ratio(
            [edits(r.reply, r.answer) for r in chosen],
            [len(" ".join(r.answer.split())) for r in chosen],
            [r.page for r in chosen],
        )


def pages(questions: int, first: int = 0) -> Iterator[Asked]:
    """Pages and those of their turns that read."""

    def choose(page: Page) -> list[Turn]:
        return [(q, a) for q, a in page.turns if group_of(q) and a != NOT_THERE]

    return drawn(questions, first, choose)


def evaluate(pipeline: Pipeline, *, questions: int, first: int = 0, **options: Any) -> ReadingResult:
    """Ask at least `questions` reading questions; the records' `kind` is their group, `right` their exact match.

    options: of `drawn.ask`.
    """

    def judge(page: Page, turn: Turn, reply: str) -> tuple[str, bool]:
        return group_of(turn[0]), exact_match(reply, turn[1])

    return ReadingResult(ask(pipeline, pages(questions, first), judge, max_new_tokens=192, **options))
