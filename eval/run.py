"""One run of a benchmark, from settings to records: what was answered is kept, what is left is asked."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_vl.errors import InvalidRequest, MiniMaxVLError
from minimax_vl.eval.bundled import bundled
from minimax_vl.eval.data.dataset import DataSet, Question, check_pictures, only
from minimax_vl.eval.processes import Place
from minimax_vl.eval.progress import Progress
from minimax_vl.eval.records import (
    RECORDS,
    Record,
    RecordWriter,
    cannot_write,
    drop_failed,
    fold,
    open_run,
    read_records,
    write_whole,
)
from minimax_vl.eval.runner import Settings, answer, judged
from minimax_vl.eval.submission import check_ids
from minimax_vl.eval.tasks.task import Task
from minimax_vl.eval.weights import model_settings

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

BYTES_A_QUESTION = 4096  # of a record, generously: asked of the disk before the first question
PATIENCE = 600.0  # seconds without a new record after which another process counts as lost


@dataclass(frozen=True)
class Options:
    """What a run is asked to be. `out`, `batch_size`, `device` and the flags do not change any answer."""

    task: Task
    model: str = "nano"
    data: Path | None = None
    split: str = ""
    variant: str | None = None
    style: str = "direct"
    max_new_tokens: int | None = None
    scoring: str = "replies"
    max_tiles: int | None = None
    second_look: bool | None = None  # None: as the model does by itself
    ids: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 0
    revision: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = 8
    out: Path | None = None
    allow_failures: bool = False
    retry_failed: bool = False


@dataclass(frozen=True)
class Plan:
    """All that decides the answers, found out before the model is loaded."""

    options: Options
    data: DataSet
    settings: dict[str, Any]
    folder: Path

    @property
    def style(self) -> str:
        return self.settings["prompt_style"]


def plan_run(options: Options) -> Plan:
    """Read the data, find the weights, name the folder. Raises what is wrong with any of them."""
    task = options.task
    split = options.split or task.splits[0]
    variant = options.variant or (task.variants[0] if task.variants else None)
    if options.data is None:
        whole = bundled(task, split, variant)
    else:
        whole = task.read(options.data, split, variant)
    data = (only(whole, options.ids) if options.ids else whole).sampled(options.limit, options.seed)
    if task.name == "docvqa" and data.split == "test":
        check_ids(data.questions)
    if not options.allow_failures:
        check_pictures(data.questions)
    settings = _settings(options, whole, data)
    name = Path(options.model).name or "model"
    folder = options.out or Path("runs") / f"{task.name}-{name}-{_short_hash(settings)}"
    return Plan(options, data, settings, folder)


def _settings(options: Options, whole: DataSet, data: DataSet) -> dict[str, Any]:
    model = model_settings(
        options.model,
        device=options.device,
        dtype=options.dtype,
        second_look=options.second_look,
        revision=options.revision,
    )
    return {
        "task": options.task.name,
        "data": data.name,
        "drawn_here": data.drawn_here,
        "split": data.split,
        "variant": data.variant,
        "questions": len(data.questions),
        "data_id": whole.digest(),
        "ids": list(options.ids) or None,
        "limit": options.limit,
        "seed": None if options.limit is None else options.seed,
        "prompt_style": options.style,
        "max_new_tokens": options.max_new_tokens or options.task.styles[options.style].max_new_tokens,
        "scoring": options.scoring,
        "max_tiles": options.max_tiles,
        **model,
    }


def _short_hash(settings: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]


def carry_out(plan: Plan, place: Place, load: Callable[[], Pipeline]) -> list[Record]:
    """Answer what is left of this process's share; the leader then waits for the others. Records in data order.

    The model is loaded only when there is a question left. Raises SaveFailed, InvalidRequest for a folder of another
    run, and InvalidRequest for other processes that stopped.
    """
    options = plan.options
    open_run(plan.folder, plan.settings, _facts(options, place))
    _check_room(plan)
    if options.retry_failed:
        drop_failed(plan.folder, place.rank)
    known = _answered(plan)
    mine = [q for q in place.share(plan.data.questions) if q.id not in known]
    shown = _Shown(plan, place, known)
    if not mine and not place.leads:
        return []

    @cache
    def loaded() -> Pipeline:
        pipeline = load()
        shown.begin()
        return pipeline

    with RecordWriter(plan.folder, place.rank) as writer:
        for records in _asked(plan, mine, loaded):
            writer.write(records)
            shown.add(records)
        if place.leads:
            if options.retry_failed:
                for records in _asked(plan, _still_failed(plan, mine), loaded):
                    writer.write(records)
            if place.world > 1:
                _wait_for_others(plan, place)
            fold(plan.folder, writer)
    found = read_records(plan.folder)
    return [found[q.id] for q in plan.data.questions if q.id in found]


def _asked(plan: Plan, questions: list[Question], load: Callable[[], Pipeline]) -> Iterator[list[Record]]:
    if questions:
        options = plan.options
        most = plan.settings["max_new_tokens"]
        how = Settings(plan.style, most, options.batch_size, options.max_tiles, options.scoring)
        yield from answer(load(), options.task, questions, how)


def _still_failed(plan: Plan, mine: list[Question]) -> list[Question]:
    """Questions whose only record is a failure in the file of another process, which may be of an earlier run.

    Whether that process has begun cannot be seen, and its file must not be touched once it has: so the leader asks
    these itself rather than take an old failure for the answer to wait for.
    """
    own, found = {q.id for q in mine}, read_records(plan.folder)
    failed = {id for id, record in found.items() if record.error is not None and id not in own}
    return [q for q in plan.data.questions if q.id in failed]


def _facts(options: Options, place: Place) -> dict[str, Any]:
    return {
        "data": str(options.data.resolve()) if options.data else None,
        "began": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "device": options.device,
        "processes": place.world,
        "batch_size": options.batch_size,
    }


def _check_room(plan: Plan) -> None:
    free = shutil.disk_usage(plan.folder).free
    needed = BYTES_A_QUESTION * len(plan.data.questions)
    if free < needed:
        raise cannot_write(plan.folder, OSError(28, f"{free} bytes are free, about {needed} are needed"))


def _answered(plan: Plan) -> dict[str, Record]:
    """Records of questions that need not be asked again."""
    found = read_records(plan.folder)
    if plan.options.retry_failed:
        found = {id: record for id, record in found.items() if record.error is None}
    return {q.id: found[q.id] for q in plan.data.questions if q.id in found}


class _Shown:
    """The progress of this process's share, earlier answers included."""

    def __init__(self, plan: Plan, place: Place, known: dict[str, Record]) -> None:
        task, share = plan.options.task, place.share(plan.data.questions)
        label = f"{plan.data.name}: " + (f"process {place.rank}: " if place.world > 1 else "")
        self._metric = task.headline
        self._progress = Progress(len(share), "questions", task.headline, label=label)
        self._done = self._failed = 0
        self._sum = 0.0
        self._scored = True
        before = [known[q.id] for q in share if q.id in known]
        self._progress.start(len(before))
        self.add(before)

    def begin(self) -> None:
        """The model is there."""
        self._progress.begin()

    def add(self, records: Sequence[Record]) -> None:
        self._done += len(records)
        self._failed += sum(r.error is not None for r in records)
        self._sum += sum(r.scores.get(self._metric, 0.0) for r in records)
        self._scored = self._scored and all(r.scores for r in records)
        if records:
            score = self._sum / self._done if self._scored else None
            self._progress.show(self._done, score, self._failed)


