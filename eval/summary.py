"""Records become numbers: scores with intervals, per question type, answer length and resolution, and what it cost."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from minimax_vl.eval.metrics import Mean, clustered_mean, standard_error
from minimax_vl.eval.records import Record
from minimax_vl.eval.tasks.task import Task

MEGAPIXELS = ((0.25, "under 0.25 MP"), (1.0, "0.25 to 1 MP"), (4.0, "1 to 4 MP"), (math.inf, "over 4 MP"))
LENGTHS = ((4, "1 to 4 characters"), (12, "5 to 12 characters"), (32, "13 to 32 characters"))


@dataclass(frozen=True)
class Score:
    """One metric over one set of records, with lmms-eval's two standard errors beside our interval."""

    mean: Mean
    stderr: float
    stderr_clustered: float

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self.mean) | {"stderr": self.stderr, "stderr_clustered": self.stderr_clustered}
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in values.items()}


@dataclass(frozen=True)
class Summary:
    """What a run comes to. `scores` is empty where the answers are hidden."""

    total: int
    scores: dict[str, Score]  # metric -> over all questions
    groups: dict[str, dict[str, dict[str, Mean]]]  # by what -> group -> metric -> mean
    failed: int
    truncated: int  # replies that reached the token limit
    unparsed: int  # replies in which no answer was found
    baselines: dict[str, float]  # what knows nothing scores on the headline metric
    cost: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        return {
            "questions": self.total,
            "scores": {metric: score.to_dict() for metric, score in self.scores.items()},
            "groups": {
                by: {
                    name: {
                        metric: {"value": m.value, "low": m.low, "high": m.high, "count": m.count}
                        for metric, m in row.items()
                    }
                    for name, row in rows.items()
                }
                for by, rows in self.groups.items()
            },
            "failed": self.failed,
            "truncated": self.truncated,
            "unparsed": self.unparsed,
            "baselines": self.baselines,
            "cost": self.cost,
        }


def summarise(task: Task, records: Sequence[Record]) -> Summary:
    """Scores count every record; one that failed counts 0."""
    scored = [r for r in records if r.scores]
    return Summary(
        total=len(records),
        scores={metric: _score(scored, metric) for metric in task.metrics} if scored else {},
        groups=_groups(task, scored),
        failed=sum(r.error is not None for r in records),
        truncated=sum(r.finish_reason == "length" for r in records),
        unparsed=sum(r.rule in ("unparsed", "no tag") for r in records),
        baselines=_baselines(task, scored),
        cost=_cost(records),
    )


def _score(records: Sequence[Record], metric: str) -> Score:
    values, clusters = [r.scores[metric] for r in records], [r.cluster for r in records]
    return Score(clustered_mean(values, clusters), standard_error(values), standard_error(values, clusters))


def _groups(task: Task, records: Sequence[Record]) -> dict[str, dict[str, dict[str, Mean]]]:
    found = {}
    for by, names_of in GROUPINGS.items():
        members: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            for name in names_of(record):
                members[name].append(record)
        if len(members) > 1:
            found[by] = {
                name: {metric: _score(some, metric).mean for metric in task.metrics}
                for name, some in sorted(members.items(), key=lambda item: _order(by, item[0]))
            }
    return found


def _types(record: Record) -> Iterable[str]:
    return record.types


def _length(record: Record) -> Iterable[str]:
    if record.options or not record.answers:  # the answer is a letter
        return ()
    longest = len(record.answers[0])
    return (next((name for limit, name in LENGTHS if longest <= limit), "over 32 characters"),)


def _resolution(record: Record) -> Iterable[str]:
    if record.size is None:
        return ("unreadable",)
    megapixels = record.size[0] * record.size[1] / 1e6
    return (next(name for limit, name in MEGAPIXELS if megapixels < limit),)


def _rules(record: Record) -> Iterable[str]:
    return (record.rule,)


# A question with several types counts in each of them, as the challenge's own breakdown does.
GROUPINGS: dict[str, Callable[[Record], Iterable[str]]] = {
    "question type": _types,
    "answer length": _length,
    "resolution": _resolution,
    "how the answer was found": _rules,
}
FIXED = [name for _, name in (*LENGTHS, (0, "over 32 characters"), *MEGAPIXELS)]


def _order(by: str, name: str) -> tuple[int, str]:
    return (FIXED.index(name) if name in FIXED else len(FIXED), name)


def _baselines(task: Task, records: Sequence[Record]) -> dict[str, float]:
    """Chance, and the best constant answer: a score near them says that the picture was not read."""
    found = {} if task.chance is None or not records else {"chance": task.chance}
    answers = Counter(answer for r in records for answer in set(r.answers or ()))
    if answers:
        constant, _ = max(answers.items(), key=lambda item: (item[1], item[0]))
        verdicts = [task.judge(constant, r.answers or (), r.options, "plain") for r in records]
        value = sum(v.scores[task.headline] for v in verdicts) / len(verdicts)
        found[f"always answering {constant!r}"] = value
    return found


def _cost(records: Sequence[Record]) -> dict[str, float]:
    """Seconds of work, all processes together, and tokens; time spent waiting is not in it."""
    stages: dict[str, float] = defaultdict(float)
    for record in records:
        for stage, seconds in record.seconds.items():
            stages[stage] += seconds
    written = sum(r.tokens for r in records)
    found = {f"seconds {stage}": round(total, 2) for stage, total in stages.items()}
    found["tokens written"] = written
    found["tokens a prompt (median)"] = statistics.median([r.prompt_tokens for r in records] or [0])
    if stages.get("decode"):
        found["tokens a second of decoding"] = round(written / stages["decode"], 1)
    model = sum(stages.get(stage, 0.0) for stage in ("vision", "prefill", "decode"))
    if model:
        found["seconds a question"] = round(model / len(records), 4)
    return found
