"""Named boxes and what joins them: the parts that flows, cycles, webs and trees are drawn with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.palette import BRIGHT, readable_on, shade
from minimax_vl.synthetic.pen import Pen, Point, centred
from minimax_vl.synthetic.sheet import Sheet

STYLES = ("box", "box", "round", "oval", "plain", "plain")


@dataclass
class Node:
    """A name at a place; `half` is half the width and height of what is drawn around it."""

    name: str
    x: float
    y: float
    half: Point
    color: str = ""
    level: int = 0

    def edge(self, towards: Node) -> Point:
        """Where a line to another node leaves this one."""
        dx, dy = towards.x - self.x, towards.y - self.y
        if not dx and not dy:
            return self.x, self.y
        w, h = self.half[0] + 3, self.half[1] + 3
        share = min(w / abs(dx) if dx else math.inf, h / abs(dy) if dy else math.inf)
        return self.x + dx * share, self.y + dy * share


@dataclass
class Style:
    """How all nodes of one diagram look."""

    shape: str
    print_: Print
    fill: Colour
    edge: Colour
    arrow: Colour
    thick: float
    colored: bool  # whether every node has a colour of its own, by name


def style(sheet: Sheet, print_: Print) -> Style:
    rng = sheet.rng
    pale = (rng.randint(215, 250), rng.randint(215, 250), rng.randint(215, 250))
    arrow = (
        sheet.ink
        if sheet.chance(0.6)
        else shade(rng, rng.choice(("red", "blue", "green")), sheet.fonts.split)
    )
    shape = rng.choice(STYLES)
    colored = shape != "plain" and sheet.chance(0.3)
    fill = pale if sheet.chance(0.6) and sum(sheet.paper) > 380 else sheet.paper
    return Style(shape, print_, fill, sheet.ink, arrow, rng.uniform(1.2, 2.6), colored)


def node(sheet: Sheet, style_: Style, name: str, x: float, y: float) -> Node:
    """A node as large as its name asks for."""
    w, h = style_.print_.width(name) / 2, style_.print_.height / 2
    grow = {"plain": (2.0, 1.0), "oval": (w * 0.3 + 8, h * 0.5 + 3)}.get(style_.shape, (9.0, 6.0))
    color = sheet.rng.choice(BRIGHT) if style_.colored else ""
    return Node(name, x, y, (w + grow[0], h + grow[1]), color)


def overlap(nodes: Sequence[Node], gap: float = 6) -> bool:
    """Whether any two nodes touch."""
    return any(
        abs(a.x - b.x) < a.half[0] + b.half[0] + gap and abs(a.y - b.y) < a.half[1] + b.half[1] + gap
        for i, a in enumerate(nodes)
        for b in nodes[i + 1 :]
    )


def inside(nodes: Sequence[Node], box: tuple[float, float, float, float]) -> bool:
    x0, y0, x1, y1 = box
    return all(
        n.x - n.half[0] >= x0 and n.x + n.half[0] <= x1 and n.y - n.half[1] >= y0 and n.y + n.half[1] <= y1
        for n in nodes
    )


def draw_nodes(sheet: Sheet, pen: Pen, nodes: Sequence[Node], style_: Style) -> dict[str, Colour]:
    """Draw what lies around the names; returns the ink of each name."""
    inks = {}
    for n in nodes:
        fill = shade(sheet.rng, n.color, sheet.fonts.split) if n.color else style_.fill
        inks[n.name] = sheet.ink if style_.shape == "plain" else readable_on(fill)
        (w, h), edge = n.half, style_.edge
        if style_.shape == "oval":
            pen.ellipse(n.x, n.y, w, h, fill, edge, 1.5)
        elif style_.shape != "plain":
            radius = h * 0.6 if style_.shape == "round" else 0
            pen.rectangle(n.x - w, n.y - h, n.x + w, n.y + h, fill, edge, thick=1.5, radius=radius)
    return inks


def write_nodes(sheet: Sheet, nodes: Sequence[Node], style_: Style, inks: dict[str, Colour]) -> None:
    for n in nodes:
        centred(sheet.canvas, n.x, n.y, n.name, style_.print_, inks[n.name])


def join(pen: Pen, one: Node, other: Node, style_: Style, *, bend: float = 0, dash: bool = False) -> None:
    """An arrow from the border of one node to that of the other."""
    pen.arrow(
        one.edge(other), other.edge(one), style_.arrow, style_.thick,
        head=6 + style_.thick * 2.5, bend=bend, dash=(6, 4) if dash else None,
    )  # fmt: skip


def ask_colors(sheet: Sheet, nodes: Sequence[Node], thing: str) -> None:
    """The colour of a box, where boxes have one."""
    for n in nodes[:3]:
        if n.color:
            forms = ("What color is the {thing} {name}?", "Which color does {name} have?")
            sheet.facts.ask(n.color, forms, thing=thing, name=n.name)
