"""Slides with figures: a small table, key figures in boxes, two options beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.facts import CELL, WHICH_ROW
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import counted
from minimax_vl.synthetic.slides.blocks import GROWTH, Cell, Row, largest, write
from minimax_vl.synthetic.slides.frame import card, titled
from minimax_vl.synthetic.slides.grids import STYLES, TIGHT, grid
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.words import NUMBERS, UNITS

IN = (
    "What is the figure for {row} in {column}?",
    "{row} in {column}?",
    "Which number does {row} have in {column}?",
)
HAD = ("Which {first} had {value} in {column}?", "Which {first} has the figure {value} in {column}?")
SUMMED = ("What is the total of {column}?", "What is the sum of all in {column}?", "Total for {column}?")
FIGURE = (
    "What is the figure for {name}?",
    "Which figure is given for {name}?",
    "What figure stands with '{name}'?",
    "{name}: what figure?",
)
STANDS = ("What does {value} stand for?", "What is {value} the figure of?", "Which label belongs to {value}?")
OF = ("What is the {name} of {option}?", "{option}: {name}?", "Which {name} does {option} have?")
WHICH = ("Which option has the {name} {value}?", "Which of the two has {name} {value}?")
SUMS = ("Total", "Sum", "Grand total", "Sum total")  # as questions about what a page lacks know them
PAIRS = (
    ("Option A", "Option B"),
    ("Plan A", "Plan B"),
    ("Before", "After"),
    ("Basic", "Premium"),
    ("Today", "Target"),
)


def table(look: Look) -> bool:
    """Names and their figures over some quarters or years, with a sum at the foot now and then."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    start, most = rng.randint(1995, 2026), 10 ** rng.randint(2, 5)
    quarters, years = [f"Q{n}" for n in range(1, 5)], [str(start + n) for n in range(5)]
    heads = rng.choice((quarters, years, ["Plan", "Actual", "Last year"]))[: sheet.count(2, 5)]
    first = rng.choice(("Region", "Product", "Team", "Site", "Item", "Branch"))
    named = sheet.values.city if first in ("Region", "Site", "Branch") else partial(words.heading, sheet)
    summed = rng.random() < 0.35
    count = min(sheet.count(3, 9), int(room.height / (TIGHT * look.least)) - 1 - summed)
    figures = [[rng.randint(1, most) for _ in heads] for _ in range(count)]
    shown = "{:,}" if rng.random() < 0.6 else "{}"
    rows = [[sheet.once(named), *map(shown.format, line)] for line in figures]
    if summed:
        rows.append([rng.choice(SUMS), *(shown.format(sum(column)) for column in zip(*figures))])
    aligned = (0.0, *[rng.choice((0.5, 1.0))] * len(heads))
    style, bold = rng.choice(STYLES[1:]), rng.choice((look.face, look.bold))
    if not grid(
        look, [[first, *heads], *rows], room, look.most, aligned=aligned, head=True, first=bold, style=style
    ):
        return False
    timed = heads[0] != "Plan"
    for number, name in enumerate(heads, 1):
        for row in rows[:count]:
            text, mark = row[number], f"{name} {row[number]}"
            facts.seen(mark)
            facts.ask(text, IN if timed else CELL, one_of_many=True, column=name, row=row[0])
            value = {"first": first.lower(), "column": name, "value": text}
            facts.ask(row[0], HAD if timed else WHICH_ROW, mark=mark, one_of_many=True, **value)
        if summed:
            facts.seen(f"{name} {rows[-1][number]}")
            facts.ask(rows[-1][number], SUMMED, column=name)
    facts.lack(IN if timed else CELL, column=heads[-1], row="")
    facts.ask(rows[0][0], ("Which {first} is listed first?",), first=first.lower())
    facts.caption = f"A slide titled {title} with a table of figures for {count} rows."
    return True


