"""What is asked about a chart, in the words people use, with the answer that its numbers give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from minimax_vl.synthetic.charts.data import CATEGORIES, Chart
from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import compared, listed, numbered, records, tallies

FORMS: dict[str, tuple[str, ...]] = {
    "title": ("What is the title of the chart?", "What is the title?", "What is the chart's title?"),
    "x axis": ("What is the label of the x-axis?", "What does the x-axis show?", "What is on the x-axis?"),
    "y axis": ("What is the label of the y-axis?", "What does the y-axis show?", "What is on the y-axis?"),
    "end": ("What is the highest number on the {axis}-axis?", "Where does the {axis}-axis end?"),
    "type": ("What kind of chart is this?", "What type of chart is shown?", "What kind of graph is it?"),
    "color": (
        "What color is {series}?",
        "What color is used for {series}?",
        "Which color stands for {series}?",
    ),
    "of color": ("Which one is {color}?", "What does {color} stand for?", "What is shown in {color}?"),
    "color of all": ("What color are the {marks}?", "Which color do the {marks} have?"),
    "count": (
        "How many {marks} are there?",
        "How many {marks} does the chart have?",
        "How many {marks} are shown?",
    ),
    "groups": (
        "How many {whats} are shown?",
        "How many {whats} are on the axis?",
        "How many {whats} are there?",
    ),
    "slice groups": (
        "How many {whats} are shown?",
        "How many {whats} are in the chart?",
        "How many {whats} are there?",
    ),
    "series": ("How many series are there?", "How many names are in the legend?"),
    "above": ("How many {marks} are above {value}?", "How many {whats} have more than {value}?"),
    "highest": (
        "Which {what} has the highest {name}?",
        "Which {what} has the largest value?",
        "Which {what} has the highest value?",
        "Which {what} is the largest?",
        "Which {shape} is the {tallest}?",
        "What has the most?",
    ),
    "lowest": (
        "Which {what} has the lowest {name}?",
        "Which {what} has the smallest value?",
        "Which {what} has the lowest value?",
        "Which {what} is the smallest?",
        "Which {shape} is the {shortest}?",
        "What has the least?",
    ),
    "highest in": ("Which {what} has the highest value for {series}?", "Where is {series} highest?"),
    "lowest in": ("Which {what} has the lowest value for {series}?", "Where is {series} lowest?"),
    "best": ("Which is the highest for {label}?", "Which series is largest in {label}?"),
    "rank": ("Which {what} has the second highest value?", "Which {what} is second largest?"),
    "place": ("Which {what} comes after {label}?", "What is to the right of {label}?"),
    "most": ("What is the highest value?", "What is the largest value shown?", "What is the maximum value?"),
    "least": ("What is the lowest value?", "What is the smallest value shown?", "What is the minimum value?"),
    "cell difference": (
        "What is the difference between {more} and {less} for {label}?",
        "How much more is {more} than {less} in {label}?",
    ),
    "difference": (
        "What is the difference between {more} and {less}?",
        "What is the difference in {name} between {more} and {less}?",
        "How much more is {more} than {less}?",
        "How much larger is {more} than {less}?",
        "By how much does {more} exceed {less}?",
    ),
    "sum": (
        "What is the sum of {one} and {other}?",
        "What is the total of {one} and {other}?",
        "How much are {one} and {other} together?",
    ),
    "compare": (
        "Is {one} larger than {other}?",
        "Is the value of {one} higher than that of {other}?",
        "Is {one} greater than {other}?",
    ),
    "trend": (
        "What is the trend of {series}?",
        "Does {series} rise or fall?",
        "How does {series} change from {first} to {last}?",
    ),
    "change": ("Does the value rise or fall from {first} to {last}?", "What happens from {first} to {last}?"),
    "cell": (
        "What is the {name} of {label} for {series}?",
        "What is the value of {series} for {label}?",
        "What is the value of {series} in {label}?",
        "What is the {series} value for {label}?",
        "{series}, {label}?",
    ),
    "value": (
        "What is the {name} for {label}?",
        "What is the {name} of {label}?",
        "What is the value of {label}?",
        "What is the value for {label}?",
        "What value does {label} have?",
        "How high is the value of {label}?",
        "{label}?",
    ),
    "value at": (
        "What is the {name} when {axis} is {x}?",
        "What is the value at {x}?",
        "What is the y-value of the point at {x}?",
    ),
}
# The same of labels that are numbers: the sum of 1 and 2 is 3, whatever a chart says.
OF_NUMBERS = {
    "difference": (
        "What is the difference in {name} between {more} and {less}?",
        "What is the difference between the values of {more} and {less}?",
        "By how much does the value of {more} exceed that of {less}?",
    ),
    "sum": (
        "What is the sum of the values of {one} and {other}?",
        "How much are the values of {one} and {other} together?",
    ),
    "compare": (
        "Is the value of {one} larger than that of {other}?",
        "Is the value of {one} higher than that of {other}?",
    ),
    "cell difference": ("What is the difference between the values of {more} and {less} for {label}?",),
}
# What the highest and the lowest mark are called, where a mark is no bar.
ENDS = {"slice": ("largest", "smallest"), "point": ("highest", "lowest")}
ARITHMETIC = 400  # in steps of the finest value: differences beyond it are not asked
CLEAR = 0.025  # of the axis: values closer than this are not compared
DOCUMENT = (
    "What is the total?",
    "What is the date?",
    "What is the invoice number?",
    "What is the phone number?",
)


class Asker:
    """The questions of one chart; `marks` is what its values are drawn as: bars, slices, points."""

    def __init__(self, sheet: Sheet, chart: Chart, kind: str, mark: str, marks: str, *, exact: bool) -> None:
        """`exact` says that every value is printed, so that it can be asked whatever its digits."""
        self.sheet, self.chart, self.rng, self.exact = sheet, chart, sheet.rng, exact
        self.kind, self.mark, self.marks = kind, mark, marks
        self.what = chart.category
        self.whats = chart.category[:-1] + "ies" if chart.category.endswith("y") and chart.category != "day" else (
            chart.category + ("es" if chart.category.endswith("s") else "s")
        )  # fmt: skip

    def ask(self, form: str, answer: str, thought: str = "", **names: str) -> str:
        """Ask in one of FORMS; returns the question. `thought` is what training writes before the answer."""
        full = {"what": self.what, "whats": self.whats, "shape": self.mark, "marks": self.marks}
        tallest, shortest = ENDS.get(self.mark, ("tallest", "shortest"))
        if self.kind.startswith("horizontal"):
            tallest = "longest"
        full |= {"name": self.chart.measure.name, "tallest": tallest, "shortest": shortest}
        numbers = names.get("more", names.get("one", "")).isdigit()
        forms = OF_NUMBERS.get(form, FORMS[form]) if numbers else FORMS[form]
        asked = self.sheet.facts.ask(answer, forms, mark="", one_of_many=False, **(full | names))
        self.sheet.facts.think(asked, thought)
        # "Which one is red?" may mean the bar or its label.
        if self.what == "color" and form in ("color", "of color"):
            self.sheet.facts.doubt(asked)
        return asked

    def show(self, value: float) -> str:
        """The value as it is printed; training writes one that is read off an axis without zeros that are not on it."""
        measure = self.chart.measure
        if self.sheet.facts.teaching and not self.exact:
            printed = 1 if self.chart.step < 1 else 0  # decimals of the axis
            needed = (d for d in range(printed, measure.decimals) if abs(round(value, d) - value) < 1e-9)
            measure = replace(measure, decimals=next(needed, measure.decimals))
        return measure.show(value)

    def some(self, count: int, most: int) -> list[int]:
        """Up to `most` of `count` places, at random, for what only training asks: none on other pages."""
        return self.rng.sample(range(count), min(most, count)) if self.sheet.facts.teaching else []

    def one_series(self, *, rank: bool = True) -> None:
        """Values, extremes, differences, sums and comparisons of a chart with a single series."""
        chart, rng = self.chart, self.rng
        row, labels, show = chart.values[0], chart.labels, self.show
        for i in rng.sample(range(len(labels)), min(5, len(labels))):
            # A value in print is read as well at once.
            self.ask("value", show(row[i]), "" if self.exact else self.read(row, i), label=labels[i])
        self.extremes(labels, row)
        for _ in range(2):
            i, j = rng.sample(range(len(labels)), 2)
            if row[i] < row[j]:
                i, j = j, i
            if self.easy(row[i] + row[j]):
                # Whether thousands have commas is seen on the axis, or not at all.
                styled = not self.sheet.facts.teaching or row[i] + row[j] < 1000 or chart.top >= 1000
                seen = self.read(row, max(i, j))
                if row[i] > row[j]:
                    thought = f"{seen}. {show(row[i])} - {show(row[j])}"
                    self.ask("difference", show(row[i] - row[j]), thought, more=labels[i], less=labels[j])
                if styled and (chart.measure.after != "%" or row[i] + row[j] <= 100):
                    i, j = rng.sample((i, j), 2)
                    thought = f"{seen}. {show(row[i])} + {show(row[j])}"
                    self.ask("sum", show(row[i] + row[j]), thought, one=labels[i], other=labels[j])
        for _ in range(2):
            i, j = rng.sample(range(len(labels)), 2)
            if self.clear(row[i], row[j]):
                thought = (
                    f"{self.read(row, max(i, j))}. {show(row[i])} {compared(row[i], row[j])} {show(row[j])}"
                )
                answer = "yes" if row[i] > row[j] else "no"
                self.ask("compare", answer, thought, one=labels[i], other=labels[j])
        tick = rng.choice(chart.ticks[1:])
        if all(self.clear(value, tick) for value in row) and not self.kind.startswith("pie"):
            above = [value > tick for value in row]
            self.ask("above", str(sum(above)), self.read(row, marks=tallies(above)), value=show(tick))
        order = sorted(range(len(row)), key=lambda i: -row[i])
        clear = len(order) > 2 and self.clear(row[order[0]], row[order[1]]) and self.clear(
            row[order[1]], row[order[2]]
        )  # fmt: skip
        if rank and clear:
            two = listed([labels[i] for i in order[:2]], [show(row[i]) for i in order[:2]])
            self.ask("rank", labels[order[1]], f"{self.read(row, marks=records(row, max))}. {two}")

    def many_series(self) -> None:
        """Cells, extremes within a series and within a category, totals."""
        chart, rng, show = self.chart, self.rng, self.show
        cells = [(s, i) for s in range(len(chart.series)) for i in range(len(chart.labels))]
        for s, i in rng.sample(cells, min(6, len(cells))):
            thought = self.read(chart.values[s], i)
            self.ask("cell", show(chart.values[s][i]), thought, series=chart.series[s], label=chart.labels[i])
        s = rng.randrange(len(chart.series))
        self.extremes(chart.labels, chart.values[s], chart.series[s])
        i = rng.randrange(len(chart.labels))
        column = [row[i] for row in chart.values]
        top = max(range(len(column)), key=lambda k: column[k])
        told = [show(value) for value in column]
        if all(k == top or self.clear(column[top], value) for k, value in enumerate(column)):
            thought = listed(chart.series, told, marks=records(column, max))
            self.ask("best", chart.series[top], thought, label=chart.labels[i])
        a, b = rng.sample(range(len(chart.series)), 2)
        if column[a] < column[b]:
            a, b = b, a
        if column[a] > column[b] and self.easy(column[a]):
            names = {"more": chart.series[a], "less": chart.series[b], "label": chart.labels[i]}
            thought = f"{listed(chart.series, told)}. {told[a]} - {told[b]}"
            self.ask("cell difference", show(column[a] - column[b]), thought, **names)
        self.ask("series", str(len(chart.series)), numbered(chart.series))

    def surroundings(self, *, sideways: bool = False, axes: bool = True) -> None:
        """Title, axes, kind of chart, and what is not there."""
        chart, rng = self.chart, self.rng
        self.ask("title", chart.title or NOT_THERE)
        self.ask("type", self.kind)
        if axes:
            across, up = chart.axis, chart.measure.title
            across, up = (up, across) if sideways else (across, up)
            for form, title in (("x axis", across), ("y axis", up)):
                if title or self.sheet.chance(0.3):
                    asked = self.ask(form, title or NOT_THERE)
                    if not title and "label" not in asked:  # what an axis shows is told by its ticks as well
                        self.sheet.facts.doubt(asked)
            if self.sheet.chance(0.4):
                end = f"{chart.top:,.0f}" if chart.measure.comma else f"{chart.top:.0f}"
                if chart.step >= 1:
                    self.ask(
                        "end",
                        f"{chart.measure.before}{end}{chart.measure.after}",
                        axis="x" if sideways else "y",
                    )
        sliced = self.mark == "slice"
        form = "slice groups" if sliced else "groups"
        asked = self.ask(form, str(len(chart.labels)), numbered(chart.labels))
        if self.kind == "scatter plot":  # there are numbers on both axes
            self.sheet.facts.doubt(asked)
        if self.sheet.chance(0.6):
            taken = {text.lower() for text in (*chart.labels, *chart.series, chart.title)}
            pool = rng.choice(CATEGORIES)[2].split(", ")
            absent = next((word for word in rng.sample(pool, len(pool)) if word.lower() not in taken), "")
            if absent and not any(absent.lower() in text or text in absent.lower() for text in taken if text):
                self.ask("value", NOT_THERE, label=absent)
        if self.sheet.chance(0.1):
            asked = self.sheet.facts.ask(NOT_THERE, (rng.choice(DOCUMENT),))
            # A chart's numbers have a total, and its axis may have dates.
            if asked in ("What is the total?", "What is the date?"):
                self.sheet.facts.doubt(asked)

    def extremes(
        self, labels: list[str], row: list[float], within: str = "", *, numbers: bool = True
    ) -> None:
        """Where the highest and the lowest value stand, and, with `numbers`, what they are."""
        show = self.show
        for form, number, pick in (("highest", "most", max), ("lowest", "least", min)):
            best = pick(range(len(row)), key=lambda i: row[i])
            # Slices without numbers are compared by eye.
            thought = self.read(row, marks=records(row, pick)) if numbers else ""
            if all(i == best or self.clear(row[i], row[best]) for i in range(len(row))):
                self.ask(f"{form} in" if within else form, labels[best], thought, series=within)
            if numbers and not within and self.sheet.chance(0.6):
                self.ask(number, show(row[best]), thought)

    def read(self, row: Sequence[float], last: int | None = None, marks: Sequence[str] = ()) -> str:
        """A thought: the values of a series, one after the other, up to number `last` or all of them."""
        return listed(self.chart.labels, [self.show(value) for value in row], last, marks)

    def easy(self, value: float) -> bool:
        """Whether the value is small enough, in steps of the finest one, to be reckoned with."""
        return value / self.chart.fine <= ARITHMETIC

    def clear(self, one: float, other: float) -> bool:
        """Whether two values are told apart by eye, or by their print."""
        return abs(one - other) >= CLEAR * self.chart.top or (self.exact and one != other)


def describe(kind: str, chart: Chart, counted: str) -> str:
    """The caption: "A bar chart of Sales by City with 5 bars."."""
    article = "An" if kind[0] in "aeiou" else "A"
    about = chart.title or chart.subject if chart.title else chart.measure.title or chart.axis
    return f"{article} {kind}{f' of {about}' if about else ''} with {counted}."


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def form_of(question: str) -> str:
    """The key of FORMS that a question was made by: the first that fits, or '' for none."""
    return next((form for form, pattern in _patterns() if pattern.fullmatch(question)), "")


@lru_cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Every form as a pattern; names of things may hold any character, labels asked alone no question word."""
    found = []
    for form, texts in FORMS.items():
        for text in texts:
            plain = text.replace("{tallest}", "tallest").replace("{shortest}", "shortest")
            parts = [re.escape(part) for part in re.split(r"{\w+}", plain)]
            pattern = ".+".join(parts).replace("tallest", "(tallest|longest|largest|highest)")
            pattern = pattern.replace("shortest", "(shortest|smallest|lowest)")
            if text.startswith("{"):
                pattern = rf"(?!(What|Which|How|Where|Is|Does|Has|Find|Tell)\b){pattern}"
            found.append(
                (form, re.compile(pattern[0].upper() + pattern[1:] if pattern[0].isalpha() else pattern))
            )
    return found
