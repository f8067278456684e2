"""Reading a part of a page: a line by its place or start, a corner, what is above or below, a few lines."""

from __future__ import annotations

import random
from itertools import pairwise

from minimax_vl.synthetic.canvas import Canvas, Piece

STARTS = (
    "Read the line that starts with '{start}'.",
    "Which line starts with '{start}'?",
    "Complete the line: {start}",
)
LINE = (
    "Read the {place} line.",
    "What does the {place} line say?",
    "What is written in the {place} line?",
    "What is the {place} line?",
)
SOME = ("Read the {place} lines.", "What do the {place} lines say?", "Transcribe the {place} lines.")
BELOW = (
    "What is written below '{other}'?",
    "What is the line below '{other}'?",
    "Read the line under '{other}'.",
)
ABOVE = ("What is written above '{other}'?", "What is the line above '{other}'?")
CORNER = (
    "What is written in the {place} corner?",
    "Read the text in the {place} corner.",
    "What is in the {place} corner?",
)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
COUNTED = {2: "two", 3: "three", 4: "four", 5: "five"}
LONGEST = 128  # characters of one line
LONGEST_REGION = 200  # characters of several


def regions(canvas: Canvas, rng: random.Random) -> list[tuple[str, str]]:
    """Questions that read the page by place, in random order, with their answers as printed.

    Lines are rows of the whole page: where columns stand side by side off one baseline, lines are not counted.
    """
    rows = [(line, " ".join(piece.text for piece in line)) for line in canvas.lines]
    if not rows:
        return []
    pairs = _started(rows, rng)
    ordered = all(_under(a[0], b[0]) for a, b in pairwise(rows))
    if ordered:
        pairs += _counted([text for _, text in rows], rng)
    pairs += _neighbours(rows, rng)
    pairs += _corners([piece for line, _ in rows for piece in line], canvas, rng)
    pairs = [(question, answer) for question, answer in pairs if answer]
    rng.shuffle(pairs)
    return list(dict(pairs).items())


def _started(rows: list[tuple[list[Piece], str]], rng: random.Random) -> list[tuple[str, str]]:
    texts, pairs = [text for _, text in rows], []
    for text in rng.sample(texts, min(len(texts), 6)):
        words = text.split()
        start = " ".join(words[: rng.randint(1, 2)])
        if sum(other.startswith(start) for other in texts) == 1 and len(words) > 2 and len(text) <= LONGEST:
            pairs.append((rng.choice(STARTS).format(start=start), text))
    return pairs


def _counted(texts: list[str], rng: random.Random) -> list[tuple[str, str]]:
    """Lines by their number, and the first or last few of them as one answer."""
    places = dict(zip(ORDINALS[:5], texts, strict=False)) | {
        "last": texts[-1],
        "bottom": texts[-1],
        "top": texts[0],
    }
    if len(texts) > 2:
        places["second to last"] = texts[-2]
    pairs = [
        (rng.choice(LINE).format(place=place), text) for place, text in places.items() if len(text) <= LONGEST
    ]
    for count in rng.sample(sorted(COUNTED), 2):
        for place, some in (("first", texts[:count]), ("last", texts[-count:])):
            if len(texts) > count and len(whole := "\n".join(some)) <= LONGEST_REGION:
                pairs.append((rng.choice(SOME).format(place=f"{place} {COUNTED[count]}"), whole))
    return pairs


def _neighbours(rows: list[tuple[list[Piece], str]], rng: random.Random) -> list[tuple[str, str]]:
    """What is above and below a line, where both are single pieces set one under the other at a usual distance."""
    texts = [text for _, text in rows]
    pairs = []
    for index in rng.sample(range(len(rows) - 1), min(len(rows) - 1, 5)):
        (upper, above), (lower, below) = rows[index], rows[index + 1]
        near = 0 < lower[0].y - upper[0].y < 2.6 * upper[0].size
        alone = len(upper) == len(lower) == 1 and max(len(above), len(below)) <= 60
        if near and alone and _overlap(upper[0], lower[0]) and texts.count(above) == texts.count(below) == 1:
            pairs.append((rng.choice(BELOW).format(other=above), below))
            pairs.append((rng.choice(ABOVE).format(other=below), above))
    return pairs


def _corners(pieces: list[Piece], canvas: Canvas, rng: random.Random) -> list[tuple[str, str]]:
    """The piece that is outermost both ways, when it lies in the outer parts of the page and is not a running line."""
    pairs = []
    for vertical, low in (("top", True), ("bottom", False)):
        edge = min(p.y for p in pieces) if low else max(p.y for p in pieces)
        band = [p for p in pieces if abs(p.y - edge) < 0.7 * p.size]
        near = edge < 0.3 * canvas.height if low else edge > 0.7 * canvas.height
        left, right = min(band, key=lambda p: p.x0), max(band, key=lambda p: p.x1)
        if near and left is not right and left.x1 < 0.5 * canvas.width < right.x0:
            pairs.append((rng.choice(CORNER).format(place=f"{vertical} left"), left.text))
            pairs.append((rng.choice(CORNER).format(place=f"{vertical} right"), right.text))
    return pairs


def _under(upper: list[Piece], lower: list[Piece]) -> bool:
    return min(p.y for p in lower) > max(p.y for p in upper) + 0.4 * min(p.size for p in upper)


def _overlap(a: Piece, b: Piece) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.3 * min(a.x1 - a.x0, b.x1 - b.x0)
