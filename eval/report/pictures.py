"""Small pictures for a report: one a page, with the lines along which the model cut it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from minimax_vl.errors import MiniMaxVLError
from minimax_vl.eval.data.dataset import Question
from minimax_vl.eval.records import Record
from minimax_vl.vision.images import open_image
from minimax_vl.vision.pixels import to_rgb

SIDE, QUALITY = 720, 70  # pixels of the longer side; a page is then legible and about 50 KB


@dataclass(frozen=True)
class Thumbnail:
    """A JPEG as a data URI, and the size of the picture it was made of."""

    uri: str
    width: int
    height: int


def thumbnails(records: Iterable[Record], questions: Mapping[str, Question]) -> dict[str, Thumbnail]:
    """By picture name. What cannot be read any more has no entry; the report says so in its place."""
    found: dict[str, Thumbnail] = {}
    for record in records:
        if record.image in found or record.id not in questions:
            continue
        try:
            picture = to_rgb(open_image(questions[record.id].picture.read()))
        except (MiniMaxVLError, OSError):
            continue
        width, height = picture.size
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        data = BytesIO()
        picture.save(data, "JPEG", quality=QUALITY, optimize=True)
        uri = "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
        found[record.image] = Thumbnail(uri, width, height)
    return found


def tile_lines(record: Record, thumbnail: Thumbnail) -> list[tuple[float, float, float, float]]:
    """Where the picture was cut, as (x0, y0, x1, y1) in its own pixels: between tiles, and around a part of it."""
    if record.tiles is None or record.area is None or record.size is None:
        return []
    (rows, columns), (top, left, height, width) = record.tiles, record.area
    y0, x0 = record.crop or (0, 0)
    y1, x1 = y0 + record.size[0], x0 + record.size[1]  # of the part that was shown
    down = [left + n * width / columns for n in range(1, columns)]
    across = [top + n * height / rows for n in range(1, rows)]
    lines: list[tuple[float, float, float, float]] = [(x, y0, x, y1) for x in down if x0 < x < x1]
    lines += [(x0, y, x1, y) for y in across if y0 < y < y1]
    if (y0, x0, y1, x1) != (0, 0, thumbnail.height, thumbnail.width):
        lines += [(x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1)]
    return lines
