"""What the suites on drawn pages share: held-out pages one after the other, and the loop that asks about them.

Fonts and seeds are ones that training never sees; every reply is real greedy generation through the public API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from minimax_vl.eval.journal import Batch, Journal, Progress, silent
from minimax_vl.eval.metrics import Mean, clustered_mean
from minimax_vl.synthetic import FontBook, Page, sample

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

# (height, width) of the pages, one after the other: the grids nano is trained on, 672 x 672 most of all.
SIZES = ((672, 672), (1008, 672), (672, 672), (1344, 1008), (672, 672), (336, 336), (672, 1008), (1344, 672))
QUESTIONS_A_PAGE = 8
Turn = tuple[str, str]  # question, answer
Asked = tuple[int, Page, list[Turn]]  # number of the page, the page, the turns that are asked


@dataclass(frozen=True)
class Record:
    """One question and what became of it."""

    page: int
    kind: str  # what it is counted under: the kind of page, or a suite's group of questions
    size: tuple[int, int]  # height, width
    question: str
    answer: str
    reply: str
    right: bool
    tokens: int  # those of the thought as well
    thought: str = ""  # what was written before the reply


@dataclass(frozen=True)
class Result:
    """All questions of one run, in the order they were asked."""

    records: list[Record]
    alone: tuple[str, ...] | None = None  # kinds of page that were drawn without all others

    def mean(self, kind: str | None = None) -> Mean:
        """Share of right answers over all questions, or over those of one kind."""
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


def drawn(
    questions: int,
    first: int,
    choose: Callable[[Page], list[Turn]],
    kinds: tuple[str, ...] | None = None,
) -> Iterator[Asked]:
    """Held-out pages from number `first` on and their chosen turns, eight a page at most: `questions` or a few more.

    Pages of which no turn is chosen are left out. kinds: of page, None for all.
    """
    fonts = FontBook.load(None, "heldout")
    index, asked = first, 0
    while asked < questions:
        page = sample("heldout", index, SIZES[index % len(SIZES)], fonts, level=1.0, kinds=kinds)
        if turns := choose(page)[:QUESTIONS_A_PAGE]:
            asked += len(turns)
            yield index, page, turns
        index += 1


def ask(
    pipeline: Pipeline,
    pages: Iterable[Asked],
    judge: Callable[[Page, Turn, str], tuple[str, bool]],
    *,
    max_new_tokens: int = 128,
    batch_size: int = QUESTIONS_A_PAGE,
    out: Path | None = None,
    progress: Progress = silent,
) -> list[Record]:
    """Ask all turns of `pages`, each in a conversation of its own, through `Pipeline.batch`.

    judge: (page, turn, reply) -> (what it is counted under, whether it is right). out, progress: as for
    `Journal.gathered`, a batch being a page.
    """

    def answered(index: int, page: Page, turns: list[Turn]) -> list[Record]:
        encoded = pipeline.encode(Image.fromarray(page.image))
        pairs = [(encoded, question) for question, _ in turns]
        replies = pipeline.batch(pairs, batch_size=batch_size, max_new_tokens=max_new_tokens)
        size = (page.image.shape[0], page.image.shape[1])
        new = []
        for (question, answer), reply in zip(turns, replies, strict=True):
            kind, right = judge(page, (question, answer), str(reply))
            said = str(reply), right, len(reply.tokens), reply.thought
            new.append(Record(index, kind, size, question, answer, *said))
        return new

    journal = Journal(Record, lambda r: (r.page, r.question, r.answer), lambda r: r.right)
    batches = (
        Batch([(index, *turn) for turn in turns], partial(answered, index, page, turns))
        for index, page, turns in pages
    )
    return journal.gathered(batches, out, progress)