def _wait_for_others(plan: Plan, place: Place) -> None:
    """Until every question has a record. Other processes are known only by what they write."""
    wanted = {q.id for q in plan.data.questions}
    missing, since = len(wanted) + 1, time.monotonic()
    while left := wanted - read_records(plan.folder).keys():
        if len(left) < missing:
            missing, since = len(left), time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise MiniMaxVLError(
                found=f"{len(left)} questions that no process has answered for {PATIENCE:.0f} s",
                expected=f"the records of all {place.world} processes in {plan.folder}",
                cause="a process that died, or a folder that the hosts do not share",
                next_step="start the same command again, with any number of processes: what was answered is kept",
            )
        time.sleep(min(1.0, 0.05 + 0.0001 * len(wanted)))


def rescore(task: Task, folder: Path, style: str) -> list[Record]:
    """Judge the replies of a run anew, without the model. Its records are replaced whole, in the same order.

    Raises InvalidRequest for a run that is still going or has no answers, SaveFailed.
    """
    RecordWriter(folder, 0).close()  # takes the lock of whoever is writing, or is refused
    records = [judged(task, record, style) for record in read_records(folder).values()]
    if not records:
        raise InvalidRequest(
            found=f"{folder}, a run without an answer",
            expected="records of questions that were asked",
            cause="a run that was stopped before its first answer, or a records.jsonl that was removed",
            next_step="give the command of the run again, without --rescore",
        )
    write_whole(folder / RECORDS, "".join(record.line() for record in records))
    for part in folder.glob("records-*.jsonl"):
        part.unlink()
    return records
