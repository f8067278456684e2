"""What all slides of a talk share: ground, bars and bands, the title over the body, and the footer."""

from __future__ import annotations

from dataclasses import replace

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import logo, rounded
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.blocks import Row, largest, tall, write
from minimax_vl.synthetic.slides.box import disc
from minimax_vl.synthetic.slides.look import LARGEST, Look

TITLE = (
    "What is the title?",
    "What is the title of the slide?",
    "What is the heading of the slide?",
    "Read the title of the slide.",
    "What does the slide's title say?",
)
NUMBER = (
    "What is the slide number?",
    "Which number does the footer give this slide?",
    "What number does the slide have?",
    "Slide number?",
)
COUNT = (
    "How many slides are there in all?",
    "How many slides does the talk have?",
    "Out of how many slides is this one?",
)
DATE = (
    "What date is in the footer?",
    "Which date stands at the bottom of the slide?",
    "What is the date at the bottom?",
)
FIRM = ("Which name is in the footer?", "Whose name stands at the bottom of the slide?")
NOTES = "Internal|Confidential|Draft|For discussion|Public|Intern|Entwurf|Sulit|Preliminary".split("|")


def plain(look: Look, *, banded: bool = False, without: tuple[str, ...] = ()) -> Box:
    """Paint the ground and what decorates it, write the footer, and return the room that is left.

    A slide with a band has no frame that would run into it; its footer goes without what the slide itself says.
    """
    look.ground()
    return _footer(look, _decorated(look, framed=not banded), without)


def on_band(look: Look, rows: list[Row], room: Box, size: int, align: float) -> tuple[list[Row], Box]:
    """The first row on a band across the page, where the others fit below; what is left to write, and where."""
    title = replace(rows[0], ink=None)
    end = room.y0 + tall(look, [title], room, size) + 1.6 * size
    below = room.to(y0=end + 0.8 * size)
    if not rows[1:] or tall(look, rows[1:], below, size) > below.height:
        return rows, room
    look.canvas.fill(*look.page.to(y0=room.y0, y1=end).corners, look.accent)
    box = room.to(y0=room.y0 + 0.8 * size, y1=end)
    write(look, [title], box, size, align=align, ink=look.on(look.accent))
    return rows[1:], below


def titled(look: Look) -> tuple[Box, str]:
    """A slide under a title: the room for its body, and what the title says."""
    rng, page, canvas = look.rng, look.page, look.canvas
    band, align = rng.random() < 0.3, rng.choice((0.0, 0.0, 0.0, 0.5))
    room = plain(look, banded=band)
    side = round(2.4 * look.most) if rng.random() < 0.25 and not band else 0  # of a logo in the corner
    box = room.to(x1=room.x1 - 1.4 * side, y1=room.y0 + 0.25 * page.height)
    rows, size = _fitting_title(look, box, min(round(look.most * rng.uniform(1.25, 1.9)), LARGEST))
    ink, pad = look.title_ink, 0.45 * size
    end = box.y0 + tall(look, rows, box, size)
    if band:
        canvas.fill(page.x0, page.y0, page.x1, end + pad, look.accent)
        ink = look.on(look.accent)
    elif rng.random() < 0.4:
        right = box.x1 if rng.random() < 0.6 else box.x0 + 4 * size
        canvas.rule(box.x0, right, end + 0.25 * size, look.accent, thick=max(round(size / 12), 1))
        align = 0.0
    if side:
        logo(canvas, rng, room.x1 - side, room.y0, side, look.accent)
    write(look, rows, box, size, align=align, loose=False, ink=ink)
    look.sheet.facts.ask(rows[0].text, TITLE)
    return room.to(y0=max(end + (1.6 if band else 1.3) * pad, room.y0 + side)), rows[0].text


def _fitting_title(look: Look, box: Box, most: int) -> tuple[list[Row], int]:
    """A title that fits, of one short word in the end."""
    draws = [words.title] * 6 + [words.short_title]
    while True:
        draw = draws.pop(0)
        rows = [Row(look.sheet.once(lambda draw=draw: draw(look.sheet)), look.display, lines=2)]
        size = largest(look, [(box, rows)], most)
        if size or not draws:
            return rows, size


def card(look: Look, box: Box, style: str, size: int) -> None:
    """What a box on a slide looks like: "panel" or "accent" filled, "outline", or a "bar" at its left."""
    if style == "outline":
        look.canvas.box(*box.corners, look.accent, thick=2)
    elif style == "bar":
        look.canvas.fill(box.x0, box.y0, box.x0 + max(0.2 * size, 3), box.y1, look.accent)
    else:
        rounded(look.canvas, box, look.corner * size, look.accent if style == "accent" else look.panel)


