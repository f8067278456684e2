"""The frame of a chart: where the plot lies, its axes, ticks, grid, titles and legend."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from minimax_vl.synthetic.canvas import Colour, darker
from minimax_vl.synthetic.charts.data import Chart
from minimax_vl.synthetic.figure import Box, Type, figure_type, write_up
from minimax_vl.synthetic.pen import Pen, centred, write_upright
from minimax_vl.synthetic.sheet import Sheet


@dataclass
class Look:
    """How a figure is styled: drawn once, the same for all its parts."""

    back: Colour  # behind the plot
    grid: Colour | None
    both: bool  # grid lines across the category axis too
    dash: tuple[float, float] | None
    spines: str  # "two", "four", "base"
    marks: bool  # small strokes at the ticks
    thick: float
    legend: str  # "right", "top", "bottom"


@dataclass
class Frame:
    """A chart laid out in a box. Values run up the page, or to the right when `sideways`."""

    sheet: Sheet
    chart: Chart
    box: Box
    plot: Box
    type: Type
    look: Look
    sideways: bool
    turned: bool  # category labels read upwards
    between: bool  # categories stand between ticks (bars), not on them (lines)
    legend: list[tuple[float, float]] = field(default_factory=list)  # top left of each entry
    above: bool = False  # title of the value axis is written above the axis, not beside it

    def slot(self) -> float:
        x0, y0, x1, y1 = self.plot
        return ((y1 - y0) if self.sideways else (x1 - x0)) / len(self.chart.labels)

    def middle(self, index: int) -> float:
        """Where category `index` stands along its axis."""
        x0, y0, x1, _ = self.plot
        return (y0 if self.sideways else x0) + (index + 0.5) * self.slot()

    def at(self, value: float) -> float:
        """Where a value stands along its axis."""
        x0, y0, x1, y1 = self.plot
        share = value / self.chart.top
        return x0 + (x1 - x0) * share if self.sideways else y1 - (y1 - y0) * share

    def draw_back(self, pen: Pen) -> None:
        """What lies behind the data: the plot's ground and its grid."""
        x0, y0, x1, y1 = self.plot
        look = self.look
        if look.back != self.sheet.paper:
            pen.rectangle(x0, y0, x1, y1, look.back)
        if look.grid is None:
            return
        for value in self.chart.ticks:
            at = self.at(value)
            ends = ((at, y0), (at, y1)) if self.sideways else ((x0, at), (x1, at))
            pen.line(ends, look.grid, look.thick * 0.6, dash=look.dash)
        if look.both:
            for i in range(len(self.chart.labels)):
                at = self.middle(i)
                ends = ((x0, at), (x1, at)) if self.sideways else ((at, y0), (at, y1))
                pen.line(ends, look.grid, look.thick * 0.6, dash=look.dash)

    def draw_axes(self, pen: Pen) -> None:
        x0, y0, x1, y1 = self.plot
        ink, thick = self.sheet.line, self.look.thick
        if self.look.spines == "four":
            pen.rectangle(x0, y0, x1, y1, None, ink, thick=thick)
        elif self.look.spines == "two":
            pen.line(((x0, y0), (x0, y1), (x1, y1)), ink, thick)
        else:
            pen.line(((x0, y0), (x0, y1)) if self.sideways else ((x0, y1), (x1, y1)), ink, thick)
        for value in self.chart.ticks:
            at = self.at(value)
            pen.landmark(*((at, y1 + 3) if self.sideways else (x0 - 3, at)), "tick")
            if self.look.marks:
                pen.line(((at, y1), (at, y1 + 5)) if self.sideways else ((x0 - 5, at), (x0, at)), ink, thick)

    def write(self) -> None:
        """All print around the plot: title, ticks, categories, titles of the axes."""
        sheet, chart, canvas = self.sheet, self.chart, self.sheet.canvas
        x0, y0, x1, y1 = self.plot
        tick, ink = self.type.tick, sheet.ink
        if chart.title:
            middle = (self.box[0] + self.box[2]) / 2 if self.look.legend != "top" else (x0 + x1) / 2
            room = self.type.title.width(chart.title)
            x = min(max(middle - room / 2, self.box[0]), self.box[2] - room)
            canvas.write(x, self.box[1], chart.title, self.type.title, ink)
        if self.above and not self.sideways:
            top = self.box[1] + (self.type.title.height * 1.25 if chart.title else 0)
            canvas.write(self.box[0], top, chart.measure.title, self.type.label, ink)
        for value in chart.ticks:
            text = tick_text(chart, value)
            if self.sideways:
                centred(canvas, self.at(value), y1 + 8 + tick.height / 2, text, tick, ink)
            else:
                y = self.at(value) - tick.height / 2
                canvas.write(x0 - 8 - tick.width(text), max(y, 0), text, tick, ink)
        for i, text in enumerate(chart.labels):
            at = self.middle(i)
            if self.sideways:
                canvas.write(x0 - 8 - tick.width(text), at - tick.height / 2, text, tick, ink)
            elif self.turned:
                write_upright(canvas, at - tick.height / 2, y1 + 8 + tick.width(text), text, tick, ink)
            else:
                centred(canvas, at, y1 + 8 + tick.height / 2, text, tick, ink)
        across, up = (chart.measure.title, chart.axis) if self.sideways else (chart.axis, chart.measure.title)
        bottom = self.box[3] - self.type.label.height
        if across:
            centred(canvas, (x0 + x1) / 2, bottom + self.type.label.height / 2, across, self.type.label, ink)
        if up and not self.above:
            write_up(sheet, self.box[0], (y0 + y1) / 2, up, self.type.label)
        for (x, y), name in zip(self.legend, chart.series, strict=False):
            canvas.write(x + tick.size * 1.6, y, name, tick, ink)

    def swatch(self, index: int) -> Box:
        """Where the sample of a series stands in the legend."""
        x, y = self.legend[index]
        size, mid = self.type.tick.size, y + self.type.tick.height / 2
        return x, mid - size * 0.4, x + size * 1.2, mid + size * 0.4


