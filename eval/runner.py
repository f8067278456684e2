"""Asks a model the questions of a benchmark: pictures opened ahead, batches over images, a record for each answer."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING, Any

from minimax_vl.errors import MiniMaxVLError
from minimax_vl.eval.data.ai2d import LETTERS
from minimax_vl.eval.data.dataset import Picture, Question
from minimax_vl.eval.records import Record
from minimax_vl.eval.tasks.task import Task

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline
    from minimax_vl.processor import EncodedImage
    from minimax_vl.reply import Reply
    from minimax_vl.vision.tiling import TilePlan

AHEAD = 4  # pictures opened before their turn: enough to hide decoding, few enough for pages of 38 megapixels


@dataclass(frozen=True)
class Settings:
    """How the questions are asked. Greedy always: a score that changes with a seed cannot be compared."""

    style: str
    max_new_tokens: int
    batch_size: int
    max_tiles: int | None = None
    scoring: str = "replies"  # or "likelihood": of a question's letters, the likeliest is the reply


@dataclass
class _Asked:
    """A question whose picture has been encoded, or could not be."""

    question: Question
    image: EncodedImage | None
    error: str | None
    opened: float  # seconds of opening and cutting, shared among the questions about the picture
    vision: float


def answer(
    pipeline: Pipeline, task: Task, questions: Sequence[Question], settings: Settings
) -> Iterator[list[Record]]:
    """Records of all questions, a batch at a time, in order of the pictures.

    A picture that cannot be read and an answer that fails become records with an `error`; nothing else stops.
    """
    waiting: list[_Asked] = []
    for asked in _encoded(pipeline, questions, settings):
        waiting.append(asked)
        if len(waiting) == settings.batch_size:
            yield _batch(pipeline, task, waiting, settings)
            waiting = []
    if waiting:
        yield _batch(pipeline, task, waiting, settings)


def _encoded(pipeline: Pipeline, questions: Sequence[Question], settings: Settings) -> Iterator[_Asked]:
    """Each picture through the vision tower once, however many questions it has."""

    def cut(picture: Picture) -> tuple[Any, float]:
        began = perf_counter()
        return pipeline.processor.image(picture.read(), max_tiles=settings.max_tiles), perf_counter() - began

    ordered = sorted(questions, key=_first_seen(questions))
    groups = [list(group) for _, group in groupby(ordered, key=lambda q: q.picture.name)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for group, coming in _ahead(pool, groups, lambda group: cut(group[0].picture)):
            image, error, opened, began = None, None, 0.0, perf_counter()
            try:
                tiled, opened = coming.result()
                began = perf_counter()
                image = pipeline.encode(tiled)
            except Exception as reason:  # whatever a file or a device comes up with, the other pictures go on
                error = _said(reason)
            vision = perf_counter() - began
            for question in group:
                yield _Asked(question, image, error, opened / len(group), vision / len(group))


def _first_seen(questions: Sequence[Question]) -> Callable[[Question], int]:
    order: dict[str, int] = {}
    for question in questions:
        order.setdefault(question.picture.name, len(order))
    return lambda question: order[question.picture.name]


def _ahead(
    pool: ThreadPoolExecutor, items: Iterable[Any], work: Callable[[Any], Any]
) -> Iterator[tuple[Any, Future[Any]]]:
    """(item, its future) in order, with at most AHEAD of them begun."""
    begun: deque[tuple[Any, Future[Any]]] = deque()
    try:
        for item in items:
            begun.append((item, pool.submit(work, item)))
            if len(begun) > AHEAD:
                yield begun.popleft()
        while begun:
            yield begun.popleft()
    finally:
        for _, future in begun:
            future.cancel()


def _batch(pipeline: Pipeline, task: Task, asked: list[_Asked], settings: Settings) -> list[Record]:
    prompts = {one.question.id: task.prompt(one.question, settings.style) for one in asked}
    alike: dict[tuple[str, ...], list[_Asked]] = defaultdict(list)  # one batch has one set of choices
    for one in asked:
        if one.image is not None:
            alike[_choices(one.question, settings)].append(one)
    replies: dict[str, Any] = {}
    rows: dict[str, int] = {}
    for choices, some in alike.items():
        names = [one.question.id for one in some]
        replies |= zip(names, _replies(pipeline, some, prompts, settings, choices))
        rows |= dict.fromkeys(names, len(some))
    records = []
    for one in asked:
        record = _blank(one, prompts[one.question.id])
        reply = replies.get(one.question.id, one.error or "")
        if isinstance(reply, BaseException):
            reply = _said(reply)
        if type(reply) is str:  # a Reply is a string too; a plain one is the reason why there is none
            records.append(judged(task, replace(record, error=reply), settings.style))
        else:
            records.append(judged(task, _replied(record, reply, rows[record.id]), settings.style))
    return records


def _choices(question: Question, settings: Settings) -> tuple[str, ...]:
    """The replies to rank, when they are ranked; () where any may be written."""
    return tuple(LETTERS[: len(question.options)]) if settings.scoring == "likelihood" else ()


def _replies(
    pipeline: Pipeline,
    asked: list[_Asked],
    prompts: dict[str, str],
    settings: Settings,
    choices: tuple[str, ...],
) -> list[Reply | Exception]:
    """One batch; where it fails, its questions one by one, so that one of them cannot fail the others."""
    pairs = [(one.image, prompts[one.question.id]) for one in asked]
    options: dict[str, Any] = {"max_new_tokens": settings.max_new_tokens, "temperature": 0.0}
    if choices:
        options |= {"choices": choices, "max_new_tokens": 1}
    try:
        return list(pipeline.batch(pairs, batch_size=settings.batch_size, **options)) if pairs else []
    except (MiniMaxVLError, RuntimeError) as error:
        if len(pairs) == 1:
            return [error]
    found: list[Reply | Exception] = []
    for one in asked:
        found += _replies(pipeline, [one], prompts, settings, choices)
    return found


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _blank(asked: _Asked, prompt: str) -> Record:
    q = asked.question
    plan = asked.image.plan if asked.image is not None else None
    return Record(
        id=q.id,
        image=q.picture.name,
        cluster=q.cluster,
        question=q.text,
        prompt=prompt,
        answers=q.answers,
        options=q.options,
        types=q.types,
        size=plan.size if plan else None,
        crop=plan.crop if plan else None,
        tiles=plan.grid if plan else None,
        area=_area(plan) if plan else None,
        seconds={"open": round(asked.opened, 4), "vision": round(asked.vision, 4)},
    )


def _area(plan: TilePlan) -> tuple[float, ...]:
    """Where the tiles lie: the picture is centred on them, so they reach beyond it by twice the offset."""
    scale = [size / resized for size, resized in zip(plan.size, plan.resized)]
    start = [c - offset * s for c, offset, s in zip(plan.crop, plan.offset, scale)]
    reach = [(resized + 2 * offset) * s for resized, offset, s in zip(plan.resized, plan.offset, scale)]
    return tuple(round(value, 1) for value in (*start, *reach))


def _replied(record: Record, reply: Any, rows: int) -> Record:
    # Replies of a batch share its timings: a row's share is what adds up to the whole.
    spent = {name: round(getattr(reply.timings, name) / rows, 4) for name in ("prefill", "decode")}
    return replace(
        record,
        reply=str(reply),
        thought=reply.thought,
        tokens=len(reply.tokens),
        prompt_tokens=reply.prompt_tokens,
        finish_reason=reply.finish_reason,
        seconds=record.seconds | spent,
    )


def judged(task: Task, record: Record, style: str) -> Record:
    """The record with its scores: 0 for a question that failed, none where the answers are hidden."""
    if record.answers is None:
        verdict = task.judge(record.reply, ("",), record.options, style)
        return replace(record, scores={}, extracted=verdict.extracted, rule=verdict.rule)
    if record.error is not None:
        return replace(record, scores=dict.fromkeys(task.metrics, 0.0), extracted="", rule="failed")
    verdict = task.judge(record.reply, record.answers, record.options, style)
    return replace(record, scores=verdict.scores, extracted=verdict.extracted, rule=verdict.rule)