def _decorated(look: Look, *, framed: bool) -> Box:
    """Bars along the edges, pale discs in a corner, or a frame; the room for print within them."""
    rng, canvas, page = look.rng, look.canvas, look.page
    short, kind = min(page.width, page.height), rng.random()
    room = page.inset(
        max(rng.uniform(0.035, 0.08) * page.width, 10), max(rng.uniform(0.03, 0.07) * page.height, 9)
    )
    thick = max(round(short * rng.uniform(0.01, 0.035)), 3)
    if kind < 0.18:  # a bar at the left
        canvas.fill(page.x0, page.y0, page.x0 + 1.5 * thick, page.y1, look.accent)
        return room.to(x0=room.x0 + 1.5 * thick)
    if kind < 0.34:  # at the top
        canvas.fill(page.x0, page.y0, page.x1, page.y0 + thick, look.accent)
        return room.to(y0=room.y0 + thick)
    if kind < 0.44:  # at the foot
        canvas.fill(page.x0, page.y1 - thick, page.x1, page.y1, look.accent)
        return room.to(y1=room.y1 - thick)
    if kind < 0.54 and framed:
        inner = page.inset(0.4 * (room.x0 - page.x0), 0.4 * (room.y0 - page.y0))
        canvas.box(*inner.corners, look.line, thick=rng.randint(1, 2))
        return room.inset(0.1 * (room.x0 - page.x0))
    if 0.54 < kind < 0.68:  # pale enough to be written on
        pale = blend(look.back, look.accent, 0.1)
        for _ in range(rng.randint(1, 3)):
            radius = short * rng.uniform(0.06, 0.22)
            x, y = (
                rng.uniform(low + radius, high - radius)
                for low, high in ((page.x0, page.x1), (page.y0, page.y1))
            )
            disc(canvas, x, y, radius, pale)
    return room


def _footer(look: Look, room: Box, without: tuple[str, ...]) -> Box:
    """Up to three of number, date, name and note, from the left to the right; returns the room above."""
    rng, canvas, facts = look.rng, look.canvas, look.sheet.facts
    print_ = look.print(look.face, rng.uniform(0.5, 0.75) * look.most)
    share = rng.choice((0.4, 1.0, 1.0, 1.0))
    drawn = {name: text for name, often, text in _footer_texts(look) if rng.random() < often * share}
    names = _side_by_side({name: drawn[name] for name in drawn if name not in without}, look, print_, room)
    for name, forms in (("number", NUMBER), ("date", DATE)):
        if name not in (*names, *without):
            facts.lack(forms)
    if not names:
        return room
    y, gap, style = room.y1 - print_.height, 0.35 * print_.size, rng.random()
    if style < 0.2:
        canvas.fill(room.x0 - gap, y - gap, room.x1 + gap, room.y1 + gap, look.panel)
    elif style < 0.45:
        canvas.rule(room.x0, room.x1, y - gap, look.line)
    spots = {1: (rng.choice((0.0, 0.5, 1.0)),), 2: (0.0, 1.0), 3: (0.0, 0.5, 1.0)}[len(names)]
    for spot, name in zip(spots, names):
        x = room.x0 + spot * (room.width - print_.width(drawn[name]))
        canvas.write(x, y, drawn[name], print_, look.soft)
        _ask_footer(look, name, drawn[name])
    return room.to(y1=y - 1.1 * print_.size)


def _side_by_side(texts: dict[str, str], look: Look, print_: Print, room: Box) -> list[str]:
    """Those that fit beside each other, in their order: the slide's number stands last, or first."""
    names = [name for name in texts if name != "number"]
    look.rng.shuffle(names)
    names = names[:2] + [name for name in texts if name == "number"]
    if look.rng.random() < 0.2:
        names.reverse()
    while names:
        widths = [print_.width(texts[name]) + 2 * print_.size for name in names]
        outer = 2 * max(widths[0], widths[-1]) if names[1:] else widths[0]
        if outer + sum(widths[1:-1]) <= room.width + 2 * print_.size:
            break
        names.remove(next((name for name in names if name != "number"), "number"))
    return names


def _footer_texts(look: Look) -> list[tuple[str, float, str]]:
    """(what it is, how often it is there, what it says)."""
    rng = look.rng
    count = rng.randint(2, 60)
    number = rng.randint(1, count)
    shown = rng.choice(
        ("{n}", "{n}", "{n} / {c}", "{n}/{c}", "Slide {n}", "Slide {n} of {c}", "Page {n}", "{n} of {c}")
    )
    return [
        ("number", 0.8, shown.format(n=number, c=count)),
        ("date", 0.3, look.sheet.values.date()),
        ("firm", 0.45, look.sheet.values.company()),
        ("note", 0.15, rng.choice(NOTES)),
    ]


def _ask_footer(look: Look, name: str, text: str) -> None:
    facts = look.sheet.facts
    if name == "number":
        figures = [word for word in text.replace("/", " ").split() if word.isdigit()]
        facts.ask(figures[0], NUMBER)
        facts.ask(figures[-1], COUNT) if len(figures) == 2 else facts.lack(COUNT)
    elif name == "date":
        facts.ask(text, DATE)
    elif name == "firm":
        facts.ask(text, FIRM)
    else:
        facts.ask(text, ("Which note is in the footer?", "How is the slide marked at the bottom?"))
