"""A slide with a picture: hills, houses, or a frame that stands for one, over its caption."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic import names
from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import nth
from minimax_vl.synthetic.slides.blocks import Row, flat, kept, largest, tall, write
from minimax_vl.synthetic.slides.box import disc
from minimax_vl.synthetic.slides.frame import titled
from minimax_vl.synthetic.slides.look import Look

CAPTION = ("What is the caption of the picture?", "What does the caption say?", "Caption?")
NUMBER = ("What is the number of the figure?", "Which number does the figure have?")
CREDIT = ("Who took the photo?", "Whose picture is it?", "Who is credited for the picture?")
LABELS = ("Figure {}: ", "Fig. {}: ", "Figure {}. ", "Abb. {}: ", "", "")
CREDITS = ("Photo: ", "Picture: ", "Image: ", "Foto: ")


def picture(look: Look) -> bool:
    """A picture with a caption under it, and sometimes points beside it."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    number, by = str(rng.randint(1, 12)), f"{names.given(rng)} {names.surname(rng)}"
    label, text = rng.choice(LABELS).format(number), sheet.once(lambda: words.point(sheet))
    rows = [Row(label + text, look.slanted, 0.9)]
    credited = rng.random() < 0.4
    if credited:
        rows.append(Row(rng.choice(CREDITS) + by, look.face, 0.7, ink=look.soft))
    frame, side = _halves(look, room)
    under = frame.to(y0=frame.y1 - min(0.3 * room.height, 5 * look.most))
    size = largest(look, [(under, rows)], look.most)
    if not size:
        return False
    under = under.to(y0=under.y1 - tall(look, rows, under, size))
    _paint(look, frame.to(y1=under.y0 - 0.5 * size))
    write(look, rows, under, size, align=rng.choice((0.0, 0.5)), loose=False)
    if side:
        _write_points(look, side)
    facts.ask(text, CAPTION)
    facts.ask(number if label else "", NUMBER)
    facts.ask(by, CREDIT) if credited else facts.lack(CREDIT)
    facts.caption = f"A slide titled {title} with a picture and its caption."
    return True


def _halves(look: Look, room: Box) -> tuple[Box, Box | None]:
    """Room for the picture, and beside it for points, or None."""
    rng = look.rng
    if rng.random() > 0.6 or room.width < 18 * look.most:
        return room, None
    wide = rng.uniform(0.45, 0.6) * room.width
    if rng.random() < 0.6:
        return room.to(x1=room.x0 + wide), room.to(x0=room.x0 + wide + look.most)
    return room.to(x0=room.x1 - wide), room.to(x1=room.x1 - wide - look.most)


def _write_points(look: Look, box: Box) -> None:
    sheet = look.sheet
    texts = [sheet.once(lambda: words.point(sheet)) for _ in range(sheet.count(2, 6))]
    points = [[Row(text, look.face, indent=1.3, gap=0.6, lines=5, mark="disc")] for text in texts]
    points, size = kept(look, points, box, look.most)
    if size:
        write(look, flat(points), box, size, anchor=0.3)
        nth(look, [row.text for row in flat(points)], "bullet point")


def _paint(look: Look, box: Box) -> None:
    """Hills or houses under a sun, or an empty frame."""
    rng, canvas, kind = look.rng, look.canvas, look.rng.random()
    if kind < 0.2:
        rounded(canvas, box, 0.03 * box.width, look.panel)
        canvas.box(*box.corners, look.line)
        radius, grey = 0.2 * min(box.width, box.height), blend(look.panel, look.line, 0.5)
        disc(canvas, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, radius, grey)
        return
    sky: Colour = (rng.randint(120, 220), rng.randint(150, 230), rng.randint(190, 255))
    canvas.fill(*box.corners, sky)
    across = box.x0 + rng.uniform(0.2, 0.8) * box.width
    disc(canvas, across, box.y0 + 0.28 * box.height, 0.1 * min(box.height, box.width), (250, 220, 110))
    (_hills if kind < 0.6 else _houses)(look, box)


def _hills(look: Look, box: Box) -> None:
    rng = look.rng
    x = np.linspace(0, 1, round(box.x1) - round(box.x0))
    y = np.linspace(0, 1, round(box.y1) - round(box.y0))[:, None]  # [h, 1]
    for layer in range(3):
        ridge = 0.5 + 0.16 * layer + 0.09 * np.sin(rng.uniform(3, 9) * x + rng.uniform(0, 6))
        shade = (60 + 30 * layer, 120 - 20 * layer + rng.randint(0, 40), 70)
        look.canvas.stain(box.x0, box.y0, ((y > ridge) * 255).astype(np.uint8), shade)


def _houses(look: Look, box: Box) -> None:
    rng, edge = look.rng, box.x0
    while edge < box.x1 - 1:
        end = min(edge + box.width * rng.uniform(0.06, 0.16), box.x1)
        roof, grey = box.y1 - box.height * rng.uniform(0.2, 0.6), rng.randint(60, 160)
        look.canvas.fill(edge, roof, end, box.y1, (grey, grey - 10, grey + 10))
        edge = end
