"""A page with a diagram: which kind, and where on the page."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.diagrams.layers import layers
from minimax_vl.synthetic.diagrams.parts import parts
from minimax_vl.synthetic.diagrams.physics import circuit, forces, triangle
from minimax_vl.synthetic.diagrams.sequences import cycle, flow
from minimax_vl.synthetic.diagrams.trees import tree, venn
from minimax_vl.synthetic.diagrams.webs import chain, web
from minimax_vl.synthetic.figure import Box, place, white_paper
from minimax_vl.synthetic.sheet import Sheet

# how a diagram is drawn, and how often among a hundred
DRAWS: tuple[tuple[Callable[[Sheet, Box], bool], int], ...] = (
    (web, 20),
    (chain, 8),
    (cycle, 16),
    (flow, 14),
    (parts, 16),
    (layers, 8),
    (tree, 7),
    (venn, 3),
    (forces, 3),
    (circuit, 3),
    (triangle, 2),
)


def draw(sheet: Sheet) -> None:
    """Draw one diagram and its questions, open ones and four-choice ones."""
    sheet.facts.lines, sheet.facts.kind = False, "diagram"
    white_paper(sheet)
    kinds = sheet.rng.choices([d for d, _ in DRAWS], [share for _, share in DRAWS], k=4)
    for kind in kinds:
        for _ in range(6):  # other names, other print: what did not fit may fit now
            if kind(sheet, place(sheet)):
                return
    sheet.canvas.clipped = True  # nothing fitted: the page is drawn again
