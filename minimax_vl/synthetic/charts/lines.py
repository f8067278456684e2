"""Line charts: one to four series over something ordered."""

from __future__ import annotations

import itertools

from minimax_vl.synthetic.charts import lessons
from minimax_vl.synthetic.charts.data import draw_chart
from minimax_vl.synthetic.charts.frame import lay_out
from minimax_vl.synthetic.charts.questions import Asker, counted, describe
from minimax_vl.synthetic.figure import Box
from minimax_vl.synthetic.palette import BRIGHT, names, shade
from minimax_vl.synthetic.pen import Pen, Point
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered, steps

MARKERS = ("disc", "disc", "square", "triangle", "ring", "")


def lines(sheet: Sheet, box: Box) -> bool:
    """Series as strokes through their points; False when the box is too small."""
    rng = sheet.rng
    count = rng.choice((1, 1, 1, 2, 2, 3, 4))
    chart = draw_chart(sheet, sheet.count(4, 10), count, fine=False, ordered=True)
    frame = lay_out(sheet, chart, box, between=False)
    if frame is None or len(frame.chart.labels) < 2:
        return False
    chart = frame.chart
    found = names(
        rng, count, among=BRIGHT if sheet.chance(0.2) else tuple(n for n in BRIGHT if n != "yellow")
    )
    paints = [shade(rng, name, sheet.fonts.split) for name in found]
    plain = count == 1 and sheet.chance(0.25)
    if plain:
        paints = [sheet.ink]
    thick, marker = rng.uniform(1.5, 3.6), rng.choice(MARKERS)
    dashed = [sheet.chance(0.12) for _ in range(count)]
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        frame.draw_back(pen)
        frame.draw_axes(pen)
        for s in range(count):
            points = [(frame.middle(i), frame.at(v)) for i, v in enumerate(chart.values[s])]
            pen.line(points, paints[s], thick, dash=(7, 5) if dashed[s] else None)
            for x, y in points:
                pen.landmark(x, y, "point")
                _mark(pen, (x, y), marker, thick * 1.8, paints[s], sheet.paper)
        for s in range(count if chart.series[0] else 0):
            x0, y0, x1, y1 = frame.swatch(s)
            pen.line(
                ((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)),
                paints[s],
                thick,
                dash=(7, 5) if dashed[s] else None,
            )
            _mark(pen, ((x0 + x1) / 2, (y0 + y1) / 2), marker, thick * 1.8, paints[s], sheet.paper)
    frame.write()
    asker = Asker(sheet, chart, "line chart", "point", "points", exact=False)
    if count == 1:
        asker.one_series(rank=False)
        lessons.one_series(asker)
        if marker:
            asker.ask("count", str(len(chart.labels)), numbered(chart.labels))
        if not plain:
            forms = ("What color is the line?", "Which color does the line have?")
            sheet.facts.ask(found[0], forms)
    else:
        asker.many_series()
        lessons.many_series(asker, found)
        for series, name in zip(chart.series, found, strict=True):
            asker.ask("color", name, series=series)
            asker.ask("of color", series, color=name)
    _trends(asker)
    for s in asker.some(count, 2):
        lessons.changes(asker, s)
    asker.surroundings()
    asked = sheet.facts.ask(str(count), ("How many lines are there?", "How many lines does the chart have?"))
    sheet.facts.think(asked, numbered(chart.series) if count > 1 else "")
    sheet.facts.caption = describe("line chart", chart, counted(count, "line", "lines"))
    return True


def _trends(asker: Asker) -> None:
    """Whether a curve rises, falls or does both, and what happens between two neighbours."""
    chart, rng = asker.chart, asker.rng
    for s, row in enumerate(chart.values):
        changes = [b - a for a, b in itertools.pairwise(row)]
        way = (
            "it rises" if all(d >= 0 for d in changes) and row[-1] > row[0]
            else "it falls" if all(d <= 0 for d in changes) and row[-1] < row[0]
            else "it goes up and down" if any(d > 0 for d in changes) and any(d < 0 for d in changes)
            else "it stays the same"
        )  # fmt: skip
        subject = chart.series[s] or "the line"
        ends = {"first": chart.labels[0], "last": chart.labels[-1]}
        asker.ask("trend", way, asker.read(row, marks=steps(row)), series=subject, **ends)
    if len(chart.values) == 1:
        row = chart.values[0]
        for i in rng.sample(range(len(row) - 1), min(2, len(row) - 1)):
            change = row[i + 1] - row[i]
            if change == 0 or abs(change) >= 0.03 * chart.top:
                way = "it rises" if change > 0 else "it falls" if change < 0 else "it stays the same"
                thought = asker.read(row, i + 1, steps(row))
                asker.ask("change", way, thought, first=chart.labels[i], last=chart.labels[i + 1])


def _mark(
    pen: Pen, at: Point, shape: str, r: float, paint: tuple[int, int, int], paper: tuple[int, int, int]
) -> None:
    x, y = at
    if shape == "disc":
        pen.ellipse(x, y, r, r, paint)
    elif shape == "ring":
        pen.ellipse(x, y, r, r, paper, paint, r / 2)
    elif shape == "square":
        pen.rectangle(x - r, y - r, x + r, y + r, paint)
    elif shape == "triangle":
        pen.polygon([(x, y - r * 1.2), (x + r * 1.1, y + r * 0.8), (x - r * 1.1, y + r * 0.8)], paint)
