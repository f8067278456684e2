"""Text set one row below the other, as large as its box allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.fonts import Face, Print
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.slides.box import disc
from minimax_vl.synthetic.slides.look import Look

SIZES = (10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 27, 30, 34, 38, 42, 47, 52)
MEASURED = 24  # em height at which sizes are guessed, so that few prints are opened for a page
GROWTH = 1.7  # of print on a page with little on it
SPACING = 1.12  # from line to line of one text, in heights of the print


@dataclass(frozen=True)
class Row:
    """A text of one or a few lines. Lengths are in ems of the size that all rows of a box share."""

    text: str
    face: Face
    scale: float = 1.0  # its own em
    indent: float = 0.0
    gap: float = 0.3  # above it
    lines: int = 3  # at most
    ink: Colour | None = None  # None: that of the page
    mark: str = ""  # before the text: "disc", "square", or a few characters
    right: str = ""  # at the right edge of its last line
    leader: bool = False  # dots between the two


Cell = tuple[Box, Sequence[Row]]


def largest(look: Look, cells: Sequence[Cell], most: int, *, grow: float = 1.0) -> int:
    """The largest size up to `most` at which the rows of every cell stand in its box; 0 where there is none.

    Where they leave half of every box empty, print may `grow` beyond `most` by that factor.
    """
    for size in reversed(SIZES):
        if look.least <= size <= most * grow:
            share = 1.0 if size <= most else 0.5
            guessed = all(tall(look, rows, box, size, MEASURED) <= share * box.height for box, rows in cells)
            if guessed and all(tall(look, rows, box, size) <= box.height for box, rows in cells):
                return size
    return 0


def kept(look: Look, groups: list[list[Row]], box: Box, most: int) -> tuple[list[list[Row]], int]:
    """The groups without the last ones, as many as fit, and the size for their rows."""
    while groups and tall(look, flat(groups), box, look.least) > box.height:
        groups = groups[:-1]
    return groups, largest(look, [(box, flat(groups))], most, grow=GROWTH) if groups else 0


def flat(groups: Sequence[Sequence[Row]]) -> list[Row]:
    return [row for group in groups for row in group]


def write(
    look: Look,
    rows: Sequence[Row],
    box: Box,
    size: int,
    *,
    align: float = 0.0,
    anchor: float = 0.0,
    loose: bool = True,
    ink: Colour | None = None,
) -> float:
    """Write the rows at a size that `largest` gave, and return where the last one ends.

    align: 0 left, 0.5 centred, 1 right. Of the room that is left some goes between the rows where they may be `loose`,
    and of the rest the share `anchor` above them.
    """
    spare = max(box.height - tall(look, rows, box, size), 0.0)
    inner = len(rows) - 1
    extra = min(0.5 * spare / inner, 1.1 * size) if inner and loose else 0.0
    y = box.y0 + (spare - extra * inner) * anchor
    for number, row in enumerate(rows):
        y += (row.gap * size + extra) if number else 0
        y = _write_row(look, row, box.to(y0=y), size, align, row.ink or ink or look.ink)
    return y


def _write_row(look: Look, row: Row, box: Box, size: int, align: float, ink: Colour) -> float:
    canvas, print_ = look.canvas, look.print(row.face, row.scale * size)
    left, y = box.x0 + row.indent * size, box.y0
    lines = wrap(row.text.split(), print_, _room(row, box, size, print_))
    end = left
    for number, line in enumerate(lines):
        if number:
            y += _step(print_)
        elif row.mark:
            _mark(look, row, left, y, size, print_, ink)
        x = left + align * (box.x1 - left - print_.width(line))
        end = canvas.write(x, y, line, print_, ink)
    if row.right:
        start = box.x1 - print_.width(row.right)
        if row.leader and start - end > size:
            dash = (max(size // 12, 1), max(size // 5, 3))
            canvas.rule(end + 0.3 * size, start - 0.3 * size, y + print_.ascent - 2, look.soft, dash=dash)
        canvas.write(start, y, row.right, print_, ink)
    return y + print_.height


def _mark(look: Look, row: Row, left: float, y: float, size: int, print_: Print, ink: Colour) -> None:
    canvas, middle = look.canvas, y + print_.ascent - 0.34 * print_.size
    if row.mark == "disc":
        disc(canvas, left - 0.75 * size, middle, max(0.17 * print_.size, 2), look.accent)
    elif row.mark == "square":
        half = max(0.15 * print_.size, 2)
        canvas.fill(
            left - 0.75 * size - half, middle - half, left - 0.75 * size + half, middle + half, look.accent
        )
    else:
        canvas.write(left - 0.45 * size - print_.width(row.mark), y, row.mark, print_, ink)


def tall(look: Look, rows: Sequence[Row], box: Box, size: int, measured: int = 0) -> float:
    """The height of the rows; infinite where one does not fit the width. Guessed from the size `measured`, if any."""
    total = 0.0
    for number, row in enumerate(rows):
        own = round(min(max(row.scale * size, look.least), SIZES[-1]))
        print_ = look.print(row.face, measured or own)
        scale = own / print_.size
        lines = wrap(row.text.split(), print_, _room(row, box, size, print_, scale))
        if not lines or len(lines) > row.lines or sum(map(len, lines)) + len(lines) - 1 != len(row.text):
            return inf
        total += (row.gap * size if number else 0) + scale * (
            print_.height + (len(lines) - 1) * _step(print_)
        )
    return total


def _room(row: Row, box: Box, size: int, print_: Print, scale: float = 1.0) -> float:
    """The length of a line, in pixels of a print that is `scale` times too small."""
    room = (box.width - row.indent * size) / scale
    return room - print_.width(row.right) - print_.size if row.right else room


def _step(print_: Print) -> int:
    return round(SPACING * print_.height)
