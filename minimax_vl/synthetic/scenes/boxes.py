"""Three grey boxes with small shapes or towers of blocks in them, and statements that hold or do not.

The layout follows what is published of NLVR (boxes 100 units wide, items of 10, 20 or 30 units); the statements are
composed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.pen import Pen
from minimax_vl.synthetic.scenes import lessons, words
from minimax_vl.synthetic.scenes.shapes import draw_shape
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import listed, numbered

COLORS: dict[str, tuple[Colour, Colour]] = {  # of training, of the held-out split
    "yellow": ((255, 255, 0), (250, 235, 40)),
    "blue": ((0, 153, 255), (20, 130, 235)),
    "black": ((0, 0, 0), (20, 20, 20)),
}
KINDS = ("circle", "square", "triangle")
SIDE = 100  # units of a box's side
CLOSE = 4  # units from a wall within which one cannot tell for sure that a thing does not touch it
ACROSS, DOWN = ("left", "middle", "right"), ("top", "middle", "bottom")


@dataclass(frozen=True)
class Block:
    color: str
    kind: str
    x: int  # of its left side, 0..SIDE
    y: int
    size: int

    def touches(self, wall: str) -> bool:
        return self._far(wall, 0) <= 0

    def plain(self, wall: str) -> bool:
        """Whether one sees that it touches a wall, or that it does not."""
        # Triangles are drawn a little less high than they are said to be.
        far = self._far(wall, 0.05 * self.size if self.kind == "triangle" else 0)
        return far <= 0 or far >= CLOSE

    def _far(self, wall: str, raised: float) -> float:
        far = {
            "left": self.x,
            "top": self.y,
            "right": SIDE - self.x - self.size,
            "bottom": SIDE - self.y - self.size + raised,
        }
        return min(far.values()) if wall == "any" else far[wall]


Box = list[Block]


class Claim(NamedTuple):
    """A statement about the boxes, whether it holds, and whether one sees for sure that it does."""

    statement: str
    truth: bool
    sure: bool = True


def boxes(sheet: Sheet) -> None:
    """The strip of three boxes, as wide as the page allows, and claims about it."""
    rng, canvas = sheet.rng, sheet.canvas
    canvas.paper = sheet.paper = (255, 255, 255) if sheet.chance(0.8) else sheet.paper
    canvas.fill(0, 0, canvas.width, canvas.height, sheet.paper)
    towers = sheet.chance(0.45)
    content = [_tower(sheet) if towers else _scatter(sheet) for _ in range(3)]
    down = canvas.height > 1.6 * canvas.width  # boxes below each other on a tall page
    unit = (
        min((canvas.height if down else canvas.width) / 4.05, canvas.width if down else canvas.height) / SIDE
    )
    unit *= rng.uniform(0.85, 1.0)
    gap = unit * 45
    length = 3 * SIDE * unit + 2 * gap
    along = ((canvas.height if down else canvas.width) - length) / 2
    across = ((canvas.width if down else canvas.height) - SIDE * unit) * rng.uniform(0.1, 0.9)
    grey = rng.randint(200, 222)
    shades = {name: pair[sheet.fonts.split == "heldout"] for name, pair in COLORS.items()}
    seen: list[str] = []  # of each box, one thing after the other
    for number, box in enumerate(content):
        start = along + number * (SIDE * unit + gap)
        x0, y0 = (across, start) if down else (start, across)
        placed: list[lessons.Place] = []
        with Pen(canvas, (x0, y0, x0 + SIDE * unit, y0 + SIDE * unit), paper=(grey, grey, grey)) as pen:
            for block in box:
                r = block.size * unit / 2
                x, y = x0 + block.x * unit + r, y0 + block.y * unit + r
                placed.append((block.color, x, y))
                if block.kind == "square":
                    pen.rectangle(x - r, y - r, x + r, y + r, shades[block.color])
                    pen.landmark(x, y, "square")
                else:
                    draw_shape(pen, block.kind, x, y, r, shades[block.color])
        seen.append(lessons.met(sheet, placed))
    places = DOWN if down else ACROSS
    _ask(sheet, content, towers, places)
    sheet.facts.caption_thought = listed(places, seen)


def _tower(sheet: Sheet) -> Box:
    count = sheet.rng.randint(1, 4)
    return [Block(sheet.rng.choice(tuple(COLORS)), "square", 40, 80 - 21 * i, 20) for i in range(count)]


def _scatter(sheet: Sheet) -> Box:
    rng, box = sheet.rng, []
    most = rng.randint(1, sheet.most(4, 8))
    for _ in range(most * 6):
        size = rng.choice((10, 20, 30))
        x, y = (
            rng.choice((0, SIDE - size)) if rng.random() < 0.15 else rng.randint(CLOSE, SIDE - size - CLOSE)
            for _ in "xy"
        )
        if all(
            x + size < o.x - 2 or o.x + o.size < x - 2 or y + size < o.y - 2 or o.y + o.size < y - 2
            for o in box
        ):
            box.append(Block(rng.choice(tuple(COLORS)), rng.choice(KINDS), x, y, size))
        if len(box) == most:
            break
    return box


def _ask(sheet: Sheet, content: list[Box], towers: bool, places: tuple[str, ...]) -> None:
    rng, facts = sheet.rng, sheet.facts
    told = [_in_order(box, towers) for box in content]
    laid_out = listed(places, [", ".join(row) for row in told]) if all(told) else ""
    claims: list[Callable[[], Claim]] = [
        lambda: _some_box(sheet, content, towers),
        lambda: _items(sheet, content, towers),
    ]
    makers = (
        [*claims, lambda: _tops(sheet, content)] if towers else [*claims, lambda: _touching(sheet, content)]
    )
    for number in range(9):
        wanted = number % 2 == 0  # as many true ones as false ones
        for _ in range(6):
            statement, truth, sure = rng.choice(makers)()
            if truth == wanted:
                question = words.ask_truth(sheet, statement, truth)
                facts.think(question, laid_out)
                if not sure:
                    facts.doubt(question)
                break
    thing = "block" if towers else rng.choice(("item", "object", "shape"))

    def count(noun: str, counts: Callable[[Block], bool]) -> None:
        found = [sum(map(counts, box)) for box in content]
        facts.think(words.ask_count(sheet, sum(found), noun), listed(places, found))

    count(thing, lambda _: True)
    facts.ask("3", words.COUNT, things="towers" if towers else "boxes")
    for name, box, row in zip(places, content, told, strict=True):
        holder = "tower" if towers else "box"
        forms = (
            "How many {things} are in the {name} {holder}?",
            "How many {things} does the {name} {holder} have?",
        )
        asked = facts.ask(str(len(box)), forms, things=words.plural(thing), name=name, holder=holder)
        facts.think(asked, numbered(row) if row else "")
        if towers:
            facts.ask(box[-1].color, ("What color is the top block of the {name} tower?",), name=name)
            facts.ask(box[0].color, ("What color is the base of the {name} tower?",), name=name)
    _teach(sheet, content, towers, places)
    for color in COLORS:
        count(f"{color} {thing}", lambda block, color=color: block.color == color)
    if not towers:
        for kind in KINDS:
            count(kind, lambda block, kind=kind: block.kind == kind)
    sizes = [words.number(len(box)) for box in content]
    what = "Three towers of" if towers else "Three boxes with"
    facts.caption = f"{what} {words.joined(sizes)} {'blocks' if towers else 'shapes'}."


def _teach(sheet: Sheet, content: list[Box], towers: bool, places: tuple[str, ...]) -> None:
    """What is in each box: towers from the base up, shapes from left to right."""
    facts = sheet.facts
    holder, way = ("tower", "from the base to the top") if towers else ("box", "from left to right")
    counts = ", ".join(str(len(box)) for box in content)
    facts.teach(counts, (f"How many are in each {holder}?", f"Count the things in each {holder}."))
    for name, box in zip(places, content, strict=True):
        if told := _in_order(box, towers):
            facts.teach("; ".join(told), (f"List the {name} {holder} {way}.",), whole=True)
            facts.teach(numbered(told), (f"Count along the {name} {holder} {way}.",))
    everything = [block for box in content for block in box]
    lessons.counted(sheet, (block.kind for block in everything), (block.color for block in everything))


def _in_order(box: Box, towers: bool) -> list[str]:
    """A tower from the base up, a box from left to right; [] where one does not see which comes first."""
    ordered = box if towers else sorted(box, key=lambda block: block.x + block.size / 2)
    told = [block.color if towers else f"{block.color} {block.kind}" for block in ordered]
    middles = [(what, block.x + block.size / 2) for what, block in zip(told, ordered, strict=True)]
    return told if towers or lessons.in_order(middles, CLOSE / 2) else []


def _quantity(sheet: Sheet, actual: int) -> tuple[str, Callable[[int], bool], int]:
    """("exactly", test, number): a bound near the truth, so that counting decides."""
    number = max(1, actual + sheet.rng.choice((0, 0, 0, -1, 1, 1)))
    word = sheet.rng.choice(("exactly", "exactly", "at least", "only"))
    return word, (lambda n: n >= number) if word == "at least" else (lambda n: n == number), number


def _items(sheet: Sheet, content: list[Box], towers: bool) -> Claim:
    """There are exactly three yellow circles."""
    rng = sheet.rng
    color = rng.choice(tuple(COLORS))
    kind = "" if towers or rng.random() < 0.5 else rng.choice(KINDS)
    found = sum(b.color == color and kind in ("", b.kind) for box in content for b in box)
    word, test, number = _quantity(sheet, found)
    noun = f"{color} {kind or ('block' if towers else rng.choice(('item', 'object')))}"
    count = rng.choice((str(number), words.number(number)))
    nouns = noun if number == 1 else words.plural(noun)
    return Claim(f"There {'is' if number == 1 else 'are'} {word} {count} {nouns}", test(found))


def _some_box(sheet: Sheet, content: list[Box], towers: bool) -> Claim:
    """There is a box with ..., or exactly one, or at least two."""
    rng = sheet.rng
    holder = "tower" if towers else "box"
    one, other = rng.sample(tuple(COLORS), 2)
    thing = "block" if towers else rng.choice(("item", "object"))
    some = rng.choice([box for box in content if box])
    word, test, number = _quantity(sheet, sum(b.color == one for b in some))
    things = f"{one} {thing if number == 1 else words.plural(thing)}"
    count = rng.choice((str(number), words.number(number)))
    some_things = thing if len(some) == 1 else words.plural(thing)
    checks: list[tuple[str, Callable[[Box], bool]]] = [
        (f"{_of_some(word)} {count} {things}", lambda box: test(sum(b.color == one for b in box))),
        (f"only {one} {words.plural(thing)}", lambda box: {b.color for b in box} == {one}),
        (f"{words.plural(thing)} of only {one} and {other} color", lambda box: {b.color for b in box} == {one, other}),
        (f"{words.plural(thing)} of all three colors", lambda box: len({b.color for b in box}) == 3),
        (f"{words.plural(thing)} of the same color", lambda box: len({b.color for b in box}) == 1 and len(box) > 1),
        (f"no {one} {thing}", lambda box: all(b.color != one for b in box)),
        (f"exactly {words.number(len(some))} {some_things}", lambda box: len(box) == len(some)),
    ]  # fmt: skip
    if not towers:
        kind, second = rng.sample(KINDS, 2)
        checks += [
            (f"a {one} {kind}", lambda box: any(b.color == one and b.kind == kind for b in box)),
            (
                f"a {one} {kind} and a {other} {second}",
                lambda box: (
                    any(b.color == one and b.kind == kind for b in box)
                    and any(b.color == other and b.kind == second for b in box)
                ),
            ),
            (f"only {words.plural(kind)}", lambda box: {b.kind for b in box} == {kind}),
        ]
    text, check = rng.choice(checks)
    found = sum(check(box) for box in content)
    form = rng.random()
    if form < 0.6:
        return Claim(f"There is a {holder} with {text}", found > 0)
    if form < 0.8:
        return Claim(f"There is exactly one {holder} with {text}", found == 1)
    return Claim(f"There are at least two {words.plural(holder)} with {text}", found >= 2)


def _of_some(word: str) -> str:
    """A box "with only two blue items" may hold others or may not; one with exactly two may."""
    return "exactly" if word == "only" else word


def _tops(sheet: Sheet, content: list[Box]) -> Claim:
    """What lies on top, at the base, or above what in a tower."""
    rng = sheet.rng
    one, other = rng.choice(tuple(COLORS)), rng.choice(tuple(COLORS))
    count = rng.choice(content)
    checks: list[tuple[str, Callable[[Box], bool]]] = [
        (f"a {one} block at the top", lambda box: box[-1].color == one),
        (f"a {one} block at the base", lambda box: box[0].color == one),
        (f"a {one} block above a {other} block", lambda box: _above(box, one, other)),
        (f"exactly {words.number(len(count))} blocks and a {one} top" if len(count) > 1
         else f"nothing but one {one} block", lambda box: len(box) == len(count) and box[-1].color == one),
    ]  # fmt: skip
    text, check = rng.choice(checks)
    found = sum(check(box) for box in content)
    if rng.random() < 0.6:
        return Claim(f"There is a tower with {text}", found > 0)
    number = rng.randint(1, 2)
    if number == 1:
        return Claim(f"There is exactly one tower with {text}", found == 1)
    return Claim(f"There are exactly two towers with {text}", found == 2)


def _above(box: Box, one: str, other: str) -> bool:
    return any(
        box[j].color == one and box[i].color == other for i in range(len(box)) for j in range(i + 1, len(box))
    )


def _touching(sheet: Sheet, content: list[Box]) -> Claim:
    """What touches a wall of its box."""
    rng = sheet.rng
    color = rng.choice((*COLORS, ""))
    kind = rng.choice((*KINDS, "item", "object"))
    wall = rng.choice(("any", "any", "top", "bottom", "left", "right"))
    meant = [
        b for box in content for b in box if color in ("", b.color) and kind in (b.kind, "item", "object")
    ]
    found, sure = sum(b.touches(wall) for b in meant), all(b.plain(wall) for b in meant)
    noun = f"{color} {kind}".strip()
    where = (
        rng.choice(("the wall", "the edge", "the edge of a box")) if wall == "any" else f"the {wall} of a box"
    )
    if rng.random() < 0.5:
        how = rng.choice(("", "closely "))
        return Claim(f"There is {words.article(noun)} {how}touching {where}", found > 0, sure)
    word, test, number = _quantity(sheet, found)
    nouns = noun if number == 1 else words.plural(noun)
    be = "is" if number == 1 else "are"
    return Claim(f"There {be} {word} {words.number(number)} {nouns} touching {where}", test(found), sure)
