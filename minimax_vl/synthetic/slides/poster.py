"""A poster: what happens, when, where, and what it costs."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import given
from minimax_vl.synthetic.slides.blocks import Row, flat, kept, tall, write
from minimax_vl.synthetic.slides.box import code_square
from minimax_vl.synthetic.slides.frame import on_band
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.paper import laid

POSTER = {
    "event": (
        "What is announced?",
        "What is the event?",
        "What is the poster about?",
        "What is the name of the event?",
    ),
    "host": ("Who presents the event?", "Who organises the event?", "Who is the host?"),
    "date": (
        "On what date does it take place?",
        "On which day is the event?",
        "What is the date of the event?",
    ),
    "start": (
        "At what time does it start?",
        "At what time does the event begin?",
        "What is the starting time?",
    ),
    "hall": ("What is the venue?", "What is the venue called?", "What is the name of the venue?"),
    "address": ("What is the address of the venue?", "In which street is the venue?"),
    "price": ("What is the admission?", "How much is the ticket?", "What does it cost to get in?"),
    "website": ("Which website tells more?", "Which website is given?", "What is the website?"),
    "phone": ("Which number can one call?", "What is the phone number?"),
}
# what may stand before a name, and has to before a number to call
BEFORE = {"host": ("Presented by", "By", ""), "phone": ("Tel.", "Phone", "Call")}
# how it may be said what follows; a label in front of one value alone would look odd without the others
LABELS = {
    "date": ("Date", "When", "Day", "Datum", "Fecha", "Tarikh"),
    "start": ("Start", "Begins", "Time", "Beginn", "Hora", "Masa"),
    "hall": ("Where", "Venue", "Place", "Ort", "Lugar", "Tempat"),
    "price": ("Admission", "Tickets", "Entry", "Eintritt", "Entrada", "Tiket"),
}


def poster(look: Look) -> bool:
    """What happens, in large print, and when, where, and for how much."""
    rng, sheet, facts, values = look.rng, look.sheet, look.sheet.facts, look.sheet.values
    event = sheet.once(
        lambda: rng.choice((rng.choice(words.EVENTS), rng.choice(words.EVENTS), values.title(1, 3)))
    )
    event = event.upper() if rng.random() < 0.4 else event
    drawn = {
        "host": (0.5, values.company()),
        "date": (0.95, values.date()),
        "start": (0.8, words.clock(rng.randrange(words.CLOCKS), rng.randint(36, 84) * 15)),
        "hall": (0.8, f"{rng.choice((values.city(), values.title(1, 1)))} {rng.choice(words.HALLS)}"),
        "address": (0.35, values.address()),
        "price": (0.6, rng.choice((values.amount(rng.randint(3, 90) * 50, currency=True), "free"))),
        "website": (0.4, values.website()),
        "phone": (0.25, values.phone()),
    }
    shown = {name: text for name, (share, text) in drawn.items() if rng.random() < share}
    banded, align = rng.random() < 0.3, rng.choice((0.0, 0.5, 0.5))
    room = laid(look, 0.15, banded=banded)
    labelled, tongue = rng.random() < 0.5, rng.randrange(6)
    names = ["event", *shown]
    groups = [[Row(event, look.display, rng.uniform(1.9, 2.9), lines=4, ink=look.title_ink)]]
    for name, text in shown.items():
        label = LABELS[name][tongue] if labelled and name in LABELS else ""
        if name in BEFORE:
            label = rng.choice(BEFORE[name])
        face = look.bold if name in ("date", "start") else look.face
        colon = ":" if label and name in LABELS else ""
        groups.append(
            [Row(f"{label}{colon} {text}".strip(), face, 0.8 if name in ("host", "phone") else 1.0, gap=0.6)]
        )
    groups, size = kept(look, groups, room, round(1.15 * look.most))
    if not size:
        return False
    _write_poster(look, groups, room, size, align=align, banded=banded)
    there = {"event": event} | {name: shown[name] for name in names[1 : len(groups)]}
    given(look, there, POSTER)
    facts.kind = "poster"
    when = f" on {there['date']}" if "date" in there else ""
    facts.caption = f"A poster for {event}{when}."
    return True


def _write_poster(
    look: Look, groups: list[list[Row]], room: Box, size: int, *, align: float, banded: bool
) -> None:
    """A square code at the foot where there is room for it, the event on a band if wanted, and the rest."""
    rows = flat(groups)
    spare = room.height - tall(look, rows, room, size)
    side = min(6 * size, 0.4 * room.width)
    if look.rng.random() < 0.3 and spare > side + 4 * size:
        x = room.x0 + (room.width - side) * align
        code_square(look.canvas, look.rng, Box(x, room.y1 - side, x + side, room.y1))
        room = room.to(y1=room.y1 - side - size)
    if banded:
        rows, room = on_band(look, rows, room, size, align)
    write(look, rows, room, size, align=align, anchor=0.4)
