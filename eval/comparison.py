"""Two runs over the same questions: which changed sides, and the interval of the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.metrics import Mean, clustered_difference
from minimax_vl.eval.records import Record, read_records, read_run
from minimax_vl.eval.tasks.task import Task

SIDES = 0.5  # a score from here on counts as right


@dataclass(frozen=True)
class Comparison:
    """This run minus the other, over the questions that both have."""

    name: str  # the other run
    settings: dict[str, tuple[Any, Any]]  # what differs: (there, here)
    common: int
    only_here: int
    only_there: int
    differences: dict[str, Mean]  # metric -> mean difference with its interval
    gained: list[tuple[Record, Record]]  # (there, here) of questions that became right
    lost: list[tuple[Record, Record]]

    def to_dict(self) -> dict[str, Any]:
        return {
            "with": self.name,
            "settings": {name: list(pair) for name, pair in self.settings.items()},
            "questions": self.common,
            "only_here": self.only_here,
            "only_there": self.only_there,
            "differences": {
                metric: {"value": m.value, "low": m.low, "high": m.high}
                for metric, m in self.differences.items()
            },
            "gained": [here.id for _, here in self.gained],
            "lost": [here.id for _, here in self.lost],
        }


def compare(task: Task, here: Mapping[str, Record], settings: Mapping[str, Any], folder: Path) -> Comparison:
    """Pair this run's records with those in `folder` by question. Raises InvalidRequest when none is common."""
    other, there = read_run(folder, task.name)["settings"], read_records(folder)
    pairs = [
        (there[id], record)
        for id, record in here.items()
        if id in there and _same_question(there[id], record)
    ]
    pairs = [(a, b) for a, b in pairs if a.scores.keys() >= task.metrics.keys() <= b.scores.keys()]
    if not pairs:
        raise InvalidRequest(
            found=f"{folder}: {len(there)} records, none of a question of this run",
            expected="a run that has scored some of the same questions",
            cause="another split or data set, or a run that never got anywhere",
            next_step="give the --out folder of the run to compare with",
        )
    headline = task.headline
    right = [(a.scores[headline] >= SIDES, b.scores[headline] >= SIDES) for a, b in pairs]
    return Comparison(
        name=str(folder),
        settings={
            name: (other.get(name), settings.get(name))
            for name in sorted({*other, *settings})
            if other.get(name) != settings.get(name)
        },
        common=len(pairs),
        only_here=len(here) - len(pairs),
        only_there=len(there) - len(pairs),
        differences={
            metric: clustered_difference(
                [b.scores[metric] - a.scores[metric] for a, b in pairs], [b.cluster for _, b in pairs]
            )
            for metric in task.metrics
        },
        gained=[pair for pair, (was, now) in zip(pairs, right) if now and not was],
        lost=[pair for pair, (was, now) in zip(pairs, right) if was and not now],
    )


def _same_question(a: Record, b: Record) -> bool:
    return (a.question, a.answers, a.options) == (b.question, b.answers, b.options)
