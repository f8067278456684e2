"""DocVQA (single page): the challenge's JSON and images, or a hub copy as parquet or TSV.

The layouts are those of the Robust Reading Competition, channel 17, task 1, and of the copies on the Hugging Face
hub; none of that data is part of this project.
"""

from __future__ import annotations

import ast
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import DataSet, Picture, Question, check_questions
from minimax_vl.eval.data.tables import Row, find_tables, questions_of

SPLITS = ("train", "val", "test")
IMAGE_FOLDERS = ("spdocvqa_images", "documents", "images", ".")


def read_docvqa(data: Path, split: str = "val", variant: str | None = None) -> DataSet:
    """The questions of one split below `data` (a folder, or one file of it). DocVQA has no variants.

    Raises InvalidRequest when nothing of a known layout is there, a file is broken, or an id occurs twice.
    """
    if variant is not None:
        raise InvalidRequest(
            found=f"--variant {variant} for DocVQA",
            expected="no variant",
            cause="the option belongs to AI2D",
            next_step="leave it out",
        )
    split = "val" if split == "validation" else split  # the hub's name for it
    if file := _annotations(data, split):
        questions = _official(file, data if data.is_dir() else data.parent, split)
    elif files := find_tables(data, split, hint="DocVQA"):
        questions = questions_of(files, _hub, "columns question, answers and image")
    else:
        raise InvalidRequest(
            found=f"{data}: no DocVQA data of the split {split!r}",
            expected=f"{split}_v1.0_withQT.json (or {split}_v1.0.json) with its images, {split}-*.parquet, or a TSV",
            cause="a wrong folder, another split, or an archive that is not unpacked",
            next_step=f"check --data and --split ({', '.join(SPLITS)})",
        )
    check_questions(questions, str(data))
    if split != "test" and (hidden := [q.id for q in questions if not q.answers]):
        raise InvalidRequest(
            found=f"{len(hidden)} questions without answers in the split {split!r}, for instance {hidden[0]}",
            expected="at least one accepted answer each; only the test split hides them",
            cause="the test split's file under another name",
            next_step="name the split with --split test, which writes a submission file instead of a score",
        )
    return DataSet(f"DocVQA {split}", split, tuple(questions))


def _annotations(data: Path, split: str) -> Path | None:
    if data.is_file():
        return data if data.suffix == ".json" else None
    names = [f"{split}_v1.0_withQT.json", f"{split}_v1.0.json"]
    found = (data / folder / name for name in names for folder in (".", "spdocvqa_qas", "annotations"))
    return next((path for path in found if path.is_file()), None)


def read_json(path: Path) -> Any:
    """The value in a JSON file; InvalidRequest with line and column where it is broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidRequest(
            found=f"{path} cannot be read: {error.strerror}",
            expected="a JSON file",
            cause="a typing error, a folder, or missing permission",
            next_step="check the path",
        ) from error
    except ValueError as error:  # JSONDecodeError, which knows its line, is one
        raise InvalidRequest(
            found=f"{path}: {error}",
            expected="JSON",
            cause="a download that was cut short, or an edit",
            next_step="get the file again",
        ) from error


def _official(file: Path, folder: Path, split: str) -> list[Question]:
    content = read_json(file)
    entries = content.get("data") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise InvalidRequest(
            found=f"{file} without a list called data",
            expected='{"dataset_split": ..., "data": [{"questionId", "question", "image", ...}]}',
            cause="another JSON file",
            next_step=f"give the folder that holds {split}_v1.0_withQT.json",
        )
    if (named := content.get("dataset_split", split)) != split:
        raise InvalidRequest(
            found=f"{file} of the split {named!r}",
            expected=f"the split {split!r}",
            cause="a renamed file",
            next_step=f"--split {named}",
        )
    roots = _image_roots(file.parent, folder)
    questions = []
    for number, entry in enumerate(entries):
        try:
            path = _placed(entry["image"], roots, folder)
            picture = Picture(path.name, lambda path=path: path, path, str(entry["image"]), roots)
            questions.append(_question(entry, picture, number))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidRequest(
                found=f"{file}, entry {number} of data: {error!r}",
                expected='{"questionId": 337, "question": "...", "image": "documents/x.png", "answers": ["..."]}',
                cause="an entry cut short, or written in another layout",
                next_step="correct the entry, or get the file again",
            ) from error
    return _told_apart(questions, folder)


def _told_apart(questions: list[Question], folder: Path) -> list[Question]:
    """Pictures under their file's name, or under its path below `folder` where several files have that name."""
    files: dict[str, set[Path | None]] = defaultdict(set)
    for question in questions:
        files[question.picture.name].add(question.picture.path)

    def named(question: Question) -> Question:
        picture = question.picture
        if picture.path is None or len(files[picture.name]) == 1:
            return question
        name = Path(os.path.relpath(picture.path, folder)).as_posix()
        return replace(question, picture=replace(picture, name=name), cluster=name)

    return [named(question) for question in questions]


def _image_roots(beside: Path, folder: Path) -> tuple[Path, ...]:
    """Where images may lie: the annotations say documents/x.png, archives unpack into several folders."""
    roots = (root / sub for root in (folder, beside, folder.parent) for sub in IMAGE_FOLDERS)
    return tuple(dict.fromkeys(root for root in roots if root.is_dir()))


def _placed(image: str, roots: Sequence[Path], folder: Path) -> Path:
    """The file of an entry's image, or where it would be below `folder`."""
    given = Path(image)
    # Whoever wrote the entry names images of the data set, not files of whoever runs it.
    inside = not given.is_absolute() and ".." not in given.parts
    names = (given, Path(given.name)) if inside else (Path(given.name),)
    found = (path for root in roots for name in names if (path := root / name).is_file())
    return next(found, folder / names[0])


def _hub(row: Row, number: int) -> list[Question]:
    """One row is one question, or one picture with a list of them."""
    lists = (row.fields.get(key) for key in ("qa", "qas", "questions"))
    pairs = next((some for some in lists if isinstance(some, list)), None)
    if pairs is None:
        return [_question(row.fields, row.picture, number)]
    return [
        _question({"questionId": f"{number}-{at}", **pair}, row.picture, number)
        for at, pair in enumerate(pairs)
    ]


def _question(fields: dict[str, Any], picture: Picture, number: int) -> Question:
    own = next((fields[key] for key in ("questionId", "question_id") if fields.get(key) is not None), None)
    id = fields.get("index", number) if own is None else own
    if isinstance(id, float) and id.is_integer():  # whole numbers of a column that once had gaps
        id = int(id)
    answers, types = fields.get("answers", fields.get("answer")), fields.get("question_types") or ()
    if isinstance(answers, str):
        answers = _listed(answers)
    if not isinstance(fields["question"], str) or None in (answers or ()):
        raise TypeError(f"question {fields['question']!r}, answers {answers!r}")
    return Question(
        id=str(id),
        picture=picture,
        cluster=picture.name,
        text=fields["question"],
        answers=tuple(str(answer) for answer in answers) if answers else None,
        types=(types,) if isinstance(types, str) else tuple(types),
        numbered=own is None,
    )


def _listed(text: str) -> list[Any]:
    """A TSV holds a list as text. Anything else is one answer as it stands: "1,234" is no list, "0.50" not 0.5."""
    if text.lstrip().startswith("["):
        try:
            listed = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError):
            listed = None
        if isinstance(listed, list):
            return listed
    return [text] if text.strip() else []
