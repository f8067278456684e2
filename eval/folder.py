"""Pages of one's own: a folder with `data.jsonl`, asked by real greedy generation, exact match beside ANLS."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from minimax_vl.errors import ContextTooLong, ImageTooLarge, InvalidRequest, UnreadableImage
from minimax_vl.eval.journal import Batch, Journal, Progress, silent
from minimax_vl.eval.metrics import Mean, anls, clustered_mean, exact_match

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

T = TypeVar("T")
MAX_TOKENS = 64  # of a reply
EXAMPLE = '{"image": "a.png", "question": "...", "answers": ["..."], "field": "optional"}'


@dataclass(frozen=True)
class Question:
    """One row of data.jsonl: {"image": path in the folder, "question": str, "answers": [str, ...], "field": str}."""

    image: str
    question: str
    answers: tuple[str, ...]
    field: str


@dataclass(frozen=True)
class Record:
    """One question and what became of it; `error` where image or question could not be read, which scores 0."""

    image: str
    field: str
    question: str
    answers: tuple[str, ...]
    reply: str
    exact: bool
    anls: float
    error: str | None = None
    too_long: bool = False  # of the two, it was the question


@dataclass(frozen=True)
class Result:
    records: list[Record]

    def fields(self) -> list[str]:
        return sorted({r.field for r in self.records})

    def means(self, field: str | None = None) -> tuple[Mean, Mean]:
        """(exact match, ANLS) over all questions, or over those of one field."""
        chosen = [r for r in self.records if field in (None, r.field)]
        images = [r.image for r in chosen]
        return clustered_mean([float(r.exact) for r in chosen], images), clustered_mean(
            [r.anls for r in chosen], images
        )


def data_rows(folder: Path, example: str, read: Callable[[dict[str, Any]], T | None]) -> list[T]:
    """What `read` makes of each row of `folder`/data.jsonl; rows of which it makes None are passed over.

    Raises InvalidRequest, showing an `example` of a row, where the file is missing, or naming the line that `read`
    or JSON trips over.
    """
    path, found = folder / "data.jsonl", []
    if not path.is_file():
        raise InvalidRequest(
            found=f"no data.jsonl in {folder}",
            expected=f"images and data.jsonl, rows like {example}",
            cause="a wrong path, or data in another layout",
            next_step="check the path, or write such rows; paths of images are relative to the folder",
        )
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            made = read(json.loads(line.decode("utf-8-sig")))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise InvalidRequest(
                found=f"{path}, line {number}: {error!r}",
                expected=example,
                cause="a row cut short, or written in another layout",
                next_step="correct the line",
            ) from error
        if made is not None:
            found.append(made)
    return found


def read_questions(folder: Path, only: Collection[str] | None = None) -> list[Question]:
    """Rows of `folder`/data.jsonl that hold a question; rows whose "task" is not "qa" are passed over.

    only: names of the images to keep, with or without their folder. Raises InvalidRequest as `data_rows`, and when
    nothing is left.
    """
    found = data_rows(folder, EXAMPLE, _question_of)
    kept = found if only is None else [q for q in found if q.image in only or Path(q.image).name in only]
    if not kept:
        raise InvalidRequest(
            found=f"no question in {folder / 'data.jsonl'}"
            + (" about one of the images that were named" if only else ""),
            expected="at least one row with a question",
            cause="a file with other rows only, or a list for another folder",
            next_step=f"add rows like {EXAMPLE}, or check the list",
        )
    return kept


def _question_of(row: dict[str, Any]) -> Question | None:
    if row.get("task", "qa") != "qa":
        return None
    field = row.get("field")
    field = "all fields" if field in ("", None) else field  # an empty cell, where rows were made of a table
    question = Question(row["image"], row["question"], tuple(row["answers"]), field)
    if isinstance(row["answers"], str) or not question.answers:
        raise ValueError("answers must be a list of at least one string")
    for text in (question.image, question.question, question.field, *question.answers):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")
    if not question.question.strip():
        raise ValueError("the question is empty")
    return question


def captions_of(row: dict[str, Any]) -> list[str]:
    """The captions of a row, for `data_rows`: a single text would be taken for a list of its letters."""
    captions = row.get("captions", [])
    if not isinstance(captions, list) or not all(isinstance(text, str) for text in captions):
        raise TypeError(f"captions must be a list of strings, not {captions!r}")
    return captions


def about_images(questions: list[Question], images: int | None, seed: int) -> list[Question]:
    """All, or those about a seeded sample of `images` images: the first ones would be of one source."""
    names = sorted({q.image for q in questions})
    if images is None or images >= len(names):
        return questions
    chosen = set(random.Random(seed).sample(names, images))
    return [q for q in questions if q.image in chosen]


def data_id(folder: Path) -> str:
    """16 hex digits over data.jsonl and the sizes and times of its images. Raises InvalidRequest as `data_rows`."""
    names = data_rows(folder, EXAMPLE, lambda row: str(row["image"]) if "image" in row else None)
    found = hashlib.sha256((folder / "data.jsonl").read_bytes())
    for name in sorted(set(names)):
        path = folder / name
        about = (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else None
        found.update(f"{name} {about}\n".encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:16]


def evaluate(
    pipeline: Pipeline, folder: Path, *, only: Collection[str] | None = None, **options: Any
) -> Result:
    """Ask every question of data.jsonl about the images in `only`. options: of `ask`."""
    return ask(pipeline, folder, read_questions(folder, only), **options)


def ask(
    pipeline: Pipeline,
    folder: Path,
    questions: list[Question],
    *,
    batch_size: int = 8,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result:
    """Ask `questions` about images of a folder, an image after the other. out, progress: of `Journal.gathered`."""

    def answered(asked: list[Question]) -> list[Record]:
        try:
            encoded = pipeline.encode(folder / asked[0].image)
        except (UnreadableImage, ImageTooLarge) as error:  # fails its own questions and stops nothing
            return [_record(q, "", str(error)) for q in asked]
        return _about(pipeline, encoded, asked, batch_size)

    of_images = groupby(sorted(questions, key=lambda q: q.image), key=lambda q: q.image)
    batches = (Batch(asked, partial(answered, asked)) for asked in (list(some) for _, some in of_images))
    return Result(Journal(Record, _question, lambda record: record.exact).gathered(batches, out, progress))


def majority(result: Result) -> Result:
    """The same questions, each answered with the most frequent answer to its field: what one constant would score."""
    usual = {
        field: Counter(r.answers[0] for r in result.records if r.field == field).most_common(1)[0][0]
        for field in result.fields()
    }
    return Result([_record(_question(r), usual[r.field], r.error) for r in result.records])


def text_only(pipeline: Pipeline, result: Result, *, batch_size: int = 8) -> Result:
    """The same questions asked without their images: what a model says that has only the words to go by."""
    pairs = [([], r.question) for r in result.records if r.error is None]  # what failed scores 0 here, too
    replies = iter(pipeline.batch(pairs, batch_size=batch_size, max_new_tokens=MAX_TOKENS))
    return Result(
        [_record(_question(r), "" if r.error else str(next(replies)), r.error) for r in result.records]
    )


def _question(record: Record) -> Question:
    return Question(record.image, record.question, record.answers, record.field)


def _about(pipeline: Pipeline, image: Any, asked: list[Question], batch_size: int) -> list[Record]:
    """Records of the questions about one image; where they do not fit, one by one, so that only the long one fails.

    What is no fault of a question (memory, the checkpoint) is raised: a score of 0 would blame the model.
    """
    pairs = [(image, q.question) for q in asked]
    try:
        replies = pipeline.batch(pairs, batch_size=batch_size, max_new_tokens=MAX_TOKENS)
    except ContextTooLong as error:
        if len(asked) == 1:
            return [replace(_record(asked[0], "", str(error)), too_long=True)]
        return [record for q in asked for record in _about(pipeline, image, [q], batch_size)]
    return [_record(q, str(reply), None) for q, reply in zip(asked, replies, strict=True)]


def _record(question: Question, reply: str, error: str | None) -> Record:
    exact = error is None and any(exact_match(reply, answer) for answer in question.answers)
    score = 0.0 if error else anls(reply, question.answers)
    return Record(
        question.image, question.field, question.question, question.answers, reply, exact, score, error
    )
