"""What charts and diagrams share: their place on the page, their print, their paper."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.pen import write_upright
from minimax_vl.synthetic.sheet import Sheet

Box = tuple[float, float, float, float]  # left, top, right, bottom
UPWARDS = (
    "Which title reads upwards?",
    "What does the title that reads upwards say?",
    "Read the upright title.",
)
LARGEST = (900.0, 760.0)  # width and height beyond which a figure does not grow with its page


@dataclass
class Type:
    """The prints of one figure."""

    tick: Print
    label: Print
    title: Print


def figure_type(sheet: Sheet, box: Box) -> Type:
    """Prints that suit the size of a figure: 10 pixels and more, never so large that nothing fits."""
    rng = sheet.rng
    short = min(box[2] - box[0], box[3] - box[1])
    wanted = sheet.body.size * rng.uniform(0.85, 1.1) if sheet.chance(0.5) else rng.uniform(14, 30)
    size = max(11, round(max(short / 48, min(wanted, short / rng.uniform(17, 24) + 2, 30))))
    face = sheet.fonts.pick(rng, mono=0.03)
    bold = sheet.fonts.bolder(face)
    heavy = bold if sheet.chance(0.6) else face
    tick = sheet.fonts.print(face, max(11, round(size * rng.uniform(0.85, 1.0))))
    title = sheet.fonts.print(heavy, min(round(size * rng.uniform(1.1, 1.5)), 40))
    return Type(tick, sheet.fonts.print(bold if sheet.chance(0.4) else face, size), title)


def write_up(sheet: Sheet, x: float, middle: float, title: str, print_: Print) -> None:
    """The title of an axis, reading upwards, around the height `middle`; training asks for it by its look too."""
    write_upright(sheet.canvas, x, middle + print_.width(title) / 2, title, print_, sheet.ink)
    sheet.facts.teach(title, UPWARDS)


def white_paper(sheet: Sheet) -> None:
    """Most figures stand on white, whatever the pages of print around them have."""
    rng, canvas = sheet.rng, sheet.canvas
    if sheet.chance(0.6):
        dark, grey = rng.randint(0, 60), rng.randint(60, 160)
        canvas.paper = sheet.paper = (255, 255, 255)
        sheet.ink = (dark, dark, dark)
        sheet.line = sheet.ink if sheet.chance(0.5) else (grey, grey, grey)
        canvas.fill(0, 0, canvas.width, canvas.height, sheet.paper)


def place(sheet: Sheet) -> Box:
    """A box for one figure, with margins."""
    rng, canvas = sheet.rng, sheet.canvas
    w, h = canvas.width, canvas.height
    wide = min(w * rng.uniform(0.9, 0.98), LARGEST[0] * rng.uniform(0.8, 1.1))
    high = min(h * rng.uniform(0.9, 0.98), LARGEST[1] * rng.uniform(0.8, 1.1), wide * rng.uniform(0.75, 1.6))
    if high < h * 0.9 and w < 1.3 * wide and sheet.chance(0.5):
        high = min(h * 0.95, wide * 1.4)
    wide = min(wide, high * 2.4)
    x, y = rng.uniform(0.3, 0.7) * (w - wide), rng.uniform(0.2, 0.8) * (h - high)
    return x, y, x + wide, y + high
