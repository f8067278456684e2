"""Captions of photographs: whether they name what is there and its colours, and whether they take it for a page.

Rows of data.jsonl: {"image", "task": "objects", "objects": [{"name": "dog", ...}, ...]} and
{"image", "task": "caption", "captions": [...]}, an image has either or both; rows with a "kind" other than "photo"
are passed over.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from minimax_vl.errors import ImageTooLarge, InvalidRequest, UnreadableImage
from minimax_vl.eval.folder import captions_of, data_rows
from minimax_vl.eval.journal import Batch, Journal, Progress, silent
from minimax_vl.eval.metrics import Mean, clustered_mean
from minimax_vl.eval.things import PARENTS, page_words, things
from minimax_vl.synthetic.tones import NAMES, color_shares
from minimax_vl.vision.images import open_image

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline

COVERS = 0.08  # of the pixels: a colour that is there
MOSTLY = re.compile(r"\bmostly\b[^.]*", re.I)  # what follows are colours: orange is no fruit there
COLOR = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")
EXAMPLE = '{"image": "a.jpg", "task": "objects", "objects": [{"name": "dog"}]}'


@dataclass(frozen=True)
class Photo:
    """An image and what is known of it: names of things, and people's captions; either may be empty."""

    image: str
    objects: tuple[str, ...]
    captions: tuple[str, ...]

    def there(self) -> set[str]:
        """Things that are annotated or named by a person, and what they are in general."""
        named = set(self.objects).union(*(things(caption) for caption in self.captions))
        return named | {parent for parent, kinds in PARENTS.items() if named & kinds}


@dataclass(frozen=True)
class Record:
    """One caption; `said` are the things it names, `true` those of them that are there, `page` words of pages,
    `colors` the colours it names and whether each covers a part of the photograph.
    """

    image: str
    caption: str
    there: tuple[str, ...]
    said: tuple[str, ...]
    true: tuple[str, ...]
    page: tuple[str, ...]
    by_chance: bool  # whether it names something that is in the next photograph
    error: str | None = None
    colors: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Result:
    records: list[Record]

    def means(self) -> dict[str, Mean]:
        """Shares of captions, and for "things true" of the things that they name."""
        images = [r.image for r in self.records]
        commonest = max(set().union(*(r.there for r in self.records)) or {""}, key=self._frequency)
        told = [(thing in r.true, r.image) for r in self.records for thing in r.said]
        shares = {
            "names a thing that is there": [float(bool(r.true)) for r in self.records],
            "the same caption on the next photograph": [float(r.by_chance) for r in self.records],
            f"'A photo of {commonest}' on all": [float(commonest in r.there) for r in self.records],
            "uses a word of pages": [float(bool(r.page)) for r in self.records],
            "at most 16 words": [float(len(r.caption.split()) <= 16) for r in self.records],
        }
        means = {name: clustered_mean(values, images) for name, values in shares.items()}
        painted = [(true, r.image) for r in self.records for _, true in r.colors]
        for name, named in (("things named that are there", told), ("colors named that are there", painted)):
            if named:
                means[name] = clustered_mean(
                    [float(true) for true, _ in named], [image for _, image in named]
                )
        return means

    def _frequency(self, thing: str) -> tuple[int, str]:
        return sum(thing in r.there for r in self.records), thing


def read_photos(folder: Path, only: Collection[str] | None = None) -> list[Photo]:
    """Photographs of `folder`/data.jsonl in order of their names. only: names to keep, with or without their folder.

    Raises InvalidRequest as `data_rows`, and when none is left.
    """
    objects: dict[str, list[str]] = defaultdict(list)
    captions: dict[str, list[str]] = defaultdict(list)
    for name, things_there, said in data_rows(folder, EXAMPLE, _known):
        if only is None or name in only or Path(name).name in only:
            objects[name] += things_there
            captions[name] += said
    if not objects:
        raise InvalidRequest(
            found=f"no photograph in {folder / 'data.jsonl'}",
            expected=f"rows like {EXAMPLE}",
            cause="a wrong path, or a list of images for another folder",
            next_step="check the path and the list",
        )
    return [Photo(name, tuple(sorted(set(objects[name]))), tuple(captions[name])) for name in sorted(objects)]


def _known(row: dict[str, Any]) -> tuple[str, list[str], list[str]] | None:
    """(image, names of things, captions) of a row about a photograph."""
    if row.get("kind", "photo") != "photo" or row["task"] not in ("objects", "caption"):
        return None
    names, said = [thing["name"] for thing in row.get("objects", ())], captions_of(row)
    for text in (row["image"], *names):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")
    return row["image"], names, said


def chosen(photos: list[Photo], images: int | None, seed: int) -> list[Photo]:
    """All, or a seeded sample of `images` of them, in order of their names."""
    if images is None or images >= len(photos):
        return photos
    return sorted(random.Random(seed).sample(photos, images), key=lambda photo: photo.image)


def evaluate(
    pipeline: Pipeline,
    folder: Path,
    photos: list[Photo],
    *,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result:
    """Caption every photograph; a score is whether a thing that is there is named. Options: of `Journal.gathered`."""

    def captioned(number: int) -> list[Record]:
        photo, colors = photos[number], dict[str, float]()
        try:
            image = open_image(folder / photo.image)
            caption, error = str(pipeline.caption(image, max_new_tokens=64)), None
            colors = color_shares(np.asarray(image))
        except (UnreadableImage, ImageTooLarge) as failure:
            caption, error = "", str(failure)
        return [judge(photo, caption, photos[(number + 1) % len(photos)], colors, error)]

    journal = Journal(Record, lambda record: record.image, lambda record: bool(record.true))
    batches = (Batch([photo.image], partial(captioned, number)) for number, photo in enumerate(photos))
    return Result(journal.gathered(batches, out, progress))


def judge(
    photo: Photo, caption: str, another: Photo, colors: Mapping[str, float], error: str | None = None
) -> Record:
    """Compare a caption with what is known of its photograph, and of `another` for what chance would give.

    colors: shares of the photograph's pixels by name.
    """
    there, said = photo.there(), things(MOSTLY.sub("", caption))
    return Record(
        photo.image,
        caption,
        tuple(sorted(there)),
        tuple(sorted(said)),
        tuple(sorted(said & there)),
        tuple(page_words(caption)),
        bool(said & another.there()),
        error,
        tuple((name, colors.get(name, 0.0) >= COVERS) for name in COLOR.findall(caption.lower())),
    )
