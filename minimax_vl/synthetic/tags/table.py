"""Tables of nutrients: a label, and amounts or shares of a day in columns."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.tags.blocks import Block, put
from minimax_vl.synthetic.tags.stock import Stock

INDENT = 0.9  # base sizes a part is set in below its whole


@dataclass(frozen=True)
class Row:
    """One nutrient: as printed, as asked for, its amounts or shares of a day, column by column, and its rank."""

    label: str
    name: str
    cells: tuple[str, ...]
    deep: int = 0
    spare: bool = False


class Table(Block):
    """Rows of nutrients with rules between them. `asks` holds, for each column, ways to ask for a {nutrient}."""

    def __init__(
        self,
        rows: list[Row],
        asks: tuple[tuple[str, ...], ...],
        heads: tuple[str, ...] = (),
        *,
        bold: bool = True,
        together: bool = False,
        ruled: bool = True,
    ) -> None:
        super().__init__(lead=0.2)
        self.rows, self.asks, self.heads = rows, asks, heads
        self.bold, self.ruled = bold, ruled
        self.together = together  # whether the first column follows its label at once

    def _prints(self, stock: Stock) -> tuple[Print, Print]:
        return stock.print_(), stock.print_(1.0, "bold" if self.bold else "plain")

    def _widths(self, stock: Stock) -> tuple[float, list[float]]:
        """The widest label, and the widest cell of each column."""
        plain, bold = self._prints(stock)
        labels = [bold.width(r.label) + r.deep * INDENT * stock.size for r in self.rows]
        columns = [[plain.width(r.cells[c]) for r in self.rows] for c in range(len(self.asks))]
        if self.together:
            labels = [a + b + 0.4 * plain.size for a, b in zip(labels, columns[0])]
            columns[0] = [0.0]
        widths = [max(column) for column in columns]
        for c, head in enumerate(self.heads):
            widths[c] = max(widths[c], bold.width(head))
        return max(labels), widths

    def _step(self, stock: Stock) -> float:
        plain, bold = self._prints(stock)
        return max(plain.height, bold.height) + max(0.24 * stock.size, 3)

    def height(self, stock: Stock, width: float) -> float:
        label, widths = self._widths(stock)
        needed = label + sum(widths) + 0.8 * stock.size * sum(width > 0 for width in widths)
        lines = len(self.rows) + bool(self.heads)
        return lines * self._step(stock) if needed <= width else float("inf")

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        canvas, (plain, bold), step = stock.sheet.canvas, self._prints(stock), self._step(stock)
        _, widths = self._widths(stock)
        ends = [x1]  # right edges of the columns, from the last
        for width in widths[:0:-1]:
            ends.append(ends[-1] - max(width + 0.8 * stock.size, (x1 - x0) * 0.22))
        ends.reverse()
        base = max(plain.ascent, bold.ascent) + (step - max(plain.height, bold.height)) / 2
        if self.heads:
            for end, head in zip(ends, self.heads):
                canvas.write(end - bold.width(head), y + base - bold.ascent, head, bold, stock.ink)
            y += step
        for number, row in enumerate(self.rows):
            if self.ruled and (number or self.heads):
                canvas.rule(x0, x1, y, stock.line)
            x, print_ = x0 + row.deep * INDENT * stock.size, plain if row.deep else bold
            x = canvas.write(x, y + base - print_.ascent, row.label, print_, stock.ink)
            for c, (cell, end) in enumerate(zip(row.cells, ends)):
                left = x + 0.4 * plain.size if self.together and c == 0 else end - plain.width(cell)
                if cell:
                    canvas.write(left, y + base - plain.ascent, cell, plain, stock.ink)
            self._ask(stock, row)
            y += step

    def _ask(self, stock: Stock, row: Row) -> None:
        facts = stock.sheet.facts
        for cell, forms in zip(row.cells, self.asks):
            put(facts, (cell, tuple(form.format(nutrient=row.name) for form in forms)))
        for cell, reverse in zip(
            row.cells, ("Which nutrient has the value {cell}?", "Which nutrient has {cell}?")
        ):
            if cell and stock.sheet.chance(0.2):
                facts.ask(row.label, (reverse,), mark=cell, cell=cell)

    def shed(self) -> bool:
        for index in range(len(self.rows) - 1, -1, -1):
            if self.rows[index].spare:
                del self.rows[index]
                return True
        return False
