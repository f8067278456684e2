"""Drawn things with lines from their parts to names or letters."""

from __future__ import annotations

import math
from itertools import pairwise

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons, vocab
from minimax_vl.synthetic.diagrams.drawings import DRAWINGS, Spots
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import BRIGHT, shade
from minimax_vl.synthetic.pen import Pen, Point
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

LETTER = (
    "Which letter marks the {name}?",
    "Which letter points to the {name}?",
    "What letter is the {name}?",
)
STANDS = (
    "What does the letter {letter} stand for?",
    "What does {letter} represent?",
    "Which part is labeled {letter}?",
    "What part does {letter} point to?",
)


def _machine(sheet: Sheet, pen: Pen, x: float, y: float, r: float) -> tuple[Spots, dict[str, str]]:
    """A thing that does not exist: coloured parts with invented names; returns also the colour of each part."""
    rng = sheet.rng
    count = rng.randint(3, 6)
    names, hues = vocab.invented(sheet, count), rng.sample(BRIGHT, count)
    cells = rng.sample([(dx, dy) for dx in (-0.6, 0, 0.6) for dy in (-0.6, 0, 0.6)], count)
    for (dx, dy), (ex, ey) in pairwise(cells):
        pen.line(((x + dx * r, y + dy * r), (x + ex * r, y + ey * r)), sheet.ink, 2)
    for (dx, dy), hue in zip(cells, hues, strict=True):
        paint, s = shade(rng, hue, sheet.fonts.split), r * rng.uniform(0.18, 0.26)
        px, py = x + dx * r, y + dy * r
        rng.choice((pen.ellipse, lambda a, b, c, d, *rest: pen.rectangle(a - c, b - d, a + c, b + d, *rest)))(
            px, py, s, s, paint, sheet.ink
        )
    return dict(zip(names, cells, strict=True)), dict(zip(names, hues, strict=True))


def parts(sheet: Sheet, box: Box) -> bool:
    """One thing in the middle, labels left and right of it; False when they do not fit."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    label = figure_type(sheet, box).label
    x0, y0, x1, y1 = box
    thing = rng.choice(("machine", "machine", *DRAWINGS))
    lettered = thing != "machine" and sheet.chance(0.45)
    longest = (
        label.width("A")
        if lettered
        else label.width("Magma chamber" if thing in ("volcano", "cell") else "Optic nerve")
    )
    r = min((x1 - x0) / 2 - longest - 22, (y1 - y0) / 2 * 0.95)
    if r < 4 * label.height:
        return False
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    hues: dict[str, str] = {}
    with Pen(canvas, box, paper=sheet.paper) as pen:
        if thing == "machine":
            spots, hues = _machine(sheet, pen, cx, cy, r)
        else:
            paint = shade(
                rng,
                rng.choice(("red", "blue", "green", "orange", "purple", "brown", "pink")),
                sheet.fonts.split,
            )
            spots = DRAWINGS[thing](pen, cx, cy, r, paint)
            keep = rng.sample(sorted(spots), rng.randint(min(3, len(spots)), len(spots)))
            spots = {name: spots[name] for name in keep}
        lines = _arrange(spots, cx, cy, r, label.height * 1.25)
        for spot, end in lines.values():
            pen.line((spot, end), sheet.ink, 1.3)
            if thing == "machine" or lettered:
                pen.ellipse(*spot, 2.5, 2.5, sheet.ink)
    order = sorted(lines, key=lambda name: (lines[name][1][0] > cx, lines[name][1][1]))
    marks = {name: chr(65 + i) if lettered else name for i, name in enumerate(order)}
    for name, (_, (ex, ey)) in lines.items():
        text = marks[name]
        x = ex + 5 if ex > cx else ex - 5 - label.width(text)
        if x < x0 - 8 or x + label.width(text) > x1 + 8:
            canvas.clipped = True
        canvas.write(x, ey - label.height / 2, text, label, sheet.ink)
    if lettered:
        _ask_letters(sheet, marks, thing)
        pairs = [(marks[name], name.lower()) for name in order]
        lessons.listed(sheet, pairs, ("What do the letters stand for?", "List the letters and their parts."))
    else:
        _ask_names(sheet, list(spots), hues, thing)
        facts.teach("; ".join(order), ("List the labels.", "Which parts are labeled?"), whole=not hues)
        if hues:
            colored = [(name, hues[name]) for name in order]
            lessons.listed(sheet, colored, ("What color is each part?", "List the parts and their colors."))
    seen = numbered([marks[name] for name in order])
    facts.think(
        facts.ask(str(len(spots)), ("How many parts are labeled?", "How many labels are there?")), seen
    )
    ask_choice(
        sheet,
        "How many parts are labeled?",
        str(len(spots)),
        numbers_near(sheet, len(spots), least=1),
        thought=seen,
    )
    what = "an object" if thing == "machine" else f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"
    if thing != "machine":
        facts.ask(thing, ("What is shown in the diagram?", "Which thing is drawn?"))
        ask_choice(
            sheet,
            "What does the diagram show?",
            f"The parts of {what}",
            [f"The parts of {'an' if t[0] in 'aeiou' else 'a'} {t}" for t in DRAWINGS if t != thing],
        )
    facts.caption = f"A diagram of {what} with {len(spots)} labeled parts."
    return True


def _arrange(spots: Spots, cx: float, cy: float, r: float, step: float) -> dict[str, tuple[Point, Point]]:
    """For every part its point on the page and where its line ends, labels a line's height apart on each side."""
    lines: dict[str, tuple[Point, Point]] = {}
    for side in (-1, 1):
        # Of parts in one row the outer one is first: the line of the inner one then ends lower, clear of it.
        group = [(dy, -side * dx, name) for name, (dx, dy) in spots.items() if (dx >= 0) == (side > 0)]
        last = -math.inf
        for dy, _, name in sorted(group):
            y = max(cy + dy * r, last + step)
            dx = spots[name][0]
            lines[name] = ((cx + dx * r, cy + dy * r), (cx + side * r * 1.03, y))
            last = y
    return lines


