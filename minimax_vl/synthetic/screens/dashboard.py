"""A board of figures: tiles with a name, a large number and how it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.machines import glass
from minimax_vl.synthetic.screens.words import counted
from minimax_vl.synthetic.sheet import Sheet

FIGURE = (
    "What is the value of {row}?",
    "What is {row}?",
    "What is the figure for {row}?",
    "{row}?",
    "Which number is shown for {row}?",
)
FIGURE_OF = ("Which figure is {value}?", "What has the value {value}?")
CHANGE = ("By how much has {row} changed?", "What is the change of {row}?", "{row}: change?")
CHANGE_OF = ("What has changed by {value}?", "Which figure shows a change of {value}?")
BOARD = ("What is the title of the dashboard?", "What is the heading?", "What is the dashboard called?")
PERIOD = ("Which period is shown?", "What period is the dashboard for?")
# What is measured, by what its figures look like.
FIGURES = {
    "count": "Orders Visitors Customers Refunds Sign-ups Sessions Downloads Shipments Returns Calls Errors Followers "
    "Subscribers Trees Parcels Members Tickets Leads Clicks Views",
    "share": "Conversion Humidity Uptime Occupancy Progress Load Coverage Attendance",
    "money": "Revenue Profit Expenses Turnover Donations Cost Budget",
    "time": "Waiting Runtime Training Travel Standby",
}
TITLES = ("Overview", "Sales", "Dashboard", "Performance", "Plant 4")
PERIODS = ("Last 7 days", "Today", "This month", "Last 30 days", "Q3", "Week 14", "Year to date")
NAMED = [(name, kind) for kind, names in FIGURES.items() for name in names.split()]


@dataclass(frozen=True)
class Style:
    """What the tiles of one board have in common."""

    tinted: bool
    changed: bool  # whether they say how the figure has changed
    charted: bool  # whether there are small bars beside it


def dashboard(sheet: Sheet) -> None:
    """Tiles with a name, a large number and how it has changed."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    screen, box = glass(sheet, 24)
    em = screen.em
    title = sheet.once(lambda: rng.choice((*TITLES, values.title(1, 2))))
    head, box = box.split(screen.head.height + em)
    ink = screen.bar(head)
    screen.say(head.x0 + em, head.y0, head.y1, title, screen.head, ink)
    facts.want(title, BOARD)
    period = rng.choice((*PERIODS, values.date()))
    if screen.head.width(title) + screen.body.width(period) + 4 * em < head.width:
        screen.say(head.x1 - em, head.y0, head.y1, period, ink=ink, align=1.0)
        facts.ask(period, PERIOD)
    box = box.inset(0.6 * em)
    columns = max(min(int(box.width // (10 * em)), sheet.most(2, 4)), 1)
    rows = max(min(int(box.height // (5.5 * em)), sheet.most(3, 5)), 1)
    style = Style(screen.chance(0.3), screen.chance(0.7), screen.chance(0.4))
    named = rng.sample(NAMED, rows * columns)
    for number, line in enumerate(box.rows(rows, 0.6 * em)):
        _tiles(
            screen, style, line.columns(columns, 0.6 * em), named[number * columns : (number + 1) * columns]
        )
    facts.lack(FIGURE, row="")
    if style.changed:
        screen.shows("change")
    facts.caption = f"A dashboard titled {title} with {counted(rows * columns, 'figure')}."
    facts.kind = "dashboard"


def _tiles(screen: Screen, style: Style, cells: list[Box], named: list[tuple[str, str]]) -> None:
    """A row of tiles: names, figures and changes, line by line as one reads."""
    rng, em, look = screen.rng, screen.em, screen.look
    ink = look.on_accent if style.tinted else look.ink
    top, foot, pad = cells[0].y0 + screen.body.height + 0.6 * em, cells[0].y1 - 0.4 * em, 0.7 * em
    low = foot - screen.small.height - 0.1 * em if style.changed else foot
    for cell, (name, _) in zip(cells, named, strict=True):
        rounded(screen.canvas, cell, screen.corner, look.accent if style.tinted else look.panel)
        screen.say(cell.x0 + pad, cell.y0 + 0.3 * em, top, name, ink=ink if style.tinted else look.dim)
    for cell, (name, kind) in zip(cells, named, strict=True):
        figure = _figure(screen, kind)
        large = screen.largest(figure, cell.width - 2 * pad, 2.3, low - top, bold=True) or screen.body
        end = screen.say(cell.x0 + pad, top, low, figure, large, ink)
        screen.cell(name, "figure", figure, FIGURE, FIGURE_OF)
        spare = cell.x1 - pad - end - 0.6 * em
        if style.charted and spare > 2.4 * em:
            _bars(screen, Box(cell.x1 - pad - min(spare, 5 * em), top, cell.x1 - pad, low), ink)
    for cell, (name, _) in zip(cells, named, strict=True) if style.changed else ():
        change = f"{rng.choice('+-')}{rng.uniform(0.1, 40):.1f}%"
        plain = style.tinted or look.dark
        colour = ink if plain else (30, 130, 60) if change[0] == "+" else (195, 40, 40)
        screen.say(cell.x0 + pad, low, foot, change, screen.small, colour)
        screen.cell(name, "change", change, CHANGE, CHANGE_OF)


def _figure(screen: Screen, kind: str) -> str:
    """A figure as its kind is written."""
    rng, values = screen.rng, screen.values
    if kind == "share":
        return f"{rng.uniform(1, 99):.1f}%" if rng.random() < 0.6 else f"{rng.randint(1, 99)}%"
    if kind == "money":
        return values.amount(values.cents(6), currency=True)
    if kind == "time":
        return f"{rng.randint(1, 24)}h {rng.randint(1, 59)}m"
    return rng.choice(
        (
            f"{rng.randint(1, 99999):,}",
            str(rng.randint(1, 999)),
            f"{rng.uniform(1, 900):.1f}K",
            f"{rng.uniform(1, 99):.2f}M",
        )
    )


def _bars(screen: Screen, box: Box, ink: tuple[int, int, int]) -> None:
    """Small bars without figures, as dashboards have for a trend."""
    colour = (
        blend(screen.look.panel, screen.look.accent, 0.55)
        if ink == screen.look.ink
        else blend(screen.look.accent, ink, 0.4)
    )
    for bar in box.columns(8, 2):
        top = bar.y1 - bar.height * screen.rng.uniform(0.15, 1)
        screen.canvas.fill(bar.x0, top, bar.x1, bar.y1, colour)
