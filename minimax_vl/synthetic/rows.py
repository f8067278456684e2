"""Labelled values: rows with colons, leaders or boxes, and forms with fields and check boxes."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.canvas import darker
from minimax_vl.synthetic.facts import CHECKED
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.sheet import Sheet

LAYOUTS = ("colon", "aligned", "aligned", "leaders", "apart", "boxed", "striped")


def heading(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> tuple[float, str]:
    """A title over the full width, sometimes in a filled bar or underlined; returns its end and what it says."""
    rng, canvas, print_ = sheet.rng, sheet.canvas, sheet.heading
    text = sheet.fitting(lambda: sheet.once(lambda: sheet.values.title(1, 4)), print_, x1 - x0 - 12)
    if not text or y + print_.height * 1.4 > bottom:
        return y, ""
    if sheet.chance(0.2):
        text = text.upper() if print_.width(text.upper()) < x1 - x0 - 12 else text
    width = print_.width(text)
    look = rng.random()
    x = x0 if look < 0.5 else x0 + (x1 - x0 - width) / 2
    if look > 0.8:
        canvas.fill(x0, y, x1, y + print_.height + 6, sheet.accent)
        canvas.write(max(x, x0 + 6), y + 3, text, print_, sheet.paper)
        y += 6
    else:
        canvas.write(x, y, text, print_, sheet.accent if sheet.chance(0.3) else sheet.ink)
        if sheet.chance(0.3):
            canvas.rule(x0, x1, y + print_.height + 1, sheet.line, thick=rng.randint(1, 2))
            y += 4
    sheet.facts.seen("a title")
    sheet.facts.ask(
        text, ("What is the title?", "Title?", "What is the heading?", "Read the title."), mark="a title"
    )
    return y + print_.height + rng.randint(4, max(6, sheet.leading)), text


def key_values(sheet: Sheet, x0: float, x1: float, y: float, bottom: float, *, limit: int = 40) -> float:
    """Rows of a label and its value, in one of several looks, as many as wanted and as fit."""
    rng, canvas, body = sheet.rng, sheet.canvas, sheet.body
    layout = rng.choice(LAYOUTS)
    label_print = sheet.bold if sheet.chance(0.4) else body
    step = sheet.leading + (4 if layout in ("boxed", "striped") else rng.choice((0, 0, 2, 6)))
    colon = rng.choice((":", ":", " :", "")) if layout != "colon" else ":"
    wanted = min(limit, sheet.count(9, 34), int((bottom - y) // step))
    rows = _draw_rows(sheet, wanted, label_print, colon, (x1 - x0) * 0.45, x1 - x0)
    column = max((label_print.width(label + colon) for label, _, _ in rows), default=0.0) + body.size
    if layout == "boxed":
        column += 6
    for index, (label, name, value) in enumerate(rows):
        width = body.width(value)
        left = x0 + (4 if layout in ("boxed", "striped") else 0)
        start = {
            "colon": left + label_print.width(label + colon) + body.size * 0.4,
            "aligned": x0 + column,
        }.get(layout, x1 - width - (5 if layout in ("boxed", "striped") else 0))
        if layout == "boxed":
            start = x0 + column + 5
        if start + width > x1 or left + label_print.width(label + colon) + 4 > start:
            continue
        if layout == "striped" and index % 2 == 0:
            canvas.fill(x0, y, x1, y + step, darker(sheet.paper, 14))
        text_y = y + (step - body.height) / 2
        canvas.write(left, text_y, label + colon, label_print, sheet.ink)
        canvas.write(start, text_y, value, body, sheet.ink)
        if layout == "leaders":
            dots = (left + label_print.width(label + colon) + 4, start - 4)
            canvas.rule(
                *dots,
                y + body.ascent + (step - body.height) / 2 - 1,
                sheet.line,
                dash=(1, rng.choice((2, 3))),
            )
        if layout == "boxed":
            canvas.box(x0, y, x1, y + step + 1, sheet.line)
            canvas.post(x0 + column, y, y + step, sheet.line)
        sheet.facts.field(label, name, value)
        y += step
    return y + sheet.leading * 0.4


def _draw_rows(
    sheet: Sheet, wanted: int, label_print: Print, colon: str, label_room: float, room: float
) -> list[tuple[str, str, str]]:
    """Label, name in a question, value; the widest label leaves room for each value."""
    drawn: list[tuple[str, str, Callable[[], str]]] = []
    for _ in range(2 * wanted):
        label, name, draw = sheet.label()
        if len(drawn) < wanted and label_print.width(label + colon) <= label_room:
            drawn.append((label, name, draw))
    column = max((label_print.width(label + colon) for label, _, _ in drawn), default=0.0)
    rest = room - column - 1.6 * sheet.body.size - 12
    rows = []
    for label, name, draw in drawn:
        value = sheet.fitting(draw, sheet.body, rest) or sheet.fitting(
            sheet.values.scramble, sheet.body, rest
        )
        if value:
            rows.append((label, name, value))
    return rows


def form(sheet: Sheet, x0: float, x1: float, y: float, bottom: float, *, limit: int = 26) -> float:
    """Fields in boxes or on lines, in one to three columns, and groups of check boxes."""
    rng = sheet.rng
    numbered = sheet.chance(0.2)
    answer = sheet.filled_in(sheet.body)
    number = 0
    limit = min(limit, sheet.count(7, 30))
    while number < limit:
        if sheet.chance(0.25):
            end = _check_boxes(sheet, x0, x1, y, bottom)
        else:
            columns = rng.choice((1, 2, 2, 3)) if (x1 - x0) > 24 * sheet.body.size else 1
            end = _field_row(sheet, x0, x1, y, bottom, columns, f"{number + 1}. " if numbered else "", answer)
            number += columns - 1
        if end == y:
            break
        y, number = end, number + 1
    return y


def _field_row(
    sheet: Sheet, x0: float, x1: float, y: float, bottom: float, columns: int, prefix: str, answer: Print
) -> float:
    canvas = sheet.canvas
    above = sheet.chance(0.6)
    label_print = sheet.small if above else sheet.body
    boxed = sheet.chance(0.6)
    tall = answer.height + 6
    height = tall + (label_print.height if above else 0) + 4
    if y + height > bottom:
        return y
    gap = 0 if boxed and above and sheet.chance(0.5) else 8
    width = (x1 - x0 - gap * (columns - 1)) / columns
    for index in range(columns):
        left = x0 + index * (width + gap)
        label, name, draw = sheet.label()
        shown = (prefix if index == 0 else "") + label + ("" if above else ":")
        start = left + 5 if above else left + label_print.width(shown) + 8
        room = left + width - start - 4
        value = sheet.fitting(draw, answer, room) or sheet.fitting(sheet.values.scramble, answer, room)
        if not value or left + 4 + label_print.width(shown) > left + width:
            continue
        top = y + (label_print.height if above else 0)
        down = 2 if above else 4 + answer.ascent - label_print.ascent  # beside it on one baseline
        canvas.write(left + (4 if above else 0), y + down, shown, label_print, sheet.ink)
        canvas.write(start, top + 4, value, answer, sheet.ink)
        if boxed:
            canvas.box(
                left if above else start - 5, y if above else top, left + width, y + height - 2, sheet.line
            )
        else:
            canvas.rule(start - 3, left + width, top + tall - 1, sheet.line)
        sheet.facts.field(label, name, value)
    return y + height + (0 if gap == 0 else 4)


def _check_boxes(sheet: Sheet, x0: float, x1: float, y: float, bottom: float) -> float:
    """A line of check boxes with their names; each can be asked for."""
    rng, canvas, body = sheet.rng, sheet.canvas, sheet.body
    side = max(round(body.size * 0.75), 9)
    if y + sheet.leading + 4 > bottom:
        return y
    if sheet.chance(0.5) and y + 2 * sheet.leading + 4 < bottom:
        head = sheet.fitting(lambda: sheet.values.title(1, 3), sheet.bold, x1 - x0)
        if head:
            canvas.write(x0, y, head, sheet.bold, sheet.ink)
            y += sheet.leading
    x, mark = x0, rng.choice(("x", "x", "tick", "fill"))
    for _ in range(rng.randint(2, 5)):
        name = sheet.once(
            lambda: rng.choice(
                (sheet.values.title(1, 2), "Yes", "No", "Other", "N/A", sheet.values.title(1, 1))
            )
        )
        end = x + side + 6 + body.width(name)
        if end > x1:
            break
        top = y + body.ascent - side
        checked = sheet.chance(0.5)
        canvas.box(x, top, x + side, top + side, sheet.ink)
        if checked:
            _tick(sheet, x, top, side, mark)
        canvas.write(x + side + 5, y, name, body, sheet.ink)
        sheet.facts.ask("yes" if checked else "no", CHECKED, name=name)
        x = end + body.size
    return y + sheet.leading + 4


def _tick(sheet: Sheet, x: float, top: float, side: int, mark: str) -> None:
    canvas, ink = sheet.canvas, sheet.ink
    if mark == "fill":
        canvas.fill(x + 2, top + 2, x + side - 2, top + side - 2, ink)
        return
    for i in range(side - 4):
        if mark == "x":
            canvas.fill(x + 2 + i, top + 2 + i, x + 4 + i, top + 3 + i, ink)
            canvas.fill(x + side - 3 - i, top + 2 + i, x + side - 1 - i, top + 3 + i, ink)
        else:
            down = side * 0.5 + i if i < side * 0.3 else side * 1.1 - i
            canvas.fill(x + 2 + i, top + down - 1, x + 3 + i, top + down + 2, ink)
