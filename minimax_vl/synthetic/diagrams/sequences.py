"""Cycles and flows: names in an order that the arrows tell."""

from __future__ import annotations

import math
from itertools import pairwise

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons, vocab
from minimax_vl.synthetic.diagrams.nodes import (
    Node,
    ask_colors,
    draw_nodes,
    inside,
    join,
    node,
    overlap,
    style,
    write_nodes,
)  # fmt: skip
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

AFTER = (
    "What comes after {name}?",
    "What follows {name}?",
    "Which {step} comes right after {name}?",
    "What is the next {step} after {name}?",
)
BEFORE = ("What comes before {name}?", "Which {step} comes right before {name}?", "What leads to {name}?")
BETWEEN = ("What is between {one} and {other}?", "Which {step} lies between {one} and {other}?")
HOW_MANY = (
    "How many {step}s are shown?",
    "How many {step}s are there?",
    "How many {step}s does the diagram have?",
)
TITLE = ("What is the title of the diagram?", "What is the title?", "What does the diagram show?")
POINTS_TO = ("What does the arrow from {name} point to?", "Where does the arrow from {name} lead?")


def cycle(sheet: Sheet, box: Box) -> bool:
    """Names around a ring; False when they do not fit."""
    rng = sheet.rng
    real = sheet.chance(0.6)
    title, names = (
        vocab.cycle(sheet) if real else ("", vocab.invented(sheet, rng.randint(3, sheet.most(4, 7))))
    )
    title = title or (sheet.values.title(1, 2) + " cycle" if sheet.chance(0.4) else "")
    type_ = figure_type(sheet, box)
    style_ = style(sheet, type_.label)
    x0, y0, x1, y1 = box
    shown = bool(title) and sheet.chance(0.6) and type_.title.width(title) < x1 - x0
    top = y0 + type_.title.height * 1.4 if shown else y0
    turn, way = rng.choice((-90.0, -90.0, rng.uniform(0, 360))), 1 if sheet.chance(0.8) else -1
    wide = max(style_.print_.width(name) for name in names) / 2 + 12
    rx, ry = (x1 - x0) / 2 - wide, (y1 - top) / 2 - style_.print_.height * 1.2
    places = [math.radians(turn + way * 360 * i / len(names)) for i in range(len(names))]
    cx, cy = (x0 + x1) / 2, (top + y1) / 2
    nodes = [
        node(sheet, style_, name, cx + rx * math.cos(a), cy + ry * math.sin(a))
        for name, a in zip(names, places, strict=True)
    ]
    if min(rx, ry) < 2.2 * style_.print_.height or overlap(nodes, 18) or not inside(nodes, (x0, top, x1, y1)):
        return False
    bend = -0.13 * way if sheet.chance(0.5) else 0
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        for i, n in enumerate(nodes):
            join(pen, n, nodes[(i + 1) % len(nodes)], style_, bend=bend)
        inks = draw_nodes(sheet, pen, nodes, style_)
    if shown:
        centred(sheet.canvas, (x0 + x1) / 2, y0 + type_.title.height / 2, title, type_.title, sheet.ink)
    write_nodes(sheet, nodes, style_, inks)
    _ask(sheet, nodes, "stage", ring=True)
    _teach_ring(sheet, nodes)
    sheet.facts.ask(title if shown else NOT_THERE, TITLE[: 2 if not shown else 3])
    about = (f" of the {title}" if real else f" titled {title}") if shown else ""
    sheet.facts.caption = f"A diagram{about} with {len(nodes)} stages in a circle."
    return True


