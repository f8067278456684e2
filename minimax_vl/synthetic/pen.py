"""Lines, shapes, arrows and turned print on a canvas: what figures have and pages of text have not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from types import TracebackType

import numpy as np

from minimax_vl.synthetic.canvas import LANDMARK, LANDMARK_EM, LANDMARKS, Canvas, Colour, Piece
from minimax_vl.synthetic.fonts import Print

Point = tuple[float, float]
FINE = 2  # shapes are drawn at so many times the size and averaged down, which smooths their edges
LARGE = (
    900_000  # pixels from which they are drawn as they are: it would take too long, and edges count for less
)


class Pen:
    """Draws shapes on a rectangle of a canvas; they appear when the `with` block ends. Write text after it.

    Coordinates are those of the canvas, in pixels. A pen without `paper` draws over what is there.
    """

    def __init__(
        self,
        canvas: Canvas,
        box: tuple[float, float, float, float] | None = None,
        *,
        paper: Colour | None = None,
    ) -> None:
        from PIL import Image, ImageDraw

        x0, y0, x1, y1 = box or (0, 0, canvas.width, canvas.height)
        self.landmarks, self.size = canvas.landmarks, (canvas.width, canvas.height)
        self.left, self.top = max(math.floor(x0), 0), max(math.floor(y0), 0)
        right, bottom = min(math.ceil(x1), canvas.width), min(math.ceil(y1), canvas.height)
        self.window = canvas.pixels[
            self.top : max(bottom, self.top + 1), self.left : max(right, self.left + 1)
        ]
        h, w = self.window.shape[:2]
        self.fine = fine = FINE if h * w < LARGE else 1
        if paper is None:
            self.image = Image.fromarray(self.window).resize((w * fine, h * fine), Image.Resampling.NEAREST)
        else:
            self.image = Image.new("RGB", (w * fine, h * fine), paper)
        self.draw = ImageDraw.Draw(self.image)

    def __enter__(self) -> Pen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.window[:] = np.asarray(self.image.reduce(self.fine) if self.fine > 1 else self.image)

    def landmark(self, x: float, y: float, name: str) -> None:
        """Note that one of LANDMARKS stands at (x, y); outside the page there is nothing to note."""
        if 0 <= x < self.size[0] and 0 <= y < self.size[1]:
            self.landmarks.append((x, y, LANDMARK_EM, LANDMARK + LANDMARKS.index(name)))

    def polygon(
        self, points: Sequence[Point], fill: Colour | None, edge: Colour | None = None, thick: float = 1
    ) -> None:
        fine = self._fine(points)
        if fill is not None:
            self.draw.polygon(fine, fill=fill)
        if edge is not None:
            self.draw.line([*fine, fine[0], fine[1]], fill=edge, width=self._width(thick), joint="curve")

    def rectangle(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: Colour | None,
        edge: Colour | None = None,
        *,
        thick: float = 1,
        radius: float = 0,
    ) -> None:
        """A rectangle from top left to bottom right, its corners rounded by `radius`."""
        (a, b), (c, d) = self._fine(((x0, y0), (max(x1, x0 + 1), max(y1, y0 + 1))))
        width = self._width(thick) if edge is not None else 0
        if radius > 0:
            self.draw.rounded_rectangle((a, b, c - 1, d - 1), radius * self.fine, fill, edge, width)
        else:
            self.draw.rectangle((a, b, c - 1, d - 1), fill, edge, width)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Colour | None,
        edge: Colour | None = None,
        thick: float = 1,
    ) -> None:
        """An ellipse around (x, y) with the half axes rx and ry."""
        (a, b), (c, d) = self._fine(((x - rx, y - ry), (x + rx, y + ry)))
        self.draw.ellipse(
            (a, b, max(c, a + 1), max(d, b + 1)), fill, edge, self._width(thick) if edge is not None else 0
        )

    def slice(
        self, x: float, y: float, r: float, start: float, end: float, fill: Colour, edge: Colour | None = None
    ) -> None:
        """A slice of a disc, in degrees clockwise from three o'clock."""
        (a, b), (c, d) = self._fine(((x - r, y - r), (x + r, y + r)))
        self.draw.pieslice((a, b, c, d), start, end, fill, edge, self.fine if edge is not None else 0)

    def arc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        start: float,
        end: float,
        ink: Colour,
        thick: float = 1,
    ) -> None:
        """Part of an ellipse's outline, in degrees clockwise from three o'clock."""
        (a, b), (c, d) = self._fine(((x - rx, y - ry), (x + rx, y + ry)))
        self.draw.arc((a, b, max(c, a + 1), max(d, b + 1)), start, end, ink, self._width(thick))

    def line(
        self,
        points: Sequence[Point],
        ink: Colour,
        thick: float = 1,
        *,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A stroke through the points; `dash` is (pixels on, pixels off)."""
        if dash is None:
            self.draw.line(self._fine(points), fill=ink, width=self._width(thick), joint="curve")
            return
        for a, b in _dashes(points, *dash):
            self.draw.line(self._fine((a, b)), fill=ink, width=self._width(thick))

    def arrow(
        self,
        start: Point,
        end: Point,
        ink: Colour,
        thick: float = 2,
        *,
        head: float = 9,
        both: bool = False,
        bend: float = 0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """An arrow with a filled head; `bend` bows it sideways by that share of its length."""
        points = bowed(start, end, bend)
        length = math.dist(start, end)
        head = min(head, length * 0.5)
        tips = [(points[-1], points[-2])] + ([(points[0], points[1])] if both else [])
        if length > head:
            points = [points[0], *points[1:-1], _towards(points[-1], points[-2], head * 0.7)]
        self.line(points, ink, thick, dash=dash)
        for tip, behind in tips:
            back = _towards(tip, behind, head)
            dx, dy = (tip[0] - back[0]) * 0.45, (tip[1] - back[1]) * 0.45
            self.polygon([tip, (back[0] - dy, back[1] + dx), (back[0] + dy, back[1] - dx)], ink)
            across, down = (("right", "left")[dx < 0], ("down", "up")[dy < 0])
            self.landmark(*tip, f"arrow {across if abs(dx) > abs(dy) else down}")

    def _width(self, thick: float) -> int:
        return max(1, round(thick * self.fine))

    def _fine(self, points: Sequence[Point]) -> list[Point]:
        return [((x - self.left) * self.fine, (y - self.top) * self.fine) for x, y in points]


def bowed(start: Point, end: Point, bend: float) -> list[Point]:
    """The points of a stroke from start to end, straight or along a parabola."""
    if not bend:
        return [start, end]
    (x0, y0), (x1, y1) = start, end
    steps = [i / 12 for i in range(13)]
    return [
        (
            x0 + (x1 - x0) * t - (y1 - y0) * bend * 4 * t * (1 - t),
            y0 + (y1 - y0) * t + (x1 - x0) * bend * 4 * t * (1 - t),
        )
        for t in steps
    ]


def write_upright(canvas: Canvas, x: float, y: float, text: str, print_: Print, ink: Colour) -> None:
    """One line of text that reads upwards: x is the left side of the line, y the lower end of its first letter."""
    baseline, pen = round(x) + print_.ascent, y
    for character in text:
        glyph = print_.glyph(character)
        h, w = glyph.mask.shape
        if h:
            left, top = baseline + glyph.top, round(pen) - glyph.left - w
            if left < 0 or top < 0 or left + h > canvas.width or top + w > canvas.height:
                canvas.clipped = True
            else:
                canvas.stain(left, top, np.rot90(glyph.mask), ink)
                canvas.glyphs.append((left + h / 2, top + w / 2, print_.size, ord(character)))
        pen -= glyph.advance
    piece = Piece(text, x, x + print_.height, pen, print_.size)
    canvas._record(-len(canvas.glyphs), piece)  # a line of its own


def centred(canvas: Canvas, x: float, y: float, text: str, print_: Print, ink: Colour) -> None:
    """Text with its middle at (x, y)."""
    canvas.write(x - print_.width(text) / 2, y - print_.height / 2, text, print_, ink)


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = math.dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * length / whole, start[1] + (end[1] - start[1]) * length / whole


def _dashes(points: Sequence[Point], on: float, off: float) -> list[tuple[Point, Point]]:
    pieces, place = [], 0.0  # place in the pattern, carried over corners
    for a, b in itertools.pairwise(points):
        length, done = math.dist(a, b), 0.0
        while done < length:
            left = (on - place) if place < on else (on + off - place)
            step = min(left, length - done)
            if place < on:
                pieces.append((_towards(a, b, done), _towards(a, b, done + step)))
            done += step
            place = (place + step) % (on + off)
            if step <= 0:
                break
    return pieces
