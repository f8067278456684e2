"""Scatter plots over a numbered axis, and dot plots that stack a cross for every case."""

from __future__ import annotations

from dataclasses import replace

from minimax_vl.synthetic.charts import lessons
from minimax_vl.synthetic.charts.data import draw_chart
from minimax_vl.synthetic.charts.frame import lay_out
from minimax_vl.synthetic.charts.questions import Asker, counted
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import listed, numbered, records, totals

ABOVE = (
    "How many {marks} are above {x}?",
    "How many {marks} are above {x}?",
    "What is the frequency of {x}?",
)
POINTS = ("List the points.", "Give the data as a table.", "What are the points?")
COLUMNS = ("List the frequencies.", "Give the data as a table.", "How many {marks} are above each number?")
THINGS = (
    "Hours",
    "Age",
    "Number of Days",
    "Distance",
    "Time",
    "Temperature",
    "Practice",
    "Number of Pets",
    "Weight",
)


def scatter(sheet: Sheet, box: Box) -> bool:
    """One point for each of some numbers on the lower axis; False when the box is too small."""
    rng = sheet.rng
    chart = draw_chart(sheet, sheet.count(5, 10), 1, fine=False, ordered=True)
    step, first = rng.choice((1, 1, 2, 5, 10)), rng.choice((0, 0, 1))
    labels = [str((first + i) * step) for i in range(len(chart.labels))]
    title = f"{chart.measure.title.split(' (')[0]} and {rng.choice(THINGS)}" if chart.title else ""
    chart = replace(
        chart, labels=labels, axis=rng.choice(THINGS), category="number", title=title, series=[""]
    )
    frame = lay_out(sheet, chart, box, between=False)
    if frame is None or len(frame.chart.labels) < 3:
        return False
    chart = frame.chart
    (name,) = names(rng, 1)
    paint, r = shade(rng, name, sheet.fonts.split), rng.uniform(3, 6)
    shown = [i for i in range(len(chart.labels)) if rng.random() < 0.85] or [0]
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        frame.draw_back(pen)
        frame.draw_axes(pen)
        for i in shown:
            pen.ellipse(frame.middle(i), frame.at(chart.values[0][i]), r, r, paint)
            pen.landmark(frame.middle(i), frame.at(chart.values[0][i]), "point")
    frame.write()
    asker = Asker(sheet, chart, "scatter plot", "point", "points", exact=False)
    across, up = [chart.labels[i] for i in shown], [asker.show(chart.values[0][i]) for i in shown]
    for k, (x, y) in enumerate(zip(across[:5], up[:5], strict=True)):
        asker.ask("value at", y, listed(across, up, k), axis=chart.axis or "x", x=x)
    points = listed(across, up)
    sheet.facts.teach(points, POINTS, whole=True)
    lessons.ticks(asker, "y")
    asker.ask("count", str(len(shown)), numbered(across))
    asker.ask("color of all", name)
    asker.surroundings()
    about = f" of {chart.title}" if chart.title else ""
    sheet.facts.caption = f"A scatter plot{about} with {counted(len(shown), 'point', 'points')}."
    return True


def dots(sheet: Sheet, box: Box) -> bool:
    """A number line with a column of crosses or dots over each number; False when the box is too small."""
    rng, canvas = sheet.rng, sheet.canvas
    type_ = figure_type(sheet, box)
    tick = type_.tick
    count = rng.randint(4, 9)
    first = rng.choice((0, 1, 1, rng.randint(2, 60)))
    labels = [str(first + i) for i in range(count)]
    left, top, right, bottom = box
    slot = (right - left) / count
    title = sheet.values.title(1, 3) if sheet.chance(0.7) else ""
    if type_.title.width(title) > right - left or tick.width(labels[-1]) > 0.8 * slot:
        return False
    line = bottom - tick.height * 2
    most = min(7, int((line - top - type_.title.height * 1.5) / (tick.height * 1.05)))
    if most < 2:
        return False
    heights = [rng.randint(0, most) for _ in range(count)]
    heights[rng.randrange(count)] = most
    name = names(rng, 1)[0]
    paint, crosses = shade(rng, name, sheet.fonts.split), sheet.chance(0.5)
    with Pen(canvas, box, paper=sheet.paper) as pen:
        pen.line(((left, line), (right, line)), sheet.ink, 1.5)
        for i, height in enumerate(heights):
            x = left + (i + 0.5) * slot
            pen.line(((x, line - 4), (x, line + 4)), sheet.ink, 1.2)
            for k in range(height):
                y, r = line - (k + 0.75) * tick.height, min(tick.height * 0.36, slot * 0.4)
                pen.landmark(x, y, "point")
                if crosses:
                    pen.line(((x - r, y - r), (x + r, y + r)), paint, 1.8)
                    pen.line(((x - r, y + r), (x + r, y - r)), paint, 1.8)
                else:
                    pen.ellipse(x, y, r, r, paint)
    if title:
        centred(canvas, (left + right) / 2, top + type_.title.height / 2, title, type_.title, sheet.ink)
    for i, label in enumerate(labels):
        centred(canvas, left + (i + 0.5) * slot, line + tick.height, label, tick, sheet.ink)
    facts, marks = sheet.facts, "crosses" if crosses else "dots"
    for i in rng.sample(range(count), min(5, count)):
        asked = facts.ask(str(heights[i]), ABOVE, x=labels[i], marks=marks)
        facts.think(asked, listed(labels, heights, i))
    told = listed(labels, heights)
    facts.teach(told, COLUMNS, whole=True, marks=marks)
    facts.teach(", ".join(labels), ("Which numbers are on the line?", "List the numbers on the line."))
    if heights.count(most) == 1:
        asked = facts.ask(
            labels[heights.index(most)],
            (f"Which number has the most {marks}?", "Which number is most frequent?"),
        )
        facts.think(asked, listed(labels, heights, marks=records(heights, max)))
    asked = facts.ask(
        str(sum(heights)), (f"How many {marks} are there in all?", "What is the total number of data points?")
    )
    facts.think(asked, listed(labels, heights, marks=totals(heights)))
    facts.ask("dot plot", ("What kind of chart is this?", "What type of chart is shown?"))
    about = f" titled {title}" if title else ""
    facts.caption = f"A dot plot{about} over the numbers {labels[0]} to {labels[-1]}."
    return True
