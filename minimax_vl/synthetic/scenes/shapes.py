"""Coloured shapes on a plain ground: what they are, how many, how large, and how they lie to each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.palette import BRIGHT, names, shade
from minimax_vl.synthetic.pen import Pen, Point
from minimax_vl.synthetic.scenes import lessons, words
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered, repeats

SHAPES = ("circle", "square", "triangle", "rectangle", "star", "diamond", "oval", "hexagon", "heart", "cross")
WHERE = ("Where is the {thing}?", "In which part of the picture is the {thing}?")
RELATIVE = ("Where is the {one} relative to the {other}?", "Where does the {one} lie, seen from the {other}?")
SIDES = {"left": "left of", "right": "right of", "above": "above", "below": "below"}
OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above"}
FAR = {
    "left": ("What is on the far left?", "Which shape is furthest left?"),
    "right": ("What is on the far right?", "Which shape is furthest right?"),
    "above": ("What is at the top?", "Which shape is highest?"),
    "below": ("What is at the bottom?", "Which shape is lowest?"),
}


@dataclass(frozen=True)
class Item:
    """A shape in the picture."""

    shape: str
    color: str
    size: str  # "small", "large", or "" when all are alike
    x: float
    y: float
    r: float  # half its height

    @property
    def name(self) -> str:
        return f"{self.color} {self.shape}"

    @property
    def full(self) -> str:
        return f"{self.size} {self.name}".strip()


def shapes(sheet: Sheet) -> None:
    """One to ten shapes, apart from each other."""
    rng, canvas = sheet.rng, sheet.canvas
    ground = _ground(sheet)
    items = _place(sheet, ground)
    edge = sheet.ink if sheet.chance(0.2) else None
    paints = {color: shade(rng, color, sheet.fonts.split) for color in sorted({i.color for i in items})}
    with Pen(canvas, paper=canvas.paper) as pen:
        for item in items:
            draw_shape(pen, item.shape, item.x, item.y, item.r, paints[item.color], edge)
    _ask_attributes(sheet, items, ground)
    _ask_relations(sheet, items)
    _teach(sheet, items)
    sheet.facts.caption = caption(sheet, items)


def draw_shape(
    pen: Pen, shape: str, x: float, y: float, r: float, fill: Colour, edge: Colour | None = None
) -> None:
    """A shape of half height r around (x, y)."""
    pen.landmark(x, y, shape)
    if shape == "circle":
        pen.ellipse(x, y, r, r, fill, edge)
    elif shape == "oval":
        pen.ellipse(x, y, r, r * 0.6, fill, edge)
    elif shape == "square":
        pen.rectangle(x - r * 0.9, y - r * 0.9, x + r * 0.9, y + r * 0.9, fill, edge)
    elif shape == "rectangle":
        pen.rectangle(x - r, y - r * 0.55, x + r, y + r * 0.55, fill, edge)
    else:
        pen.polygon([(x + r * px, y + r * py) for px, py in _outline(shape)], fill, edge)


def _outline(shape: str) -> list[Point]:
    if shape == "triangle":
        return [(0, -1), (1, 0.9), (-1, 0.9)]
    if shape == "diamond":
        return [(0, -1), (0.7, 0), (0, 1), (-0.7, 0)]
    if shape == "cross":
        a = 0.33
        return [
            (-a, -1),
            (a, -1),
            (a, -a),
            (1, -a),
            (1, a),
            (a, a),
            (a, 1),
            (-a, 1),
            (-a, a),
            (-1, a),
            (-1, -a),
            (-a, -a),
        ]
    if shape == "hexagon":
        return [(math.cos(k * math.pi / 3), math.sin(k * math.pi / 3)) for k in range(6)]
    if shape == "star":
        return [
            (
                math.sin(k * math.pi / 5) * (1 if k % 2 == 0 else 0.42),
                -math.cos(k * math.pi / 5) * (1 if k % 2 == 0 else 0.42),
            )
            for k in range(10)
        ]
    turns = [k * math.tau / 24 for k in range(24)]  # a heart
    return [
        (
            math.sin(t) ** 3,
            -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17,
        )
        for t in turns
    ]


def _ground(sheet: Sheet) -> str:
    """The name of the background's colour; the whole page is filled with it."""
    rng, canvas = sheet.rng, sheet.canvas
    name = "white" if sheet.chance(0.6) else rng.choice(("gray", "black", *BRIGHT))
    canvas.paper = sheet.paper = shade(rng, name, sheet.fonts.split)
    canvas.fill(0, 0, canvas.width, canvas.height, sheet.paper)
    sheet.ink = (20, 20, 20) if name != "black" else (230, 230, 230)
    return name


