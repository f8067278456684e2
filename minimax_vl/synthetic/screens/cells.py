"""A spreadsheet: lettered columns, numbered rows, the formula line, the tabs of its sheets."""

from __future__ import annotations

import string
from itertools import pairwise

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.screens.desktop import desk, field, menu, tools, window
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.shapes import framed
from minimax_vl.synthetic.sheet import Sheet

CELL = (
    "What is in cell {row}?",
    "What is the value of cell {row}?",
    "What does cell {row} contain?",
    "{row}?",
)
ROW_OF = ("What has {value} under {column}?", "For what is the {column} {value}?")
ACTIVE = ("Which cell is selected?", "Which cell is active?", "What is the selected cell?")
FORMULA = ("What is in the formula line?", "What is the formula?", "What does the formula bar say?")
NAMED = (
    "What does {row} have under {column}?",
    "{row}: {column}?",
    "What is in the column {column} for {row}?",
)
SHEET = ("Which sheet is open?", "What is the name of the selected sheet?", "Which sheet tab is active?")
Table = list[list[tuple[str, str]]]  # rows of what cells show and, for sums, the formula behind it


def spreadsheet(sheet: Sheet) -> None:
    """Lettered columns and numbered rows of goods with figures, one cell selected and spelled out above."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    screen, box = desk(sheet, ems=26, fill=0.7)
    em = screen.em
    name = sheet.once(lambda: f"{values.word()}.{rng.choice(('xlsx', 'ods', 'csv'))}")
    box = window(screen, box, name)
    box = menu(screen, box) if screen.chance(0.7) else box
    box = tools(screen, box) if screen.chance(0.5) else box
    formula, box = box.split(screen.body.height + 0.9 * em)
    box, foot = box.split(-(screen.small.height + 0.8 * em))
    _sheets(screen, foot)
    edges = _edges(screen, box)
    step = screen.body.height + rng.uniform(0.25, 0.8) * em
    lines = [box.y0 + number * step for number in range(int(box.height // step) + 1)]
    rows = len(lines) - 1
    table = _table(screen, max(min(max(sheet.count(3, 24), rows // 2), rows - 3), 1), edges)
    spots = [
        (row, column) for row, cells in enumerate(table) for column, (text, _) in enumerate(cells) if text
    ]
    row, column = rng.choice(spots)
    _grid(screen, box.x0, edges, lines, (row, column))
    place = f"{string.ascii_uppercase[column]}{row + 1}"
    _formula(screen, formula, place, table[row][column][1] or table[row][column][0])
    _fill(screen, box.x0, edges, lines, table, (row, column))
    facts.caption = f"A spreadsheet {name} with cell {place} selected."
    facts.kind = "spreadsheet"


def _edges(screen: Screen, box: Box) -> list[float]:
    """Where columns start and end: a wide one of names, and as many of figures as there is room for."""
    em, left = screen.em, box.x0 + screen.body.width("888") + 0.6 * screen.em
    narrow = screen.rng.uniform(5.2, 6.5) * em
    count = max(min(int((box.x1 - left - 9 * em) // narrow), 8), 0)
    spare = (box.x1 - left - 9 * em - count * narrow) / (count + 1)
    first = left + 9 * em + spare
    return [left, *(first + number * (narrow + spare) for number in range(count + 1))]


def _grid(
    screen: Screen, left: float, edges: list[float], lines: list[float], chosen: tuple[int, int]
) -> None:
    """Empty cells under heads of columns and beside those of rows, a frame around the selected one."""
    look, (row, column) = screen.look, chosen
    screen.fill(Box(left, lines[0], edges[-1], lines[-1]), look.panel)
    screen.fill(Box(edges[0], lines[1], edges[-1], lines[-1]), look.page)
    for y in lines:
        screen.under(left, edges[-1], y)
    for x in edges:
        screen.canvas.post(x, lines[0], lines[-1], look.line, thick=screen.thin)
    cell = Box(edges[column], lines[row + 1], edges[column + 1], lines[row + 2])
    framed(screen.canvas, cell, 0, look.page, look.accent, 2 * screen.thin)


def _fill(
    screen: Screen, left: float, edges: list[float], lines: list[float], table: Table, chosen: tuple[int, int]
) -> None:
    """Letters above the columns, then row by row its number and its cells, each asked for by place and by name."""
    look, pad = screen.look, 0.4 * screen.em
    for index, (x0, x1) in enumerate(pairwise(edges)):
        print_, ink = (screen.bold, look.accent) if index == chosen[1] else (screen.body, look.dim)
        screen.say((x0 + x1) / 2, lines[0], lines[1], string.ascii_uppercase[index], print_, ink, 0.5)
    for number, (y0, y1) in enumerate(pairwise(lines[1:])):
        print_, ink = (screen.bold, look.accent) if number == chosen[0] else (screen.body, look.dim)
        screen.say((left + edges[0]) / 2, y0, y1, str(number + 1), print_, ink, 0.5)
        for index, (text, _) in enumerate(table[number] if number < len(table) else ()):
            if not text:
                continue
            x = edges[index + 1] - pad if index else edges[0] + pad
            screen.say(x, y0, y1, text, screen.body if number else screen.bold, align=float(index > 0))
            screen.cell(f"{string.ascii_uppercase[index]}{number + 1}", "cell", text, CELL)
            if number and index and table[number][0][0]:
                screen.cell(table[number][0][0], table[0][index][0], text, NAMED, ROW_OF)


def _table(screen: Screen, filled: int, edges: list[float]) -> Table:
    """What is in the cells and, for sums, the formula behind it: a head, rows of goods with figures, a row of sums."""
    rng, sheet, em = screen.rng, screen.sheet, screen.em
    heads = [sheet.once(lambda: rng.choice(("Item", "Name", "Product", "Article")))]
    columns = len(edges) - 2  # of figures
    rooms = [b - a - 0.8 * em for a, b in pairwise(edges)]
    pool = rng.sample(
        "January February March April May June Price Qty Sales Cost Stock North South Q1 Q2 Q3 Q4".split(), 12
    )
    pool = [name for name in pool if screen.bold.width(name) < min(rooms[1:], default=0)]
    heads += pool[: columns if screen.chance(0.6) else rng.randint(1, max(columns, 1))]
    table = [[(head, "") for head in heads]]
    most = rng.choice((99, 999, 9999))
    figures = [[rng.randint(1, most) for _ in heads[1:]] for _ in range(filled)]
    for line in figures:
        name = sheet.fitting(lambda: sheet.once(screen.values.goods), screen.body, rooms[0])
        table.append([(name, ""), *((str(figure), "") for figure in line)])
    sums = [(str(sum(line[index] for line in figures)), f"=SUM({letter}2:{letter}{filled + 1})")
            for index, letter in zip(range(len(heads) - 1), string.ascii_uppercase[1:])]  # fmt: skip
    if figures and all(screen.body.width(text) < room for (text, _), room in zip(sums, rooms[1:])):
        table.append([(rng.choice(("Total", "Sum", "Summe", "Jumlah")), ""), *sums])
        screen.shows("total amount")
    return table


def _formula(screen: Screen, line: Box, place: str, text: str) -> None:
    """The name of the selected cell and what was typed into it."""
    em = screen.em
    screen.fill(line, screen.look.panel)
    left = Box(line.x0 + 0.4 * em, line.y0 + 0.2 * em, line.x0 + 4 * em, line.y1 - 0.2 * em)
    field(screen, left)
    screen.say(left.x0 + 0.5 * em, left.y0, left.y1, place)
    screen.facts.want(place, ACTIVE)
    x = screen.say(left.x1 + 0.6 * em, line.y0, line.y1, "fx", ink=screen.look.dim) + 0.6 * em
    right = Box(x, left.y0, line.x1 - 0.4 * em, left.y1)
    field(screen, right)
    if screen.body.width(text) < right.width - em:
        screen.say(right.x0 + 0.5 * em, right.y0, right.y1, text)
        screen.facts.ask(text, FORMULA)


def _sheets(screen: Screen, foot: Box) -> None:
    """The tabs of sheets along the foot, one in front."""
    em = screen.em
    screen.fill(foot, screen.look.panel)
    names = screen.rng.choice(
        ("Sheet1|Sheet2|Sheet3", "Tabelle1|Tabelle2", "2023|2024|2025", "Summary|Data|Notes")
    ).split("|")
    chosen, x = screen.rng.randrange(len(names)), foot.x0 + 1.5 * em
    for number, name in enumerate(names):
        tab = Box(x, foot.y0, x + screen.small.width(name) + 1.2 * em, foot.y1 - 0.2 * em)
        if number == chosen:
            screen.fill(tab, screen.look.page)
            screen.canvas.fill(tab.x0, tab.y1 - 2, tab.x1, tab.y1, screen.look.accent)
            screen.facts.ask(name, SHEET)
        screen.say((tab.x0 + tab.x1) / 2, tab.y0, tab.y1, name, screen.small, align=0.5)
        x = tab.x1 + 0.3 * em
