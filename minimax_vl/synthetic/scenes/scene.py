"""A page with a scene: which kind it is."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.scenes import dials, tableaux
from minimax_vl.synthetic.scenes.boxes import boxes
from minimax_vl.synthetic.scenes.garden import garden
from minimax_vl.synthetic.scenes.shapes import shapes
from minimax_vl.synthetic.sheet import Sheet

# how a scene is drawn, and how often among a hundred
DRAWS: tuple[tuple[Callable[[Sheet], None], int], ...] = (
    (shapes, 34),
    (boxes, 16),
    (garden, 10),
    (tableaux.table, 8),
    (tableaux.shelf, 10),
    (tableaux.field, 4),
    (dials.clock, 5),
    (dials.dice, 4),
    (dials.thermometer, 3),
    (dials.lights, 2),
    (dials.faces, 2),
    (dials.flag, 2),
)


def draw(sheet: Sheet) -> None:
    """Draw one scene and its questions; it fills the page and bears little print or none."""
    sheet.facts.lines, sheet.facts.kind = False, "drawing"
    if sum(sheet.paper) < 330:  # the dark pages of print: things are drawn in colours that need light
        sheet.paper, sheet.ink = (245, 245, 245), (20, 20, 20)
    kind = sheet.rng.choices([d for d, _ in DRAWS], [share for _, share in DRAWS])[0]
    kind(sheet)
