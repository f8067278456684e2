"""What training asks about a scene besides: everything in it, in reading order, and what lies where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered, spot

COUNTED = ("Count everything {way}.", "Number everything {way}.")
ALL = ("List everything.", "List everything {way}.", "Name everything in the picture {way}.")
PLACES = ("Where is everything?", "List everything and where it is.")
KINDS = ("Count each kind of thing.", "How many are there of each kind?")
COLORS = ("Count the things by color.", "How many are there of each color?")
BEYOND = {
    "left": ("What lies further left than the {thing}?", "List what is further left than the {thing}."),
    "right": ("What lies further right than the {thing}?", "List what is further right than the {thing}."),
    "above": ("What lies higher than the {thing}?", "List what is higher than the {thing}."),
    "below": ("What lies lower than the {thing}?", "List what is lower than the {thing}."),
}
NOTHING = "nothing"
APART = 0.01  # of the shorter side: things closer than this along a way stand in no order that one could tell
Place = tuple[str, float, float]  # what it is, and its middle


def everything(sheet: Sheet, names: Sequence[str], way: str = "from left to right") -> None:
    """All things in the order `way`, also with their numbers: a count is where these end."""
    sheet.facts.teach("; ".join(names), ALL[1:] if way != "from left to right" else ALL, whole=True, way=way)
    sheet.facts.teach(numbered(names), COUNTED, whole=True, way=way)


def in_order(named: Sequence[tuple[str, float]], apart: float) -> bool:
    """Whether things, by name and place in rising order, stand in an order that one sees; alike ones may be level."""
    return all(one == other or b - a >= apart for (one, a), (other, b) in pairwise(named))


def listed(
    sheet: Sheet, pairs: Iterable[tuple[str, object]], forms: tuple[str, ...], *, whole: bool = True
) -> None:
    """ "trees: 2; clouds: 0"."""
    sheet.facts.teach("; ".join(f"{name}: {value}" for name, value in pairs), forms, whole=whole)


def counted(sheet: Sheet, kinds: Iterable[str], colors: Iterable[str]) -> None:
    """How many of each kind and of each colour, in the order of the alphabet."""
    for words, forms in ((kinds, KINDS), (colors, COLORS)):
        listed(sheet, sorted(Counter(words).items()), forms, whole=False)


def seen_order(sheet: Sheet, placed: Sequence[Place]) -> list[int]:
    """Numbers of things from left to right, or from top to bottom; [] where neither order can be told."""
    apart = APART * min(sheet.canvas.width, sheet.canvas.height)
    for axis in (0, 1):
        at = [(name, place[axis]) for name, *place in placed]
        order = sorted(range(len(placed)), key=lambda i: at[i][1])
        if in_order([at[i] for i in order], apart):
            return order
    return []


def pointed(sheet: Sheet, name: str, x: float, y: float) -> str:
    """ "c7 red ball": a thing with its middle (x, y), behind where it lies."""
    return f"{spot(x / sheet.canvas.width, y / sheet.canvas.height)} {name}".rstrip()


def met(sheet: Sheet, placed: Iterable[Place]) -> str:
    """ "1 b2 red, 2 e1 blue": things with their numbers, column by column, each from the top; or "none"."""
    seen = [(pointed(sheet, *place), place[2]) for place in placed]
    by_column = sorted(seen, key=lambda one: (one[0][0], one[1]))
    return numbered([told for told, _ in by_column], between=", ")


def spread(sheet: Sheet, placed: Sequence[Place], zones: Sequence[str]) -> None:
    """Things that lie anywhere: by their places from left to right and downwards, and seen from one of them.

    zones: the part of the picture that each lies in, '' where two parts meet.
    """
    facts, rng = sheet.facts, sheet.rng
    if not facts.teaching or not placed:
        return
    across, down = (sorted(range(len(placed)), key=lambda i: placed[i][axis]) for axis in (1, 2))
    apart = APART * min(sheet.canvas.width, sheet.canvas.height)
    if in_order([(placed[i][0], placed[i][1]) for i in across], apart):
        everything(sheet, [placed[i][0] for i in across])
    if in_order([(placed[i][0], placed[i][2]) for i in down], apart):
        everything(sheet, [placed[i][0] for i in down], "from top to bottom")
    if all(zones):
        listed(sheet, [(placed[i][0], zones[i]) for i in across], PLACES)
    seen = Counter(name for name, *_ in placed)
    alone = [i for i in across if seen[placed[i][0]] == 1]
    for i in rng.sample(alone, min(3, len(alone))):
        way = rng.choice(tuple(BEYOND))
        axis, order = (0, across) if way in ("left", "right") else (1, down)
        at = order.index(i)
        beyond = order[:at] if way in ("left", "above") else order[at + 1 :]
        around = [(placed[k][0], placed[k][1:][axis]) for k in order[max(at - 1, 0) : at + 2]]
        if in_order(around, apart):
            facts.teach("; ".join(placed[k][0] for k in beyond) or NOTHING, BEYOND[way], thing=placed[i][0])