def _ask_letters(sheet: Sheet, marks: dict[str, str], thing: str) -> None:
    rng = sheet.rng
    for name in rng.sample(sorted(marks), min(4, len(marks))):
        wrong = [other for other in marks if other != name]
        sheet.facts.ask(marks[name], LETTER, name=name.lower())
        sheet.facts.ask(name.lower(), STANDS, letter=marks[name])
        ask_choice(sheet, rng.choice(STANDS).format(letter=marks[name]), name, wrong)
        ask_choice(
            sheet,
            rng.choice(LETTER).format(name=name.lower()),
            marks[name],
            [marks[other] for other in wrong],
        )
    absent = chr(65 + len(marks) + rng.randint(0, 3))
    sheet.facts.ask(NOT_THERE, STANDS, letter=absent)


def _ask_names(sheet: Sheet, names: list[str], hues: dict[str, str], thing: str) -> None:
    rng, facts = sheet.rng, sheet.facts
    for name, hue in hues.items():
        facts.ask(
            name,
            ("What is the name of the {hue} part?", "Which part is {hue}?", "What is the {hue} part called?"),
            hue=hue,
        )
        facts.ask(hue, ("What color is {name}?", "What color is the part {name}?"), name=name)
        if sheet.chance(0.6):
            ask_choice(sheet, f"What is the name of the {hue} part?", name, [n for n in names if n != name])
    printed = " ".join(names) if facts.teaching else ""
    other = [
        part for drawing, part in _OTHERS if drawing != thing and part not in names and part not in printed
    ]
    for name in rng.sample(names, min(2, len(names))):
        forms = (
            "Which of these parts is labeled?",
            "Which of these is shown in the diagram?",
            "Which part is labeled in the picture?",
        )
        ask_choice(sheet, rng.choice(forms), name, rng.sample(other, 5))
        facts.ask("yes", ("Is the {name} labeled?", "Is there a label for {name}?"), name=name.lower())
    facts.ask(
        "no", ("Is the {name} labeled?", "Is there a label for {name}?"), name=rng.choice(other).lower()
    )


_OTHERS = tuple(
    pair.split(":") for pair in
    "flower:Petal flower:Stem flower:Root tree:Trunk tree:Crown fish:Fin fish:Gill cell:Nucleus cell:Vacuole "
    "volcano:Crater volcano:Vent insect:Thorax insect:Abdomen eye:Lens eye:Retina eye:Iris".split()
)  # fmt: skip
