"""New values in the labelled fields of real forms and invoices, in print like theirs: few pages, endless answers."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from minimax_vl.apps.training.real_rows import Row, Word
from minimax_vl.synthetic import FontBook, names
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.offices import buying
from minimax_vl.synthetic.values import MONTHS, Values

FACES, REACH = 5, (0.85, 1.18)  # faces that are tried, and how much they may be widened to match
INK = 70  # grey levels below the paper: darker is print or a rule
INVERSE = np.arange(255, -1, -1, dtype=np.uint8)  # black ink on white, by coverage
MOST = 12  # places of one value on a page


@dataclass(frozen=True)
class Pen:
    """How a run of words was written: its print, where the pen began, and the baseline."""

    print: Print
    x: int
    baseline: int


def refilled(row: Row, page: np.ndarray, fonts: FontBook, rng: random.Random) -> tuple[Row, np.ndarray]:
    """The row and its page, uint8 [h, w], with other values in those fields whose print can be matched."""
    page, words, fields = page.copy(), list(row.words), []
    shades = _shades(page)
    for name, question, answer in row.fields:
        runs = _places(words, name, answer.split()) if name in DRAW else []
        value = " ".join(DRAW[name](Values(rng), answer).split()) if runs else ""
        pens = [_matching(page, words[first:last], fonts, rng) for first, last in runs]
        fits = [
            pen.print.width(value) < max(_room(page, words[slice(*run)]), pen.print.width(answer) + 2)
            if pen
            else name == "received" and number > 0  # stamped at the foot once more, often askew: left blank
            for number, (pen, run) in enumerate(zip(pens, runs, strict=True))
        ]
        if runs and all(fits):
            for run, pen in reversed(list(zip(runs, pens, strict=True))):
                old = words[slice(*run)]
                _blank(page, old)
                words[slice(*run)] = _write(page, old[0], value, pen, shades) if pen else []
            answer = value
        fields.append((name, question, answer))
    return replace(row, words=tuple(words), fields=tuple(fields)), page


def _places(words: list[Word], name: str, wanted: list[str]) -> list[tuple[int, int]]:
    """The runs of a value behind its printed label, else all of them, if they are not too many: in order."""
    runs = _runs(words, wanted)
    label = name.split()[-1]
    behind = [run for run in runs if name != "Property" and _left_of(words, run[0]) == label]
    return behind or (runs if len(runs) <= MOST else [])


def _left_of(words: list[Word], index: int) -> str:
    """The nearest word on the line of a word, to its left."""
    word = words[index]
    line = [w for w in words if w.x1 <= word.x0 + 1 and w.y0 < (word.y0 + word.y1) / 2 < w.y1]
    return max(line, key=lambda w: w.x1).text.rstrip(":") if line else ""


def _runs(words: list[Word], wanted: list[str]) -> list[tuple[int, int]]:
    """Where these words stand one after another on one line: (first, behind the last)."""
    found = []
    for first in range(len(words) - len(wanted) + 1):
        run = words[first : first + len(wanted)]
        level = max(w.y0 for w in run) < min(w.y1 for w in run)
        if level and [w.text for w in run] == wanted and all(w.height == run[0].height for w in run):
            found.append((first, first + len(wanted)))
    return found


def _box(words: list[Word], page: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in whole pixels."""
    height, width = page.shape
    left, right = round(min(w.x0 for w in words)) - 1, round(max(w.x1 for w in words)) + 2
    top, bottom = round(min(w.y0 for w in words)), round(max(w.y1 for w in words)) + 1
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _matching(page: np.ndarray, words: list[Word], fonts: FontBook, rng: random.Random) -> Pen | None:
    """The face, size and stretch nearest to a run of words; None without a likeness."""
    left, top, right, bottom = _box(words, page)
    text, area = " ".join(w.text for w in words), page[top:bottom, left:right]
    dark = area < np.percentile(area, 90) - INK
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if len(rows) < 5 or len(columns) < 5 or not text.isascii():
        return None
    best: tuple[float, Pen] | None = None
    for face in rng.sample(fonts.office, min(FACES, len(fonts.office))):
        trial = fonts.print(face, 40)
        glyphs = [trial.glyph(c) for c in text if c != " "]
        high, low = min(g.top for g in glyphs), max(g.top + len(g.mask) for g in glyphs)
        size = round(40 * (rows[-1] + 1 - rows[0]) / (low - high))
        if not 7 <= size <= 40:
            continue
        stretch = (columns[-1] + 1 - columns[0]) / fonts.print(face, size).width(text)
        if REACH[0] < stretch < REACH[1]:
            found = fonts.print(face, size, round(20 * stretch) / 20)
            baseline = top + rows[-1] + 1 - round(low * size / 40)
            pen = Pen(found, int(left + columns[0]) - found.glyph(text[0]).left, int(baseline))
            cover = np.full(area.shape, 255, np.uint8)
            _stamp(cover, text, replace(pen, x=pen.x - left, baseline=pen.baseline - top), INVERSE)
            inked = cover < 128
            likeness = (inked & dark).sum() / (inked | dark).sum()
            if best is None or likeness > best[0]:
                best = likeness, pen
    return best[1] if best else None


