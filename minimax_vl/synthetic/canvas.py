"""A page being drawn: pixels, the place of every character, and the text in reading order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minimax_vl.synthetic.fonts import Print

Colour = tuple[int, int, int]
# What figures are made of, noted where it stands: training asks for it as it asks for characters.
LANDMARKS = tuple(
    (
        "bar end;point;slice;circle;square;triangle;rectangle;star;diamond;oval;hexagon;heart;cross;tree;ball;car;boat;"
        "flower;balloon;fish;cup;apple;book;bottle;lamp;umbrella;kite;chair;hat;person;mushroom;key;envelope;house;cloud;"
        "window;sun;long hand;short hand;die;lit;unlit;happy;sad;neutral;surprised;arrow right;arrow down;arrow left;"
        "arrow up;tick"
    ).split(";")
)
LANDMARK = 128  # code of the first in `Page.glyphs`, above all of ASCII
LANDMARK_EM = 24  # the height that a landmark is given there: that of middling print


def darker(colour: Colour, by: int) -> Colour:
    """The colour with `by` taken off each part: the shade of a stripe on its paper."""
    red, green, blue = colour
    return max(0, red - by), max(0, green - by), max(0, blue - by)


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b in a."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Piece:
    """A string written at one stroke, and where: left, right, top of the line, and em height."""

    text: str
    x0: float
    x1: float
    y: float
    size: int


class Canvas:
    """Coordinates are pixels from the top left; text is placed by the top of its line."""

    def __init__(self, height: int, width: int, paper: Colour) -> None:
        self.height, self.width, self.paper = height, width, paper
        self.pixels = np.empty((height, width, 3), dtype=np.uint8)
        self.fill(0, 0, width, height, paper)
        self.glyphs: list[tuple[float, float, int, int]] = []
        self.landmarks: list[tuple[float, float, int, int]] = []  # as glyphs
        self.clipped = False  # whether a character did not fit on the page, or left no ink
        self._lines: list[tuple[int, list[Piece]]] = []  # baseline, what is written on it

    @property
    def text(self) -> str:
        """What has been written so far: pieces on one baseline are one line, in the order of writing."""
        return "\n".join(" ".join(piece.text for piece in pieces) for _, pieces in self._lines)

    @property
    def lines(self) -> list[list[Piece]]:
        """The pieces of every line of `text`."""
        return [list(pieces) for _, pieces in self._lines]

    def write(self, x: float, y: float, text: str, print_: Print, ink: Colour) -> float:
        """Draw one line of text with its top left at (x, y); returns the x where it ends.

        A character that would reach over the edge is not drawn, and `clipped` is set.
        """
        baseline = round(y) + print_.ascent
        size, seen = print_.size, len(self.glyphs)
        # A band that holds any glyph of this line; one that would stick out of the page is not drawn.
        left, right = max(int(x) - size, 0), min(int(x + print_.width(text)) + size, self.width)
        top, bottom = max(baseline - size * 5 // 4, 0), min(baseline + size // 2 + 1, self.height)
        cover = np.zeros((max(bottom - top, 0), max(right - left, 0)), dtype=np.uint8)
        pen = x
        for character in text:
            glyph = print_.glyph(character)
            h, w = glyph.mask.shape
            if h:
                gx, gy = int(pen + 0.5) + glyph.left, baseline + glyph.top
                if gx >= left and gy >= top and gx + w <= right and gy + h <= bottom:
                    window = cover[gy - top : gy - top + h, gx - left : gx - left + w]
                    np.maximum(window, glyph.mask, out=window)
                    self.glyphs.append((gx + w / 2, gy + h / 2, size, ord(character)))
                else:
                    self.clipped = True
            elif character != " ":  # a face that leaves no ink at this size
                self.clipped = True
            pen += glyph.advance
        if len(self.glyphs) > seen:
            self._blend(top, left, cover, ink)
            self._record(baseline, Piece(text.strip(), x, pen, y, size))
        return pen

    def _blend(self, top: int, left: int, cover: np.ndarray, ink: Colour) -> None:
        h, w = cover.shape
        window = self.pixels[top : top + h, left : left + w]
        share = cover.astype(np.uint16) + (cover > 127)  # [h, w], 0..256, so that a shift divides
        rest = 256 - share
        for channel, value in enumerate(ink):
            window[:, :, channel] = (window[:, :, channel] * rest + value * share) >> 8

    def _record(self, baseline: int, piece: Piece) -> None:
        if self._lines and abs(self._lines[-1][0] - baseline) <= 2:
            self._lines[-1][1].append(piece)
        else:
            self._lines.append((baseline, [piece]))

    def fill(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill a rectangle, cut to the page."""
        left, top = max(round(x0), 0), max(round(y0), 0)
        window = self.pixels[top : max(round(y1), top), left : max(round(x1), left)]
        if window.size > 4096:  # one row, then copies of it: NumPy is slow at spreading three values
            window[:] = np.tile(np.array(colour, dtype=np.uint8), (window.shape[1], 1))
        else:
            for channel, value in enumerate(colour):
                window[:, :, channel] = value

    def rule(
        self, x0: float, x1: float, y: float, ink: Colour, *, thick: int = 1, dash: tuple[int, int] = (1, 0)
    ) -> None:
        """A horizontal line; `dash` is (pixels on, pixels off)."""
        on, off = dash
        left, right, top = max(round(x0), 0), min(round(x1), self.width), max(round(y), 0)
        if right > left:
            drawn = np.arange(right - left) % (on + off) < on  # [w]
            self.pixels[top : top + thick, left:right][:, drawn] = ink

    def post(self, x: float, y0: float, y1: float, ink: Colour, *, thick: int = 1) -> None:
        """A vertical line."""
        self.fill(x, y0, x + thick, y1, ink)

    def box(self, x0: float, y0: float, x1: float, y1: float, ink: Colour, *, thick: int = 1) -> None:
        """The outline of a rectangle, drawn inside it."""
        self.fill(x0, y0, x1, y0 + thick, ink)
        self.fill(x0, y1 - thick, x1, y1, ink)
        self.fill(x0, y0, x0 + thick, y1, ink)
        self.fill(x1 - thick, y0, x1, y1, ink)

    def stain(self, x: float, y: float, cover: np.ndarray, ink: Colour) -> None:
        """Lay a coverage map (uint8 [h, w], 0..255) over the page: logos, stamps, ticks."""
        left, top = max(round(x), 0), max(round(y), 0)
        cover = cover[: max(self.height - top, 0), : max(self.width - left, 0)]
        if cover.size:
            self._blend(top, left, cover, ink)
