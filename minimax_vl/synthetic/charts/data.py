"""What a chart shows: categories, series, values that can be read off its axis, and the names people use."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import MONTHS, listed

# What the categories are called (one of them, the axis) | their labels. A leading + keeps a row for the held-out split.
_CATEGORIES = """
fruit | Fruit | Apple, Banana, Cherry, Grape, Lemon, Mango, Orange, Peach, Pear, Plum, Kiwi, Melon
animal | Animal | Cat, Dog, Rabbit, Horse, Cow, Sheep, Goat, Fish, Bird, Hamster, Snake, Frog
sport | Sport | Soccer, Tennis, Golf, Rugby, Hockey, Cricket, Baseball, Boxing, Skiing, Rowing, Swimming, Judo
color | Color | Red, Blue, Green, Yellow, Orange, Purple, Pink, Brown, Black, White
subject | Subject | Math, Art, Music, History, Science, English, Biology, Physics, Chemistry, French, Drama
season | Season | Spring, Summer, Autumn, Winter
day | Day | Mon, Tue, Wed, Thu, Fri, Sat, Sun
day | Day | Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday
quarter | Quarter | Q1, Q2, Q3, Q4
grade | Grade | A, B, C, D, E, F
age group | Age Group | 0-9, 10-19, 20-29, 30-39, 40-49, 50-59, 60-69, 70+
country | Country | Brazil, Canada, China, Egypt, France, Germany, India, Japan, Kenya, Mexico, Peru, Spain
transport | Transport | Car, Bus, Train, Bike, Walk, Tram, Boat, Plane, Taxi
drink | Drink | Tea, Coffee, Milk, Juice, Water, Soda, Cocoa
class | Class | 1A, 1B, 2A, 2B, 3A, 3B, 4A, 4B
energy source | Source | Coal, Gas, Oil, Solar, Wind, Hydro, Nuclear, Wood
region | Region | North, South, East, West, Central
department | Department | Sales, Finance, Legal, Support, IT, Design, Research, Security
item | Item | Rent, Food, Travel, Clothes, Savings, Health, Phone, Fun, Other, Books
team | Team | Lions, Tigers, Bears, Hawks, Sharks, Wolves, Eagles, Bulls
tree | Tree | Oak, Pine, Maple, Birch, Elm, Cedar, Fir, Ash, Willow
device | Device | Phone, Tablet, Laptop, Desktop, Watch, Printer, Camera
+metal | Metal | Iron, Copper, Gold, Silver, Zinc, Tin, Lead, Nickel
+instrument | Instrument | Piano, Violin, Guitar, Flute, Drums, Cello, Harp, Trumpet
+vegetable | Vegetable | Carrot, Potato, Onion, Pea, Bean, Corn, Leek, Radish, Celery
+planet | Planet | Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune
"""
CATEGORIES = tuple(tuple(line.split(" | ")) for line in _CATEGORIES.strip().splitlines())

# The axis title | what the thing is called in a question | before and after a number
_MEASURES = """
Sales | sales | |
Sales ($ thousand) | sales | $ |
Revenue ($ million) | revenue | |
Number of Students | number of students | |
Number of People | number of people | |
Votes | number of votes | |
Rainfall (mm) | rainfall | |
Temperature (C) | temperature | |
Population (millions) | population | |
Price ($) | price | $ |
Cost | cost | $ |
Score | score | |
Points | number of points | |
Books Read | number of books | |
Visitors | number of visitors | |
Percent | percent | | %
Percentage of Total (%) | percentage | | %
Share (%) | share | | %
Frequency | frequency | |
Production (tons) | production | |
Hours | number of hours | |
Height (cm) | height | |
Weight (kg) | weight | |
Distance (km) | distance | |
Speed (km/h) | speed | |
Income | income | $ |
Profit | profit | |
Amount | amount | |
Value | value | |
+Energy (kWh) | energy | |
+Depth (m) | depth | |
+Units Sold | number of units | |
"""
# Of the training charts have titles of their own: those that turn upwards were guessed from the list, not read.
MADE_UP = 0.6
MEASURES = tuple(tuple(part.strip() for part in line.split("|")) for line in _MEASURES.strip().splitlines())


@dataclass(frozen=True)
class Measure:
    """What the numbers are: the axis title, the name in a question, what is printed around a number."""

    title: str
    name: str
    before: str
    after: str
    comma: bool
    decimals: int

    def show(self, value: float) -> str:
        text = f"{value:,.{self.decimals}f}" if self.comma else f"{value:.{self.decimals}f}"
        return f"{self.before}{text}{self.after}"


@dataclass(frozen=True)
class Chart:
    """Numbers and names of a chart; `values` holds one row per series."""

    title: str  # "" when none is printed
    subject: str  # what it is about, for the caption
    category: str  # what one of the labels is called: "fruit"
    axis: str  # title of the category axis
    measure: Measure
    labels: list[str]
    series: list[str]
    values: list[list[float]]
    top: float  # end of the value axis
    step: float  # between its ticks
    fine: float  # every value is a multiple of it

    @property
    def ticks(self) -> list[float]:
        return [round(i * self.step, 9) for i in range(round(self.top / self.step) + 1)]


def draw_chart(
    sheet: Sheet, most: int, series: int, *, fine: bool, ordered: bool = False, stacked: bool = False
) -> Chart:
    """Random numbers for up to `most` categories. `fine` numbers are for print; others can be read off the axis."""
    rng = sheet.rng
    category, axis, labels = _labels(sheet, most, ordered)
    title, name, before, after = _of_split(sheet, MEASURES)
    if own := made_up(sheet):
        title, name, before, after = own, own.lower(), "", ""
    axis = made_up(sheet) or axis
    step, power = rng.choice((1, 2, 5)), rng.choice((0, 0, 1, 1, 1, 2, 3, -1))
    if after == "%":
        step, power = rng.choice((2, 5, 10, 20)), 0
    ticks = rng.randint(4, 8)
    if after == "%":
        ticks = min(ticks, 100 // step)
    unit = step * 10.0**power
    # Between two ticks; training reads fourths and fifths oftener, which halves were taken for.
    read_off = (1, 2, 2, 4, 5, 5) if sheet.facts.teaching else (1, 1, 2, 2, 4, 5)
    parts = rng.choice((5, 10, 10) if fine else read_off)
    if (step == 5 and parts == 4) or (power == -1 and step == 1 and parts > 2):
        parts = 5
    if stacked and ticks * parts < 2 * series:
        parts = 2  # or no stack could differ from another and end below the end of the axis
    fine_step = unit / parts
    decimals = 0
    while decimals < 3 and abs(fine_step * 10**decimals - round(fine_step * 10**decimals)) > 1e-9:
        decimals += 1
    measure = Measure(title, name, before, after, sheet.chance(0.7), decimals)
    values = _numbers(sheet, len(labels), series, ticks * parts, ordered, stacked)
    top = ticks * unit
    subject = _subject(sheet, measure, axis)
    names = _series(sheet, series, labels)
    shown = subject if sheet.chance(0.8) else sheet.values.title(1, 3)
    return Chart(
        shown if sheet.chance(0.75) else "",
        subject,
        category,
        axis,
        measure,
        labels,
        names,
        [[round(v * fine_step, decimals) for v in row] for row in values],
        top,
        unit,
        fine_step,
    )


def made_up(sheet: Sheet) -> str:
    """A title for an axis that no list holds, for most training charts; '' for the others and the held-out split."""
    return sheet.values.title(1, 2) if sheet.facts.teaching and sheet.chance(MADE_UP) else ""


def _of_split(sheet: Sheet, rows: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """A row of the sheet's split: training sees those without a plus, the held-out split all."""
    heldout = sheet.fonts.split == "heldout"
    fitting = [row for row in rows if heldout or not row[0].startswith("+")]
    first, *rest = sheet.rng.choice(fitting)
    return first.lstrip("+"), *rest


