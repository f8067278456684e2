"""Labelled values in columns: labels above, below or beside them; open, boxed, ruled, or with tinted strips."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.tickets.clerk import Entry
from minimax_vl.synthetic.tickets.look import Press

STRIP = 2  # pixels above and below a line of labels
Cell = tuple[Entry, float, float]  # what stands in it, its left edge and its width


class Grid:
    """Rows of cells over as many columns as are wanted; a long value takes more than one of them."""

    def __init__(self, press: Press, entries: Sequence[Entry], columns: int, labels: str) -> None:
        self.press, self.entries, self.columns, self.labels = press, entries, columns, labels
        self.boxed = press.look.cells == "boxed"
        self.pad = (
            round(0.35 * press.size) if press.look.cells in ("boxed", "panel", "strips", "dark strips") else 0
        )
        self.between = press.size if not self.pad else 0.3 * press.size  # least room between neighbours

    def height(self, room: float) -> float:
        rows = self._rows(room)
        if rows is None:
            return math.inf
        self.rows, self.room = rows, room
        self.tall = [self._tall(row) for row in rows]
        return sum(self.tall) + self._gap() * (len(rows) - 1)

    def draw(self, x0: float, x1: float, y: float) -> None:
        look, canvas = self.press.look, self.press.canvas
        for index, (row, tall) in enumerate(zip(self.rows, self.tall, strict=True)):
            if look.cells == "ruled" and index:
                canvas.rule(x0, x1, y - self._gap() / 2, look.line)
            if (
                self.pad
                and not self.boxed
                and (look.cells == "panel" or any(entry.label for entry, _, _ in row))
            ):
                self._tint(index, x0, x1, y, tall)
            if self.boxed:
                for _, left, width in row:
                    canvas.box(x0 + left, y, x0 + left + width + 1, y + tall + 1, look.line)
            (self._beside if self.labels == "beside" else self._stacked)(row, x0, y)
            y += tall + self._gap()

    def _tint(self, index: int, x0: float, x1: float, y: float, tall: float) -> None:
        """Colour behind every other row, behind a line of labels, or behind all."""
        look, strip = self.press.look, self.press.label.height + 2 * STRIP
        top, bottom = y, y + tall + self._gap() * (index < len(self.rows) - 1 and look.cells == "panel")
        if look.cells != "panel" and self.labels == "beside":
            bottom = y + tall * (index % 2 == 0)
        elif look.cells != "panel":
            top = y if self.labels == "above" else y + tall - strip
            bottom = top + strip
        self.press.canvas.fill(x0, top, x1, bottom, look.accent if self._dark() else look.pale)

    def _dark(self) -> bool:
        """Whether labels are printed light on a strip of colour."""
        return self.press.look.cells == "dark strips" and self.labels != "beside"

    def _print(self, entry: Entry) -> Print:
        return self.press.large if entry.large else self.press.body

    def _label(self, entry: Entry) -> str:
        return entry.label + self.press.look.colon if entry.label else ""

    def _gap(self) -> float:
        return 0.0 if self.boxed else self.press.gap * (0.4 if self.labels == "beside" else 1.0)

    def _wide(self, entry: Entry) -> float:
        """The least width of a cell."""
        label, value = self.press.label.width(self._label(entry)), self._print(entry).width(entry.value)
        beside = self.labels == "beside" and entry.label
        return 2 * self.pad + (label + 0.7 * self.press.size + value if beside else max(label, value))

    def _rows(self, room: float) -> list[list[Cell]] | None:
        """Cells in rows from left to right; None where one is wider than the room."""
        column = room / self.columns
        rows: list[list[tuple[Entry, int]]] = [[]]
        for entry in self.entries:
            wide = self._wide(entry)
            if wide > room:
                return None
            span = min(math.ceil((wide + self.between) / column), self.columns)
            if rows[-1] and sum(span for _, span in rows[-1]) + span > self.columns:
                rows.append([])
            rows[-1].append((entry, span))
        placed: list[list[Cell]] = []
        for row in rows:
            spans = [span for _, span in row]
            # The last cell reaches to the end; where columns are many and narrow, all of a row grow alike.
            unit = room / sum(spans) if self.columns > 4 else column
            starts = [unit * sum(spans[:index]) for index in range(len(row))]
            ends = [*starts[1:], room]
            placed.append([(e, a, b - a) for (e, _), a, b in zip(row, starts, ends, strict=True)])
        return placed

    def _tall(self, row: list[Cell]) -> float:
        values = max(self._print(entry).height for entry, _, _ in row)
        if self.labels == "beside":
            return max(values, self.press.label.height) + (4 if self.pad else 0)
        labelled = any(entry.label for entry, _, _ in row)
        return values + (self.press.label.height + 2 * STRIP) * labelled + (4 if self.pad else 0)

    def _stacked(self, row: list[Cell], x0: float, y: float) -> None:
        """One line of labels and one of values, on a common base."""
        look, canvas, label = self.press.look, self.press.canvas, self.press.label
        labelled = any(entry.label for entry, _, _ in row)
        ascent = max(self._print(entry).ascent for entry, _, _ in row)
        below = max(self._print(entry).height for entry, _, _ in row)
        start = (
            y + (label.height + 2 * STRIP) * (self.labels == "above" and labelled) + (2 if self.pad else 0)
        )
        names = [(self._label(entry), left) for entry, left, _ in row if entry.label]

        def write_labels(top: float) -> None:
            for name, left in names:
                canvas.write(
                    x0 + left + self.pad, top, name, label, look.on_accent if self._dark() else look.label_ink
                )

        if self.labels == "above":
            write_labels(y + STRIP)
        for entry, left, _ in row:
            print_ = self._print(entry)
            canvas.write(x0 + left + self.pad, start + ascent - print_.ascent, entry.value, print_, look.ink)
        if self.labels == "below":
            write_labels(start + below + STRIP + (2 if self.pad else 0))

    def _beside(self, row: list[Cell], x0: float, y: float) -> None:
        """A label and its value on one base; values are aligned in a grid of one column."""
        look, canvas, label = self.press.look, self.press.canvas, self.press.label
        ascent = max(label.ascent, *(self._print(entry).ascent for entry, _, _ in row)) + (
            2 if self.pad else 0
        )
        column = max(label.width(self._label(entry)) for entry in self.entries) + 0.7 * self.press.size
        widest = max(self._print(entry).width(entry.value) for entry in self.entries)
        aligned = self.columns == 1 and column + widest + 2 * self.pad <= self.room
        for entry, left, width in row:
            print_, name = self._print(entry), self._label(entry)
            start = column if aligned else label.width(name) + 0.7 * self.press.size if name else 0
            if look.apart and self.columns == 1:
                start = width - 2 * self.pad - print_.width(entry.value)
            x = x0 + left + self.pad
            if name:
                canvas.write(x, y + ascent - label.ascent, name, label, look.label_ink)
            canvas.write(x + start, y + ascent - print_.ascent, entry.value, print_, look.ink)
