"""Rows and columns of short texts, one line each, as large as their box allows."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.fonts import Face, Print
from minimax_vl.synthetic.slides.blocks import GROWTH, MEASURED, SIZES
from minimax_vl.synthetic.slides.look import Look

STYLES = ("plain", "rules", "stripes", "boxes")
TIGHT, LOOSE = 1.4, 2.7  # from row to row, in ems: at least, at most
PAD = 0.5  # on both sides of a column, in ems


def grid(
    look: Look,
    rows: Sequence[Sequence[str]],
    box: Box,
    most: int,
    *,
    aligned: Sequence[float],
    head: bool = False,
    first: Face | None = None,
    style: str = "plain",
) -> int:
    """Draw as many rows as fit, from the first on, and return how many; 0 where not even two do.

    aligned: of every column, 0 left, 0.5 centred, 1 right. `head`: whether the first row names the columns. `first`:
    the face of the first column.
    """
    rows = rows[: int(box.height / (TIGHT * look.least))]
    size = _size(look, rows, box, most, head, first)
    if len(rows) < 2 or not size:
        return 0
    prints = [
        [look.print(_face(look, r, c, head, first), size) for c in range(len(row))]
        for r, row in enumerate(rows)
    ]
    widths = _widths(rows, prints, size)
    spare = (box.width - sum(widths)) / len(widths)
    edges = [box.x0]
    for width in widths:
        edges.append(edges[-1] + width + spare)
    step = min(box.height / len(rows), LOOSE * size)
    top = box.y0 + 0.4 * (box.height - step * len(rows))
    for r, row in enumerate(rows):
        y = top + r * step
        filled = head and r == 0 and style in ("stripes", "boxes")
        _ground(look, edges, y, step, r, style, filled)
        ink = look.on(look.accent) if filled else look.ink
        baseline = y + (step - prints[r][-1].height) / 2 + prints[r][-1].ascent
        for text, print_, left, right, share in zip(row, prints[r], edges, edges[1:], aligned):
            x = left + PAD * size + share * (right - left - 2 * PAD * size - print_.width(text))
            if text:
                look.canvas.write(x, baseline - print_.ascent, text, print_, ink)
    if style in ("rules", "boxes"):
        look.canvas.rule(edges[0], edges[-1], top + step * len(rows), look.line)
    return len(rows)


def _size(
    look: Look, rows: Sequence[Sequence[str]], box: Box, most: int, head: bool, first: Face | None
) -> int:
    for size in reversed(SIZES):
        share = 1.0 if size <= most else 0.5  # as in `largest`
        if not look.least <= size <= most * GROWTH or TIGHT * size * len(rows) > share * box.height:
            continue
        for measured in (MEASURED, size):
            prints = [
                [look.print(_face(look, r, c, head, first), measured) for c in range(len(row))]
                for r, row in enumerate(rows)
            ]
            if sum(_widths(rows, prints, measured)) * size / measured > box.width:
                break
        else:
            return size
    return 0


def _face(look: Look, row: int, column: int, head: bool, first: Face | None) -> Face:
    if head and row == 0:
        return look.bold
    return first if first and column == 0 else look.face


def _widths(rows: Sequence[Sequence[str]], prints: Sequence[Sequence[Print]], size: int) -> list[float]:
    return [
        max(prints[r][c].width(row[c]) for r, row in enumerate(rows)) + 2 * PAD * size
        for c in range(len(rows[0]))
    ]


def _ground(
    look: Look, edges: list[float], y: float, step: float, row: int, style: str, filled: bool
) -> None:
    canvas, left, right = look.canvas, edges[0], edges[-1]
    if filled:
        canvas.fill(left, y, right, y + step, look.accent)
    elif style == "stripes" and row % 2 == 0:
        canvas.fill(left, y, right, y + step, look.panel)
    elif style == "rules" and row:
        canvas.rule(left, right, y, look.line)
    if style == "boxes":
        canvas.rule(left, right, y, look.line)
        for x in edges:
            canvas.post(min(x, right - 1), y, y + step, look.line)
