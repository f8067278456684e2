"""Labelled cells: a label beside or above its value, boxed or open, shaded or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minimax_vl.synthetic.canvas import darker
from minimax_vl.synthetic.facts import NOT_THERE, PRINTED
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.sheet import Sheet


@dataclass(frozen=True)
class Field:
    """A label as printed, the ways of asking for its value, how a value is drawn, and whether few would ask for it."""

    label: str
    asked: tuple[str, ...]
    draw: Callable[[], str]
    minor: bool = False


def ask(sheet: Sheet, field: Field, value: str) -> None:
    """Put the question for a value: in the words people use, or by the label; an empty cell has no answer."""
    forms = field.asked if field.asked and sheet.chance(0.85) else PRINTED
    label = field.label.rstrip(":. ")
    if value and field.minor:
        sheet.facts.ask(value, forms, one_of_many=True, label=label)
    elif value:
        sheet.facts.want(value, forms, label=label)
    elif sheet.chance(0.04):
        sheet.facts.ask(NOT_THERE, forms, label=label)


def beside(
    sheet: Sheet,
    fields: list[Field],
    box: tuple[float, float, float],
    fonts: tuple[Print, Print],
    *,
    split: float,
    ruled: bool,
    shaded: bool,
    empty: float = 0.15,
) -> float:
    """Rows of label and value; `box` is left, right and top, `split` the labels' share of the width."""
    (x0, x1, y), (label_print, value_print), canvas = box, fonts, sheet.canvas
    step = round(value_print.height + max(2, 0.25 * value_print.size))
    middle = x0 + split * (x1 - x0)
    for field in fields:
        if y + step > canvas.height * 0.985 or label_print.width(field.label) > middle - x0 - 6:
            continue
        value = "" if sheet.chance(empty) else sheet.fitting(field.draw, value_print, x1 - middle - 8)
        if shaded:
            canvas.fill(x0, y, middle, y + step, darker(sheet.paper, 28))
        top = y + (step - value_print.height) / 2
        canvas.write(x0 + 4, top, field.label, label_print, sheet.ink)
        if value:
            canvas.write(middle + 4, top, value, value_print, sheet.ink)
        if ruled:
            canvas.box(x0, y, x1, y + step + 1, sheet.line)
            canvas.post(middle, y, y + step, sheet.line)
        ask(sheet, field, value)
        y += step
    return y


def above(
    sheet: Sheet,
    rows: list[list[Field]],
    box: tuple[float, float, float],
    fonts: tuple[Print, Print],
    *,
    empty: float = 0.1,
) -> float:
    """Boxed cells with the label in their first line and the value in their second, one row of cells after another."""
    (x0, x1, y), (label_print, value_print), canvas = box, fonts, sheet.canvas
    step = round(label_print.height + value_print.height + 4)
    for row in rows:
        if y + step > canvas.height * 0.985:
            break
        width = (x1 - x0) / len(row)
        for index, field in enumerate(row):
            left = x0 + index * width
            canvas.box(left, y, left + width + 1, y + step + 1, sheet.line)
            if label_print.width(field.label) > width - 6:
                continue
            value = "" if sheet.chance(empty) else sheet.fitting(field.draw, value_print, width - 8)
            canvas.write(left + 3, y + 2, field.label, label_print, sheet.ink)
            if value:
                canvas.write(left + 4, y + 2 + label_print.height, value, value_print, sheet.ink)
            ask(sheet, field, value)
        y += step
    return y
