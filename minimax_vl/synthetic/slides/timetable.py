"""Timetables: the minutes of every hour at a stop, or a list of departures."""

from __future__ import annotations

from collections import Counter

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.slides.blocks import Row, largest, tall, write
from minimax_vl.synthetic.slides.grids import STYLES, grid
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.paper import laid

HEADS = (
    ("Time", "Line", "To", "Platform"),
    ("Time", "No.", "Destination", "Gate"),
    ("Zeit", "Linie", "Nach", "Gleis"),
    ("Departs", "Route", "Destination", "Stop"),
    ("Hora", "Linea", "Destino", "Anden"),
)
DAYS = (
    ("Monday - Friday", "Saturday", "Sunday"),
    ("Mon-Fri", "Sat", "Sun"),
    ("Weekdays", "Saturdays", "Sundays"),
    ("Mo-Fr", "Sa", "So"),
)
MINUTES = (
    "Which minutes are given for hour {hour}?",
    "At which minutes past {hour} does it leave?",
    "What stands next to hour {hour}?",
)
MINUTES_OF = (
    "Which minutes are given for hour {hour} under {day}?",
    "{day}, hour {hour}: at which minutes?",
    "At which minutes past {hour} does it leave ({day})?",
)
GOES = (
    "Where does the departure at {time} go?",
    "What is the destination at {time}?",
    "Which place is the {time} for?",
)
LINE = ("Which line leaves at {time}?", "What is the line of the {time} departure?")
PLATFORM = ("What is the {head} of the {time} departure?", "{time}: which {head}?")
WHEN = (
    "When does a service leave for {place}?",
    "At what time is the departure to {place}?",
    "Departure to {place}?",
)
FIRST = ("When is the first departure?", "What is the earliest time?", "At what time is the first departure?")
LAST = ("When is the last departure listed?", "What is the latest time?")
STOP = ("What is the name of the stop?", "Which stop is it?", "At which stop does this timetable hang?")
NUMBER = ("What is the number of the line?", "Which line stops here?", "Line number?")
TOWARDS = ("Where does the line go?", "What is the final stop?", "In which direction does the line go?")


def timetable(look: Look) -> bool:
    """A stop, and when one can leave it."""
    look.sheet.facts.kind = "timetable"
    return (_minutes if look.rng.random() < 0.55 else _departures)(look)


def _minutes(look: Look) -> bool:
    """A row for every hour, with the minutes at which the line leaves."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    stop, end = sheet.once(sheet.values.city), sheet.once(sheet.values.city)
    line, vehicle = str(rng.randint(1, 399)), rng.choice(("Bus", "Line", "Tram", "Linie", "Bas", "Route"))
    room = _headed(
        look, stop, [f"{vehicle} {line}", f"{rng.choice(('to', 'towards', 'nach', 'ke', '->'))} {end}"]
    )
    if not room:
        return False
    days = list(rng.choice(DAYS)[: rng.choice((1, 1, 2, 3))])
    first = rng.randint(4, 9)
    hours = [f"{hour:02d}" for hour in range(first, min(first + sheet.count(5, 16), 24))]
    rows = [[hour, *(_some_minutes(look) for _ in days)] for hour in hours]
    head = [rng.choice(("Hour", "Time", "h", "Uhr", "Jam")), *days]
    rows = _table(look, head, rows, room, least=2)
    if not rows:
        return False
    days = days[: len(rows[0]) - 1]
    for row in rows:
        for day, text in zip(days, row[1:]):
            facts.ask(text, MINUTES_OF if len(days) > 1 else MINUTES, one_of_many=True, hour=row[0], day=day)
    facts.ask(rows[0][0], ("Which hour is in the first row?", "What is the first hour listed?"))
    facts.ask(rows[-1][0], ("Which hour is in the last row?", "What is the last hour listed?"))
    facts.ask(line, NUMBER)
    facts.ask(end, TOWARDS)
    facts.caption = f"A timetable of line {line} at the stop {stop}, towards {end}."
    return True


def _some_minutes(look: Look) -> str:
    minutes = sorted(look.rng.sample(range(60), look.rng.randint(1, 4)))
    return " ".join(f"{minute:02d}" for minute in minutes)


def _departures(look: Look) -> bool:
    """A row for every departure: time, line, destination, platform."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    stop, head = sheet.once(sheet.values.city), list(rng.choice(HEADS))
    room = _headed(look, stop, [rng.choice(("Departures", "Abfahrt", "Salidas", "Pelepasan"))])
    if not room:
        return False
    minutes, kind = rng.randint(5 * 60, 12 * 60), rng.choice(("IC {}", "{}", "S{}", "RE {}", "Bus {}"))
    places = [sheet.once(sheet.values.city) for _ in range(rng.randint(3, 8))]
    rows = []
    for _ in range(sheet.count(4, 16)):
        clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
        rows.append([clock, kind.format(rng.randint(1, 99)), rng.choice(places), str(rng.randint(1, 14))])
        minutes += rng.randint(2, 44)
    if rng.random() < 0.3:
        rows = [row[:3] for row in rows]
    rows = _table(look, head[: len(rows[0])], rows, room, least=3)
    if not rows:
        return False
    goings = Counter(row[2] for row in rows)
    for time, line, place, *platform in rows:
        facts.ask(place, GOES, one_of_many=True, time=time)
        facts.ask(line, LINE, one_of_many=True, time=time)
        for text in platform:
            facts.ask(text, PLATFORM, one_of_many=True, time=time, head=head[3])
        if goings[place] == 1:
            facts.ask(time, WHEN, one_of_many=True, place=place)
    facts.ask(rows[0][0], FIRST)
    facts.ask(rows[-1][0], LAST)
    facts.lack(WHEN, place="")
    facts.caption = f"A list of {len(rows)} departures at {stop}."
    return True


def _headed(look: Look, stop: str, lines: list[str]) -> Box | None:
    """The stop and what is said of it, on a band or not; the room below, or None where it does not fit."""
    banded, align = look.rng.random() < 0.5, look.rng.choice((0.0, 0.0, 0.5))
    room, facts = laid(look, 0.25, banded=banded), look.sheet.facts
    rows = [Row(stop, look.display, 1.4, lines=2, ink=None if banded else look.title_ink)]
    rows += [Row(text, look.bold, gap=0.2) for text in lines]
    top = room.to(y1=room.y0 + 0.32 * room.height)
    size = largest(look, [(top, rows)], look.most)
    if not size:
        return None
    ink = look.ink
    if banded:
        end = top.y0 + tall(look, rows, top, size) + 0.6 * size
        look.canvas.fill(*look.page.to(y1=end).corners, look.accent)
        ink = look.on(look.accent)
    end = write(look, rows, top, size, align=align, loose=False, ink=ink)
    facts.ask(stop, STOP)
    return room.to(y0=end + 1.1 * size)


def _table(look: Look, head: list[str], rows: list[list[str]], room: Box, *, least: int) -> list[list[str]]:
    """Draw the rows, the last columns left out until at least `least` of them fit; returns what was drawn."""
    style = look.rng.choice(STYLES[1:])
    while len(head) >= least:
        aligned = (0.0,) * len(head)
        shown = grid(
            look, [head, *rows], room, look.most, aligned=aligned, head=True, first=look.bold, style=style
        )
        if shown:
            return rows[: shown - 1]
        head, rows = head[:-1], [row[:-1] for row in rows]
    return []
