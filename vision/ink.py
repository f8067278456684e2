"""The inked area of a page: blank margins and dark scan borders are cut off, so that print takes up more pixels.

A figure, whose shapes are no strokes, is left whole: there is little print to be enlarged, and where things lie counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are outside

LOOK = 800  # pixels along the longer side of the copy that is looked at
STROKE = 13  # pixels of the copy; a dark mark wider than this both ways is a border or a shadow, not print
FAINTEST = 9  # grey levels between the palest print and its paper, after the copy's averaging
PAPER = 0.5  # of the brightest neighbourhoods: darker ones are a table, and what lies there is not print
CELL = 8  # pixels of the copy; inked cells that touch are one block
INKED = 4  # inked pixels of a cell that are more than dirt
SMALLEST = 50  # inked pixels of a block of print: about three characters
EDGE = 0.06  # of a side: blocks that start at the edge and reach no further are dirt or the paper's end
MARGIN = 0.02  # of the longer side, left around the print
WORTH = 0.94  # of the area: a larger box saves too little to be worth a resampling at another scale
BLANK = 0.5  # share of the box that must be bare paper of one shade (within a fifth), else it is a picture
TINT = 28  # levels of a colour channel between a shape and paper in the same light
SHADE = 0.6  # of the paper's light: a shadow on paper is brighter, a dark shape is not
THIN = 2  # every second pixel of the copy is enough to find shapes
LEAST = 12  # of those pixels in a shape
CORE = 3  # of those pixels: a shape holds a square of this side
FIGURE = 0.3  # pixels in shapes for one of print; scanned and photographed papers have a tenth at most


def inked_area(image: Image.Image, *, least: int = 336) -> Box:
    """Where the print of an upright page lies, with a margin of 2 %; the whole image when in doubt.

    The whole image is returned for photographs and figures, for light print on dark, and when little would be cut.
    No side of the box is shorter than `least` pixels or the image itself, so a small note is not blown up.
    """
    width, height = image.size
    whole = (0, 0, width, height)
    if min(width, height) < 64 or width * height <= least * least:
        return whole
    small, scale = _small(image)
    grey = np.asarray(small.convert("L"))
    ink, bare = _ink(grey)
    blocks = [block for block in _blocks(ink) if _is_print(block, ink)]
    if not blocks or _shaped(np.asarray(small), ink, bare) > FIGURE * sum(block.pixels for block in blocks):
        return whole
    left, top = min(b.left for b in blocks), min(b.top for b in blocks)
    right, bottom = max(b.right for b in blocks), max(b.bottom for b in blocks)
    inside = grey[top:bottom, left:right][bare[top:bottom, left:right]]
    even = np.abs(inside - np.median(inside)) < 0.2 * np.median(inside) if len(inside) else inside
    if np.count_nonzero(even) < BLANK * (bottom - top) * (right - left):
        return whole
    margin = MARGIN * max(width, height)
    x0, x1 = _span(left * scale - margin, right * scale + margin, width, least)
    y0, y1 = _span(top * scale - margin, bottom * scale + margin, height, least)
    return (x0, y0, x1, y1) if (x1 - x0) * (y1 - y0) < WORTH * width * height else whole


def _small(image: Image.Image) -> tuple[Image.Image, float]:
    """RGB copy, and how many pixels of the image one of its pixels is."""
    scale = max(1.0, max(image.size) / LOOK)
    size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
    rgb = image.convert("RGB")
    return rgb.resize(size, Image.Resampling.BOX) if scale > 1 else rgb, scale


def _ink(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(print, bare paper), both bool [h, w].

    A morphological closing fills whatever is darker than its surroundings and narrower than STROKE: what it adds is
    print. Outside the picture all is taken as dark, so a dark border of any width stays a border.
    """
    pad = np.pad(grey, STROKE)
    closed = _slide(_slide(pad, np.maximum), np.minimum)[STROKE:-STROKE, STROKE:-STROKE]
    depth = closed - grey  # a closing is never darker than its picture
    bright = closed >= PAPER * np.percentile(closed, 95)
    paper_grain = float(np.median(depth[bright]))
    threshold = max(FAINTEST, 3.0 * paper_grain)
    dark = bright & (depth > threshold)
    return dark, bright & ~dark


