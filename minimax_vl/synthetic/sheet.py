"""The desk a page is written at: canvas, print, inks, random values, and labels that are used only once."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from minimax_vl.synthetic.canvas import Canvas, Colour
from minimax_vl.synthetic.facts import Facts
from minimax_vl.synthetic.fonts import FontBook, Print
from minimax_vl.synthetic.labels import KNOWN
from minimax_vl.synthetic.values import Values

SHARE_ABROAD = 0.25
BY_HAND = 0.15  # of forms


def between(easy: float, hard: float, level: float) -> float:
    """A quantity at a curriculum level: `easy` at 0, `hard` at 1."""
    return easy + (hard - easy) * level


class Sheet:
    """Everything a block of a page needs to draw itself. Blocks take the room they are given and say where they end."""

    def __init__(self, size: tuple[int, int], fonts: FontBook, rng: random.Random, level: float) -> None:
        self.rng, self.fonts, self.level = rng, fonts, level
        self.facts = Facts(rng)
        self.facts.teaching = fonts.split == "train"
        self.values = Values(rng, SHARE_ABROAD if self.facts.teaching else 0.0)
        self._used: set[str] = set()
        self.paragraphs: list[str] = []  # the first word of each so far; questions name one by its number
        self._set_colours()
        self.canvas = Canvas(*size, self.paper)
        self.set_print(self._body_size(min(size)))

    def _set_colours(self) -> None:
        rng = self.rng
        if rng.random() < 0.55:
            shade = rng.randint(238, 255)
            self.paper: Colour = (shade, shade, shade)
        else:
            warm = rng.randint(0, 30)
            base = rng.randint(225, 255)
            self.paper = (base, base - warm // 3, base - warm)
            if rng.random() < 0.25:
                self.paper = _mixed(rng, self.paper)
        dark = rng.randint(0, 70)
        self.ink: Colour = (dark, dark, dark)
        if rng.random() < 0.25:
            self.ink = (rng.randint(0, 60), rng.randint(0, 60), rng.randint(0, 130))
        self.accent = _mixed(rng, (rng.randint(0, 60), rng.randint(20, 110), rng.randint(60, 170)))
        if rng.random() < 0.04:  # a dark page
            dark, light = rng.randint(10, 50), rng.randint(215, 255)
            self.paper, self.ink = (dark, dark, dark), (light, light, light)
            red, green, blue = self.accent
            self.accent = (255 - red // 2, 255 - green // 2, 255 - blue // 2)
        grey = rng.randint(90, 190)
        self.line: Colour = self.ink if rng.random() < 0.4 else (grey, grey, grey)

    def _body_size(self, short: int) -> int:
        """Em height of body print: large at level 0, down to what is just legible at level 1."""
        low, common, high = (12, 17, 30) if short < 500 else (12, 15, 24)
        if self.rng.random() < (0.1 if short < 500 else 0.2):
            low, common, high = (11, 12, 34) if short < 500 else (9, 11, 15)
        easy = self.rng.uniform(20, 28 if short < 500 else 34)
        return round(between(easy, self.rng.triangular(low, high, common), self.level))

    def set_print(self, size: int, *, mono: float = 0.15) -> None:
        """Choose faces: body, its bold, and a heading, at `size` pixels and a bit more."""
        rng, fonts = self.rng, self.fonts
        face = fonts.pick(rng, mono=mono)
        heading = fonts.bolder(face) if rng.random() < 0.7 else fonts.pick(rng, mono=0.05)
        self.body = fonts.print(face, size)
        self.bold = fonts.print(fonts.bolder(face), size)
        self.heading = fonts.print(heading, min(round(size * rng.uniform(1.1, 1.7)), 44))
        self.small = fonts.print(face, max(round(size * 0.82), 11))
        self.leading = round(self.body.height * rng.uniform(1.0, 1.35))

    def filled_in(self, printed: Print) -> Print:
        """What a form is filled in with: a pen, where the split has such faces and now and then, else as `printed`."""
        if not (self.fonts.hand and self.chance(BY_HAND)):
            return printed
        # Hands write larger than the print around them, and their small letters are lower.
        size = round(printed.size * self.rng.uniform(1.15, 1.45))
        return self.fonts.print(self.rng.choice(self.fonts.hand), size)

    def ease(self, level: float) -> None:
        """Go on as at an easier level, in print as large as its pages have."""
        self.level = level
        self.set_print(self._body_size(min(self.canvas.height, self.canvas.width)))

    def whiten(self) -> None:
        """Plain paper and dark ink, for pages that are never anything else; wipes what is drawn."""
        rng = self.rng
        shade, dark = rng.choice((255, rng.randint(235, 255))), rng.randint(0, 60)
        self.paper, self.ink = (shade, shade, shade), (dark, dark, dark)
        self.canvas.fill(0, 0, self.canvas.width, self.canvas.height, self.paper)

    def count(self, easy: int, hard: int) -> int:
        """How many items to try for: few at level 0, a random number up to `hard` at level 1."""
        most = max(2, round(between(easy, hard, self.level)))
        return self.rng.randint(max(min(2, easy), most // 3), most)

    def most(self, easy: int, hard: int) -> int:
        """The largest number of items at this level."""
        return round(between(easy, hard, self.level))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def once(self, draw: Callable[[], str], tries: int = 8) -> str:
        """A string that no earlier call on this page returned, whatever its case."""
        for _ in range(tries):
            text = draw()
            if text.lower() not in self._used:
                break
        else:
            text = f"{draw()} {self.values.digits(4)}"
        self._used.add(text.lower())
        return text

    def free(self, text: str) -> bool:
        """Whether `text` has not been used by `once`; marks it as used."""
        fresh = text.lower() not in self._used
        self._used.add(text.lower())
        return fresh

    def label(self) -> tuple[str, str, Callable[[], str]]:
        """A label not yet on this page, its name in a question ('' if none), and how to draw a value."""
        if self.chance(0.6):
            for _ in range(8):
                name, printed, kind = self.rng.choice(KNOWN)
                label = self.rng.choice(printed)
                if name.lower() not in self._used and self.free(label):
                    self._used.add(name.lower())
                    return label, name, partial(kind, self.values)
        return self.once(lambda: self.values.title(1, 2)), "", self.values.any

    def fitting(self, draw: Callable[[], str], print_: Print, room: float, tries: int = 6) -> str:
        """A drawn string that fits into `room` pixels, or '' when none of a few does."""
        for _ in range(tries):
            text = draw()
            if print_.width(text) <= room:
                return text
        return ""


def _mixed(rng: random.Random, colour: Colour) -> Colour:
    """The same three parts in a random order: another hue of the same strength."""
    red, green, blue = rng.sample(colour, 3)
    return red, green, blue
