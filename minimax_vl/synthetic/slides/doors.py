"""Opening hours as they hang on doors, in several languages."""

from __future__ import annotations

from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.blocks import Row, largest, write
from minimax_vl.synthetic.slides.grids import grid
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.paper import laid
from minimax_vl.synthetic.slides.words import CLOCKS, DOORS, WEEK

HOURS = (
    "What are the opening hours on {day}?",
    "When is it open on {day}?",
    "Which hours are given for {day}?",
    "{day}: which hours?",
)
OPENS = ("At what time does it open on {day}?", "When are the doors opened on {day}?")
CLOSES = ("When does it close on {day}?", "Until when is it open on {day}?")
SHUT = ("On which day is it closed?", "Which day is it closed?", "When is it closed all day?")
ONLY = ("For which day or days are the hours {shown}?", "When are the hours {shown}?")
PHONE = ("What is the phone number?", "Which number can one call?", "Telephone number?")
FIRM = ("Whose opening hours are these?", "What is the name of the business?", "Which company is it?")
# from, to: days that share a line, 0 is Monday
EACH = tuple((day, day) for day in range(7))
SPANS = (
    EACH,
    EACH,
    ((0, 4), (5, 5), (6, 6)),
    ((0, 3), (4, 4), (5, 5), (6, 6)),
    ((0, 4), (5, 6)),
    ((0, 0), (1, 4), (5, 6)),
    ((0, 5), (6, 6)),
)
Line = tuple[int, int, str, str]  # first day, last day, opens, closes; both times '' where it is closed


def hours(look: Look) -> bool:
    """Whose door it is, the days and their hours, and a number to call."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    heads, closed, days = DOORS[rng.choice(tuple(DOORS))]
    room, firm, phone = laid(look, 0.4), sheet.values.company(), sheet.values.phone()
    named, called, head = rng.random() < 0.8, rng.random() < 0.35, rng.choice(heads)
    above = [Row(firm, look.display, 1.35, lines=2, ink=look.title_ink)] if named else []
    above.append(Row(head, look.bold, 1.0 if named else 1.4, gap=0.5))
    below = [Row(rng.choice(("Tel. ", "Phone: ", "Call ")) + phone, look.face, 0.9)] if called else []
    top, foot = room.to(y1=room.y0 + 0.3 * room.height), room.to(y0=room.y1 - 0.1 * room.height)
    size = largest(look, [(top, above), (foot, below)], round(1.3 * look.most))
    if not size:
        return False
    align = rng.choice((0.0, 0.5, 0.5))
    end = write(look, above, top, size, align=align, loose=False)
    lines = _lines(look)
    rows = _printed(look, lines, days, closed)
    middle = room.to(y0=end + 0.5 * size, y1=foot.y0 - 0.2 * size if called else room.y1)
    style = rng.choice(("plain", "plain", "rules", "stripes", "boxes"))
    aligned = (0.0, rng.choice((0.0, 1.0, 1.0)))
    if grid(look, rows, middle, round(1.3 * look.most), aligned=aligned, style=style) < len(rows):
        return False
    if called:
        write(look, below, foot, size, align=align, anchor=1.0)
    _ask_hours(look, lines, rows, days)
    facts.ask(firm, FIRM) if named else facts.lack(FIRM)
    facts.ask(head, ("What is the heading of the list of hours?", "What is written above the days?"))
    facts.ask(phone, PHONE) if called else facts.lack(PHONE)
    facts.lack(("What are the opening hours of {shop}?", "When does {shop} close?"), shop="")
    facts.kind = "opening hours"
    facts.caption = (
        f"The opening hours of {firm.rstrip('.')}." if named else "The opening hours of a business."
    )
    return True


def _lines(look: Look) -> list[Line]:
    """Hours for every day of the week; towards its end they are shorter, or there are none."""
    rng, style = look.rng, look.rng.randrange(CLOCKS)
    start, end = rng.randint(12, 22) * 30, rng.randint(33, 42) * 30
    shut = rng.choice((0, 6, 6, None))  # the day on which it is closed
    lines = []
    for first, last in rng.choice(SPANS):
        alone = first == last
        opens = start + (rng.choice((0, 0, 0, 30, 60)) if alone else 0)
        closes = end + (rng.choice((0, 0, 60, 90)) if alone else 0) - (120 if first >= 5 else 0)
        times = (
            ("", "") if alone and shut == first else (words.clock(style, opens), words.clock(style, closes))
        )
        lines.append((first, last, *times))
    return lines


def _printed(look: Look, lines: list[Line], days: list[str], closed: str) -> list[list[str]]:
    between, dash = look.rng.choice((" - ", "-", " to ", " - ")), look.rng.choice((" - ", "-", " - "))
    return [
        [
            days[first] if first == last else f"{days[first]}{dash}{days[last]}",
            f"{opens}{between}{closes}" if opens else closed,
        ]
        for first, last, opens, closes in lines
    ]


def _ask_hours(look: Look, lines: list[Line], rows: list[list[str]], days: list[str]) -> None:
    """A day is named as printed, or in English; one within a span has the hours of the span."""
    rng, facts = look.rng, look.sheet.facts
    for (first, last, opens, closes), (name, shown) in zip(lines, rows):
        for day in range(first, last + 1):
            called = rng.choice((days[day], days[day], WEEK[day]))
            facts.ask(shown, HOURS, day=called)
            facts.ask(opens, OPENS, one_of_many=True, day=called)
            facts.ask(closes, CLOSES, one_of_many=True, day=called)
        if first != last:
            facts.ask(shown, ("What are the hours for '{name}'?", "What stands next to '{name}'?"), name=name)
        facts.seen(shown)
        facts.ask(name, ONLY if opens else SHUT, mark=shown, one_of_many=bool(opens), shown=shown)