def inked(grey: np.ndarray) -> np.ndarray:
    """Where print is on a page, uint8 [H, W] -> bool [H, W]."""
    return _ink(grey)[0]


def _shaped(rgb: np.ndarray, ink: np.ndarray, bare: np.ndarray) -> int:
    """Pixels of the copy inside of shapes: of another colour than the paper, or dark, and apart from its edges.

    What reaches an edge is the scanner's lid or the table that a page lies on.
    """
    rgb, ink, bare = (plane[::THIN, ::THIN] for plane in (rgb, ink, bare))
    if not bare.any():
        return 0
    paper = np.median(rgb[bare], axis=0).astype(np.float32)
    light = rgb.mean(2, dtype=np.float32) / max(float(paper.mean()), 1.0)
    tint = np.abs(rgb - paper * light[..., None]).max(2)
    core = _slide(~ink & ((tint > TINT) | (light < SHADE)), np.minimum, CORE)
    height, width = ink.shape
    blocks = [b for b in _blocks(core) if b.left > 0 and b.top > 0 and b.right < width and b.bottom < height]
    return THIN**2 * sum(block.pixels for block in blocks if block.pixels >= LEAST)


def _slide(values: np.ndarray, pick: np.ufunc, side: int = STROKE) -> np.ndarray:
    """The largest (or smallest) value of each window of side x side, same size; windows are cut at the edge."""
    half = side // 2
    for axis in (0, 1):
        moved = np.moveaxis(values, axis, 0)
        out = moved.copy()
        for by in range(1, half + 1):
            pick(out[by:], moved[:-by], out=out[by:])
            pick(out[:-by], moved[by:], out=out[:-by])
        values = np.moveaxis(out, 0, axis)
    return values


@dataclass(frozen=True)
class _Block:
    """Inked cells that touch each other; sides in pixels of the copy."""

    left: int
    top: int
    right: int
    bottom: int
    pixels: int  # inked ones


def _blocks(ink: np.ndarray) -> list[_Block]:
    """Connected groups of inked cells, diagonals included."""
    h, w = (side // CELL * CELL + CELL for side in ink.shape)
    padded = np.zeros((h, w), dtype=bool)
    padded[: ink.shape[0], : ink.shape[1]] = ink
    counts = padded.reshape(h // CELL, CELL, w // CELL, CELL).sum((1, 3))  # [rows, columns] of cells
    left = {(int(r), int(c)) for r, c in np.argwhere(counts >= INKED)}
    found = []
    while left:
        group, reach = [], [left.pop()]
        while reach:
            row, column = reach.pop()
            group.append((row, column))
            near = {(row + dr, column + dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1)} & left
            left -= near
            reach += near
        rows, columns = np.array(group).T
        found.append(
            _Block(
                int(columns.min()) * CELL,
                int(rows.min()) * CELL,
                int(columns.max() + 1) * CELL,
                int(rows.max() + 1) * CELL,
                int(counts[rows, columns].sum()),
            )
        )
    return found


def _is_print(block: _Block, ink: np.ndarray) -> bool:
    """Whether a block is more than dirt, a crease, or what lies along an edge of the page."""
    height, width = ink.shape
    wide, tall = block.right - block.left, block.bottom - block.top
    if block.pixels < SMALLEST or (wide <= 2 * CELL and tall > 6 * wide):
        return False
    rows, columns = slice(block.top, block.bottom), slice(block.left, block.right)
    if block.right < EDGE * width:
        return not ink[rows, :2].any()
    if block.left > (1 - EDGE) * width:
        return not ink[rows, -2:].any()
    if (tall <= 2 * CELL or wide <= 5 * CELL) and block.bottom < EDGE * height:
        return not ink[:2, columns].any()
    if (tall <= 2 * CELL or wide <= 5 * CELL) and block.top > (1 - EDGE) * height:
        return not ink[-2:, columns].any()
    return True


def _span(start: float, stop: float, size: int, least: int) -> tuple[int, int]:
    """Whole pixels from `start` to `stop` within 0..size, widened about the middle to `least`."""
    lacking = max(0.0, min(least, size) - (stop - start)) / 2
    start, stop = start - lacking, stop + lacking
    start -= max(0.0, stop - size)
    stop += max(0.0, -start)
    return max(0, int(start)), min(size, int(np.ceil(stop)))
