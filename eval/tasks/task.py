"""What a benchmark is made of: its data, its prompts, how a reply is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from minimax_vl.eval.data.dataset import DataSet, Question


@dataclass(frozen=True)
class Style:
    """One way of asking: the text around the question, and how long an answer may be."""

    before: str
    after: str
    max_new_tokens: int
    about: str


@dataclass(frozen=True)
class Verdict:
    """What became of one reply: a score from 0 to 1 per metric, the part of the reply that was judged, and why."""

    scores: dict[str, float]
    extracted: str
    rule: str


class Judge(Protocol):
    def __call__(self, reply: str, answers: Sequence[str], options: Sequence[str], style: str) -> Verdict: ...


@dataclass(frozen=True)
class Task:
    """A benchmark. The first metric is the one people quote."""

    name: str
    title: str
    metrics: Mapping[str, str]  # name -> what it is
    styles: Mapping[str, Style]
    splits: tuple[str, ...]  # the default first
    variants: tuple[str, ...]  # the default first; () where there are none
    read: Callable[[Path, str, str | None], DataSet]
    body: Callable[[Question], str]  # the question with its options
    judge: Judge
    chance: float | None  # score of guessing, 0..1
    sample: str  # folder of the bundled sample under assets/eval

    @property
    def headline(self) -> str:
        return next(iter(self.metrics))

    def prompt(self, question: Question, style: str) -> str:
        form = self.styles[style]
        return f"{form.before}{self.body(question)}{form.after}"
