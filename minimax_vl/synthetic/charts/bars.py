"""Bar charts: upright and sideways, grouped, stacked, and histograms."""

from __future__ import annotations

import itertools
from dataclasses import replace

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.charts import lessons
from minimax_vl.synthetic.charts.data import draw_chart, made_up
from minimax_vl.synthetic.charts.frame import Frame, lay_out
from minimax_vl.synthetic.charts.questions import Asker, counted, describe
from minimax_vl.synthetic.figure import Box
from minimax_vl.synthetic.palette import names, readable_on, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered


def bars(sheet: Sheet, box: Box) -> bool:
    """One series of bars, with or without their values in print; False when the box is too small."""
    sideways, printed = sheet.chance(0.35), sheet.chance(0.4 + 0.3 * (1 - sheet.level))
    chart = draw_chart(sheet, sheet.count(4, 10), 1, fine=printed)
    frame = lay_out(sheet, chart, box, sideways=sideways)
    if frame is None:
        return False
    chart = frame.chart
    many = sheet.chance(0.2) and len(chart.labels) <= 6
    found = names(sheet.rng, len(chart.labels) if many else 1)
    many = many and len(found) == len(chart.labels)
    paints = [shade(sheet.rng, name, sheet.fonts.split) for name in found]
    plain = not many and sheet.chance(0.15)
    if plain:  # black and white, as in a textbook
        paints = [sheet.rng.choice(((60, 60, 60), (255, 255, 255), (170, 170, 170)))]
    edge = sheet.ink if plain or sheet.chance(0.25) else None
    share = sheet.rng.uniform(0.45, 0.9)
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        frame.draw_back(pen)
        for i, value in enumerate(chart.values[0]):
            _bar(frame, pen, i, 0, value, share, 0.0, paints[i % len(paints)], edge)
        frame.draw_axes(pen)
    frame.write()
    if printed:
        for i, value in enumerate(chart.values[0]):
            printed &= _print_value(frame, i, value, paints[i % len(paints)])
    kind = "horizontal bar chart" if sideways else "bar chart"
    asker = Asker(sheet, chart, kind, "bar", "bars", exact=printed)
    asker.one_series()
    asker.surroundings(sideways=sideways)
    lessons.one_series(asker, axis="x" if sideways else "y")
    asker.ask("count", str(len(chart.labels)), numbered(chart.labels))
    if many:
        for label, name in list(zip(chart.labels, found, strict=True))[:3]:
            asker.ask("color", name, series=label)
            asker.ask("of color", label, color=name)
        lessons.legend(asker, chart.labels, found)
    elif not plain:
        asker.ask("color of all", found[0])
    if not sideways:
        i = sheet.rng.randrange(len(chart.labels) - 1)
        asker.ask("place", chart.labels[i + 1], label=chart.labels[i])
    sheet.facts.caption = describe(kind, chart, counted(len(chart.labels), "bar", "bars"))
    return True


