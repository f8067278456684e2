"""Questions about pictures as a benchmark gives them, whatever files they came from."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from minimax_vl.errors import InvalidRequest

DRAWN_HERE = "drawn by minimax-vl, not the official data"


@dataclass(frozen=True)
class Picture:
    """One picture to ask about. `read` gives what `Pipeline.encode` takes, so nothing is open before its turn."""

    name: str  # unique within the data set
    read: Callable[[], Any]  # a path, encoded bytes or a Pillow image
    path: Path | None = None  # the file it is made of, where it is one
    given: str = ""  # that file as the data names it, where that is not `path`
    sought: tuple[Path, ...] = ()  # folders in which it was looked for


@dataclass(frozen=True)
class Question:
    """One row of a benchmark. `answers` is None where they are hidden (a test split)."""

    id: str
    picture: Picture
    cluster: str  # questions of one cluster share an image, and are not independent
    text: str
    answers: tuple[str, ...] | None
    options: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    numbered: bool = False  # the id was made up here, or is a table's index: no test server knows it


@dataclass(frozen=True)
class DataSet:
    """The questions of one split, each id once, and a hash that changes with any of them."""

    name: str  # what a report calls it
    split: str
    questions: tuple[Question, ...]
    variant: str | None = None  # AI2D: how the letters got into the pictures

    @property
    def drawn_here(self) -> bool:
        return DRAWN_HERE in self.name

    def digest(self) -> str:
        """Hash of questions, answers and sizes of the image files; 16 hex digits."""
        found = hashlib.sha256()
        for q in self.questions:
            path = q.picture.path
            size = path.stat().st_size if path and path.is_file() else None
            row = [q.id, q.picture.name, q.text, q.answers, q.options, size]
            # An answer may hold half of a surrogate pair, which plain UTF-8 refuses.
            found.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return found.hexdigest()[:16]

    def sampled(self, limit: int | None, seed: int) -> DataSet:
        """At least `limit` questions, as whole images drawn at random: neighbouring rows are of one document."""
        if limit is None or limit >= len(self.questions):
            return self
        if limit < 1:
            raise InvalidRequest(
                found=f"--limit {limit}",
                expected="1 or more questions",
                cause="0 or less as a way to say all",
                next_step="leave it out for all questions",
            )
        sizes = Counter(q.cluster for q in self.questions)
        order = sorted(sizes)
        random.Random(seed).shuffle(order)
        chosen: set[str] = set()
        asked = 0
        for cluster in order:
            if asked >= limit:
                break
            chosen.add(cluster)
            asked += sizes[cluster]
        return replace(self, questions=tuple(q for q in self.questions if q.cluster in chosen))


def only(data: DataSet, ids: Sequence[str]) -> DataSet:
    """The questions with these ids, in the order of the data. Raises InvalidRequest for an id that is not there."""
    unknown = sorted(set(ids) - {q.id for q in data.questions})
    if unknown:
        raise InvalidRequest(
            found=f"no question {shown(unknown)} in {data.name}",
            expected="ids as records.jsonl has them",
            cause="a typing error, or another split",
            next_step="leave --ids out to ask every question",
        )
    return replace(data, questions=tuple(q for q in data.questions if q.id in ids))


def check_questions(questions: Sequence[Question], where: str) -> None:
    """Raises InvalidRequest when there are none, an id occurs twice, or a picture's name stands for two files."""
    if not questions:
        raise InvalidRequest(
            found=f"no question in {where}",
            expected="at least one",
            cause="a filter that keeps nothing, an empty file, or another split",
            next_step="check --split and the files",
        )
    twice = [id for id, count in Counter(q.id for q in questions).items() if count > 1]
    if twice:
        raise InvalidRequest(
            found=f"{where}: {len(twice)} question ids occur twice, for instance {shown(twice)}",
            expected="each id once",
            cause="two files of one split, or a file joined to itself",
            next_step="remove the repeated rows",
        )
    files: dict[str, Path | None] = {}
    for picture in (q.picture for q in questions):
        # One picture is encoded for all questions under its name: the second file would never be looked at.
        if files.setdefault(picture.name, picture.path) != picture.path:
            raise InvalidRequest(
                found=f"{where}: the picture {picture.name!r} is both {files[picture.name]} and {picture.path}",
                expected="a name of its own for each image file",
                cause="images of several folders that are named alike",
                next_step="rename one of them, in the data as well",
            )


def check_pictures(questions: Iterable[Question]) -> None:
    """Raises InvalidRequest that counts the image files that are not there and names the first."""
    files = {q.picture.path: q.picture for q in questions if q.picture.path}
    missing = [files[path] for path in sorted(files) if not path.is_file()]
    if missing:
        names = shown([picture.given or str(picture.path) for picture in missing])
        sought = ", ".join(map(str, missing[0].sought))
        raise InvalidRequest(
            found=f"{len(missing)} of {len(files)} image files are missing, for instance {names}"
            + (f" (looked for in {sought})" if sought else ""),
            expected="the image of every question that is asked",
            cause="an archive that was not unpacked, or one that was cut short",
            next_step="put the images there, or score their questions 0 with --allow-failures",
        )


def shown(names: Sequence[str], most: int = 3) -> str:
    """The first few of many names, for a message."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
