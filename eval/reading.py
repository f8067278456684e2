"""Reading the text of a part of a held-out page: character error rate of lines, corners, neighbours and transcripts."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from minimax_vl.eval.metrics import Mean, exact_match
from minimax_vl.eval.synthetic import QUESTIONS_A_PAGE, SIZES, Record, Result
from minimax_vl.synthetic import FontBook, Page, sample
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
Turn = tuple[str, str]


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


def clustered_ratio(over: Sequence[float], under: Sequence[float], clusters: Sequence[int]) -> Mean:
    """sum(over) / sum(under) and its 95 % interval: the linearised ratio, residuals summed within a cluster.

    Cut to 0..1, though more edits than characters are possible. Needs at least one score; one cluster gives 0 to 1.
    """
    whole = sum(under)
    rate = sum(over) / whole
    residuals: dict[int, float] = defaultdict(float)
    for above, below, cluster in zip(over, under, clusters, strict=True):
        residuals[cluster] += above - rate * below
    groups = len(residuals)
    if groups == 1:
        return Mean(min(rate, 1.0), 0.0, 1.0, len(over), 1)
    half = 1.96 * math.sqrt(sum(r * r for r in residuals.values()) * groups / (groups - 1)) / whole
    return Mean(min(rate, 1.0), max(0.0, rate - half), min(1.0, rate + half), len(over), groups)


def pages(questions: int, first: int = 0) -> Iterator[tuple[int, Page, list[Turn]]]:
    """Numbered held-out pages and their turns that read (eight a page at most), until these reach `questions`."""
    fonts = FontBook.load(None, "heldout")
    index, asked = first, 0
    while asked < questions:
        page = sample("heldout", index, SIZES[index % len(SIZES)], fonts, level=1.0)
        turns = [(q, a) for q, a in page.turns if group_of(q) and a != NOT_THERE][:QUESTIONS_A_PAGE]
        if turns:
            asked += len(turns)
            yield index, page, turns
        index += 1


def evaluate(
    pipeline: Pipeline,
    *,
    questions: int,
    first: int = 0,
    batch_size: int = QUESTIONS_A_PAGE,
    records_file: Path | None = None,
    progress: Callable[[int, float], None] = lambda done, exact: None,
) -> ReadingResult:
    """Ask at least `questions` reading questions, each in a conversation of its own, through `Pipeline.batch`.

    The records' `kind` is the group of the question, `right` its exact match. `records_file` is written anew, one JSON
    line a question, as the run goes. `progress` gets the questions so far and the share of them read exactly.
    """
    records: list[Record] = []
    if records_file:
        records_file.write_text("", encoding="utf-8")
    for index, page, turns in pages(questions, first):
        encoded = pipeline.encode(Image.fromarray(page.image))
        replies = pipeline.batch([(encoded, q) for q, _ in turns], batch_size=batch_size, max_new_tokens=192)
        size = (page.image.shape[0], page.image.shape[1])
        new = [
            Record(index, group_of(q), size, q, a, str(reply), exact_match(reply, a), len(reply.tokens))
            for (q, a), reply in zip(turns, replies, strict=True)
        ]
        records += new
        if records_file:
            with records_file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in new)
        progress(len(records), sum(r.right for r in records) / len(records))
    return ReadingResult(records)
