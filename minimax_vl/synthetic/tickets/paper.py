"""What a ticket is made of and lies on: its sheet with shadow and frame, the perforation, the table top."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tickets.look import Look, tinted

Box = tuple[float, float, float, float]  # left, top, right, bottom


def desk(sheet: Sheet) -> None:
    """Fill the page with something to lay tickets on: plain, striped as wood, woven as cloth, or a grey scan."""
    rng, canvas = sheet.rng, sheet.canvas
    base, look = tinted(rng), rng.random()
    grey = sum(base) // 3
    base = blend((grey, grey, grey), base, rng.uniform(0.2, 0.8))
    if look < 0.3:
        shade = rng.randint(200, 250)
        base = (shade, shade, shade)  # the lid of a scanner
    elif look < 0.5:
        base = blend(base, (150, 100, 60), 0.7)
    canvas.fill(0, 0, canvas.width, canvas.height, base)
    if look < 0.4:
        return
    noise = np.random.default_rng(rng.getrandbits(32))
    if look < 0.7:
        grain = np.repeat(
            noise.normal(0, 9, (canvas.height // 3 + 1, 1)), 3, axis=0
        )  # [H, 1]: streaks across the page
        shades = np.clip(np.array(base) + grain[: canvas.height], 0, 255).astype(np.uint8)  # [H, 3]
        canvas.pixels[:] = shades[:, None, :]
        return
    patch = np.clip(np.array(base) + noise.normal(0, 7, (32, 32, 1)), 0, 255).astype(np.uint8)  # [32, 32, 3]
    down, across = -(-canvas.height // 32), -(-canvas.width // 32)
    canvas.pixels[:] = np.tile(patch, (down, across, 1))[: canvas.height, : canvas.width]


def lay(look: Look, box: Box, *, whole: bool) -> None:
    """The empty paper of a ticket; where it is not the `whole` page it throws a shadow."""
    canvas, rng, (x0, y0, x1, y1) = look.sheet.canvas, look.rng, box
    if not whole:
        deep = rng.randint(2, 5)
        for left, top, right, bottom in (
            (x0 + deep, y1, x1 + deep, y1 + deep),
            (x1, y0 + deep, x1 + deep, y1),
        ):
            shadow = canvas.pixels[round(top) : round(bottom), round(left) : round(right)]
            np.multiply(shadow, 0.62, out=shadow, casting="unsafe")
    canvas.fill(*box, look.paper)
    if look.lines:
        tone = blend(look.paper, look.accent, 0.09)
        canvas.pixels[round(y0) : round(y1) : look.lines, round(x0) : round(x1)] = tone
    if look.frame:
        inset = 0 if rng.random() < 0.4 else 3
        canvas.box(x0 + inset, y0 + inset, x1 - inset, y1 - inset, look.line, thick=rng.choice((1, 1, 2)))


def tear(look: Look, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A perforation, upright or level."""
    canvas, upright = look.sheet.canvas, start[0] == end[0]
    length = round(end[1] - start[1] if upright else end[0] - start[0])
    on, pitch, thick = {"dashes": (5, 9, 1), "dots": (2, 5, 2), "holes": (4, 11, 4), "line": (1, 1, 1)}[
        look.torn
    ]
    drawn = np.arange(length) % pitch < on  # [length]
    x, y = round(start[0]), round(start[1])
    if upright:
        canvas.pixels[y : y + length, x : x + thick][drawn[: canvas.height - y]] = look.line
    else:
        canvas.pixels[y : y + thick, x : x + length][:, drawn[: canvas.width - x]] = look.line