def flow(sheet: Sheet, box: Box) -> bool:
    """Steps in a row, in a column or in a snake; False when they do not fit."""
    rng = sheet.rng
    title, names = (
        vocab.flow(sheet)
        if sheet.chance(0.55)
        else ("", vocab.invented(sheet, rng.randint(3, sheet.most(4, 8))))
    )
    type_ = figure_type(sheet, box)
    style_ = style(sheet, type_.label)
    x0, y0, x1, y1 = box
    shown = bool(title) and sheet.chance(0.5) and type_.title.width(title) < x1 - x0
    top = y0 + type_.title.height * 1.5 if shown else y0
    per_row = rng.choice((1, 1, len(names), 2, 3, 4))
    rows = -(-len(names) // per_row)
    nodes: list[Node] = []
    for i, name in enumerate(names):
        row, column = divmod(i, per_row)
        if row % 2:
            column = per_row - 1 - column  # a snake: the next row runs back
        x = x0 + (x1 - x0) * (column + 0.5) / per_row
        nodes.append(node(sheet, style_, name, x, top + (y1 - top) * (row + 0.5) / rows))
    if overlap(nodes, 22) or not inside(nodes, (x0, top, x1, y1)):
        return False
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        for one, other in pairwise(nodes):
            join(pen, one, other, style_)
        inks = draw_nodes(sheet, pen, nodes, style_)
    if shown:
        centred(sheet.canvas, (x0 + x1) / 2, y0 + type_.title.height / 2, title, type_.title, sheet.ink)
    write_nodes(sheet, nodes, style_, inks)
    _ask(sheet, nodes, "step", ring=False)
    lessons.arrows(sheet, names, list(pairwise(range(len(names)))))
    lessons.in_order(sheet, names, "step")
    if not shown:
        sheet.facts.ask(NOT_THERE, TITLE[:2])
    else:
        sheet.facts.ask(title, TITLE)
    about = f" of {title}" if shown else ""
    sheet.facts.caption = f"A flow chart{about} with {len(nodes)} steps from {names[0]} to {names[-1]}."
    return True


def _teach_ring(sheet: Sheet, nodes: list[Node]) -> None:
    names = _from_top(nodes)
    lessons.arrows(sheet, names, [(i, (i + 1) % len(names)) for i in range(len(names))])
    lessons.in_order(sheet, names, "stage")


def _from_top(nodes: list[Node]) -> list[str]:
    """The stages of a ring from the topmost one on, as the arrows run."""
    first = min(range(len(nodes)), key=lambda i: (round(nodes[i].y), nodes[i].x))
    return [n.name for n in (*nodes[first:], *nodes[:first])]


def _ask(sheet: Sheet, nodes: list[Node], step: str, *, ring: bool) -> None:
    rng, facts = sheet.rng, sheet.facts
    names = [n.name for n in nodes]
    count, counted = len(names), numbered(_from_top(nodes) if ring else names)
    pairs = [(i, (i + 1) % count) for i in range(count if ring else count - 1)]
    for i, j in rng.sample(pairs, min(4, len(pairs))):
        facts.ask(names[j], AFTER if rng.random() < 0.75 else POINTS_TO, name=names[i], step=step)
    for i, j in rng.sample(pairs, min(2, len(pairs))):
        facts.ask(names[i], BEFORE, name=names[j], step=step)
    if count > 3:
        i = rng.randrange(count if ring else count - 2)
        asked = facts.ask(
            names[(i + 1) % count], BETWEEN, one=names[i], other=names[(i + 2) % count], step=step
        )
        if ring and count == 4:  # the one on the other side lies between them as well
            facts.doubt(asked)
    facts.think(facts.ask(str(count), HOW_MANY, step=step), counted)
    if not ring:
        facts.ask(names[0], ("What is the first {step}?", "Which {step} comes first?"), step=step)
        facts.ask(names[-1], ("What is the last {step}?", "Which {step} comes last?"), step=step)
        if sheet.chance(0.3):
            facts.ask(NOT_THERE, AFTER, name=names[-1], step=step)
    for i, j in rng.sample(pairs, min(3, len(pairs))):
        form = rng.choice((*AFTER, "What does {name} turn into?" if ring else "Where does {name} lead?"))
        ask_choice(
            sheet,
            form.format(name=names[i], step=step),
            names[j],
            [n for n in names if n not in (names[i], names[j])],
        )
    i, j = rng.choice(pairs)
    ask_choice(
        sheet,
        rng.choice(BEFORE).format(name=names[j], step=step),
        names[i],
        [n for n in names if n not in (names[i], names[j])],
    )
    ask_choice(
        sheet,
        rng.choice(HOW_MANY).format(step=step),
        str(count),
        numbers_near(sheet, count, least=1),
        thought=counted,
    )
    if not ring:
        ask_choice(sheet, f"Which is the last {step}?", names[-1], names[:-1])
        ask_choice(sheet, f"Which {step} comes first?", names[0], names[1:])
    ask_colors(sheet, nodes, "box")