def _room(page: np.ndarray, words: list[Word]) -> float:
    """Pixels from a run's left side to the next print or rule on its right."""
    left, top, right, bottom = _box(words, page)
    beyond = page[top:bottom, right:]
    marked = np.flatnonzero((beyond < np.percentile(page[top:bottom, left:right], 90) - INK).any(0))
    return right + (int(marked[0]) if len(marked) else beyond.shape[1]) - left - 4


def _blank(page: np.ndarray, words: list[Word]) -> None:
    """Paint over a run of words, but not over the rule that it may stand on."""
    left, top, right, bottom = _box(words, page)
    area = page[top:bottom, left:right]
    paper = np.percentile(area, 90)
    rules = (area < paper - INK).mean(1, keepdims=True) > 0.9  # [rows, 1]
    area[:] = np.where((area < paper) & ~rules, paper, area)


def _shades(page: np.ndarray) -> np.ndarray:
    """The page's own grey, uint8 [256], for each coverage by ink."""
    greys, paper = np.unique(page[::3, ::3]), float(np.percentile(page[::9, ::9], 80))
    wanted = paper - (paper - greys[0]) * (np.arange(256) / 255.0)
    return greys[np.abs(greys[:, None] - wanted).argmin(0)]


def _write(page: np.ndarray, place: Word, value: str, pen: Pen, shades: np.ndarray) -> list[Word]:
    """Write `value` where the word `place` began, and return its words."""
    ends = _stamp(page, value, pen, shades)
    starts = [pen.x, *(end + pen.print.width(" ") for end in ends)]
    return [
        Word(start, place.y0, end, place.y1, text)
        for start, end, text in zip(starts, ends, value.split(), strict=False)
    ]


def _stamp(page: np.ndarray, text: str, pen: Pen, shades: np.ndarray) -> list[float]:
    """Set letters on a page, in the shade of each coverage; returns where the words end."""
    x, ends = float(pen.x), []
    for character in text:
        if character == " ":
            ends.append(x)
        glyph = pen.print.glyph(character)
        h, w = glyph.mask.shape
        left, top = round(x) + glyph.left, pen.baseline + glyph.top
        window = page[max(top, 0) : top + h, max(left, 0) : left + w]
        if window.shape == (h, w) and h:
            np.minimum(window, shades[glyph.mask], out=window)
        x += glyph.advance
    return [*ends, x]


def _like(values: Values, old: str) -> str:
    """Other figures and capitals in the same places."""
    rng = values.rng
    return "".join(
        rng.choice(string.digits) if c.isdigit() else rng.choice(string.ascii_uppercase) if c.isupper() else c
        for c in old
    )


def _day(values: Values, old: str) -> str:
    day = buying.day(values.rng, values.rng.randint(1963, 2029))
    long = f"{day[:6]}{values.rng.randint(1963, 2029)}"
    return (long if old[-4:].isdigit() else day) + old[10:]


def _person(values: Values, old: str) -> str:
    return (
        values.person()
        if values.rng.random() < 0.5
        else f"{names.surname(values.rng)} {names.town(values.rng)}"
    )


def _registrant(values: Values, old: str) -> str:
    ending = values.rng.choice(("LLP", "LLC", "Group", "International", "Inc.", ""))
    return f"{names.stem(values.rng)} {ending}".strip()


DRAW: dict[str, Callable[[Values, str], str]] = {
    "Invoice #": _like,
    "Order #": _like,
    "number": _like,
    "Invoice Date": _day,
    "received": _day,
    "Invoice Month": lambda values, old: f"{values.rng.choice(MONTHS)} {values.rng.randint(2000, 2029)}",
    "Advertiser": lambda values, old: buying.advertiser(values),
    "Product": lambda values, old: buying.product(values),
    "Property": lambda values, old: buying.station(values.rng),
    "Account Executive": _person,
    "registrant": _registrant,
}