def _place(sheet: Sheet, ground: str) -> list[Item]:
    rng, canvas = sheet.rng, sheet.canvas
    h, w = canvas.height, canvas.width
    short = min(h, w)
    most = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10)) if sheet.level > 0.3 else rng.randint(1, 4)
    # A ground of a bright colour takes away that colour and those like it.
    colors = [
        c for c in names(rng, 5, among=(*BRIGHT, "black", "gray")) if c != ground and not _alike(c, ground)
    ]
    kinds = rng.sample(SHAPES, rng.randint(1, 4))
    sized = sheet.chance(0.5)
    base = short * rng.uniform(0.09, 0.13 if most > 5 else 0.17)
    if sized:
        base *= 0.75
    items: list[Item] = []
    for _ in range(most * 12):
        size = rng.choice(("small", "large")) if sized else ""
        r = base * (1.75 if size == "large" else 0.75 if size == "small" else 1.0)
        x, y = rng.uniform(1.2 * r, w - 1.2 * r), rng.uniform(1.2 * r, h - 1.2 * r)
        if all(math.dist((x, y), (o.x, o.y)) > 1.45 * (r + o.r) for o in items):
            items.append(Item(rng.choice(kinds), rng.choice(colors), size, x, y, r))
        if len(items) == most:
            break
    return items


def _alike(one: str, other: str) -> bool:
    from minimax_vl.synthetic.palette import ALIKE

    return any({one, other} <= pair for pair in ALIKE)


def _ask_attributes(sheet: Sheet, items: list[Item], ground: str) -> None:
    rng, facts = sheet.rng, sheet.facts
    by_shape, by_color = Counter(i.shape for i in items), Counter(i.color for i in items)
    by_name = Counter(i.name for i in items)
    order = [items[k] for k in lessons.seen_order(sheet, [(item.full, item.x, item.y) for item in items])]

    def seen(counts: Callable[[Item], bool], sized: bool = False) -> list[str] | None:
        return [at(i, i.full if sized else i.name) for i in order if counts(i)] if order else None

    def at(item: Item, what: str) -> str:
        return lessons.pointed(sheet, what, item.x, item.y)

    words.ask_count(sheet, len(items), rng.choice(("shape", "object", "thing")), seen(lambda _: True))
    for shape, count in rng.sample(sorted(by_shape.items()), min(3, len(by_shape))):
        words.ask_count(sheet, count, shape, seen(lambda i, shape=shape: i.shape == shape))
        if count == 1:
            words.ask_color(sheet, shape, next(i.color for i in items if i.shape == shape))
    for color, count in rng.sample(sorted(by_color.items()), min(3, len(by_color))):
        noun = f"{color} {rng.choice(('shape', 'object'))}"
        words.ask_count(sheet, count, noun, seen(lambda i, color=color: i.color == color))
        if count == 1:
            item = next(i for i in items if i.color == color)
            facts.ask(item.shape, ("What shape is {color}?", "Which shape is the {color} one?"), color=color)
    for name, count in rng.sample(sorted(by_name.items()), min(2, len(by_name))):
        words.ask_count(sheet, count, name, seen(lambda i, name=name: i.name == name))
    absent = [s for s in SHAPES if s not in by_shape]
    if sheet.chance(0.4):
        words.ask_count(sheet, 0, rng.choice(absent), [])
    words.ask_presence(
        sheet, sorted(by_name), [f"{c} {s}" for c in BRIGHT for s in SHAPES if f"{c} {s}" not in by_name]
    )
    words.ask_in_vain(sheet, absent)
    facts.ask(ground, ("What color is the background?", "Which color is the background?"))
    asked = facts.ask(
        str(len(by_color)),
        ("How many different colors do the shapes have?", "How many colors do the shapes have?"),
    )
    # Of each colour the first shape that has it.
    first = {i.color: i for i in reversed(order)}
    facts.think(asked, numbered([at(i, i.color) for i in order if i is first[i.color]]) if order else "")
    if len(items) > 1 and order:
        told = [at(i, i.name) for i in order]
        facts.caption_thought = numbered(told, repeats([i.name for i in order]))
    sized = Counter(i.size for i in items if i.size)
    for size, count in sorted(sized.items()):
        noun = f"{size} {rng.choice(('shape', 'object'))}"
        asked = [words.ask_count(sheet, count, noun, seen(lambda i, size=size: i.size == size, sized=True))]
        if count == 1:
            item = next(i for i in items if i.size == size)
            word = "largest" if size == "large" else "smallest"
            asked.append(facts.ask(item.name, (f"What is the {word} shape?", f"Which object is the {word}?")))
        if not both_sizes(items):
            for question in asked:
                facts.doubt(question)
    unique = [i for i in items if by_name[i.name] == 1]
    for item in rng.sample(unique, min(2, len(unique))):
        if item.size and len(sized) == 2:
            facts.ask(
                item.size, ("Is the {thing} small or large?", "What size is the {thing}?"), thing=item.name
            )
        facts.ask(zone(sheet, item.x, item.y), WHERE, thing=item.name)


