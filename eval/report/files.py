"""Writes the reports of a run into its folder: summary.json, report.md and report.html."""

from __future__ import annotations

import json
from pathlib import Path

from minimax_vl.errors import MiniMaxVLError
from minimax_vl.eval.bundled import bundled
from minimax_vl.eval.data.dataset import DataSet
from minimax_vl.eval.records import write_whole
from minimax_vl.eval.report.content import Content
from minimax_vl.eval.report.page import page
from minimax_vl.eval.report.text import markdown


def write_reports(
    folder: Path, content: Content, data: DataSet | None, *, pictures: bool = True
) -> list[Path]:
    """The paths written. data: where pictures come from; None looks where the run found them. Raises SaveFailed."""
    data = (data or _again(content)) if pictures else None
    questions = {q.id: q for q in data.questions} if data else {}
    texts = {
        "summary.json": json.dumps(content.to_dict(), ensure_ascii=False, indent=1) + "\n",
        "report.md": markdown(content),
        "report.html": page(content, questions),
    }
    for name, text in texts.items():
        write_whole(folder / name, text)
    return [folder / name for name in texts]


def _again(content: Content) -> DataSet | None:
    """The data of the run, if it is still where it was; a report without pictures is better than none."""
    settings, place = content.settings, content.facts.get("data")
    try:
        if settings["drawn_here"]:
            return bundled(content.task, settings["split"], settings["variant"])
        return content.task.read(Path(place), settings["split"], settings["variant"]) if place else None
    except MiniMaxVLError:
        return None
