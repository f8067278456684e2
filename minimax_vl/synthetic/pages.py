"""Whole pages: which kind, how its blocks share the room, and the one public way to draw one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from minimax_vl.errors import InvalidRequest
from minimax_vl.synthetic.charts import chart
from minimax_vl.synthetic.degrade import degrade, worn
from minimax_vl.synthetic.diagrams import diagram
from minimax_vl.synthetic.fonts import SPLITS, FontBook
from minimax_vl.synthetic.invoices import invoice
from minimax_vl.synthetic.lessons import EASY_SHARE, mixed, room
from minimax_vl.synthetic.lookups import draw as lookup
from minimax_vl.synthetic.marks import barcode, shade, signature, stamp
from minimax_vl.synthetic.names import RUDE
from minimax_vl.synthetic.offices import agency, stations
from minimax_vl.synthetic.prose import letter, paragraphs, sign
from minimax_vl.synthetic.receipts import receipt
from minimax_vl.synthetic.rows import form, heading, key_values
from minimax_vl.synthetic.scenes import scene
from minimax_vl.synthetic.screens import screen
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.slides import slide
from minimax_vl.synthetic.tables import table
from minimax_vl.synthetic.tags import tag
from minimax_vl.synthetic.tickets import ticket
from minimax_vl.synthetic.tills import slip


@dataclass(frozen=True)
class Page:
    """A drawn page and everything that is known about it."""

    image: np.ndarray  # uint8 [H, W, 3]
    # float32 [N, 4]: centre x, centre y, em height in pixels, ASCII code. On training pages of figures
    # landmarks follow, their codes counted from LANDMARK.
    glyphs: np.ndarray
    turns: list[tuple[str, str]]  # question and answer, each question once
    kind: str  # a key of KINDS
    text: str  # what is printed, line by line in reading order
    # Question -> what is thought before its answer, of some questions about figures in training.
    thoughts: Mapping[str, str] = field(default_factory=dict)


def sample(
    split: str,
    index: int,
    size: tuple[int, int],
    fonts: FontBook,
    level: float = 1.0,
    kinds: tuple[str, ...] | None = None,
) -> Page:
    """Draw page `index` of a split at `size` (height, width) in pixels, of any kind or of the `kinds` named.

    The page depends on nothing but the arguments; of `EVERYDAY` kinds held-out pages are drawn only where `kinds` names
    them. `level` runs from 0, a few items in large print, to 1. Training pages
    are worn as by scanners and telephones, held-out pages a little. Raises InvalidRequest for an unknown split or kind,
    a font book of another split, or a page too small to write on.
    """
    if split not in SPLITS or fonts.split != split:
        raise InvalidRequest(
            f"split {split!r} with fonts of {fonts.split!r}", f"the same one of {', '.join(SPLITS)}"
        )
    if min(size) < 112:
        raise InvalidRequest(f"a page of {size[0]} x {size[1]} pixels", "at least 112 pixels a side")
    if kinds is not None and not (kinds and set(kinds) <= set(KINDS)):
        raise InvalidRequest(f"kinds {kinds!r}", f"some of {', '.join(KINDS)}")
    choice = kinds or tuple(name for name in KINDS if split == "train" or name not in EVERYDAY)
    for attempt in range(8):  # the rare page on which nothing fitted, or print was cut, is drawn again
        seed = hashlib.sha256(f"{split}/{index}/{size[0]}x{size[1]}/{level:.4f}/{attempt}".encode()).digest()
        rng = random.Random(int.from_bytes(seed[:8], "big"))
        sheet = Sheet(size, fonts, rng, level)
        shares = [KINDS[name][1] * _suits(name, size) * _studied(name, split) for name in choice]
        kind = rng.choices(choice, shares)[0]
        taught = kind in PICTURES and split == "train"
        if taught and rng.random() < EASY_SHARE:
            sheet.ease(min(level, rng.uniform(0, 0.5)))
        KINDS[kind][0](sheet)
        canvas, facts = sheet.canvas, sheet.facts
        if canvas.clipped or (kind not in PICTURES and len(canvas.glyphs) < 8) or RUDE.search(canvas.text):
            continue
        if kind not in BORN_DIGITAL:
            _finish(sheet)
        facts.kind = facts.kind or kind
        most = round(level * (8 if min(size) < 500 and max(size) < 700 else 16)) or 4
        count = TAUGHT_TURNS if taught else rng.randint(max(4, most // 2), max(5, most))
        turns = facts.turns(canvas, count, READING_SHARES[split])
        if taught:
            turns = mixed(turns, facts.whole, facts.parts, facts.thoughts, room(size), rng)
        # Held-out pages have none, so that they stay what they are: wear depends on what is labelled.
        landmarks = canvas.landmarks if taught else []
        glyphs = np.array([*canvas.glyphs, *landmarks], dtype=np.float32).reshape(-1, 4)
        mild = split == "heldout"
        image = degrade(canvas.pixels, rng) if mild else canvas.pixels
        if not (kind in BORN_DIGITAL and rng.random() < (PLAIN_SHARE if taught else 0.5)):
            coloured = (
                kind in PICTURES or kind == "screen"
            )  # a switch in black and white only is neither on nor off
            image, glyphs = worn(image, glyphs, rng, mild=mild, level=sheet.level, coloured=coloured)
        return Page(image, glyphs, turns, kind, canvas.text, facts.thoughts)
    raise AssertionError(f"no page of size {size} came out of eight draws")


def _suits(kind: str, size: tuple[int, int]) -> float:
    """How much likelier a kind is on a page of this shape, as the real ones come: slips tall, letters large."""
    height, width = size
    if kind in ("till", "slip"):
        return 1.8 if height > 1.3 * width else 1.0 if height >= width else 0.4
    if kind in ("agency", "station"):
        return 3.0 if min(size) > 900 else 1.0
    if kind == "lookup":
        return 2.0 if min(size) < 500 else 0.6
    return 0.5 if kind in PICTURES and max(size) > 900 else 1.0


def _studied(kind: str, split: str) -> float:
    """How much likelier a kind is in training than among held-out pages: figures, and the smallest print."""
    return STUDIED.get(kind, 1.0) if split == "train" else 1.0


def _margins(sheet: Sheet) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of the room to write in."""
    h, w = sheet.canvas.height, sheet.canvas.width
    side = sheet.rng.uniform(0.02, 0.09) * w
    top = sheet.rng.uniform(0.02, 0.08) * h
    return side, w - side * sheet.rng.uniform(0.7, 1.2), top, h - 0.02 * h


