"""The report as one HTML file: opens from disk, loads nothing, and treats every question and reply as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from jinja2 import Environment, StrictUndefined

from minimax_vl.eval.data.dataset import Question
from minimax_vl.eval.diagnosis import diagnosis
from minimax_vl.eval.progress import duration
from minimax_vl.eval.records import Record
from minimax_vl.eval.report.content import Content, percent, points
from minimax_vl.eval.report.pictures import Thumbnail, thumbnails, tile_lines
from minimax_vl.loading.hub import PACKAGED

TEMPLATE = PACKAGED / "eval" / "report.html.jinja"
WORST, RIGHT, FLIPPED = 100, 8, 40  # cards in one file: a few MB at most


def page(content: Content, questions: Mapping[str, Question]) -> str:
    """The whole file as text. questions: by id, for their pictures; {} for a report without pictures."""
    worst, right = content.worst(WORST), content.right(RIGHT)
    if not content.summary.scores:
        right = list(content.records[:RIGHT])
    gained, lost = _flipped(content)
    pictures = thumbnails([*worst, *right, *(b for _, b in gained + lost)], questions)
    order = {name: number for number, name in enumerate(pictures)}
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"percent": percent, "points": points, "duration": duration}
    cards = {r.id: _card(r, pictures, order) for r in (*worst, *right, *(b for _, b in gained + lost))}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        content=content,
        summary=content.summary,
        settings=content.settings,
        headline=content.task.headline,
        short=sum(1 for r in content.records if r.scores.get(content.task.headline, 1) < 1),
        worst=[cards[r.id] for r in worst],
        right=[cards[r.id] for r in right],
        gained=[(there, cards[here.id]) for there, here in gained],
        lost=[(there, cards[here.id]) for there, here in lost],
        pictures=[(order[name], thumbnail) for name, thumbnail in pictures.items()],
        reasons=_reasons(content),
        failures=_failures(content),
        written=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _flipped(content: Content) -> tuple[list[tuple[Record, Record]], list[tuple[Record, Record]]]:
    other = content.comparison
    return (other.gained[:FLIPPED], other.lost[:FLIPPED]) if other else ([], [])


def _card(record: Record, pictures: Mapping[str, Thumbnail], order: Mapping[str, int]) -> dict[str, Any]:
    thumbnail = pictures.get(record.image)
    return {
        "record": record,
        "thumbnail": thumbnail,
        "number": order.get(record.image),
        "lines": tile_lines(record, thumbnail) if thumbnail else [],
        "why": diagnosis(record),
        "seconds": sum(record.seconds.values()),
    }


def _failures(content: Content) -> list[tuple[tuple[str, str], list[str]]]:
    """((picture, error), question ids): a picture that cannot be read fails all of its questions alike."""
    found: dict[tuple[str, str], list[str]] = {}
    for record in content.failed():
        found.setdefault((record.image, record.error or ""), []).append(record.id)
    return list(found.items())


def _reasons(content: Content) -> dict[str, int]:
    """How often each diagnosis was made, most frequent first."""
    found: dict[str, int] = {}
    for record in content.records:
        if why := diagnosis(record):
            found[why] = found.get(why, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
