"""New values in the labelled fields of real forms and invoices, in print like theirs: few pages, endless answers."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from minimax_vl.apps.training.real_rows import Row, Word
from minimax_vl.synthetic import FontBook, names
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.offices import buying
from minimax_vl.synthetic.values import MONTHS, Values

FACES, REACH = 6, (0.85, 1.18)  # faces that are tried, and how much they may be widened to match
INK = 70  # grey levels below the paper: darker is print or a rule
MOST = 12  # places of one value on a page


def refilled(row: Row, page: np.ndarray, fonts: FontBook, rng: random.Random) -> tuple[Row, np.ndarray]:
    """The row and its page, uint8 [h, w], with other values in those fields whose print can be matched."""
    page, words, fields = page.copy(), list(row.words), []
    for name, question, answer in row.fields:
        runs = _runs(words, answer.split()) if name in DRAW else []
        runs = runs if len(runs) <= MOST else []
        value = " ".join(DRAW[name](Values(rng), answer).split()) if runs else ""
        prints = [_matching(page, words[first:last], fonts, rng) for first, last in runs]
        fits = [
            p[0].width(value) < max(_room(page, words, *run), p[0].width(answer) + 2)
            if p
            else name == "received" and number > 0  # stamped at the foot once more, often askew: left blank
            for number, (p, run) in enumerate(zip(prints, runs, strict=True))
        ]
        if runs and all(fits):
            for run, print_ in sorted(zip(runs, prints, strict=True), reverse=True, key=lambda r: r[0]):
                run_words = words[slice(*run)]
                _blank(page, run_words)
                words[slice(*run)] = _write(page, run_words[0], value, *print_) if print_ else []
            answer = value
        fields.append((name, question, answer))
    return replace(row, words=tuple(words), fields=tuple(fields)), page


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


def _matching(
    page: np.ndarray, words: list[Word], fonts: FontBook, rng: random.Random
) -> tuple[Print, int, int] | None:
    """The face, size and stretch nearest to a run of words, and the pen's x and baseline; None without a likeness."""
    left, top, right, bottom = _box(words, page)
    text, area = " ".join(w.text for w in words), page[top:bottom, left:right]
    dark = area < np.percentile(area, 90) - INK
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if len(rows) < 5 or len(columns) < 5 or not text.isascii():
        return None
    best: tuple[float, Print, int, int] | None = None
    for face in rng.sample(fonts.office, min(FACES, len(fonts.office))):
        trial = fonts.print(face, 40)
        glyphs = [trial.glyph(c) for c in text if c != " "]
        high, low = min(g.top for g in glyphs), max(g.top + len(g.mask) for g in glyphs)
        size = round(40 * (rows[-1] + 1 - rows[0]) / (low - high))
        if not 7 <= size <= 40:
            continue
        stretch = (columns[-1] + 1 - columns[0]) / fonts.print(face, size).width(text)
        off = abs(stretch - 1)
        if REACH[0] < stretch < REACH[1] and (best is None or off < best[0]):
            found = fonts.print(face, size, round(20 * stretch) / 20)
            baseline = top + rows[-1] + 1 - round(low * size / 40)
            best = off, found, left + columns[0] - found.glyph(text[0]).left, baseline
    return best[1:] if best else None


def _room(page: np.ndarray, words: list[Word], first: int, last: int) -> float:
    """Pixels from a run's left side to the next print or rule on its right."""
    left, top, right, bottom = _box(words[first:last], page)
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


def _write(page: np.ndarray, place: Word, value: str, print_: Print, x: int, baseline: int) -> list[Word]:
    """Write `value` in the greys of the page where the word `place` began, and return its words."""
    greys = np.unique(page[::3, ::3])
    paper, ink = int(np.percentile(page[::3, ::3], 80)), int(greys[0])
    pen, found, start = float(x), [], float(x)
    for character in value + " ":
        if character == " ":
            done = value.split()[len(found)]
            found.append(Word(start, place.y0, pen, place.y1, done))
        glyph = print_.glyph(character)
        h, w = glyph.mask.shape
        at, y = round(pen) + glyph.left, baseline + glyph.top
        window = page[max(y, 0) : y + h, max(at, 0) : at + w]
        if window.shape == (h, w) and h:
            inked = paper - (paper - ink) * (glyph.mask / 255.0)
            nearest = greys[np.abs(greys[:, None, None] - inked).argmin(0)]
            np.minimum(window, nearest, out=window)
        pen += glyph.advance
        start = pen if character == " " else start
    return found


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