def _titled(block: Callable[..., float], *, fill: bool = True) -> Callable[[Sheet], None]:
    """A page of one block, sometimes under a title; with `fill`, other blocks may follow in what room is left."""

    def draw(sheet: Sheet) -> None:
        x0, x1, y, bottom = _margins(sheet)
        y, title = heading(sheet, x0, x1, y, bottom) if sheet.chance(0.5) else (y, "")
        y = block(sheet, x0, x1, y, bottom)
        if not sheet.facts.caption:
            sheet.facts.caption = _titled_caption("A form", title)
        if fill:
            _fill_up(sheet, x0, x1, y, bottom)

    return draw


def _roomy(draw: Callable[[Sheet], None], otherwise: Callable[[Sheet], None]) -> Callable[[Sheet], None]:
    """Small print needs width: `draw` where there is enough, else `otherwise`."""

    def either(sheet: Sheet) -> None:
        (draw if sheet.canvas.width >= 560 else otherwise)(sheet)

    return either


def _titled_caption(what: str, title: str) -> str:
    return f"{what} titled {title}." if title else f"{what}."


def _fill_up(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> None:
    """More blocks below while there is much room left; seldom at the easy levels."""
    while bottom - y > 0.22 * sheet.canvas.height and sheet.chance(0.75 * sheet.level):
        start = y + sheet.leading * sheet.rng.uniform(0.3, 1.2)
        end = sheet.rng.choice((key_values, key_values, table, form, paragraphs))(
            sheet, x0, x1, start, bottom
        )
        if end <= start:
            break
        y = end


def _finish(sheet: Sheet) -> None:
    """What happens to paper: a logo in a corner, a stamp, uneven light."""
    rng, canvas = sheet.rng, sheet.canvas
    if sheet.chance(0.05 * sheet.level):
        stamp(canvas, rng)
    if sheet.chance(0.1 * sheet.level):  # someone wrote over it
        w, h = canvas.width * rng.uniform(0.1, 0.4), canvas.height * rng.uniform(0.02, 0.08)
        pen = rng.choice(((20, 20, 30), (30, 40, 140), (170, 30, 40)))
        signature(canvas, rng, rng.uniform(0, canvas.width - w), rng.uniform(0, canvas.height - h), w, h, pen)
    if sheet.chance(0.12):
        shade(canvas, rng)


def _key_value_page(sheet: Sheet) -> None:
    x0, x1, y, bottom = _margins(sheet)
    y, title = heading(sheet, x0, x1, y, bottom) if sheet.chance(0.6) else (y, "")
    wide = x1 - x0 > 36 * sheet.body.size
    if wide and sheet.chance(0.5):
        middle = (x0 + x1) / 2
        left = key_values(sheet, x0, middle - 10, y, bottom)
        y = max(left, key_values(sheet, middle + 10, x1, y, bottom))
    else:
        y = key_values(sheet, x0, x1, y, bottom)
    _fill_up(sheet, x0, x1, y, bottom)
    sheet.facts.caption = _titled_caption("A list of fields", title)


def _receipt_page(sheet: Sheet) -> None:
    """A strip of paper, as wide as the page or lying on something darker."""
    rng, canvas = sheet.rng, sheet.canvas
    sheet.set_print(sheet.body.size, mono=0.45)
    widest = min(canvas.width, sheet.body.size * 34)
    width = rng.uniform(min(0.6 * canvas.width, widest), widest)
    x0 = (canvas.width - width) * rng.uniform(0.2, 0.8)
    if width < 0.93 * canvas.width and sheet.chance(0.5):
        table_top = (rng.randint(20, 190), rng.randint(20, 190), rng.randint(20, 190))
        canvas.fill(0, 0, canvas.width, canvas.height, table_top)
        canvas.fill(x0, 0, x0 + width, canvas.height, sheet.paper)
    pad = width * rng.uniform(0.03, 0.09)
    y = receipt(
        sheet, x0 + pad, x0 + width - pad, canvas.height * rng.uniform(0.02, 0.08), canvas.height * 0.98
    )
    tall = rng.uniform(1.5, 3) * sheet.body.size
    if sheet.chance(0.25) and y + tall < canvas.height * 0.97:
        barcode(canvas, rng, x0 + width * 0.15, y + 4, width * rng.uniform(0.4, 0.7), tall, sheet.ink)


def _prose_page(sheet: Sheet) -> None:
    x0, x1, y, bottom = _margins(sheet)
    y, title = heading(sheet, x0, x1, y, bottom)
    paragraphs(sheet, x0, x1, y, bottom)
    sheet.facts.caption = _titled_caption("A page of text", title)


def _mixed_page(sheet: Sheet) -> None:
    """A title and two or three different blocks below each other."""
    x0, x1, y, bottom = _margins(sheet)
    y, title = heading(sheet, x0, x1, y, bottom)
    blocks = sheet.rng.sample((key_values, table, paragraphs), sheet.rng.randint(2, 3))
    for number, block in enumerate(blocks):
        share = bottom if number == len(blocks) - 1 else y + (bottom - y) / (len(blocks) - number)
        y = block(sheet, x0, x1, y, share, limit=10) + sheet.leading * 0.4
    sheet.facts.caption = _titled_caption("A page with several sections", title)


# Kinds whose colours mean something, and that may carry no letter at all.
PICTURES = frozenset(("chart", "diagram", "scene"))
STUDIED = {"chart": 5.0, "scene": 4.0, "diagram": 2.0, "station": 1.5, "agency": 1.3}
# This share of the training pages of figures is neither printed nor photographed: their colours are what they teach.
PLAIN_SHARE = 0.7
# Questions that ask for lines, at most: a line teaches more characters than a field does.
READING_SHARES = {"train": 0.35, "heldout": 0.2}
TAUGHT_TURNS = 22  # of a training page of a figure before they are cut to the room that a row has
BORN_DIGITAL = PICTURES | {"lookup", "station", "screen", "slide"}  # seldom printed and scanned
# Kinds that came when held-out pages were settled: those stay what they are, and have none.
EVERYDAY = ("ticket", "tag", "screen", "slide")
# kind: how it is drawn, and how often beside the others
KINDS: dict[str, tuple[Callable[[Sheet], None], int]] = {
    "keyvalue": (_key_value_page, 8),
    "table": (_titled(table), 8),
    "lookup": (lookup, 9),
    "receipt": (_receipt_page, 4),
    "till": (slip.asian, 18),
    "slip": (slip.western, 12),
    "form": (_titled(form), 6),
    "invoice": (_titled(invoice), 5),
    "agency": (_roomy(agency.form, _titled(form)), 9),
    "station": (_roomy(stations.invoice, _titled(invoice)), 10),
    "chart": (chart.draw, 10),
    "scene": (scene.draw, 9),
    "diagram": (diagram.draw, 9),
    "letter": (_titled(letter, fill=False), 3),
    "prose": (_prose_page, 4),
    "sign": (_titled(sign, fill=False), 3),
    "mixed": (_mixed_page, 3),
    "ticket": (ticket.draw, 8),
    "tag": (tag.draw, 8),
    "screen": (screen.draw, 8),
    "slide": (slide.draw, 8),
}
