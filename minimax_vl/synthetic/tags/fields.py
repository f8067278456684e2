"""Labelled values of a label: label before, above or below its value, in columns, boxes or stripes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.facts import PRINTED, REVERSE
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Block, named, put
from minimax_vl.synthetic.tags.stock import Stock

LANGUAGES = ("en", "de", "fr", "es", "ms")
LOOKS = ("colon", "column", "column", "apart", "above", "below")


@dataclass(frozen=True)
class Field:
    """A label as printed, its value, and the ways to ask for it."""

    label: str
    value: str
    asked: tuple[str, ...]
    wanted: bool = False
    several: bool = False  # whether other labels on the page may have such a field


@dataclass(frozen=True)
class Wording:
    """What a field is called in questions, and what labels print for it in each language."""

    asked: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]

    def field(self, rng: random.Random, language: str, value: str, *, wanted: bool = False) -> Field:
        return Field(rng.choice(self.labels[language]), value, self.asked, wanted)


def wordings(table: str) -> dict[str, Wording]:
    """Read lines of `names in questions | English labels | German | French | Spanish | Malay`.

    The first name is the key, without the @ before people's; languages that are left out print what English does.
    """
    read = {}
    for line in table.strip().splitlines():
        names, *labels = ([part.strip() for part in cell.split(",")] for cell in line.split("|"))
        tongues = {
            language: tuple(labels[index] if index < len(labels) and labels[index] != [""] else labels[0])
            for index, language in enumerate(LANGUAGES)
        }
        read[names[0].lstrip("@")] = Wording(named(*names), tongues)
    return read


def several(sheet: Sheet, easy: int, hard: int) -> int:
    """How many fields to try for at this level: at least half of the most."""
    most = sheet.most(easy, hard)
    return sheet.rng.randint((most + 1) // 2, most)


def tongue(rng: random.Random, among: tuple[str, ...] = LANGUAGES) -> str:
    """A language to label in: English on most."""
    return "en" if rng.random() < 0.6 else rng.choice(among)


@dataclass(kw_only=True)
class Fields(Block):
    """As many fields as there is room for. Those that a label of the kind often has and this has not are lacking."""

    fields: list[Field]
    lacking: list[Field] = field(default_factory=list)
    look: str = "column"
    columns: int = 1
    boxed: bool = False
    striped: bool = False
    bold: str = ""  # "label", "value" or neither
    colon: str = ":"
    align: float = 0.0  # of a cell with its label above, below or just before its value
    scale: float = 1.0
    fewest: int = 1

    def _prints(self, stock: Stock, look: str) -> tuple[Print, Print]:
        over = look in ("above", "below")
        label = stock.print_(self.scale * (0.8 if over else 1.0), "bold" if self.bold == "label" else "plain")
        return label, stock.print_(self.scale, "bold" if self.bold == "value" else "plain")

    def _label(self, stock: Stock, one: Field, look: str) -> str:
        return stock.label(one.label) + (self.colon if look in ("colon", "column") else "")

    def _plan(self, stock: Stock, width: float) -> tuple[str, int, float, float]:
        """Look, columns, height of a row, and width of the labels' column; no columns when nothing fits."""
        pad = self._pad(stock)
        for look in dict.fromkeys((self.look, "column", "above")):
            label_print, value_print = self._prints(stock, look)
            labels = [label_print.width(self._label(stock, one, look)) for one in self.fields]
            values = [value_print.width(one.value) for one in self.fields]
            gap, widest = 0.5 * value_print.size, max(labels)
            if look in ("above", "below"):
                need = max(widest, *values)
                step = label_print.height + value_print.height + 0.3 * value_print.size * (not self.boxed)
            else:
                ahead = [widest] * len(labels) if look == "column" else labels
                need = max(a + gap + value for a, value in zip(ahead, values))
                step = max(label_print.height, value_print.height)
            # Labels above their values leave room beside them.
            most = self.columns + 1 if look in ("above", "below") else self.columns
            for columns in range(min(most, len(self.fields)), 0, -1):
                gutter = self._gutter(stock, look) if columns > 1 else 0.0
                if need + 2 * pad + gutter <= width / columns:
                    return look, columns, step + max(2 * pad * 0.6, 0.12 * stock.size), widest + gap
        return "", 0, 0.0, 0.0

    def _gutter(self, stock: Stock, look: str) -> float:
        """Between columns: wider where a value would stand close to the next label."""
        return 0.0 if self.boxed else (1.8 if look == "apart" else 0.8) * stock.size

    def _pad(self, stock: Stock) -> float:
        return 0.35 * stock.size if self.boxed or self.striped else 0.0

    def height(self, stock: Stock, width: float) -> float:
        if not self.fields:
            return 0.0
        _, columns, step, _ = self._plan(stock, width)
        return step * -(-len(self.fields) // columns) if columns else float("inf")

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        if not self.fields:
            return
        look, columns, step, ahead = self._plan(stock, x1 - x0)
        if not columns:
            return
        wide = (x1 - x0) / columns
        for start in range(0, len(self.fields), columns):
            row = self.fields[start : start + columns]
            if self.striped and start // columns % 2 == 0:
                stock.sheet.canvas.fill(x0, y, x1, y + step, _tinted(stock.paper))
            if self.boxed:
                for index in range(len(row)):
                    # A last row of fewer fields ends at the right edge like the rest.
                    right = x1 if index == len(row) - 1 else x0 + (index + 1) * wide
                    stock.sheet.canvas.box(x0 + index * wide, y, right, y + step + 1, stock.line)
            self._row(stock, row, (x0, y), wide, look, ahead)
            y += step
        for one in self.fields:
            note(stock, one)
        for one in stock.sheet.rng.sample(self.lacking, min(len(self.lacking), 3)):
            stock.sheet.facts.lack(one.asked)

    def _row(
        self,
        stock: Stock,
        row: list[Field],
        at: tuple[float, float],
        wide: float,
        look: str,
        ahead: float,
    ) -> None:
        """One row of fields: what shares a baseline is written together, so that a line reads as one."""
        canvas, pad, (x, y) = stock.sheet.canvas, self._pad(stock), at
        label_print, value_print = self._prints(stock, look)
        y += pad * 0.6
        free = wide - 2 * pad
        if look in ("above", "below"):
            lines = (
                [(stock.label(one.label), label_print) for one in row],
                [(one.value, value_print) for one in row],
            )
            for line in lines if look == "above" else reversed(lines):
                for index, (text, print_) in enumerate(line):
                    inset = pad + (free - print_.width(text)) * self.align
                    canvas.write(x + index * wide + inset, y, text, print_, stock.ink)
                y += line[0][1].height
            return
        ascent = max(label_print.ascent, value_print.ascent)
        for index, one in enumerate(row):
            left = x + index * wide + pad
            label = self._label(stock, one, look)
            if look == "colon":
                both = label_print.width(label) + 0.4 * value_print.size + value_print.width(one.value)
                left += (free - both) * self.align
            end = canvas.write(left, y + ascent - label_print.ascent, label, label_print, stock.ink)
            start = end + 0.4 * value_print.size if look == "colon" else left + ahead
            if look == "apart":
                gutter = self._gutter(stock, look) if index < len(row) - 1 else 0.0
                start = x + (index + 1) * wide - pad - gutter - value_print.width(one.value)
            canvas.write(start, y + ascent - value_print.ascent, one.value, value_print, stock.ink)

    def shed(self) -> bool:
        """Do without the last field that nobody wants most."""
        if len(self.fields) <= self.fewest:
            return False
        for index in range(len(self.fields) - 1, -1, -1):
            if not self.fields[index].wanted:
                self.lacking.append(self.fields.pop(index))
                return True
        return False


def note(stock: Stock, one: Field) -> None:
    """Ask for a field: mostly in people's words, else by its label; now and then for the label of a value."""
    facts, label = stock.sheet.facts, stock.label(one.label).rstrip(":. ")
    by_name = one.several or one.wanted or stock.sheet.chance(0.75)
    forms = one.asked if by_name else tuple(form.format(label=label) for form in PRINTED)
    put(facts, (one.value, forms), wanted=one.wanted)
    if len(one.value) > 2 and stock.sheet.chance(0.15):
        facts.ask(label, REVERSE, mark=one.value, value=one.value)


def chosen(
    stock: Stock,
    drawn: dict[str, Callable[[], str]],
    words: dict[str, Wording],
    language: str,
    *,
    count: int,
    first: tuple[str, ...] = (),
) -> tuple[list[Field], list[Field]]:
    """`count` of the fields that can be drawn, those named `first` among them, in random order; and the others."""
    rng = stock.sheet.rng
    rest = [key for key in drawn if key not in first]
    keys = [*first, *rng.sample(rest, len(rest))]
    made = [words[key].field(rng, language, drawn[key](), wanted=key in first) for key in keys]
    # The same label or value for two fields would leave a question with two answers.
    kept: list[Field] = []
    for one in made[:count]:
        if all(one.label.lower() != other.label.lower() and one.value != other.value for other in kept):
            kept.append(one)
    rng.shuffle(kept)
    return kept, made[count:]


def told_apart(fields: list[Field], whose: str) -> list[Field]:
    """The fields of one label among several: each question ends in whose it is."""
    if not whose:
        return fields
    return [
        replace(
            one,
            several=True,
            asked=tuple(f"{form[:-1]}{whose}?" for form in one.asked if form.startswith("Wh")),
        )
        for one in fields
    ]


def _tinted(paper: Colour) -> Colour:
    """The paper a little towards grey, for stripes on light and on dark stock."""
    red, green, blue = ((part * 9 + 128) // 10 for part in paper)
    return red, green, blue