def figures(look: Look) -> bool:
    """Two to six large numbers in boxes, each beside what it counts."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    style, ordered = rng.choice(("panel", "panel", "accent", "outline", "bar")), rng.choice((1, 1, 1, -1))
    ink = look.on(look.accent) if style == "accent" else None
    readable = style == "panel" and not look.apart(look.accent, look.panel)
    strong = ink or rng.choice((look.ink if readable else look.accent, look.ink))
    scale = rng.uniform(1.6, 2.6)
    for count in range(min(sheet.count(2, 7), 6), 1, -1):
        boxes = _spread(room, count, 0.7 * look.most)
        drawn = [_figure(look) for _ in boxes]
        cells: list[Cell] = []
        for box, (value, name) in zip(boxes, drawn):
            rows = [
                Row(value, look.display, scale, lines=1, ink=strong),
                Row(name, look.face, gap=0.25, ink=ink),
            ]
            cells.append((box.inset(0.5 * look.most, 0.3 * look.most), rows[::ordered]))
        if size := largest(look, cells, look.most, grow=GROWTH):
            break
    else:
        return False
    for box, (inner, rows) in zip(boxes, cells):
        card(look, box, style, size)
        write(look, rows, inner, size, align=0.0 if style == "bar" else 0.5, anchor=0.5, loose=False)
    for value, name in drawn:
        facts.seen(value)
        facts.ask(value, FIGURE, name=name)
        facts.ask(name, STANDS, mark=value, value=value)
    counted(look, count, "key figures")
    facts.lack(FIGURE, name="")
    facts.caption = f"A slide titled {title} with {NUMBERS[count]} key figures."
    return True


def _figure(look: Look) -> tuple[str, str]:
    """A number in the form that fits what it counts, and what that is."""
    rng, sheet = look.rng, look.sheet
    form = rng.choice(("count", "count", "share", "money", "times"))
    name = sheet.once(lambda: rng.choice(words.FIGURES[form].split("|")))
    whole, currency = rng.randint(2, 999), sheet.values.currency.strip()
    values = {
        "count": (
            str(whole),
            f"{whole:,},{rng.randint(0, 999):03d}",
            f"{rng.uniform(1, 30):.1f}M",
            f"{whole}+",
        ),
        "share": (f"{rng.randint(1, 99)}%", f"{rng.uniform(1, 99):.1f}%", f"+{rng.randint(2, 80)}%"),
        "money": (f"{currency}{whole}k", f"{currency}{rng.uniform(1, 90):.1f}M", f"{currency}{whole},000"),
        "times": (f"{rng.randint(2, 40)}x", f"{rng.uniform(1, 9):.1f}x"),
    }
    return rng.choice(values[form]), name.capitalize() if look.capital else name


def _spread(room: Box, count: int, gap: float) -> list[Box]:
    """So many boxes in a row, in a column, or in two rows or columns, whichever suits the shape of the room."""
    if count > 4 or (count == 4 and 0.5 < room.width / room.height < 2):
        across = 2 if room.width < 1.2 * room.height else -(-count // 2)
        down = -(-count // across)
        return [box for row in room.rows(down, gap) for box in row.columns(across, gap)][:count]
    return room.columns(count, gap) if room.width > room.height else room.rows(count, gap)


def comparison(look: Look) -> bool:
    """Two options by the same criteria."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, title = titled(look)
    names = (partial(sheet.values.title, 1, 1), partial(words.heading, sheet), sheet.values.code)
    drawn = tuple(sheet.once(rng.choice(names)) for _ in "ab")
    options = rng.choice(PAIRS) if rng.random() < 0.3 else drawn
    rows = []
    for name, kind in (entry.split(":") for entry in rng.sample(words.CRITERIA, sheet.count(3, 9))):
        draw = _measured(look, kind)
        rows.append([name, draw(), draw()])
    style, first = rng.choice(STYLES[1:]), rng.choice((look.face, look.bold))
    aligned = (0.0, *[rng.choice((0.0, 0.5, 0.5))] * 2)
    shown = grid(
        look, [["", *options], *rows], room, look.most, aligned=aligned, head=True, first=first, style=style
    )
    if not shown:
        return False
    for name, *texts in rows[: shown - 1]:
        for option, text in zip(options, texts):
            facts.ask(text, OF, name=name.lower(), option=option)
            if texts[0] != texts[1]:
                facts.ask(option, WHICH, name=name.lower(), value=text)
    facts.ask(options[0], ("Which option is in the left column?", "What is the first of the two options?"))
    facts.ask(options[1], ("Which option is in the right column?", "What is the second of the two options?"))
    facts.lack(OF, name="", option=options[0])
    facts.caption = f"A slide titled {title} that compares {options[0]} with {options[1]}."
    return True


def _measured(look: Look, kind: str) -> Callable[[], str]:
    """How to draw the values of a criterion, in one unit or as one kind of value."""
    rng, values = look.rng, look.sheet.values
    if kind not in UNITS:
        return getattr(values, kind)
    unit = rng.choice(UNITS[kind])
    return lambda: f"{rng.randint(2, 90)} {unit}"
