"""Pie and donut charts: shares of a whole, their names beside the slices or in a legend."""

from __future__ import annotations

import math
from dataclasses import replace

from minimax_vl.synthetic.charts import lessons
from minimax_vl.synthetic.charts.data import Chart, Measure, draw_chart
from minimax_vl.synthetic.charts.questions import Asker, counted, describe
from minimax_vl.synthetic.figure import Box, figure_type
from minimax_vl.synthetic.palette import BRIGHT, names, readable_on, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered


def pie(sheet: Sheet, box: Box) -> bool:
    """Two to seven slices; False when the box is too small for them."""
    rng, canvas = sheet.rng, sheet.canvas
    base = draw_chart(sheet, min(7, sheet.count(4, 7)), 1, fine=True)
    shares = _shares(sheet, len(base.labels))
    printed = sheet.chance(0.75)
    chart = replace(
        base,
        labels=base.labels[: len(shares)],
        values=[[float(s) for s in shares]],
        measure=Measure("", "share", "", "%", False, 0),
        top=100.0,
        step=10.0,
        fine=1.0,
    )
    found = names(rng, len(shares), among=(*BRIGHT, "gray"))
    if len(found) < len(shares):
        paints = [shade(rng, name, sheet.fonts.split) for name in rng.sample(BRIGHT, len(shares))]
        found = []
    else:
        paints = [shade(rng, name, sheet.fonts.split) for name in found]
    type_ = figure_type(sheet, box)
    tick = type_.tick
    left, top, right, bottom = box
    chart = replace(chart, title=chart.title if type_.title.width(chart.title) < right - left else "")
    if chart.title:
        top += type_.title.height * 1.4
    legend = sheet.chance(0.55)
    texts = chart.labels if legend else [_both(chart, i, printed) for i in range(len(shares))]
    widest = max(map(tick.width, texts))
    if legend:
        right -= widest + tick.size * 2.4
        radius = min(right - left, bottom - top) / 2 * rng.uniform(0.85, 0.98)
        radius -= 0 if not printed else 4
    else:
        radius = min((right - left) / 2 - widest - 10, (bottom - top) / 2 - tick.height * 1.3)
    if radius < max(45.0, 2.2 * tick.size):
        return False
    x, y = (left + right) / 2, (top + bottom) / 2
    turn, hole = rng.choice((-90.0, -90.0, 0.0, rng.uniform(0, 360))), sheet.chance(0.3)
    edge = rng.choice((None, (255, 255, 255), sheet.ink))
    middles, angle = [], turn
    with Pen(canvas, box, paper=sheet.paper) as pen:
        for share, paint in zip(shares, paints, strict=True):
            pen.slice(x, y, radius, angle, angle + 3.6 * share, paint, edge)
            middles.append(math.radians(angle + 1.8 * share))
            reach = radius * 0.75  # beyond the hole that some have
            pen.landmark(x + reach * math.cos(middles[-1]), y + reach * math.sin(middles[-1]), "slice")
            angle += 3.6 * share
        if hole:
            pen.ellipse(x, y, radius * 0.5, radius * 0.5, sheet.paper)
        if legend:
            for i, paint in enumerate(paints):
                ly = y + (i - (len(paints) - 1) / 2) * tick.height * 1.4
                lx = right + tick.size * 0.6
                pen.rectangle(lx, ly - tick.size * 0.4, lx + tick.size * 0.9, ly + tick.size * 0.4, paint)
    if chart.title:
        canvas.write(
            (box[0] + box[2] - type_.title.width(chart.title)) / 2,
            box[1],
            chart.title,
            type_.title,
            sheet.ink,
        )
    exact = True
    for i, at in enumerate(middles):
        dx, dy = math.cos(at), math.sin(at)
        if legend:
            ly = y + (i - (len(paints) - 1) / 2) * tick.height * 1.4
            canvas.write(right + tick.size * 1.9, ly - tick.height / 2, chart.labels[i], tick, sheet.ink)
            if printed:
                text = f"{shares[i]}%"
                reach = radius * (0.75 if hole else 0.68)
                exact &= (
                    tick.width(text) < 2 * reach * math.sin(math.radians(min(1.8 * shares[i], 90))) * 1.15
                )
                centred(canvas, x + dx * reach, y + dy * reach, text, tick, readable_on(paints[i]))
        else:
            reach = radius + tick.height * 0.55
            width = tick.width(texts[i])
            tx = x + dx * reach + (dx - 1) * width / 2
            canvas.write(tx, y + dy * reach - tick.height / 2, texts[i], tick, sheet.ink)
    canvas.clipped |= printed and not exact  # a share printed over its neighbours is drawn again
    _ask(sheet, chart, found, printed, hole)
    return True


def _both(chart: Chart, index: int, printed: bool) -> str:
    share = f" {round(chart.values[0][index])}%" if printed else ""
    return chart.labels[index] + share


def _shares(sheet: Sheet, count: int) -> list[int]:
    """Whole percentages that add up to 100, none too thin to see, the two largest told apart."""
    rng = sheet.rng
    step = rng.choice((1, 1, 5))
    least = 5 if step == 5 else 4
    while True:
        cuts = sorted(rng.sample(range(step, 100, step), count - 1))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        if min(shares) >= least:
            return shares
        count = max(2, count - (rng.random() < 0.05))


def _ask(sheet: Sheet, chart: Chart, found: list[str], printed: bool, hole: bool) -> None:
    kind = "donut chart" if hole else "pie chart"
    asker = Asker(sheet, chart, kind, "slice", "slices", exact=printed)
    asker.kind = "pie chart"  # keeps questions about ticks away
    if printed:
        asker.one_series(rank=False)
        lessons.one_series(asker, axis="")
    else:
        asker.extremes(chart.labels, chart.values[0], numbers=False)
    asker.kind = kind
    asker.surroundings(axes=False)
    asker.ask("count", str(len(chart.labels)), numbered(chart.labels))
    for label, name in zip(chart.labels, found, strict=False):
        asker.ask("color", name, series=label)
        asker.ask("of color", label, color=name)
    lessons.legend(asker, chart.labels, found)
    # No axis names what the slices are; the caption does so only by the title.
    chart = replace(chart, axis="")
    sheet.facts.caption = describe(kind, chart, counted(len(chart.labels), "slice", "slices"))
