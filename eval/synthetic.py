"""Held-out synthetic pages: fonts and seeds that training never sees, answered by real greedy generation."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from minimax_vl.eval.metrics import Mean, clustered_mean, exact_match
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.pages import KINDS, PICTURES

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

# (height, width) of the pages, one after the other: the grids nano is trained on, 672 x 672 most of all.
SIZES = ((672, 672), (1008, 672), (672, 672), (1344, 1008), (672, 672), (336, 336), (672, 1008), (1344, 672))
QUESTIONS_A_PAGE = 8
DOCUMENTS = tuple(kind for kind in KINDS if kind not in PICTURES)
RECEIPTS = ("receipt", "till", "slip")  # kinds of page that are one


@dataclass(frozen=True)
class Record:
    """One question and what became of it."""

    page: int
    kind: str
    size: tuple[int, int]  # height, width
    question: str
    answer: str
    reply: str
    right: bool
    tokens: int


@dataclass(frozen=True)
class Result:
    """All questions of one run, in the order they were asked."""

    records: list[Record]

    def mean(self, kind: str | None = None) -> Mean:
        """Exact match over all questions, or over those of one kind of page."""
        chosen = [r for r in self.records if kind in (None, r.kind)]
        return clustered_mean([float(r.right) for r in chosen], [r.page for r in chosen])

    def kinds(self) -> list[str]:
        return sorted({r.kind for r in self.records})

    def by_size(self) -> dict[str, Mean]:
        sizes = sorted({r.size for r in self.records})
        picked = {s: [r for r in self.records if r.size == s] for s in sizes}
        return {
            f"{s[1]}x{s[0]}": clustered_mean([float(r.right) for r in rs], [r.page for r in rs])
            for s, rs in picked.items()
        }


def pages(
    questions: int, first: int = 0, kinds: Collection[str] = DOCUMENTS
) -> Iterator[tuple[int, Page, list[tuple[str, str]]]]:
    """(number, page, turns to ask) of held-out pages of `kinds`, until the turns reach `questions`.

    Eight turns a page at most, and none whose answer is not on the page: those are eval/figures.py's.
    """
    fonts = FontBook.load(None, "heldout")
    index, asked = first, 0
    while asked < questions:
        page = sample("heldout", index, SIZES[index % len(SIZES)], fonts, level=1.0)
        turns = [turn for turn in page.turns if turn[1] != NOT_THERE][:QUESTIONS_A_PAGE]
        if page.kind in kinds and turns:
            asked += len(turns)
            yield index, page, turns
        index += 1


def evaluate(
    pipeline: Pipeline,
    *,
    questions: int,
    first: int = 0,
    kinds: Collection[str] = DOCUMENTS,
    batch_size: int = QUESTIONS_A_PAGE,
    records_file: Path | None = None,
    progress: Callable[[int, float], None] = lambda done, exact: None,
) -> Result:
    """Ask at least `questions` questions, each in a conversation of its own, through `Pipeline.batch`.

    `records_file` is written anew, one JSON line a question, as the run goes. `progress` gets the questions so far
    and the share of them that is right.
    """
    records: list[Record] = []
    if records_file:
        records_file.write_text("", encoding="utf-8")
    for index, page, turns in pages(questions, first, kinds):
        encoded = pipeline.encode(Image.fromarray(page.image))
        replies = pipeline.batch([(encoded, q) for q, _ in turns], batch_size=batch_size, max_new_tokens=128)
        size = (page.image.shape[0], page.image.shape[1])
        new = [
            Record(index, page.kind, size, q, a, str(reply), exact_match(reply, a), len(reply.tokens))
            for (q, a), reply in zip(turns, replies, strict=True)
        ]
        records += new
        if records_file:
            with records_file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in new)
        progress(len(records), sum(r.right for r in records) / len(records))
    return Result(records)
