"""Cross sections: layers on top of each other, or shells around a core."""

from __future__ import annotations

from minimax_vl.synthetic.choices import ask_choice, numbers_near
from minimax_vl.synthetic.diagrams import lessons, vocab
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import BRIGHT, readable_on, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

NEXT = {
    "below": (
        "Which layer is directly below {name}?",
        "What lies right below {name}?",
        "What is right under {name}?",
    ),
    "above": (
        "Which layer is directly above {name}?",
        "What lies right above {name}?",
        "What is right on top of {name}?",
    ),
    "inside": ("Which layer is directly inside {name}?", "What comes after {name} towards the center?"),
    "outside": ("Which layer is directly outside {name}?", "What directly surrounds {name}?"),
}
COUNT = ("How many layers are shown?", "How many layers are there?", "How many layers does the diagram have?")


def layers(sheet: Sheet, box: Box) -> bool:
    """Three to six layers with names in them or beside them; False when they do not fit."""
    rng, canvas = sheet.rng, sheet.canvas
    real = sheet.chance(0.6)
    title, names = vocab.layers(sheet) if real else ("", vocab.invented(sheet, rng.randint(3, 6)))
    shells = sheet.chance(0.5) if not real or "Earth" in title or "Sun" in title else False
    type_ = figure_type(sheet, box)
    label = type_.label
    x0, y0, x1, y1 = box
    shown = bool(title) and sheet.chance(0.5) and type_.title.width(title) < x1 - x0
    top = y0 + type_.title.height * 1.5 if shown else y0
    widest, count = max(map(label.width, names)), len(names)
    # Letters hide the names; one must know them, and nobody knows the order of rocks.
    lettered = sheet.chance(0.2) and real and title != "rock layers"
    marks = [chr(65 + i) for i in range(count)] if lettered else names
    hues = rng.sample(BRIGHT, count)
    paints = [shade(rng, hue, sheet.fonts.split) for hue in hues]
    weights = [rng.uniform(0.7, 1.6) for _ in names]
    if not shells:
        high = [(y1 - top) * w / sum(weights) for w in weights]
        beside = sheet.chance(0.4)
        right = x1 - widest - 34 if beside else x1
        if min(high) < label.height * 1.05 or (right - x0 < (60 if beside else widest + 12)):
            return False
        middles, y = [], top
        with Pen(canvas, box, paper=sheet.paper) as pen:
            for part, paint in zip(high, paints, strict=True):
                pen.rectangle(x0, y, right, y + part, paint, sheet.ink)
                if beside:
                    pen.line(((right - 12, y + part / 2), (right + 22, y + part / 2)), sheet.ink, 1.2)
                middles.append(y + part / 2)
                y += part
        for mark, y, paint in zip(marks, middles, paints, strict=True):
            if beside:
                canvas.write(right + 27, y - label.height / 2, mark, label, sheet.ink)
            else:
                centred(canvas, (x0 + right) / 2, y, mark, label, readable_on(paint))
    else:
        right = x1 - widest - 24
        r = min((right - x0) / 2, (y1 - top) / 2)
        if r < label.height * count * 0.8:
            return False
        cx, cy = x0 + r, (top + y1) / 2
        radii = [r * (1 - i / count) for i in range(count)]
        with Pen(canvas, box, paper=sheet.paper) as pen:
            for radius, paint in zip(radii, paints, strict=True):
                pen.ellipse(cx, cy, radius, radius, paint, sheet.ink, 1.2)
            for i, radius in enumerate(radii):
                y = cy - r + (2 * i + 1) * r / count
                inner = radii[i + 1] if i + 1 < count else 0.0
                spot = (
                    (cx + (radius + inner) / 2 * 0.7, cy - (radius + inner) / 2 * 0.7)
                    if i + 1 < count
                    else (cx, cy)
                )
                pen.line((spot, (cx + r + 10, y)), sheet.ink, 1.2)
                pen.ellipse(*spot, 2.5, 2.5, sheet.ink)
        for i, mark in enumerate(marks):
            canvas.write(
                cx + r + 14, cy - r + (2 * i + 1) * r / count - label.height / 2, mark, label, sheet.ink
            )
    if shown:
        centred(canvas, (x0 + x1) / 2, y0 + type_.title.height / 2, title, type_.title, sheet.ink)
    _ask(sheet, names, marks, hues, shells, titled=shown)
    if not shells:
        _ask_thickness(sheet, marks, weights)
    sheet.facts.ask(
        title if shown else NOT_THERE, ("What is the title of the diagram?", "What is the title?")
    )
    about = f" of the {title}" if shown else ""
    sheet.facts.caption = f"A cross section{about} with {count} layers."
    return True


def _ask(
    sheet: Sheet, names: list[str], marks: list[str], hues: list[str], shells: bool, *, titled: bool
) -> None:
    rng, facts = sheet.rng, sheet.facts
    down, up = ("inside", "outside") if shells else ("below", "above")
    for i in rng.sample(range(len(marks) - 1), min(3, len(marks) - 1)):
        facts.ask(marks[i + 1], NEXT[down], name=marks[i])
        facts.ask(marks[i], NEXT[up], name=marks[i + 1])
        wrong = [m for m in marks if m not in (marks[i], marks[i + 1])]
        ask_choice(sheet, rng.choice(NEXT[down]).format(name=marks[i]), marks[i + 1], wrong)
    way = "from the outside to the inside" if shells else "from top to bottom"
    facts.teach("; ".join(marks), (f"List the layers {way}.", f"Name all layers {way}."), whole=True)
    pairs = list(zip(marks, hues, strict=True))
    lessons.listed(sheet, pairs, ("What color is each layer?", "List the layers and their colors."))
    if marks != names and titled:  # without a title, letters could stand for the layers of anything
        pairs = list(zip(marks, names, strict=True))
        lessons.listed(sheet, pairs, ("What do the letters stand for?", "List the letters and their layers."))
    first, last = ("outermost", "innermost") if shells else ("top", "bottom")
    for place, at in ((first, 0), (last, -1)):
        facts.ask(marks[at], (f"What is the {place} layer?", f"Which layer is the {place} one?"))
        ask_choice(sheet, f"Which is the {place} layer?", marks[at], [m for m in marks if m != marks[at]])
    facts.think(facts.ask(str(len(marks)), COUNT), numbered(marks))
    ask_choice(
        sheet,
        rng.choice(COUNT),
        str(len(marks)),
        numbers_near(sheet, len(marks), least=1),
        thought=numbered(marks),
    )
    for i in rng.sample(range(len(marks)), min(2, len(marks))):
        facts.ask(hues[i], ("What color is the layer {name}?", "What color is {name}?"), name=marks[i])
        facts.ask(marks[i], ("Which layer is {color}?", "What is the {color} layer?"), color=hues[i])
    if marks != names:
        for i in rng.sample(range(len(marks)), min(2, len(marks))):
            for form in ("What does the letter {mark} stand for?", "Which layer is marked {mark}?"):
                ask_choice(sheet, form.format(mark=marks[i]), names[i], [n for n in names if n != names[i]])


def _ask_thickness(sheet: Sheet, marks: list[str], weights: list[float]) -> None:
    order = sorted(range(len(marks)), key=lambda i: weights[i])
    for word, best, rival in (("thickest", order[-1], order[-2]), ("thinnest", order[0], order[1])):
        if abs(weights[best] - weights[rival]) > 0.15:
            sheet.facts.ask(marks[best], (f"Which layer is the {word}?", f"What is the {word} layer?"))