def zone(sheet: Sheet, x: float, y: float) -> str:
    """One of nine parts of the picture; '' near a border between two."""
    share = []
    for at, length, words_ in (
        (y, sheet.canvas.height, ("top", "middle", "bottom")),
        (x, sheet.canvas.width, ("left", "center", "right")),
    ):
        place = at / length
        if min(abs(place - 1 / 3), abs(place - 2 / 3)) < 0.05:
            return ""
        share.append(words_[int(place * 3)])
    row, column = share
    if row == "middle":
        return "center" if column == "center" else column
    return row if column == "center" else f"{row} {column}"


def side(one: Item, other: Item) -> str:
    """On which side of `other` lies `one`: clearly so, or ''."""
    dx, dy = one.x - other.x, one.y - other.y
    reach = one.r + other.r
    if abs(dx) > 1.6 * abs(dy) and abs(dx) > reach:
        return "left" if dx < 0 else "right"
    if abs(dy) > 1.6 * abs(dx) and abs(dy) > reach:
        return "above" if dy < 0 else "below"
    return ""


def _ask_relations(sheet: Sheet, items: list[Item]) -> None:
    rng, facts = sheet.rng, sheet.facts
    by_name = Counter(i.name for i in items)
    unique = [i for i in items if by_name[i.name] == 1]
    pairs = [(a, b) for a in unique for b in unique if a is not b and side(a, b)]
    for a, b in rng.sample(pairs, min(5, len(pairs))):
        where = side(a, b)
        facts.ask(where, RELATIVE, one=a.name, other=b.name)
        told = where if rng.random() < 0.5 else OPPOSITE[where]
        if rng.random() < 0.5:
            forms = ("Is the {one} {side} the {other}?",)
            facts.ask("yes" if told == where else "no", forms, one=a.name, other=b.name, side=SIDES[told])
        else:
            words.ask_truth(sheet, f"The {a.name} is {SIDES[told]} the {b.name}", told == where)
    for where, forms in FAR.items():
        ordered = sorted(items, key=lambda i: i.x if where in ("left", "right") else i.y)
        first, second = (ordered[0], ordered[1]) if len(items) > 1 else (items[0], None)
        if where in ("right", "below") and second is not None:
            first, second = ordered[-1], ordered[-2]
        if second is None:
            continue
        gap = abs(first.x - second.x) if where in ("left", "right") else abs(first.y - second.y)
        if gap > 0.6 * (first.r + second.r) and sheet.chance(0.5):
            facts.ask(first.name, forms)
    name, count = rng.choice(sorted(by_name.items()))
    told_count = count if rng.random() < 0.5 else count + rng.choice((-1, 1, 2))
    if told_count > 0:
        be = "is" if told_count == 1 else "are"
        words.ask_truth(
            sheet,
            f"There {be} exactly {words.number(told_count)} {words.plural(name) if told_count > 1 else name}",
            told_count == count,
        )
    if not pairs and len(items) > 1:
        facts.ask(NOT_THERE, ("Where is the {thing}?",), thing=f"{rng.choice(BRIGHT)} moon")


def _teach(sheet: Sheet, items: list[Item]) -> None:
    """Everything, with sizes where both are to be seen."""
    named = [item.full if both_sizes(items) else item.name for item in items]
    places = [(name, item.x, item.y) for name, item in zip(named, items, strict=True)]
    lessons.spread(sheet, places, [zone(sheet, item.x, item.y) for item in items])
    lessons.counted(sheet, (item.shape for item in items), (item.color for item in items))


def both_sizes(items: list[Item]) -> bool:
    """Whether small and large ones are in the picture: one size alone cannot be told."""
    return len({item.size for item in items}) > 1


def caption(sheet: Sheet, items: list[Item]) -> str:
    """Two shapes by their relation, more of them by their number."""
    if len(items) == 2 and items[0].full != items[1].full:
        one, other = items
        where = side(one, other)
        if where in ("right", "below"):
            one, other, where = other, one, {"right": "left", "below": "above"}[where]
        here, there = (one.full, other.full) if both_sizes(items) else (one.name, other.name)
        if where:
            return words.sentence(f"{words.article(here)} {SIDES[where]} {words.article(there)}")
    groups: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda i: i.x):
        groups.setdefault(item.name, []).append(item)
    listed = [
        words.several(len(g), name)
        for name, g in sorted(groups.items(), key=lambda g: (-len(g[1]), g[1][0].x))
    ]
    return words.sentence(words.joined(listed))
