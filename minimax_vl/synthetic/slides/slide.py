"""Which slide or notice is drawn: the one public way to draw any of them."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.slides import (
    boards,
    cards,
    closing,
    doors,
    menu,
    paths,
    pictures,
    poster,
    talks,
    timetable,
)
from minimax_vl.synthetic.slides.look import Look

# design: how it is drawn, which returns whether it found room, and how often among a hundred or so
DESIGNS: dict[str, tuple[Callable[[Look], bool], int]] = {
    "cover": (talks.cover, 7),
    "bullets": (talks.bullets, 10),
    "agenda": (talks.agenda, 6),
    "columns": (talks.columns, 6),
    "quotation": (closing.quotation, 4),
    "thanks": (closing.thanks, 4),
    "picture": (pictures.picture, 5),
    "table": (boards.table, 6),
    "figures": (boards.figures, 7),
    "timeline": (paths.timeline, 6),
    "process": (paths.process, 6),
    "comparison": (boards.comparison, 5),
    "poster": (poster.poster, 7),
    "menu": (menu.menu, 8),
    "hours": (doors.hours, 5),
    "timetable": (timetable.timetable, 6),
    "badge": (cards.badge, 5),
    "business card": (cards.business_card, 6),
}


def draw(sheet: Sheet) -> None:
    """A slide of a talk, or a notice, that fills the page."""
    names, shares = list(DESIGNS), [share for _, share in DESIGNS.values()]
    sheet.facts.kind = "slide"
    if not DESIGNS[sheet.rng.choices(names, shares)[0]][0](Look(sheet)):
        sheet.canvas.clipped = True  # the page lacks what did not fit, and is to be drawn again
