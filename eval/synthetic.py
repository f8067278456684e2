"""Held-out synthetic pages and the questions that they answer, counted by kind of page; exact match."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from minimax_vl.eval.drawn import Asked, Result, Turn, ask, drawn
from minimax_vl.eval.metrics import exact_match
from minimax_vl.synthetic import Page
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.pages import EVERYDAY, KINDS, PICTURES

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

DOCUMENTS = tuple(kind for kind in KINDS if kind not in PICTURES and kind not in EVERYDAY)
RECEIPTS = ("receipt", "till", "slip")  # kinds of page that are one


def pages(questions: int, first: int = 0, kinds: Collection[str] = DOCUMENTS) -> Iterator[Asked]:
    """Pages of `kinds` and their turns, but for those whose answer is not on the page: they are eval/figures.py's."""

    def choose(page: Page) -> list[Turn]:
        return [turn for turn in page.turns if turn[1] != NOT_THERE] if page.kind in kinds else []

    return drawn(questions, first, choose, _alone(kinds))


def _alone(kinds: Collection[str]) -> tuple[str, ...] | None:
    """`kinds`, where no other pages have them among them."""
    return tuple(kinds) if set(kinds) <= set(EVERYDAY) else None


def evaluate(
    pipeline: Pipeline,
    *,
    questions: int,
    first: int = 0,
    kinds: Collection[str] = DOCUMENTS,
    **options: Any,
) -> Result:
    """Ask at least `questions` questions; the records' `kind` is that of the page. options: of `drawn.ask`."""

    def judge(page: Page, turn: Turn, reply: str) -> tuple[str, bool]:
        return page.kind, exact_match(reply, turn[1])

    return Result(ask(pipeline, pages(questions, first, kinds), judge, **options), _alone(kinds))
