"""All that a report says about one run, in whatever form it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from minimax_vl.eval.comparison import Comparison
from minimax_vl.eval.metrics import Mean
from minimax_vl.eval.published import SCORES, comparability
from minimax_vl.eval.records import Record
from minimax_vl.eval.summary import Summary
from minimax_vl.eval.tasks.task import Task


@dataclass(frozen=True)
class Content:
    """Settings and facts are those of run.json; records are in the order of the data."""

    task: Task
    settings: dict[str, Any]
    facts: dict[str, Any]
    records: Sequence[Record]
    summary: Summary
    comparison: Comparison | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "settings": self.settings,
            "facts": self.facts,
            "summary": self.summary.to_dict(),
            "comparison": self.comparison.to_dict() if self.comparison else None,
            "published": [asdict(entry) | {"comparability": note} for entry, note in self.published()],
            "failed": [{"id": r.id, "image": r.image, "error": r.error} for r in self.failed()],
        }

    def brief(self) -> dict[str, Any]:
        """One line for programs: what was run, what it scored, and beside another run where one was given."""
        means = {metric: score.to_dict() for metric, score in self.summary.scores.items()}
        told = {"settings": self.settings, "scores": means, "failed": self.summary.failed}
        return told | ({"comparison": self.comparison.to_dict()} if self.comparison else {})

    def published(self) -> list[tuple[Any, str]]:
        """Scores of others, each with its label."""
        return [(entry, comparability(entry, self.settings)) for entry in SCORES[self.task.name]]

    @property
    def scoring(self) -> str:
        """How an answer came about, in a word or two."""
        return "likeliest letter" if self.settings.get("scoring") == "likelihood" else "greedy"

    @property
    def missing(self) -> int:
        """Questions that have not been answered yet: a run that was stopped."""
        return self.settings["questions"] - len(self.records)

    def failed(self) -> list[Record]:
        return [r for r in self.records if r.error is not None]

    def worst(self, most: int) -> list[Record]:
        """Questions short of the full score, the worst first; among equals a sample, the same every time."""
        metric = self.task.headline
        short = [r for r in self.records if r.scores and r.scores[metric] < 1]
        return sorted(short, key=lambda r: (r.scores[metric], r.error is None, _shuffled(r)))[:most]

    def right(self, most: int) -> list[Record]:
        """A sample of answers with the full score."""
        return sorted((r for r in self.records if r.scores.get(self.task.headline) == 1), key=_shuffled)[
            :most
        ]


def _shuffled(record: Record) -> str:
    return hashlib.sha256(record.id.encode("utf-8", "surrogatepass")).hexdigest()


def percent(mean: Mean) -> str:
    """62.5 [51.0, 74.0]: points of a hundred, with the 95 % interval."""
    return f"{100 * mean.value:.1f} [{100 * mean.low:.1f}, {100 * mean.high:.1f}]"


def points(mean: Mean) -> str:
    """+1.5 [-0.5, +3.5]: a difference in points of a hundred."""
    return f"{100 * mean.value:+.1f} [{100 * mean.low:+.1f}, {100 * mean.high:+.1f}]"
