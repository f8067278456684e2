"""Spans of time as a picture: one line for each row, in plain SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

WIDTH, LEFT, RIGHT, ROW, GAP, LINE = 1100, 150, 30, 34, 58, 22
COLOURS = ("#2166ac", "#b2182b", "#4d9221", "#e69138", "#762a83", "#969696")


class Span(NamedTuple):
    """Something that took from `start` to `end`, in the unit of its panel."""

    name: str
    start: float
    end: float


class Panel(NamedTuple):
    """Rows on one axis that begins at 0: (label, spans) each."""

    title: str
    unit: str
    rows: Sequence[tuple[str, Sequence[Span]]]


class Picture:
    """timeline.svg in a folder, drawn again with each panel."""

    def __init__(self, out: Path | None) -> None:
        self.out = out
        self._panels: list[Panel] = []

    def add(self, panel: Panel) -> None:
        self._panels.append(panel)
        if self.out:
            (self.out / "timeline.svg").write_text(draw(self._panels), encoding="utf-8")


def draw(panels: Sequence[Panel]) -> str:
    """The panels below each other, as the text of an SVG file."""
    parts: list[str] = []
    y = 20.0
    for panel in panels:
        names = list(dict.fromkeys(span.name for _, spans in panel.rows for span in spans))
        colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
        end = max((span.end for _, spans in panel.rows for span in spans), default=0.0) or 1.0
        scale = (WIDTH - LEFT - RIGHT) / end
        parts.append(_text(LEFT, y + 14, f"{panel.title}: {end:.3g} {panel.unit}", "start", "bold"))
        y += GAP / 2
        for label, spans in panel.rows:
            parts.append(_text(LEFT - 10, y + ROW / 2 + 5, label, "end"))
            for span in spans:
                x, wide = LEFT + scale * span.start, max(scale * (span.end - span.start), 0.5)
                about = f"{span.name} {span.end - span.start:.3g} {panel.unit}"
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{ROW - 6}"'
                    f' fill="{colour[span.name]}"><title>{escape(about)}</title></rect>'
                )
            y += ROW
        sums = dict.fromkeys(names, 0.0)
        for _, spans in panel.rows:
            for span in spans:
                sums[span.name] += span.end - span.start
        at = float(LEFT)
        for name, total in sums.items():
            about = f"{name[:24]} {total:.3g} {panel.unit}"
            wide = 40 + 7.5 * len(about)
            if at > LEFT and at + wide > WIDTH:
                at, y = float(LEFT), y + LINE
            parts.append(f'<rect x="{at:.0f}" y="{y + 4:.0f}" width="12" height="12" fill="{colour[name]}"/>')
            parts.append(_text(at + 17, y + 15, about, "start"))
            at += wide
        y += GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y:.0f}" font-family="sans-serif">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


def _text(x: float, y: float, text: str, anchor: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="14" font-weight="{weight}" text-anchor="{anchor}"'
        f' fill="#282828">{escape(text)}</text>'
    )
