"""What notices and cards are printed on: a sheet that fills the page or lies on a table, and what decorates it."""

from __future__ import annotations

from math import log

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend, darker
from minimax_vl.synthetic.slides.box import disc
from minimax_vl.synthetic.slides.look import Look


def laid(look: Look, share: float, *, banded: bool = False) -> Box:
    """Paint a sheet over the page, or, this share of the time, one on a table; returns the room for print on it.

    A sheet that gets a band across its head has no border that would run into it.
    """
    page = look.page
    if min(page.width, page.height) > 450 and look.rng.random() < share:
        edges = [look.rng.uniform(0.02, 0.07) for _ in "four"]
        _lie(
            look,
            Box(edges[0] * page.x1, edges[1] * page.y1, (1 - edges[2]) * page.x1, (1 - edges[3]) * page.y1),
        )
    look.ground()
    return _bordered(look, 0.5 if banded else 0.0)


def card(look: Look, shapes: tuple[float, ...]) -> None:
    """Paint a card on a table, of one of the shapes (width by height) that suits the page: it becomes the page."""
    rng, page = look.rng, look.page
    across = page.width / page.height * rng.uniform(0.6, 1.6)
    shape = min(shapes, key=lambda ratio: abs(log(ratio / across)))
    width = min(page.width, page.height * shape) * rng.uniform(0.88, 0.97)
    height = width / shape
    x, y = (
        (whole - own) * rng.uniform(0.3, 0.7) for whole, own in ((page.width, width), (page.height, height))
    )
    _lie(look, Box(x, y, x + width, y + height))
    look.ground()


def _lie(look: Look, box: Box) -> None:
    """A table under the box, and the box's shadow on it."""
    look.table_top()
    shade = max(0.006 * min(look.page.width, look.page.height), 2)
    below = look.canvas.pixels[round(box.y1) - 2, round(box.x1) - 2].tolist()
    dark = darker((below[0], below[1], below[2]), 40)
    look.canvas.fill(box.x0 + shade, box.y0 + shade, box.x1 + shade, box.y1 + shade, dark)
    look.page = box


def _bordered(look: Look, least: float) -> Box:
    """A frame, bars at the head and foot, or pale discs; the room within."""
    rng, page, canvas = look.rng, look.page, look.canvas
    short = min(page.width, page.height)
    room = page.inset(max(short * rng.uniform(0.05, 0.1), 10))
    kind = rng.uniform(least, 1.0)
    if kind < 0.3:
        canvas.box(*page.inset(0.03 * short).corners, look.accent, thick=max(round(0.008 * short), 2))
    elif kind < 0.5:
        canvas.fill(*page.to(y1=page.y0 + 0.028 * short).corners, look.accent)
        canvas.fill(*page.to(y0=page.y1 - 0.028 * short).corners, look.accent)
    elif kind < 0.65:
        pale = blend(look.back, look.accent, 0.12)
        for _ in range(rng.randint(2, 7)):
            radius = short * rng.uniform(0.03, 0.2)
            x = rng.uniform(page.x0 + radius, page.x1 - radius)
            disc(canvas, x, rng.uniform(page.y0 + radius, page.y1 - radius), radius, pale)
    return room