def _labels(sheet: Sheet, most: int, ordered: bool) -> tuple[str, str, list[str]]:
    rng = sheet.rng
    if ordered or sheet.chance(0.2):
        return _times(sheet, most)
    draw = rng.random()
    if draw < 0.5:
        name, axis, listing = _of_split(sheet, CATEGORIES)
        labels = listing.split(", ")
        count = rng.randint(min(max(2, most - 3), len(labels)), min(most, len(labels)))
        if name in ("day", "quarter", "grade", "age group"):
            return name, axis, labels[:count]
        return name, axis, rng.sample(labels, count)
    count = rng.randint(max(2, most - 3), most)
    if draw < 0.65:
        return "name", "Name", rng.sample(listed("first_names"), count)
    if draw < 0.75:
        return "city", "City", [sheet.once(sheet.values.city) for _ in range(count)]
    if draw < 0.82:
        return "product", "Product", [sheet.once(sheet.values.goods) for _ in range(count)]
    if draw < 0.88:
        start = rng.choice((0, 0, 0, 15))
        return "group", "Group", [chr(65 + start + i) for i in range(min(count, 10))]
    return "category", "Category", [sheet.once(sheet.values.word).capitalize() for _ in range(count)]


def _times(sheet: Sheet, most: int) -> tuple[str, str, list[str]]:
    rng = sheet.rng
    kind = rng.choice(("years", "years", "months", "short", "weeks", "hours", "days"))
    count = rng.randint(max(2, most - 3), most)
    if kind == "years":
        gap = rng.choice((1, 1, 2, 5, 10))
        first = rng.randint(1900 // gap, 2025 // gap - count) * gap
        return "year", "Year", [str(first + i * gap) for i in range(count)]
    if kind in ("months", "short"):
        first = rng.randint(0, 12 - min(count, 12))
        names = [str(name) for name in MONTHS[first : first + count]]
        return "month", "Month", names if kind == "months" else [m[:3] for m in names]
    if kind == "hours":
        first = rng.randint(0, max(0, 23 - count))
        return "time", "Time", [f"{first + i}:00" for i in range(count)]
    word = "Week" if kind == "weeks" else "Day"
    short = sheet.chance(0.5)
    return word.lower(), word, [str(i + 1) if short else f"{word} {i + 1}" for i in range(count)]


def _numbers(
    sheet: Sheet, count: int, series: int, most: int, ordered: bool, stacked: bool
) -> list[list[int]]:
    """Whole numbers of fine steps, 1..most; over time they sometimes only rise or only fall."""
    rng = sheet.rng
    rows = []
    for _ in range(series):
        high = most // series if stacked else most  # a stack ends below the end of the axis
        row = [rng.randint(1, high) for _ in range(count)]
        if ordered and sheet.chance(0.45):
            row.sort(reverse=sheet.chance(0.5))
        elif ordered and sheet.chance(0.5):  # a walk, as most curves over time are
            row = [rng.randint(high // 4 + 1, max(high * 3 // 4, high // 4 + 1))]
            reach = max(1, high // 5)
            for _ in range(count - 1):
                row.append(min(high, max(1, row[-1] + rng.randint(-reach, reach))))
        elif series == 1 and sheet.chance(0.15):
            row.sort(reverse=sheet.chance(0.7))
        rows.append(row)
    return rows


def _subject(sheet: Sheet, measure: Measure, axis: str) -> str:
    base = measure.title.split(" (")[0]
    return sheet.rng.choice(
        (
            f"{base} by {axis}",
            f"{base} per {axis}",
            f"{base} in {sheet.values.city()}",
            f"{base} of {sheet.values.title(1, 1)}",
            f"{axis} and {base}",
        )
    )


def _series(sheet: Sheet, count: int, labels: list[str]) -> list[str]:
    """Names of series, none of them a label of the axis as well."""
    rng = sheet.rng
    if count == 1:
        return [""]
    pools = (
        ["Boys", "Girls"],
        ["Men", "Women"],
        ["Actual", "Target", "Forecast"],
        ["2021", "2022", "2023", "2024"],
        ["North", "South", "East", "West"],
        ["Online", "Store", "Phone", "Mail"],
        ["Series 1", "Series 2", "Series 3", "Series 4"],
        [sheet.once(sheet.values.city) for _ in range(count)],
        [sheet.once(sheet.values.word).capitalize() for _ in range(count)],
        [sheet.once(sheet.values.first_name) for _ in range(count)],
    )
    taken = {label.lower() for label in labels}
    fitting = [p for p in pools if len(p) >= count and not taken & {name.lower() for name in p}]
    return (rng.choice(fitting) if fitting else ["Series 1", "Series 2", "Series 3", "Series 4"])[:count]
