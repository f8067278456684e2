"""Curves of textbooks: two or three labelled lines that cross, dashed guides to the axes, arrows for shifts."""

from __future__ import annotations

from minimax_vl.synthetic.charts.data import made_up
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.figure import Box, figure_type, write_up
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet

AXES = (
    ("Quantity", "Price"), ("Quantity of Labor", "Wage"), ("Time (s)", "Speed (m/s)"), ("Real GDP", "Price Level"),
    ("Distance", "Force"), ("Output", "Cost"), ("Year", "Share"), ("x", "y"), ("Volume", "Pressure"), ("Q", "P"),
    ("Workers", "Total Product"), ("Time", "Temperature"), ("Income", "Spending"), ("Movies", "Books"),
)  # fmt: skip
RISING = ("S", "Supply", "MC", "AS", "Cost", "SRAS", "S1", "A", "f")
FALLING = ("D", "Demand", "MB", "AD", "Benefit", "MR", "D1", "B", "g")
X_LABEL = (
    "What is the label of the x-axis?",
    "What does the x-axis show?",
    "What is on the horizontal axis?",
)
Y_LABEL = ("What is the label of the y-axis?", "What does the y-axis show?", "What is on the vertical axis?")


def curves(sheet: Sheet, box: Box) -> bool:
    """A rising and a falling curve, their crossing guided to both axes; False when the box is too small."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    type_ = figure_type(sheet, box)
    label, tick = type_.label, type_.tick
    left, top, right, bottom = box
    x0, y1 = left + label.height * 1.4 + tick.size * 3, bottom - label.height * 1.4 - tick.height * 1.3
    x1, y0 = right - 12, top + 12
    across, up = rng.choice(AXES)
    up = made_up(sheet) or up
    if x1 - x0 < 140 or y1 - y0 < 120 or label.width(up) > y1 - y0 or label.width(across) > x1 - x0:
        return False
    rise, fall = rng.choice(RISING), rng.choice(FALLING)
    cross = (x0 + (x1 - x0) * rng.uniform(0.35, 0.6), y0 + (y1 - y0) * rng.uniform(0.4, 0.6))
    lean, bend = rng.uniform(0.5, 1.2), rng.choice((0.0, 0.0, 0.12, 0.2))
    reach = 0.34 * min(x1 - x0, y1 - y0)
    ends = {}
    found = names(rng, 2)
    paints = [shade(rng, name, sheet.fonts.split) for name in found]
    point = rng.choice(("E", "E", "A", ""))
    guided = sheet.chance(0.7)
    price, quantity = rng.choice(
        (("P", "Q"), ("P1", "Q1"), (str(rng.randint(2, 90)), str(rng.randint(2, 900))))
    )
    with Pen(canvas, box, paper=sheet.paper) as pen:
        pen.line(((x0, y0), (x0, y1), (x1, y1)), sheet.ink, 1.6)
        for paint, sign in zip(paints, (1, -1), strict=True):
            points = []
            for i in range(13):
                t = i / 6 - 1
                # Both curves sag alike around the crossing, which stays on them.
                points.append(
                    (cross[0] + reach * t, cross[1] - sign * reach * lean * 0.8 * t - bend * reach * t * t)
                )
            pen.line(points, paint, 2.4)
            ends[sign] = points[-1]
        if guided:
            pen.line(((x0, cross[1]), cross), sheet.ink, 1.2, dash=(5, 4))
            pen.line((cross, (cross[0], y1)), sheet.ink, 1.2, dash=(5, 4))
        if point:
            pen.ellipse(*cross, 4, 4, sheet.ink)
    for sign, text in ((1, rise), (-1, fall)):
        canvas.write(ends[sign][0] + 5, ends[sign][1] - label.height / 2, text, label, sheet.ink)
    if point:
        canvas.write(cross[0] + 7, cross[1] - tick.height - 4, point, tick, sheet.ink)
    if guided:
        canvas.write(x0 - tick.width(price) - 6, cross[1] - tick.height / 2, price, tick, sheet.ink)
        centred(canvas, cross[0], y1 + tick.height * 0.7, quantity, tick, sheet.ink)
    centred(canvas, (x0 + x1) / 2, bottom - label.height * 0.6, across, label, sheet.ink)
    write_up(sheet, left, (y0 + y1) / 2, up, label)
    facts.ask(across, X_LABEL)
    facts.ask(up, Y_LABEL)
    facts.ask(rise, ("Which curve slopes upward?", "Which line rises?", "Which curve goes up?"))
    facts.ask(fall, ("Which curve slopes downward?", "Which line falls?", "Which curve goes down?"))
    facts.teach(
        f"{rise}: {found[0]}; {fall}: {found[1]}", ("Which color is which?", "List the curves."), whole=True
    )
    facts.ask("2", ("How many curves are there?", "How many lines cross?"))
    facts.ask(found[0], (f"What color is the curve {rise}?",))
    facts.ask(found[1], (f"What color is the curve {fall}?",))
    facts.ask(point or NOT_THERE, ("Which letter marks the crossing?", "What is the crossing point called?"))
    if guided:
        forms = (
            "What is the value on the {axis}-axis at the crossing?",
            "Where does the crossing meet the {axis}-axis?",
        )
        facts.ask(quantity, forms, axis="x")
        facts.ask(price, forms, axis="y")
    facts.ask("line graph", ("What kind of chart is this?", "What type of graph is shown?"))
    facts.caption = f"A graph of {up} against {across} with a rising curve {rise} and a falling curve {fall}."
    return True
