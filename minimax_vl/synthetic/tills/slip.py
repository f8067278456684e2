"""A whole receipt on its page: the strip of paper, what lies behind it, and the order of its parts."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic.marks import barcode, signature
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tills.goods import goods
from minimax_vl.synthetic.tills.head import head
from minimax_vl.synthetic.tills.reference import reference
from minimax_vl.synthetic.tills.strip import Strip
from minimax_vl.synthetic.tills.totals import farewell, totals


def asian(sheet: Sheet) -> None:
    """A scanned receipt of a registered firm: numbers, tax lines, amounts in ringgit."""
    _slip(sheet, asian=True)


def western(sheet: Sheet) -> None:
    """A photographed till slip of an American or European shop or restaurant."""
    _slip(sheet, asian=False)


def _slip(sheet: Sheet, *, asian: bool) -> None:
    rng, canvas = sheet.rng, sheet.canvas
    paper = rng.randint(225, 255)
    warm = rng.randint(0, 18) if sheet.chance(0.5) else 0
    sheet.paper = (paper, paper - warm // 2, paper - warm)
    dark = rng.choice((rng.randint(0, 60), rng.randint(0, 60), rng.randint(50, 130)))  # thermal print fades
    sheet.ink = (dark, dark, min(dark + rng.choice((0, 0, 30)), 150))
    sheet.values.currency = rng.choice(
        ("RM", "RM ", "RM", "$", "S$") if asian else ("$", "$", "$", "$", "EUR ", "GBP ")
    )
    sheet.values.european = not asian and sheet.chance(0.08)
    size = _size(sheet)
    most = size * 0.58 * rng.randint(34, 46)
    width = min(canvas.width * rng.uniform(0.86, 0.99), max(most, 0.45 * canvas.width))
    x0 = (canvas.width - width) * rng.uniform(0.1, 0.9)
    canvas.fill(0, 0, canvas.width, canvas.height, sheet.paper)
    if not asian or sheet.chance(0.25) or width < 0.7 * canvas.width:
        _desk(sheet, x0, width)
    pad = width * rng.uniform(0.02, 0.07)
    top, bottom = canvas.height * rng.uniform(0.01, 0.05), canvas.height * rng.uniform(0.955, 0.99)
    strip = Strip(sheet, x0 + pad, x0 + width - pad, top, bottom, size)
    company = head(strip, asian=asian)
    first = sheet.chance(0.75)
    strip.rule()
    if first:
        reference(strip)
        strip.rule()
    bought = goods(strip, asian=asian, reserve=6 if first else 8)
    strip.rule()
    total = totals(strip, bought, asian=asian)
    if not first:
        strip.rule()
        reference(strip)
    if sheet.chance(0.8):
        farewell(strip)
    tall = rng.uniform(1.5, 3) * size
    if sheet.chance(0.2) and strip.y + tall + 6 < bottom:
        barcode(canvas, rng, x0 + width * 0.15, strip.y + 6, width * rng.uniform(0.4, 0.7), tall, sheet.ink)
    if sheet.chance(0.3 if asian else 0.12):  # a clerk's scrawl, above the head or across the print
        w, h = width * rng.uniform(0.12, 0.45), size * rng.uniform(1.5, 5)
        y = rng.choice((top, rng.uniform(top, max(strip.y, top + 1))))
        pen = rng.choice((sheet.ink, (40, 40, 50), (50, 60, 140)))
        signature(canvas, rng, x0 + (width - w) * rng.random(), y, w, h, pen)
    sheet.facts.kind = "receipt"
    parts = ["A receipt"] + ([f"from {company}"] if company else [])
    sheet.facts.caption = " ".join(parts) + (f", total {total}." if total else ".")


def _size(sheet: Sheet) -> int:
    """Print that puts some forty characters on a line, but never under what can be read."""
    fine = min(sheet.canvas.width / (0.55 * sheet.rng.uniform(36, 46)), sheet.canvas.height / 34)
    size = fine * sheet.rng.uniform(0.8, 1.15)
    return round(min(max(size, 10 if sheet.level > 0.6 else 14), 26))


def _desk(sheet: Sheet, x0: float, width: float) -> None:
    """What the paper lies on: plain, striped as wood, or spotted."""
    rng, canvas = sheet.rng, sheet.canvas
    base = np.array([rng.randint(15, 200) for _ in range(3)]) // (1 if rng.random() < 0.5 else 2)
    noise = np.random.default_rng(rng.getrandbits(32))
    look = rng.random()
    grain = noise.normal(0, 14, (1, 256) if look < 0.4 else (24, 24))
    if look < 0.4:
        grain = np.repeat(grain, 64, axis=0)
    elif look < 0.7:
        grain = np.repeat(np.repeat(grain, 8, axis=0), 8, axis=1)
    patch = np.clip(base + grain[:, :, None], 0, 255).astype(np.uint8)
    left, right = max(round(x0), 0), round(x0 + width)
    for start, end in ((0, left), (right, canvas.width)):
        if end > start:
            times = (-(-canvas.height // patch.shape[0]), -(-(end - start) // patch.shape[1]), 1)
            canvas.pixels[:, start:end] = np.tile(patch, times)[: canvas.height, : end - start]
