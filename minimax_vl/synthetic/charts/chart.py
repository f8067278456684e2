"""A page with a chart: which kind, where on the page, and what goes below it."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.charts.bars import bars, grouped, histogram
from minimax_vl.synthetic.charts.curves import curves
from minimax_vl.synthetic.charts.lines import lines
from minimax_vl.synthetic.charts.pies import pie
from minimax_vl.synthetic.charts.points import dots, scatter
from minimax_vl.synthetic.figure import Box, place, white_paper
from minimax_vl.synthetic.sheet import Sheet

Draw = Callable[[Sheet, Box], bool]
# how a chart is drawn, and how often among a hundred
DRAWS: tuple[tuple[Draw, int], ...] = (
    (bars, 34),
    (grouped, 14),
    (histogram, 6),
    (lines, 22),
    (pie, 14),
    (scatter, 4),
    (dots, 2),
    (curves, 4),
)


def draw(sheet: Sheet) -> None:
    """Draw one chart and its questions; a page much larger than a figure keeps the rest empty."""
    rng, canvas = sheet.rng, sheet.canvas
    sheet.facts.lines, sheet.facts.kind = False, "chart"
    white_paper(sheet)
    for _ in range(12):
        kind = rng.choices([d for d, _ in DRAWS], [share for _, share in DRAWS])[0]
        if kind(sheet, place(sheet)):
            return
    canvas.clipped = True  # nothing fitted: the page is drawn again
