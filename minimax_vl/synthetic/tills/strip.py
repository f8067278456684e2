"""The paper of a till receipt: a cursor that moves down, and lines set left, right, centred or in columns."""

from __future__ import annotations

from itertools import pairwise

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.sheet import Sheet

STRETCHES = (0.7, 0.8, 0.9, 1.0, 1.0, 1.0, 1.2)
RASTERS = (14, 15, 16, 17, 18, 20, 22, 24)  # dots to an em of the print heads of tills
Cell = tuple[
    str, float, float
]  # text, where it is anchored across the strip (0..1), how much lies left of that


def _joined(lines: list[str], print_: Print, room: float) -> list[str]:
    """Neighbouring lines put together while they fit."""
    joined = [lines[0]]
    for line in lines[1:]:
        if print_.width(f"{joined[-1]} {line}") <= room:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


class Strip:
    """Columns of a receipt between `x0` and `x1`; every method says whether its line had room."""

    def __init__(self, sheet: Sheet, x0: float, x1: float, y: float, bottom: float, size: int) -> None:
        self.sheet, self.x0, self.x1, self.y, self.bottom = sheet, x0, x1, y, bottom
        rng, fonts = sheet.rng, sheet.fonts
        face = fonts.pick(rng, mono=0.7, slanted=0.01)
        for _ in range(3):  # tills print their body in bold seldom
            if face.bold and rng.random() < 0.85:
                face = fonts.pick(rng, mono=0.7, slanted=0.01)
        stretch = rng.choice(STRETCHES) if face.mono else rng.choice((0.8, 1.0, 1.0, 1.0))
        dots = rng.choice(RASTERS) if rng.random() < (0.75 if face.mono else 0.15) else 0
        self.body = fonts.print(face, size, stretch, dots)
        bold = fonts.bolder(face)
        self.strong = fonts.print(*rng.choice(((bold, size, stretch), (face, size, stretch * 2))), dots)
        if rng.random() < 0.2:
            self.strong = self.body
        times = rng.choice((1.2, 1.5, 1.8, 2.2))  # double height at single width is the commonest loud print
        narrow = stretch * rng.choice((1.0, 1.0, 0.6, 0.75)) if times > 1.4 else stretch
        self.big = fonts.print(
            bold if rng.random() < 0.6 else face, min(round(size * times), 44), narrow, dots
        )
        self.upper = sheet.chance(0.6)
        self.step = max(round(self.body.height * rng.uniform(0.95, 1.25)), size)
        self.look = rng.choice(("dashes", "dashes", "dots", "equals", "line", "line", "none", "stars"))

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    def room(self, lines: float = 1) -> bool:
        return self.y + lines * self.step <= self.bottom

    def show(self, text: str) -> str:
        return text.upper() if self.upper else text

    def skip(self, lines: float) -> None:
        self.y += round(lines * self.step)

    def put(self, text: str, align: float = 0.0, print_: Print | None = None) -> bool:
        """One line: `align` 0 is left, 0.5 centred, 1 right."""
        return self.row([(text, align, align)], print_)

    def row(self, cells: list[Cell], print_: Print | None = None) -> bool:
        """Cells on one line; nothing is written when it is out of room or two of them would touch."""
        print_ = print_ or self.body
        spans = []
        for text, at, align in cells:
            length = print_.width(text)
            left = self.x0 + at * self.width - align * length
            spans.append((left, left + length))
        ordered = sorted(spans)
        gap = 0.4 * print_.size
        fits = all(a[1] + gap <= b[0] for a, b in pairwise(ordered))
        tall = max(self.step, round(print_.height * 0.98))
        if (
            not fits
            or ordered[0][0] < self.x0 - 1
            or ordered[-1][1] > self.x1 + 1
            or self.y + tall > self.bottom
        ):
            return False
        for (text, _, _), (left, _) in zip(cells, spans, strict=True):
            self.sheet.canvas.write(left, self.y, text, print_, self.sheet.ink)
        self.y += tall
        return True

    def pair(self, left: str, right: str, print_: Print | None = None, end: float = 1.0) -> bool:
        """A label at the left and a value that ends at `end` of the width."""
        return self.row([(left, 0.0, 0.0), (right, end, 1.0)], print_)

    def block(
        self, text: str, align: float, print_: Print | None = None, *, most: int = 4, parts: bool = False
    ) -> list[str]:
        """Running text over up to `most` lines; [] when it needs more or there is no room. Returns the lines.

        With `parts`, lines break behind commas where they can, as in an address.
        """
        print_ = print_ or self.body
        lines = wrap(text.split(), print_, self.width)
        if parts:
            phrases = [phrase + "," for phrase in text.split(", ")]
            phrases[-1] = phrases[-1][:-1]
            narrow = self.width * self.sheet.rng.uniform(0.55, 1.0)
            broken = [line for phrase in phrases for line in wrap(phrase.split(), print_, self.width)]
            lines = broken if len(broken) <= 2 else _joined(broken, print_, narrow)
        tall = max(self.step, round(print_.height * 0.98))
        whole = " ".join(lines) == " ".join(text.split())
        if not whole or len(lines) > most or self.y + tall * len(lines) > self.bottom:
            return []
        return lines if all(self.put(line, align, print_) for line in lines) else []

    def rule(self) -> None:
        """What parts the sections: a drawn line, or a row of characters as printers make it."""
        if not self.room(1.2) or self.look == "none":
            return
        if self.look in ("line", "dots"):
            dash = (1, 0) if self.look == "line" else (2, 3)
            self.sheet.canvas.rule(self.x0, self.x1, self.y + 0.3 * self.step, self.sheet.ink, dash=dash)
            self.skip(0.6)
            return
        sign = {"dashes": "-", "equals": "=", "stars": "*"}[self.look]
        count = int(self.width / max(self.body.width(sign), 1.0))
        # Drawn as ink, not as text: forty dashes in a row are nothing that anyone asks to read.
        advance, y = self.body.width(sign), self.y + 0.45 * self.body.height
        for index in range(count):
            left = self.x0 + index * advance
            if sign == "*":
                self.sheet.canvas.fill(left + 1, y - 1, left + 0.6 * advance, y + 2, self.sheet.ink)
            else:
                self.sheet.canvas.fill(left + 1, y, left + 0.8 * advance, y + 1, self.sheet.ink)
                if sign == "=":
                    self.sheet.canvas.fill(left + 1, y + 3, left + 0.8 * advance, y + 4, self.sheet.ink)
        self.skip(0.9)
