"""What a registry leaves on a page: a line with the day it came in, and the stamp of a clerk."""

from __future__ import annotations

import numpy as np

from minimax_vl.synthetic import names
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import MONTHS

UNIT = "NSD/FARA Registration Unit"
RECEIVED = (
    "On what date was the form received by the {unit}?",
    "On what date was the form received by the {unit}?",
    "On what date was the form received?",
    "When was the form received by the {unit}?",
    "What is the received date?",
)


def received(sheet: Sheet, y: float) -> tuple[str, Print, tuple[int, int, int]]:
    """The line that a registry prints over the page: who received it, the day and the time."""
    rng, canvas = sheet.rng, sheet.canvas
    unit = (
        UNIT
        if sheet.chance(0.5)
        else f"{names.word(rng)} {names.word(rng)} {rng.choice(('Unit', 'Office', 'Section'))}".title()
    )
    year, hour = rng.randint(2008, 2026), rng.randint(1, 12)
    day = f"{rng.randint(1, 12):02d}/{rng.randint(1, 28):02d}/{year}"
    clock = f"{hour}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d} {rng.choice(('AM', 'PM'))}"
    text = f"Received by {unit} {day} {clock}"
    print_ = sheet.fonts.print(
        rng.choice(sheet.fonts.office), min(round(sheet.body.size * rng.uniform(1.1, 1.6)), 24)
    )
    if print_.width(text) > canvas.width * 0.85:
        print_ = sheet.body
    canvas.write(canvas.width * 0.06 + rng.random() * 40, y, text, print_, sheet.ink)
    sheet.facts.want(day, RECEIVED, unit=unit)
    return text, print_, sheet.ink


def date_stamp(sheet: Sheet) -> None:
    """A stamp that stands on its end, as clerks set them: nothing that is asked for, but in the way of other print."""
    rng, canvas = sheet.rng, sheet.canvas
    print_ = sheet.fonts.print(rng.choice(sheet.fonts.upright), rng.randint(11, 18))
    rows = [
        f"{rng.randint(1963, 2019)} {rng.choice(MONTHS)[:3].upper()} {rng.randint(1, 28)} "
        f"{rng.choice(('AM', 'PM'))} {rng.randint(1, 12)} {rng.randint(10, 59)}",
        f"{names.word(rng)}/{names.word(rng)} UNIT".upper(),
    ]
    cover = np.zeros(
        (print_.height * 2 + 6, round(max(print_.width(row) for row in rows)) + print_.size * 2),
        dtype=np.uint8,
    )
    for number, row in enumerate(rows):
        pen = 2.0
        for character in row:
            glyph = print_.glyph(character)
            h, width = glyph.mask.shape
            top, left = (
                max(number * print_.height + print_.ascent + glyph.top, 0),
                max(int(pen) + glyph.left, 0),
            )
            window = cover[top : top + h, left : left + width]
            np.maximum(window, glyph.mask[: window.shape[0], : window.shape[1]], out=window)
            pen += glyph.advance
    cover = np.rot90(cover, rng.choice((1, 3))) // rng.randint(1, 3)
    if cover.shape[0] < canvas.height * 0.6:
        x = rng.uniform(0.3, 0.96) * canvas.width - cover.shape[1]
        canvas.stain(
            x,
            rng.uniform(0.2, 0.95) * (canvas.height - cover.shape[0]),
            np.ascontiguousarray(cover),
            sheet.ink,
        )
