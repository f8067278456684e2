"""Slides along a path: a time line with its years, a process with its steps."""

from __future__ import annotations

from itertools import pairwise

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import counted, nth
from minimax_vl.synthetic.slides.blocks import GROWTH, Cell, Row, largest, tall, write
from minimax_vl.synthetic.slides.box import arrow_head, disc
from minimax_vl.synthetic.slides.frame import card, titled
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.words import NUMBERS

EVENT = ("What happened in {year}?", "What is noted for {year}?", "Which event belongs to {year}?", "{year}?")
YEAR = ("In which year was '{event}'?", "What is the year of '{event}'?", "Which year belongs to '{event}'?")
NEXT = ("What happened next after '{event}'?", "Which event follows '{event}' on the timeline?")
FIRST = ("What is the {place} year on the timeline?", "Which year comes {place} on the timeline?")
FOLLOWS = ("Which step follows {step}?", "What comes after {step}?", "What is the next step after {step}?")
BEFORE = ("Which step comes before {step}?", "What is done right before {step}?")
NUMBERED = ("What is step {number}?", "Which step has the number {number}?", "Step {number}?")
TOLD = (
    "What is written under {step}?",
    "What does the text under {step} say?",
    "How is the step {step} described?",
)


def timeline(look: Look) -> bool:
    """Years along a line, each with what happened then."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    flat = room.width > 1.25 * room.height
    for count in range(min(sheet.count(3, 9), 6 if flat else 8), 1, -1):
        years = list(map(str, sorted(rng.sample(range(rng.choice((1880, 1950, 1990)), 2031), count))))
        events = [sheet.once(lambda: words.milestone(sheet)) for _ in years]
        cells: list[Cell] = []
        for box, year, event in zip(
            room.columns(count, 0.6 * look.most) if flat else room.rows(count, 6), years, events
        ):
            over, under = _halves(look, box, flat=flat)
            cells.append((over, [Row(year, look.display, 1.2, lines=1, ink=look.title_ink)]))
            cells.append((under, [Row(event, look.face, lines=6)]))
        if size := largest(look, cells, look.most, grow=GROWTH):
            break
    else:
        return False
    _line(look, room, cells, flat=flat)
    for number, (box, rows) in enumerate(cells):
        spare, is_year = box.height - tall(look, rows, box, size), number % 2 == 0
        top = box.y0 + (spare / 2 if not flat else spare if is_year else 0)
        write(look, rows, box.to(y0=top), size, align=0.5 if flat else 1.0 if is_year else 0.0, loose=False)
    for year, event in zip(years, events):
        facts.ask(event, EVENT, year=year)
        facts.ask(year, YEAR, event=event)
    for place, year in (("first", years[0]), ("last", years[-1])):
        facts.ask(year, FIRST, place=place)
    for event, later in pairwise(events):
        facts.ask(later, NEXT, event=event)
    counted(look, count, "years")
    facts.lack(YEAR, event="")
    facts.caption = f"A timeline titled {title} from {years[0]} to {years[-1]}."
    return True


def _halves(look: Look, box: Box, *, flat: bool) -> tuple[Box, Box]:
    """Room for a year and for its event: above and below a level line, or left and right of an upright one."""
    if flat:
        middle = box.y0 + 0.4 * box.height
        return box.to(y1=middle - 0.6 * look.most), box.to(y0=middle + 0.6 * look.most)
    across = box.x0 + min(4.2 * look.most, 0.3 * box.width)
    return box.to(x1=across), box.to(x0=across + 1.6 * look.most)


def _line(look: Look, room: Box, cells: list[Cell], *, flat: bool) -> None:
    """The line between the years and their events, with a dot for each."""
    canvas, half, radius = look.canvas, max(0.07 * look.most, 1), max(0.3 * look.most, 4)
    (over, _), (under, _) = cells[:2]
    x, y = (over.x1 + under.x0) / 2, (over.y1 + under.y0) / 2
    line = room.to(y0=y - half, y1=y + half) if flat else room.to(x0=x - half, x1=x + half)
    canvas.fill(*line.corners, look.line)
    for box, _ in cells[::2]:
        at = ((box.x0 + box.x1) / 2, y) if flat else (x, (box.y0 + box.y1) / 2)
        disc(canvas, *at, radius, look.accent)


def process(look: Look) -> bool:
    """Two to five steps in boxes, with arrows from one to the next."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    flat, numbered, explained = room.width > 1.25 * room.height, rng.random() < 0.5, rng.random() < 0.5
    if flat and not explained:  # a low row of boxes, not pillars
        room = room.to(y0=room.y0 + 0.24 * room.height, y1=room.y0 + 0.64 * room.height)
    style = rng.choice(("panel", "accent", "outline"))
    ink = look.on(look.accent) if style == "accent" else None
    for count in range(min(sheet.count(3, 7), 5), 1, -1):
        steps = rng.sample(words.STEPS, count)
        told = [sheet.once(lambda: words.point(sheet)) if explained else "" for _ in steps]
        boxes = room.columns(count, 1.6 * look.most) if flat else room.rows(count, 1.3 * look.most)
        cells: list[Cell] = []
        for number, (box, step, text) in enumerate(zip(boxes, steps, told), 1):
            rows = [Row(f"{number}. {step}" if numbered else step, look.bold, 1.15, lines=1, ink=ink)]
            rows += [Row(text, look.face, 0.85, ink=ink, lines=6)] if text else []
            cells.append((box.inset(0.35 * look.most, 0.2 * look.most), rows))
        if size := largest(look, cells, look.most, grow=GROWTH):
            break
    else:
        return False
    for box, (inner, rows) in zip(boxes, cells):
        card(look, box, style, size)
        write(look, rows, inner, size, align=0.5, anchor=0.5, loose=False)
    _arrows(look, boxes, flat=flat)
    nth(look, steps, "step")
    for step, later in pairwise(steps):
        facts.ask(later, FOLLOWS, step=step)
        facts.ask(step, BEFORE, step=later)
    for number, (step, text) in enumerate(zip(steps, told), 1):
        facts.ask(text, TOLD, step=step)
        facts.ask(step if numbered else "", NUMBERED, number=str(number))
    counted(look, count, "steps")
    facts.lack(FOLLOWS, step="")
    facts.caption = (
        f"A slide titled {title} with a process of {NUMBERS[count]} steps, from {steps[0]} to {steps[-1]}."
    )
    return True


def _arrows(look: Look, boxes: list[Box], *, flat: bool) -> None:
    """A head in every gap between two boxes that stand in a row or in a column."""
    for last, box in pairwise(boxes):
        if flat:
            x, y, gap = (last.x1 + box.x0) / 2, (box.y0 + box.y1) / 2, box.x0 - last.x1
        else:
            x, y, gap = (box.x0 + box.x1) / 2, (last.y1 + box.y0) / 2, box.y0 - last.y1
        arrow_head(look.canvas, x, y, 0.8 * gap, look.line, down=not flat)