def grouped(sheet: Sheet, box: Box) -> bool:
    """Two to four series side by side or on top of each other."""
    stacked, sideways = sheet.chance(0.4), sheet.chance(0.2)
    count = sheet.rng.randint(2, 4 if min(box[2] - box[0], box[3] - box[1]) > 350 else 3)
    chart = draw_chart(sheet, sheet.count(3, 7 - count // 2), count, fine=False, stacked=stacked)
    frame = lay_out(sheet, chart, box, sideways=sideways)
    if frame is None or len(frame.chart.labels) < 2:
        return False
    chart = frame.chart
    found = names(sheet.rng, count)
    paints = [shade(sheet.rng, name, sheet.fonts.split) for name in found]
    edge = sheet.ink if sheet.chance(0.2) else None
    share = sheet.rng.uniform(0.55, 0.85)
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        frame.draw_back(pen)
        for i in range(len(chart.labels)):
            base = 0.0
            for s in range(count):
                value = chart.values[s][i]
                if stacked:
                    _bar(frame, pen, i, base, base + value, share, 0.0, paints[s], edge)
                    base += value
                else:
                    width = share / count
                    side = (s - (count - 1) / 2) * width
                    _bar(frame, pen, i, 0, value, width * 0.96, side, paints[s], edge)
        frame.draw_axes(pen)
        for s in range(count):
            pen.rectangle(*frame.swatch(s), paints[s], edge)
    frame.write()
    kind = ("stacked" if stacked else "grouped") + " bar chart"
    asker = Asker(sheet, chart, kind, "bar", "bars", exact=False)
    asker.many_series()
    asker.surroundings(sideways=sideways)
    lessons.many_series(asker, found, axis="x" if sideways else "y")
    for series, name in zip(chart.series, found, strict=True):
        asker.ask("color", name, series=series)
        asker.ask("of color", series, color=name)
    # What the labels are called is told by the title of their axis alone.
    one, many = (chart.category, asker.whats) if chart.axis else ("group", "groups")
    about = f"{counted(count, 'series', 'series')} and {counted(len(chart.labels), one, many)}"
    sheet.facts.caption = describe(kind, chart, about)
    return True


def histogram(sheet: Sheet, box: Box) -> bool:
    """Bars without gaps over ranges of a number."""
    rng = sheet.rng
    chart = draw_chart(sheet, sheet.count(4, 8), 1, fine=False)
    width, first = rng.choice((1, 2, 5, 10, 20)), rng.randint(0, 6)
    edges = [(first + i) * width for i in range(len(chart.labels) + 1)]
    ranges = [f"{a}-{b}" for a, b in itertools.pairwise(edges)]
    thing = rng.choice(("Age", "Hours", "Score", "Height (cm)", "Minutes", "Number of Days", "Shoe Size"))
    counts = rng.choice(("Frequency", "Number of Students", "Count"))
    measure = replace(chart.measure, title=made_up(sheet) or counts, name="frequency")
    chart = replace(
        chart,
        labels=ranges,
        axis=thing,
        category="range",
        title=f"Distribution of {thing.split(' (')[0]}" if chart.title else "",
        measure=replace(measure, before="", after=""),
    )
    frame = lay_out(sheet, chart, box)
    if frame is None or frame.chart.labels != ranges:
        return False
    chart = frame.chart
    (name,) = names(rng, 1)
    paint = shade(rng, name, sheet.fonts.split)
    with Pen(sheet.canvas, box, paper=sheet.paper) as pen:
        frame.draw_back(pen)
        for i, value in enumerate(chart.values[0]):
            _bar(frame, pen, i, 0, value, 1.0, 0.0, paint, sheet.ink)
        frame.draw_axes(pen)
    frame.write()
    asker = Asker(sheet, chart, "histogram", "bar", "bars", exact=False)
    asker.one_series(rank=False)
    asker.surroundings()
    lessons.one_series(asker)
    asker.ask("count", str(len(ranges)), numbered(ranges))
    asker.ask("color of all", name)
    sheet.facts.caption = describe("histogram", chart, counted(len(ranges), "bar", "bars"))
    return True


def _bar(
    frame: Frame,
    pen: Pen,
    index: int,
    low: float,
    high: float,
    share: float,
    side: float,
    fill: Colour,
    edge: Colour | None,
) -> None:
    """One bar from `low` to `high`, `share` of its slot wide and moved sideways by `side` of it."""
    middle, half = frame.middle(index) + side * frame.slot(), frame.slot() * share / 2
    a, b = frame.at(low), frame.at(high)
    if frame.sideways:
        pen.rectangle(a, middle - half, b, middle + half, fill, edge)
        pen.landmark(b, middle, "bar end")
    else:
        pen.rectangle(middle - half, b, middle + half, a, fill, edge)
        pen.landmark(middle, b, "bar end")


def _print_value(frame: Frame, index: int, value: float, fill: Colour) -> bool:
    """The value beside its bar's end; False where it has no room."""
    canvas, tick, text = frame.sheet.canvas, frame.type.tick, frame.chart.measure.show(value)
    at, middle, width = frame.at(value), frame.middle(index), tick.width(text)
    if frame.sideways:
        x = at + 5
        if x + width > frame.box[2]:  # inside the bar where it would leave the figure
            canvas.write(at - width - 5, middle - tick.height / 2, text, tick, readable_on(fill))
        else:
            canvas.write(x, middle - tick.height / 2, text, tick, frame.sheet.ink)
        return True
    if width > frame.slot() * 1.02:
        return False
    y = at - tick.height * 0.55
    if y - tick.height / 2 < frame.plot[1] - tick.height * 0.6:
        y = at + tick.height * 0.7
        centred(canvas, middle, y, text, tick, readable_on(fill))
    else:
        centred(canvas, middle, y, text, tick, frame.sheet.ink)
    return True
