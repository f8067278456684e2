"""Pages of one's own: a folder with `data.jsonl`, asked by real greedy generation, exact match beside ANLS."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minimax_vl.errors import InvalidRequest, MiniMaxVLError
from minimax_vl.eval.metrics import Mean, anls, clustered_mean, exact_match

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

MAX_TOKENS = 64  # of a reply


@dataclass(frozen=True)
class Question:
    """One row of data.jsonl: {"image": path in the folder, "question": str, "answers": [str, ...], "field": str}."""

    image: str
    question: str
    answers: tuple[str, ...]
    field: str


@dataclass(frozen=True)
class Record:
    """One question and what became of it; `error` where the image could not be read, which scores 0."""

    image: str
    field: str
    question: str
    answers: tuple[str, ...]
    reply: str
    exact: bool
    anls: float
    error: str | None = None


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


def read_names(path: Path) -> set[str]:
    """Names of images, one a line, as data.jsonl gives them or without their folder. Raises InvalidRequest."""
    try:
        return {line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    except (OSError, ValueError) as error:
        raise InvalidRequest(
            found=f"{path}: {error}",
            expected="a text file with a name of an image in each line",
            cause="a typing error, or another kind of file",
            next_step="check the path",
        ) from error


def data_lines(folder: Path, example: str) -> list[str]:
    """Lines of `folder`/data.jsonl, empty ones too.

    Raises InvalidRequest, showing an `example` of a row, where the file is missing.
    """
    path = folder / "data.jsonl"
    if not path.is_file():
        raise InvalidRequest(
            found=f"no data.jsonl in {folder}",
            expected=f"images and data.jsonl, rows like {example}",
            cause="a wrong path, or data in another layout",
            next_step="check the path, or write such rows; paths of images are relative to the folder",
        )
    return path.read_text(encoding="utf-8").splitlines()


def read_questions(folder: Path, only: Collection[str] | None = None) -> list[Question]:
    """Rows of `folder`/data.jsonl that hold a question; rows whose "task" is not "qa" are passed over.

    only: names of the images to keep, with or without their folder. Raises InvalidRequest when the file is missing,
    when nothing is left, or names the line that is not of this form.
    """
    path, found = folder / "data.jsonl", []
    example = '{"image": "a.png", "question": "...", "answers": ["..."]}'
    for number, line in enumerate(data_lines(folder, example), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if row.get("task", "qa") != "qa":
                continue
            answers = row["answers"]
            if isinstance(answers, str) or not answers:
                raise ValueError("answers must be a list of at least one string")
            found.append(
                Question(row["image"], row["question"], tuple(answers), row.get("field", "all fields"))
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidRequest(
                found=f"{path}, line {number}: {error!r}",
                expected='{"image": "a.png", "question": "...", "answers": ["..."], "field": "optional"}',
                cause="a row cut short, or written in another layout",
                next_step="correct the line",
            ) from error
    kept = found if only is None else [q for q in found if q.image in only or Path(q.image).name in only]
    if not kept:
        raise InvalidRequest(
            found=f"no question in {path}" + (" about one of the images that were named" if only else ""),
            expected="at least one row with a question",
            cause="a file with other rows only, or a list for another folder",
            next_step='add rows like {"image": "a.png", "question": "...", "answers": ["..."]}, or check the list',
        )
    return kept


def chosen_images(questions: list[Question], images: int | None, seed: int) -> list[str]:
    """All images in order of their names, or a seeded sample of `images` of them (first rows would be one source)."""
    names = sorted({q.image for q in questions})
    return (
        names if images is None or images >= len(names) else sorted(random.Random(seed).sample(names, images))
    )


def evaluate(
    pipeline: Pipeline,
    folder: Path,
    *,
    images: int | None = None,
    only: Collection[str] | None = None,
    seed: int = 0,
    batch_size: int = 8,
    records_file: Path | None = None,
    progress: Callable[[int, float], None] = lambda done, exact: None,
) -> Result:
    """Ask every question of data.jsonl about the chosen images, of those in `only`."""
    options = {"batch_size": batch_size, "records_file": records_file, "progress": progress}
    return ask(pipeline, folder, read_questions(folder, only), images=images, seed=seed, **options)


def ask(
    pipeline: Pipeline,
    folder: Path,
    questions: list[Question],
    *,
    images: int | None = None,
    seed: int = 0,
    batch_size: int = 8,
    records_file: Path | None = None,
    progress: Callable[[int, float], None] = lambda done, exact: None,
) -> Result:
    """Ask `questions` about the chosen images of a folder.

    `progress` gets the images done and the exact match so far.
    """
    names = chosen_images(questions, images, seed)
    records: list[Record] = []
    if records_file:
        records_file.write_text("", encoding="utf-8")
    for done, name in enumerate(names, start=1):
        asked = [q for q in questions if q.image == name]
        replies, error = _replies(pipeline, folder / name, asked, batch_size)
        new = [_record(q, reply, error) for q, reply in zip(asked, replies, strict=True)]
        records += new
        if records_file:
            with records_file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in new)
        progress(done, sum(r.exact for r in records) / len(records))
    return Result(records)


def majority(result: Result) -> Result:
    """The same questions, each answered with the most frequent answer to its field: what one constant would score."""
    usual = {
        field: Counter(r.answers[0] for r in result.records if r.field == field).most_common(1)[0][0]
        for field in result.fields()
    }
    return Result([_record(_question(r), usual[r.field], r.error) for r in result.records])


def text_only(pipeline: Pipeline, result: Result, *, batch_size: int = 8) -> Result:
    """The same questions asked without their images: what a model says that has only the words to go by."""
    pairs = [([], r.question) for r in result.records]
    replies = pipeline.batch(pairs, batch_size=batch_size, max_new_tokens=MAX_TOKENS)
    return Result(
        [_record(_question(r), str(reply), r.error) for r, reply in zip(result.records, replies, strict=True)]
    )


def _question(record: Record) -> Question:
    return Question(record.image, record.question, record.answers, record.field)


def _replies(
    pipeline: Pipeline, image: Path, asked: list[Question], batch_size: int
) -> tuple[list[str], str | None]:
    """(replies, error): an image that cannot be read fails its own questions and stops nothing."""
    try:
        encoded = pipeline.encode(image)
        pairs = [(encoded, q.question) for q in asked]
        return [str(r) for r in pipeline.batch(pairs, batch_size=batch_size, max_new_tokens=MAX_TOKENS)], None
    except MiniMaxVLError as error:
        return [""] * len(asked), str(error)


def _record(question: Question, reply: str, error: str | None) -> Record:
    exact = error is None and any(exact_match(reply, answer) for answer in question.answers)
    score = 0.0 if error else anls(reply, question.answers)
    return Record(
        question.image, question.field, question.question, question.answers, reply, exact, score, error
    )
