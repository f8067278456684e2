"""What training asks about a chart besides: all its values, its legend, its axis, and how a value is read off.

Lists run as the picture does: labels from left to right or from top to bottom, series as in the legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from minimax_vl.synthetic.charts.frame import tick_text
from minimax_vl.synthetic.charts.questions import Asker
from minimax_vl.synthetic.thoughts import listed

VALUES = ("List the values.", "List all values.", "Give the data as a table.", "What are the values?")
ROW = ("List the values of {series}.", "What are all values of {series}?")
COLUMN = ("List the values for {label}.", "What are the values for {label}?")
LABELS = ("List the {whats}.", "What are the {whats}?", "Which {whats} are shown?")
LEGEND = ("List the legend.", "Which color is which?", "What do the colors stand for?")
TICKS = ("List the numbers on the {axis}-axis.", "Which numbers are on the {axis}-axis?")
STEP = ("What is the step of the {axis}-axis?", "How far apart are the numbers on the {axis}-axis?")
ORDER_OF = (
    "Order the {whats} by {series}, the largest first.",
    "Sort the {whats} by {series}, the largest first.",
)
RANKED = ("List the {whats} with their values, the largest first.", "Sort the values, each with its {what}.")
LARGEST = ("Which two {whats} are the largest?", "Which {what} is the largest, and which is second?")
SMALLEST = ("Which two {whats} are the smallest?", "Which {what} is the smallest, and which is next?")
READ_OFF = ("Read the value of {label} step by step.", "How is the value of {label} read off the axis?")
ORDER = ("Order the {whats} from the largest to the smallest.", "Sort the {whats}, the largest first.")
LIES = ("Where does {label} lie on the axis?",)
BRACKET = ("Between which numbers of the axis does {label} end?", *LIES)
COMPARE = ("Compare {one} and {other}.", "Compare the values of {one} and {other}.")
STEPS = ("List the changes of {series}.", "How does {series} change from one {what} to the next?")


def one_series(asker: Asker, *, axis: str = "y") -> None:
    """The values of a single series; `axis` is "" where there is none, as in pies."""
    chart, row = asker.chart, asker.chart.values[0]
    _teach(asker, listed(chart.labels, [asker.show(v) for v in row]), VALUES, whole=True)
    _teach(asker, "; ".join(chart.labels), LABELS)
    _order(asker)
    for i, j in _pairs(asker, len(row), 2):
        difference = abs(row[i] - row[j])
        if asker.easy(row[i]) and asker.easy(row[j]):
            text = f"{asker.show(row[i])}, {asker.show(row[j])}, difference {asker.show(difference)}"
            _teach(asker, text, COMPARE, one=chart.labels[i], other=chart.labels[j])
    if axis:
        ticks(asker, axis)
        for i in asker.some(len(row), 4):
            where = bracket(asker, row[i])
            if where and asker.sheet.chance(0.6):
                _teach(asker, f"{where}: {asker.show(row[i])}", READ_OFF, label=chart.labels[i])
            else:
                # What ends at a number of the axis ends between none.
                _teach(asker, where, LIES if where.startswith("at ") else BRACKET, label=chart.labels[i])


def many_series(asker: Asker, colors: Sequence[str], *, axis: str = "y") -> None:
    """The values by series and by label, all of them where they are few, and the legend."""
    chart = asker.chart
    shown = [[asker.show(v) for v in row] for row in chart.values]
    table = "; ".join(f"{name}: {', '.join(row)}" for name, row in zip(chart.series, shown, strict=True))
    _teach(asker, table, VALUES, whole=True)
    for s in asker.some(len(shown), 2):
        _teach(asker, listed(chart.labels, shown[s]), ROW, whole=True, series=chart.series[s])
        order = _falling(chart.values[s])
        if _clear(asker, [chart.values[s][i] for i in order]):
            _teach(asker, "; ".join(chart.labels[i] for i in order), ORDER_OF, series=chart.series[s])
    for i in asker.some(len(chart.labels), 2):
        _teach(asker, listed(chart.series, [row[i] for row in shown]), COLUMN, label=chart.labels[i])
    _teach(asker, "; ".join(chart.labels), LABELS)
    legend(asker, chart.series, colors)
    ticks(asker, axis)


def legend(asker: Asker, names: Sequence[str], colors: Sequence[str]) -> None:
    """Which colour stands for what."""
    if len(names) == len(colors):
        _teach(asker, listed(names, colors), LEGEND, whole=True)


def ticks(asker: Asker, axis: str) -> None:
    """The numbers on the value axis and their distance."""
    chart = asker.chart
    _teach(asker, ", ".join(tick_text(chart, v) for v in chart.ticks), TICKS, axis=axis)
    _teach(asker, tick_text(chart, chart.step), STEP, axis=axis)


def bracket(asker: Asker, value: float) -> str:
    """Where a value stands among the printed numbers: "at 10", "between 10 and 15"."""
    chart = asker.chart
    for one, other in pairwise(chart.ticks):
        if abs(value - other) < 0.02 * chart.step:
            return f"at {tick_text(chart, other)}"
        if one < value < other:
            return f"between {tick_text(chart, one)} and {tick_text(chart, other)}"
    return ""


def changes(asker: Asker, s: int) -> None:
    """What a curve does between neighbours, where every step is plain to see."""
    chart, row = asker.chart, asker.chart.values[s]
    if all(a == b or abs(a - b) >= 0.03 * chart.top for a, b in pairwise(row)):
        ways = ["rises" if b > a else "falls" if b < a else "stays" for a, b in pairwise(row)]
        _teach(asker, ", ".join(ways), STEPS, series=chart.series[s] or "the line")


def _order(asker: Asker) -> None:
    """Who is how large: all in order where no two are alike, and the two at either end."""
    chart, row = asker.chart, asker.chart.values[0]
    order = _falling(row)
    labels = [chart.labels[i] for i in order]
    if _clear(asker, [row[i] for i in order]):
        _teach(asker, "; ".join(labels), ORDER)
        _teach(asker, listed(labels, [asker.show(row[i]) for i in order]), RANKED, whole=True)
    for ends, forms in ((order, LARGEST), (order[::-1], SMALLEST)):
        if len(ends) > 2 and _clear(asker, [row[i] for i in ends[:3]]):
            _teach(asker, "; ".join(chart.labels[i] for i in ends[:2]), forms)


def _falling(row: Sequence[float]) -> list[int]:
    return sorted(range(len(row)), key=lambda i: -row[i])


def _clear(asker: Asker, values: Sequence[float]) -> bool:
    return all(asker.clear(one, other) for one, other in pairwise(values))


def _pairs(asker: Asker, count: int, most: int) -> list[tuple[int, int]]:
    return [(pair[0], pair[1]) for _ in range(most) if len(pair := asker.some(count, 2)) == 2]


def _teach(asker: Asker, answer: str, forms: tuple[str, ...], *, whole: bool = False, **names: str) -> None:
    names = {"what": asker.what, "whats": asker.whats} | names
    asker.sheet.facts.teach(answer, forms, whole=whole, **names)
