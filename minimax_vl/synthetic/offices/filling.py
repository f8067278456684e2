"""What is filled into forms beside labelled boxes: marked check boxes, and typed answers to numbered questions."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic import names
from minimax_vl.synthetic.facts import CHECKED
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.prose import sentence, wrap
from minimax_vl.synthetic.sheet import Sheet

CHOICES = (
    "To give a 10-day notice of change|To correct a deficiency in|Initial Statement|Supplemental Statement for|"
    "Other purpose (specify)|To give notice of change in an exhibit|Renewal|First application|Change of address|"
    "Final report|Individual|Partnership|Corporation|Association|United States|Foreign government|Exempt|Attached|"
    "Not applicable|Amended return"
).split("|")


def choices(sheet: Sheet, x0: float, x1: float, y: float, body: Print, typed: Print) -> float:
    """A sentence and check boxes with their meanings below each other or in two columns."""
    rng, canvas = sheet.rng, sheet.canvas
    side, step = max(round(body.size * 0.8), 9), round(body.height * rng.uniform(1.05, 1.7))
    lead = wrap(sentence(sheet).split(), body, x1 - x0)[:1]
    canvas.write(x0, y, lead[0] if lead else "Check one:", body, sheet.ink)
    y += step
    columns, place = rng.choice((1, 1, 2)), 0
    mark = rng.choice(("X", "X", "x", "tick", "fill"))
    for _ in range(rng.randint(2, 6)):
        name = (
            rng.choice(CHOICES) if sheet.chance(0.5) else f"{names.word(rng)} {names.word(rng)}".capitalize()
        )
        x = (
            x0
            + 12
            + (x1 - x0) / columns * (place % columns)
            + (20 if sheet.chance(0.2) and columns == 1 else 0)
        )
        end = x0 + (x1 - x0) / columns * (place % columns + 1)
        fits = y + step <= canvas.height * 0.94 and x + side + 8 + body.width(name) <= end
        if not fits or not sheet.free(name):
            continue
        checked, top = sheet.chance(0.45), y + body.ascent - side
        canvas.box(x, top, x + side, top + side, sheet.ink)
        if checked:
            _mark(sheet, x, top, side, mark, typed)
        canvas.write(x + side + 6, y, name, body, sheet.ink)
        sheet.facts.ask("yes" if checked else "no", CHECKED, name=f"'{name}'" if sheet.chance(0.5) else name)
        place += 1
        y += step if place % columns == 0 else 0
    return y + step


def _mark(sheet: Sheet, x: float, top: float, side: int, mark: str, typed: Print) -> None:
    """A typed or drawn mark in a box; drawn, not written, since it is no letter to read."""
    canvas, ink = sheet.canvas, sheet.ink
    if mark == "fill":
        canvas.fill(x + 2, top + 2, x + side - 2, top + side - 2, ink)
        return
    cover = np.zeros((side + 4, side + 4), dtype=np.uint8)
    for i in range(2 * side):
        t = i / (2 * side)
        if mark in "Xx":
            r, left, right = int(2 + t * side), int(2 + t * side), int(1 + side - t * side)
            cover[r : r + 2, left : left + 2] = cover[r : r + 2, right : right + 2] = 255
        else:
            r = int(2 + side * (0.5 + t)) if t < 0.35 else int(2 + side * (0.85 - (t - 0.35) * 1.3))
            c = int(2 + t * side)
            cover[max(r, 0) : r + 2, c : c + 2] = 255
    canvas.stain(x - 2, top - 2, cover, ink)


def answer(sheet: Sheet, x0: float, x1: float, y: float, body: Print, typed: Print) -> float:
    """A numbered question, and a typed answer of one to three lines."""
    rng, canvas = sheet.rng, sheet.canvas
    number = rng.randint(3, 25)
    lead = wrap(sentence(sheet).split(), body, x1 - x0 - 30)[:1]
    if not lead:
        return y
    canvas.rule(x0, x1, y, sheet.ink) if sheet.chance(0.5) else None
    canvas.write(x0, y + 3, f"{number}. {lead[0]}", body, sheet.ink)
    y += body.height * 1.4
    lines = wrap(" ".join(sentence(sheet) for _ in range(rng.randint(1, 2))).split(), typed, (x1 - x0) * 0.9)[
        : rng.randint(1, 3)
    ]
    for line in lines:
        if y + typed.height > canvas.height * 0.94:
            return y
        canvas.write(x0 + 16, y, line, typed, sheet.ink)
        y += typed.height
    text = " ".join(lines)
    sheet.facts.ask(
        text,
        ("What is the answer to item {number}?", "What is typed under item {number}?"),
        number=str(number),
    )
    return y + body.height
