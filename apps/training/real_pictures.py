"""What is asked about real photographs, textbook figures and drawn shapes."""

from __future__ import annotations

import random
from collections import Counter

from minimax_vl.apps.training.real_rows import Row
from minimax_vl.synthetic.absent import absent
from minimax_vl.synthetic.facts import DESCRIBE, KIND, NOT_THERE
from minimax_vl.synthetic.scenes.words import (
    COUNT,
    DOCUMENT,
    HOLDS,
    IS_THERE,
    TRUTH,
    article,
    joined,
    plural,
    sentence,
)

Turn = tuple[str, str]
IRREGULAR = {
    "person": "people",
    "knife": "knives",
    "mouse": "mice",
    "sheep": "sheep",
    "wine glass": "wine glasses",
}
PLURAL_ONLY = ("scissors", "skis")
MAIN_COLOR = (
    "What is the main color of the photo?",
    "Which color covers most of the picture?",
    "What is the most common color in the image?",
)
COLORS = {"#0099ff": "blue"}
SHAPES = [
    f"{color} {shape}" for color in ("black", "yellow", "blue") for shape in ("square", "circle", "triangle")
]
PLACES = ("left", "middle", "right")
# Fields that a textbook figure and a government form never have, whatever is printed on them.
NEVER = (
    "cashier",
    "table number",
    "tip",
    "flight number",
    "card number",
    "seat",
    "gate",
    "number of guests",
    "driver",
)


def of_photograph(row: Row, rng: random.Random) -> list[Turn]:
    counts = Counter(row.objects)
    pairs: list[Turn] = [(question, photo_caption(row)) for question in rng.sample(DESCRIBE, 2)]
    if row.colors:
        pairs.append((rng.choice(MAIN_COLOR), row.colors[0]))
    pairs += [
        (rng.choice(KIND), "photograph"),
        ("Is this a photograph?", "yes"),
        ("Is this a document?", "no"),
    ]
    for name in rng.sample(sorted(counts), min(2, len(counts))):
        pairs.append((_is_there(name, rng), "yes"))
        if counts[name] <= 4 and name not in PLURAL_ONLY:
            pairs.append((rng.choice(COUNT).format(things=_many(name)), str(counts[name])))
    common = (
        "person",
        "car",
        "dog",
        "cat",
        "horse",
        "bus",
        "boat",
        "bird",
        "pizza",
        "bed",
        "train",
        "elephant",
    )
    lacking = [name for name in common if name not in counts]
    pairs += [(_is_there(name, rng), "no") for name in rng.sample(lacking, 2)]
    pairs += [(question, NOT_THERE) for question in rng.sample(DOCUMENT, 1) + absent(rng, "", 2)]
    return pairs


def photo_caption(row: Row) -> str:
    """A short, true description: what so small a model can see of a photograph.

    From the things that are there and 250 photographs it learned to say "a bed" of most others (docs/log.md).
    """
    return f"A photo, mostly {joined(row.colors)}." if row.colors else "A photo."


def _many(name: str) -> str:
    return IRREGULAR.get(name) or plural(name)


def _is_there(name: str, rng: random.Random) -> str:
    return rng.choice(IS_THERE).replace(
        " a {thing}", f" {article(name)}" if name not in PLURAL_ONLY else f" {name}"
    )


def of_figure(row: Row, rng: random.Random) -> list[Turn]:
    kind = {"chart": "chart", "diagram": "diagram", "photo": "photograph"}.get(
        row.kinds[0] if row.kinds else ""
    )
    pairs: list[Turn] = [(f"What is the {name}?", NOT_THERE) for name in rng.sample(NEVER, 2)]
    if kind:
        pairs += [(question, kind) for question in rng.sample((*KIND, "What kind of picture is this?"), 2)]
        pairs.append(("Is this a photograph?", "yes" if kind == "photograph" else "no"))
    first = row.captions[0].split(". ")[0].rstrip(".") if row.captions else ""
    if kind and 0 < len(first) <= 80 and first.isascii():
        pairs.append((rng.choice(DESCRIBE), f"{first}."))
    elif kind:
        pairs.append((rng.choice(DESCRIBE), "A photo." if kind == "photograph" else f"A {kind}."))
    return pairs


def of_shapes(row: Row, rng: random.Random) -> list[Turn]:
    pairs: list[Turn] = []
    for statement, truth in row.statements:
        statement = statement.strip().rstrip(".")
        if statement.isascii() and len(statement) > 8:
            pairs += [
                (form.format(statement=sentence(statement)), _word(truth)) for form in rng.sample(TRUTH, 2)
            ]
            plain = statement[0].lower() + statement[1:]
            pairs.append((rng.choice(HOLDS).format(statement=plain), "yes" if truth else "no"))
    items = [(COLORS.get(color, color.lower()), shape) for box in row.boxes for color, shape, _ in box]
    things = Counter(f"{color} {shape}" for color, shape in items)
    for name in rng.sample(SHAPES, 3):
        pairs.append((rng.choice(COUNT).format(things=plural(name)), str(things[name])))
        pairs.append((_is_there(name, rng), "yes" if things[name] else "no"))
    for place, box in zip(PLACES, row.boxes, strict=False):
        pairs.append((f"How many items are in the {place} box?", str(len(box))))
    pairs.append(
        (rng.choice(DESCRIBE), f"Three grey boxes with {joined([str(len(box)) for box in row.boxes])} items.")
    )
    return pairs


def _word(truth: bool) -> str:
    return "true" if truth else "false"
