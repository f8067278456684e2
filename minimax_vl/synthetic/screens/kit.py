"""A screen being drawn: its colours, its print by role, and the strokes that all of its designs share."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from minimax_vl.synthetic.absent import ASKED
from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.shapes import framed, grey, icon, switch
from minimax_vl.synthetic.sheet import Sheet, between
from minimax_vl.synthetic.values import DATE_FORMATS

ACCENTS: tuple[Colour, ...] = (
    (0, 110, 230), (25, 118, 210), (0, 140, 125), (40, 125, 60), (105, 60, 185), (215, 85, 10),
    (195, 40, 45), (63, 81, 181), (180, 30, 110), (85, 95, 105), (0, 120, 160), (150, 110, 20),
)  # fmt: skip
SWITCHES = ("pill", "pill", "thin", "ring", "square")
SERIF = (
    "Tinos",
    "Termes",
    "Roman",
    "Serif",
    "Caladea",
    "Slab",
)  # of the faces of offices; screens have them seldom
LARGEST = 60  # pixels of em height


@dataclass(frozen=True)
class Look:
    """The colours of a screen by what they are for, and how round its corners are."""

    dark: bool
    page: Colour
    panel: Colour  # cards, fields and bubbles on the page
    bar: Colour  # heads and tool bars
    ink: Colour
    dim: Colour  # smaller print of less weight, still legible
    line: Colour
    accent: Colour
    on_accent: Colour
    corner: float  # radius in ems


def look(rng: random.Random, *, dark: bool) -> Look:
    """A light or a dark theme around one strong colour."""
    accent = rng.choice(ACCENTS)
    corner = rng.choice((0.0, 0.2, 0.35, 0.6))
    if dark:
        base = rng.choice((0, rng.randint(8, 45)))
        blue = rng.choice((0, 0, rng.randint(4, 24)))

        def cool(shade: int) -> Colour:
            return shade, shade, shade + blue

        accent = blend(accent, (255, 255, 255), rng.uniform(0.35, 0.55))
        light, dim = rng.randint(215, 252), rng.randint(150, 175)
        on_accent: Colour = (12, 12, 16)
        bar = cool(base + rng.choice((0, 12, 22)))
        return Look(
            True, cool(base), cool(base + rng.randint(16, 28)), bar, grey(light), grey(dim),
            cool(base + rng.randint(38, 60)), accent, on_accent, corner,
        )  # fmt: skip
    base = rng.choice((255, 255, rng.randint(236, 250)))
    page: Colour = (base, base, min(base + rng.choice((0, 0, 4)), 255))
    panel: Colour = (255, 255, 255) if base < 252 else grey(rng.randint(238, 246))
    bar = rng.choice((page, blend(page, (0, 0, 0), 0.05), blend(page, accent, 0.12), accent))
    ink, dim, line = rng.randint(0, 45), rng.randint(85, 120), rng.randint(195, 225)
    return Look(False, page, panel, bar, grey(ink), grey(dim), grey(line), accent, (255, 255, 255), corner)


def share_out(room: float, wanted: int, least: float, most: float) -> tuple[int, float]:
    """How many rows, about `wanted`, and how tall each, from `least` to `most` pixels, so that they fill the room."""
    if room < least:
        return 0, least
    count = min(max(wanted, math.ceil(room / most)), int(room // least))
    return count, min(room / count, most)


class Screen:
    """A sheet with a look. Print is `large` times what the level wants, but `ems` of it fit across, and 17 down."""

    def __init__(
        self,
        sheet: Sheet,
        box: Box,
        *,
        dark: bool | None = None,
        ems: float = 20,
        mono: bool = False,
        large: float = 1,
    ) -> None:
        self.sheet, self.box = sheet, box
        self.rng, self.canvas, self.facts, self.values = sheet.rng, sheet.canvas, sheet.facts, sheet.values
        rng = self.rng
        self.look = look(rng, dark=rng.random() < 0.35 if dark is None else dark)
        fonts = sheet.fonts
        if mono:
            self.face = rng.choice(fonts.mono or fonts.upright)
        else:
            self.face = (
                rng.choice(fonts.office) if rng.random() < 0.6 else fonts.pick(rng, mono=0.0, slanted=0.0)
            )
        self.least = 9 if self.canvas.width >= 900 else 11
        short = min(box.width, box.height)
        easy = min(max(short * rng.uniform(0.042, 0.06), 17), 40)
        hard = rng.triangular(
            self.least, max(short * 0.028, self.least + 5), max(short * 0.018, self.least + 1)
        )
        size = min(between(easy, hard, sheet.level) * large, box.width / ems, box.height / 17)
        self.size = max(round(size), self.least)
        self.body, self.bold = self.print(1), self.print(1, bold=True)
        self.small, self.head = self.print(0.84), self.print(1.25, bold=True)
        self.em, self.line = float(self.size), self.body.height * rng.uniform(1.05, 1.25)
        self.corner = self.look.corner * self.em
        self.switches = rng.choice(SWITCHES)
        self.clock, self.now = rng.choice((12, 24, 24)), rng.randrange(1440)
        self.today = date(rng.randint(2008, 2029), rng.randint(1, 12), rng.randint(1, 28))
        self.thin = max(1, round(self.em / 16))

    def print(self, scale: float, *, bold: bool = False) -> Print:
        """The face of the screen at `scale` times its body, never too small to read."""
        face = self.sheet.fonts.bolder(self.face) if bold else self.face
        return self.sheet.fonts.print(face, min(max(round(self.size * scale), self.least), LARGEST))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def largest(
        self, text: str, room: float, scale: float, tall: float = math.inf, *, bold: bool = False
    ) -> Print | None:
        """Print of at most `scale` in which the text fits, or None where it would be smaller than half of that."""
        print_ = self.print(scale, bold=bold)
        fit = min(room / max(print_.width(text), 1), tall / print_.height, 1.0)
        if fit < 1:
            print_ = self.print(max(scale * fit * 0.96, 0.5), bold=bold)
        return print_ if print_.width(text) <= room and print_.height <= tall else None

    def say(
        self,
        x: float,
        y0: float,
        y1: float,
        text: str,
        print_: Print | None = None,
        ink: Colour | None = None,
        align: float = 0.0,
    ) -> float:
        """Write between y0 and y1, in their middle; x is the left end, the middle or the right end. Returns the end."""
        print_ = print_ or self.body
        left = x - align * print_.width(text)
        return self.canvas.write(left, (y0 + y1 - print_.height) / 2, text, print_, ink or self.look.ink)

    def fill(self, box: Box, colour: Colour) -> None:
        self.canvas.fill(box.x0, box.y0, box.x1, box.y1, colour)

    def under(self, x0: float, x1: float, y: float, colour: Colour | None = None) -> None:
        """A thin rule."""
        self.canvas.rule(x0, x1, y, colour or self.look.line, thick=self.thin)

    def bar(self, box: Box, colour: Colour | None = None) -> Colour:
        """Fill a head or a tool bar; returns the ink for it."""
        colour = colour or self.look.bar
        self.fill(box, colour)
        if colour == self.look.page:
            self.under(box.x0, box.x1, box.y1 - self.thin)
        return self.look.on_accent if colour == self.look.accent else self.look.ink

    def button(self, box: Box, text: str, *, main: bool, print_: Print | None = None) -> None:
        """A push button, in colour when it is the main one."""
        if main:
            rounded(self.canvas, box, self.corner, self.look.accent)
        else:
            framed(
                self.canvas,
                box,
                self.corner,
                self.look.panel,
                blend(self.look.line, self.look.ink, 0.25),
                self.thin,
            )
        ink = self.look.on_accent if main else self.look.ink
        self.say((box.x0 + box.x1) / 2, box.y0, box.y1, text, print_, ink, 0.5)

    def buttons(
        self, x0: float, x1: float, y: float, texts: Sequence[str], *, main: int, align: float
    ) -> list[str]:
        """A row of buttons as far as they fit, at the left, in the middle or at the right; returns those drawn."""
        gap, tall = 0.6 * self.em, self.body.height + 0.7 * self.em
        wide = [self.body.width(text) + 1.8 * self.em for text in texts]
        while texts and sum(wide) + gap * (len(wide) - 1) > x1 - x0:
            texts, wide = texts[:-1], wide[:-1]
        x = x0 + (x1 - x0 - sum(wide) - gap * (len(wide) - 1)) * align
        for number, (text, width) in enumerate(zip(texts, wide, strict=True)):
            self.button(Box(x, y, x + width, y + tall), text, main=number == main)
            x += width + gap
        return list(texts)

    def switch(self, x1: float, y0: float, y1: float, *, on: bool) -> float:
        """A switch that ends at x1; returns where it starts."""
        tall = max(self.em * 1.15, 12)
        box = Box(x1 - tall * 1.85, (y0 + y1 - tall) / 2, x1, (y0 + y1 + tall) / 2)
        off = blend(self.look.page, self.look.ink, 0.3)
        switch(
            self.canvas,
            box,
            on=on,
            style=self.switches,
            accent=self.look.accent,
            off=off,
            page=self.look.page,
        )
        return box.x0

    def icon(
        self, name: str, x: float, y0: float, y1: float, ink: Colour | None = None, scale: float = 1.0
    ) -> None:
        """An icon an em wide, between y0 and y1."""
        icon(self.canvas, name, x, (y0 + y1) / 2, self.em * scale, ink or self.look.ink)

    def tile(
        self,
        x: float,
        y0: float,
        y1: float,
        side: float,
        name: str,
        ground: Colour,
        ink: Colour,
        *,
        radius: float,
    ) -> float:
        """A square with an icon before a row; returns where the row's words start."""
        middle = (y0 + y1) / 2
        rounded(self.canvas, Box(x, middle - side / 2, x + side, middle + side / 2), radius, ground)
        icon(self.canvas, name, x + side / 2, middle, side * 0.62, ink)
        return x + side + 0.7 * self.em

    def when(self, minutes: int) -> str:
        """A time of day as this screen writes it."""
        hour, minute = divmod(minutes % 1440, 60)
        if self.clock == 24:
            return f"{hour:02d}:{minute:02d}"
        return f"{hour % 12 or 12}:{minute:02d} {'AM' if hour < 12 else 'PM'}"

    def day(self, ago: int) -> str:
        """A date as this screen writes it, so many days before its own."""
        day = self.today - timedelta(days=ago)
        return DATE_FORMATS[self.values.date_format](day.day, day.month, day.year)

    def shows(self, topic: str) -> None:
        """Leave out that the page lacks a topic of `absent`: it has it under a name that is not looked for there."""
        for form in ASKED:
            for name in (topic, f"{topic} on the receipt"):
                question = form.format(name=name)
                self.facts.doubt(question[0].upper() + question[1:])

    def cell(
        self, row: str, column: str, value: str, forms: tuple[str, ...], back: tuple[str, ...] = ()
    ) -> None:
        """Ask for a row's value by forms with {row}, and with `back` for the row by {value} where only one has it."""
        mark = f"{column}: {value}"
        self.facts.seen(mark)
        self.facts.ask(value, forms, one_of_many=True, row=row, column=column)
        if back and self.chance(0.5):
            self.facts.ask(row, back, mark=mark, one_of_many=True, value=value, column=column)
