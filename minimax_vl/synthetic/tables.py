"""Tables: a header row, a column of row names, and cells that can be asked for by row and column."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.canvas import darker
from minimax_vl.synthetic.facts import CELL, WHICH_ROW
from minimax_vl.synthetic.sheet import Sheet

# header as printed | method of Values; the first column names the rows
COLUMNS = tuple(
    tuple(entry.split(":"))
    for entry in (
        "Qty:number Price:money Amount:money Total:money Date:date Code:code Time:time City:city Status:word "
        "Score:decimal Rate:percent Unit:quantity Year:number Points:number Weight:quantity Share:percent "
        "Manager:first_name Phone:phone Ref:code Cost:money Sales:number Count:number Type:word"
    ).split()
)
FIRST = tuple(
    tuple(entry.split(":"))
    for entry in (
        "Item:goods Name:person Product:goods City:city Country:city Student:person Company:company "
        "Description:goods Team:city Code:code Date:date Task:phrase"
    ).split()
)
LAST_COLUMN = ("What is the header of the last column?", "What is the last column called?")
LAST_ROW = ("What is in the last row of the first column?", "Which {first} is listed last?")
FIRST_ROW = ("What is in the first row of the first column?", "Which {first} is listed first?")
Column = tuple[str, Callable[[], str]]


def table(sheet: Sheet, x0: float, x1: float, y: float, bottom: float, *, limit: int = 30) -> float:
    """A table as wide and long as the room allows; ruled, boxed, striped or open."""
    rng, canvas, body = sheet.rng, sheet.canvas, sheet.body
    head = sheet.bold if sheet.chance(0.7) else body
    step = sheet.leading + rng.randint(0, 6)
    count = min(limit, sheet.count(5, 26), int((bottom - y) // step) - 1)
    if count < 2:
        return y
    columns = _columns(sheet, x1 - x0)
    rows = _rows(sheet, columns, count)
    pad = rng.randint(4, 9)
    cells = [[header for header, _ in columns], *rows]
    widths = [
        max((head if r == 0 else body).width(line[c]) for r, line in enumerate(cells)) + 2 * pad
        for c in range(len(columns))
    ]
    while len(widths) > 1 and sum(widths) > x1 - x0:
        widths.pop()
    if len(widths) < 2 or sum(widths) > x1 - x0:
        return y
    spare = (x1 - x0 - sum(widths)) / len(widths) if sheet.chance(0.6) else rng.random() * 8
    spare = min(spare, (x1 - x0 - sum(widths)) / len(widths))
    edges = [x0]
    for width in widths:
        edges.append(edges[-1] + width + spare)
    aligned = [0] + [rng.choice((0, 0, 1, 2)) for _ in widths[1:]]
    look = rng.choice(("grid", "grid", "rules", "open", "striped"))
    for r, line in enumerate(cells):
        _decorate(sheet, look, r, edges, y, step)
        inverse = r == 0 and look == "striped"
        for c, left in enumerate(edges[:-1]):
            print_ = head if r == 0 else body
            room = edges[c + 1] - left - 2 * pad - print_.width(line[c])
            x = left + pad + room * (0.0, 0.5, 1.0)[aligned[c]]
            canvas.write(
                x, y + (step - body.height) / 2, line[c], print_, sheet.paper if inverse else sheet.ink
            )
        y += step
    if look in ("grid", "rules"):
        canvas.rule(edges[0], edges[-1] + 1, y, sheet.line)
    _ask(sheet, [line[: len(widths)] for line in cells])
    return y + sheet.leading * 0.5


def _columns(sheet: Sheet, room: float) -> list[Column]:
    rng, values = sheet.rng, sheet.values
    most = max(2, min(8, int(room / (sheet.body.size * 6))))
    first, kind = rng.choice(FIRST)
    chosen: list[Column] = [(first, getattr(values, kind))]
    for header, kind in rng.sample(COLUMNS, rng.randint(1, most - 1)):
        if sheet.chance(0.35):
            header = values.title(1, 1)
        if all(header.lower() != other.lower() for other, _ in chosen):
            chosen.append((header, getattr(values, kind)))
    if sheet.chance(0.2):
        chosen = [(header.upper(), draw) for header, draw in chosen]
    return chosen


def _rows(sheet: Sheet, columns: list[Column], count: int) -> list[list[str]]:
    narrow = 14 * sheet.body.size
    rows = []
    for _ in range(count):
        name = sheet.once(lambda: sheet.fitting(columns[0][1], sheet.body, narrow) or sheet.values.word())
        rows.append([name, *(draw() for _, draw in columns[1:])])
    return rows


def _decorate(sheet: Sheet, look: str, row: int, edges: list[float], y: float, step: float) -> None:
    canvas, left, right = sheet.canvas, edges[0], edges[-1]
    if look == "striped":
        shade = sheet.accent if row == 0 else darker(sheet.paper, 16)
        if row == 0 or row % 2 == 0:
            canvas.fill(left, y, right, y + step, shade)
    elif look == "grid":
        canvas.rule(left, right + 1, y, sheet.line)
        for x in edges:
            canvas.post(x, y, y + step, sheet.line)
    elif row < 2:
        canvas.rule(left, right, y, sheet.line, thick=1 if look == "rules" else 2 - row)


def _ask(sheet: Sheet, cells: list[list[str]]) -> None:
    facts, header, rows = sheet.facts, cells[0], cells[1:]
    for row in rows:
        for c in range(1, len(header)):
            column = header[c].lower() if sheet.chance(0.4) else header[c]
            facts.ask(row[c], CELL, one_of_many=True, column=column, row=row[0])
    facts.lack(CELL, column=header[-1], row="")
    facts.lack(CELL, column="", row=rows[0][0])
    for c in range(1, len(header)):
        column = [row[c] for row in rows]
        for row in rows:
            if column.count(row[c]) == 1 and sheet.chance(0.3):
                names = {"first": header[0], "column": header[c], "value": row[c]}
                facts.ask(row[0], WHICH_ROW, one_of_many=True, **names)
    facts.seen("a table")  # the rest can be asked only while there is one
    facts.ask(header[-1], LAST_COLUMN, mark="a table")
    facts.ask(rows[-1][0], LAST_ROW, mark="a table", first=header[0])
    facts.ask(rows[0][0], FIRST_ROW, mark="a table", first=header[0])
    if not facts.caption:
        named = f"{', '.join(header[:-1])} and {header[-1]}"
        facts.caption = f"A table of {len(rows)} rows with the columns {named}."