def tick_text(chart: Chart, value: float) -> str:
    decimals = 1 if chart.step < 1 else 0
    return replace(chart.measure, decimals=decimals).show(value)


def figure_look(sheet: Sheet) -> Look:
    rng = sheet.rng
    paper = sheet.paper
    light = sum(paper) > 380
    back = paper if sheet.chance(0.75) else darker(paper, rng.randint(8, 26)) if light else paper
    faint = darker(paper, rng.randint(25, 80)) if light else (110, 110, 110)
    return Look(
        back,
        None if sheet.chance(0.35) else faint,
        sheet.chance(0.3),
        rng.choice((None, None, None, (4, 4), (2, 3))),
        rng.choice(("two", "two", "four", "base")),
        sheet.chance(0.5),
        rng.uniform(0.8, 2.2),
        rng.choice(("right", "top", "bottom")),
    )


def lay_out(
    sheet: Sheet, chart: Chart, box: Box, *, sideways: bool = False, between: bool = True
) -> Frame | None:
    """Share a box among plot and print; drops categories whose labels do not fit. None when too little is left."""
    type_, look = figure_type(sheet, box), figure_look(sheet)
    chart = _without_some_titles(sheet, chart, type_, box)
    left, top, right, bottom = box
    tick, label = type_.tick, type_.label
    if chart.title:
        top += type_.title.height * 1.25
    above = not sideways and bool(chart.measure.title) and sheet.chance(0.2)
    if above:
        top += label.height * 1.2
    elif chart.axis if sideways else chart.measure.title:
        left += label.height * 1.3
    if chart.measure.title if sideways else chart.axis:
        bottom -= label.height * 1.25
    legend: list[tuple[float, float]] = []
    if chart.series[0]:
        left, top, right, bottom, legend = _legend(chart, type_, look, (left, top, right, bottom))
    numbers = max(tick.width(tick_text(chart, v)) for v in chart.ticks)
    turned = False
    top += tick.height * 0.6
    if sideways:
        while len(chart.labels) > 2 and (
            max(map(tick.width, chart.labels)) > 0.42 * (right - left)
            or len(chart.labels) * tick.height * 1.1 > bottom - top
        ):
            chart = _shorter(chart)
        left += max(map(tick.width, chart.labels)) + 10
        right -= numbers * 0.6
        bottom -= tick.height + 10
        if numbers * 1.15 * len(chart.ticks) > right - left:
            return None
    else:
        left += numbers + 10
        right -= 6
        while True:
            widest = max(map(tick.width, chart.labels))
            if widest * 1.12 < (right - left) / len(chart.labels):
                bottom -= tick.height + 10
                break
            if widest < 0.32 * (bottom - top) and tick.height * 1.1 < (right - left) / len(chart.labels):
                bottom -= widest + 14
                turned = True
                break
            if len(chart.labels) <= 2:
                return None
            chart = _shorter(chart)
        if tick.height * 1.02 * len(chart.ticks) > bottom - top:
            return None
    if right - left < 90 or bottom - top < 80:
        return None
    return Frame(
        sheet, chart, box, (left, top, right, bottom), type_, look, sideways, turned, between, legend, above
    )


def _without_some_titles(sheet: Sheet, chart: Chart, type_: Type, box: Box) -> Chart:
    """Titles that do not fit are left out, and some at random."""
    wide, high = box[2] - box[0], box[3] - box[1]
    title = chart.title if type_.title.width(chart.title) < wide else ""
    axis = chart.axis if sheet.chance(0.7) else ""
    named = sheet.chance(0.8) and type_.label.width(chart.measure.title) < 0.7 * min(wide, high)
    return replace(
        chart, title=title, axis=axis, measure=chart.measure if named else replace(chart.measure, title="")
    )


def _shorter(chart: Chart) -> Chart:
    """Without the category that has the longest label; over time, without the last."""
    longest = max(range(len(chart.labels)), key=lambda i: len(chart.labels[i]))
    if chart.category in ("year", "month", "time", "week", "day"):
        longest = len(chart.labels) - 1
    keep = [i for i in range(len(chart.labels)) if i != longest]
    return replace(
        chart, labels=[chart.labels[i] for i in keep], values=[[row[i] for i in keep] for row in chart.values]
    )


def _legend(
    chart: Chart, type_: Type, look: Look, room: Box
) -> tuple[float, float, float, float, list[tuple[float, float]]]:
    """What is left of the room, and where the entries stand."""
    left, top, right, bottom = room
    tick = type_.tick
    widths = [tick.width(name) + tick.size * 1.6 for name in chart.series]
    if look.legend == "right" and max(widths) < 0.3 * (right - left):
        right -= max(widths) + 14
        start = top + (bottom - top) * 0.25
        return (
            left,
            top,
            right,
            bottom,
            [(right + 12, start + i * tick.height * 1.3) for i in range(len(widths))],
        )
    places, x, y = [], left, 0.0
    for width in widths:
        if x + width > right and x > left:
            x, y = left, y + tick.height * 1.2
        places.append((x, y))
        x += width + tick.size
    high = y + tick.height * 1.5
    if look.legend == "bottom":
        return left, top, right, bottom - high, [(x, bottom - high + 4 + dy) for x, dy in places]
    return left, top + high, right, bottom, [(x, top + dy) for x, dy in places]
