"""Setting a label: the largest print that its contents allow, and its place on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass

from minimax_vl.synthetic.sheet import Sheet, between
from minimax_vl.synthetic.tags.blocks import Block, lighten, stack, stacked
from minimax_vl.synthetic.tags.grounds import GROUNDS, Rect, paste, screws
from minimax_vl.synthetic.tags.stock import LADDER, Stock


@dataclass(frozen=True)
class Cut:
    """How a label is cut and where it is stuck."""

    ground: str  # a key of GROUNDS
    ratio: float = 1.0  # height by width as such labels usually have
    shape: str = "square"  # or "round" or "cut"
    frame: str = ""  # or "single" or "double"
    hole: bool = False
    screwed: bool = False
    most: int = 44  # pixels, of the base size: little where something on the label is much larger


def stick(sheet: Sheet, stock: Stock, blocks: list[Block], cut: Cut) -> None:
    """Draw one label: over all of the page, or lying on its ground."""
    rng, canvas = sheet.rng, sheet.canvas
    height, width = canvas.height, canvas.width
    whole = sheet.chance(0.25)
    margin = 0.0 if whole else rng.uniform(0.015, 0.06) * min(height, width)
    room = height - 2 * margin
    wide = width - 2 * margin
    if not whole:
        wide = min(wide, max(room / cut.ratio, 0.62 * width))
    cap = min(_cap(sheet), cut.most)
    if not fit(stock, blocks, wide, room, cut, cap):
        wide = width - 2 * margin  # a wide face needs all of the page
        if not fit(stock, blocks, wide, room, cut, cap):
            canvas.clipped = True
            return
    if _content(stock, blocks, wide, cut) < 0.6 * room:  # a few words: in larger print
        fit(stock, blocks, wide, room, cut, cut.most)
    content = _content(stock, blocks, wide, cut)
    tall = room if content > 0.75 * room else min(room, content * rng.uniform(1.0, 1.25))
    GROUNDS[cut.ground](canvas, rng)
    x0 = (width - wide) * rng.uniform(0.2, 0.8)
    y0 = margin + (room - tall) * rng.uniform(0.3, 0.7)
    draw(stock, blocks, (x0, y0, x0 + wide, y0 + tall), cut)


def draw(stock: Stock, blocks: list[Block], box: Rect, cut: Cut) -> None:
    """Draw a label whose size of print is set into its box, with the air between its blocks that is left."""
    x0, y0, x1, y1 = box
    side, top, bottom = _pads(stock, cut)
    paste(stock, box, cut.shape, frame=cut.frame, hole=0.4 * stock.size if cut.hole else 0.0)
    if cut.screwed:
        screws(stock.sheet, box, 0.38 * stock.size)
    spare = (y1 - y0) - _content(stock, blocks, x1 - x0, cut)
    gaps = sum(block.lead > 0 for block in blocks[1:])
    air = min(spare / (gaps + 1), 0.9 * stock.size)
    y = y0 + top + (spare - air * gaps) / 2
    stack(blocks, stock, x0 + side, x1 - side, y, air)


def fit(stock: Stock, blocks: list[Block], wide: float, tall: float, cut: Cut, most: int) -> bool:
    """Set the size of print: the largest that fits, with parts left out when it would be too small for the level."""
    sheet = stock.sheet

    def fits(step: int) -> bool:
        stock.size = LADDER[step]
        return _content(stock, blocks, wide, cut) <= tall

    floor = next(i for i, size in enumerate(LADDER) if size >= stock.least)
    wanted = between(20 if min(wide, tall) > 400 else 15, stock.least, sheet.level)
    low = max(floor, max(i for i, size in enumerate(LADDER) if size <= wanted))
    while not fits(low) and lighten(blocks):
        pass
    while not fits(low):
        if low == floor:
            return False
        low -= 1
    high = max(low, max(i for i, size in enumerate(LADDER) if size <= max(most, stock.least)))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    stock.size = LADDER[low]
    return True


def _cap(sheet: Sheet) -> int:
    """The largest base size: no limit at level 0, at 1 at least some lines of print to the page."""
    short = min(sheet.canvas.height, sheet.canvas.width)
    return round(between(44, min(max(short / sheet.rng.uniform(14, 26), 16), 44), sheet.level))


def _pads(stock: Stock, cut: Cut) -> tuple[float, float, float]:
    """Empty edge of a label in pixels: at the sides, the top and the bottom."""
    pad = (0.6 + 0.35 * bool(cut.frame) + 0.2 * (cut.shape != "square")) * stock.size
    if cut.screwed:
        pad = 1.3 * stock.size
    return pad, pad + (1.0 * stock.size if cut.hole else 0.0), pad


def _content(stock: Stock, blocks: list[Block], wide: float, cut: Cut) -> float:
    """Height of a label with its edges at a width; infinity when something does not fit across."""
    side, top, bottom = _pads(stock, cut)
    inner = wide - 2 * side
    return stacked(blocks, stock, inner) + top + bottom if inner > 0 else math.inf


def spread(sheet: Sheet, across: int, down: int, most: int) -> tuple[int, int]:
    """Columns and rows of a page of labels: two labels at least, and enough to fill the page."""
    rng = sheet.rng
    columns = rng.randint((min(across, most) + 1) // 2, min(across, most))
    rows = max(min(down, most // columns), 1)
    rows = rng.randint((rows + 1) // 2, rows)
    if columns * rows > 1:
        return columns, rows
    return (1, 2) if down > 1 else (2, 1)


def grid(sheet: Sheet, labels: list[tuple[Stock, list[Block]]], columns: int, cut: Cut) -> None:
    """Draw labels of one size row by row over the page, all in the largest print that each of them allows."""
    rng, canvas = sheet.rng, sheet.canvas
    rows = -(-len(labels) // columns)
    gap = rng.uniform(0.015, 0.05) * min(canvas.height, canvas.width)
    wide = (canvas.width - gap * (columns + 1)) / columns
    tall = (canvas.height - gap * (rows + 1)) / rows
    most = min(_cap(sheet), cut.most)
    sizes = []
    for stock, blocks in labels:
        if not fit(stock, blocks, wide, tall, cut, most):
            canvas.clipped = True
            return
        sizes.append(stock.size)
    tallest = 0.0
    for stock, blocks in labels:
        stock.size = min(sizes)
        tallest = max(tallest, _content(stock, blocks, wide, cut))
    tall = min(tall, tallest * rng.uniform(1.05, 1.5))
    gap_down = (canvas.height - rows * tall) / (rows + 1)
    GROUNDS[cut.ground](canvas, rng)
    for number, (stock, blocks) in enumerate(labels):
        row, column = divmod(number, columns)
        x0, y0 = gap + column * (wide + gap), gap_down + row * (tall + gap_down)
        draw(stock, blocks, (x0, y0, x0 + wide, y0 + tall), cut)
