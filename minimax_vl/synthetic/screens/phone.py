"""A telephone: its frame, the line of time and battery at its top, a head, the tabs at its foot."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen
from minimax_vl.synthetic.screens.shapes import PLAIN_ICONS, bars, battery, grey, wallpaper
from minimax_vl.synthetic.sheet import Sheet

TIME = (
    "What time does the phone show?",
    "What is the time in the status bar?",
    "What time is shown at the top of the screen?",
    "Which time is in the status line?",
)
BATTERY = ("What is the battery level?", "How much battery is left?", "How full is the battery?", "Battery?")
CARRIER = ("Which carrier is shown?", "What is the name of the network?", "Which network is the phone on?")
TITLE = (
    "What is the title of the screen?",
    "Which screen is open?",
    "What is written at the head of the screen?",
)
TAB = ("Which tab is selected?", "Which tab is active?", "Which tab is open?", "Selected tab?")
BADGE = ("Which number is on the {name} tab?", "How many new items does the {name} tab show?")
CARRIERS = "Vostel Orbalo Nextavo Celmo Maxifon Tunetel Uniqo Airvane Kontakto Mobivo Redvex Telvia5".split()


def place(sheet: Sheet) -> Box:
    """Where the screen lies: the whole page, as a screenshot, or a telephone before something; draws what is around."""
    rng, canvas = sheet.rng, sheet.canvas
    page = Box(0, 0, canvas.width, canvas.height)
    tall, wide = canvas.height, canvas.width
    if wide <= 1.1 * tall and (sheet.chance(0.7) or wide < 500):
        return page
    if wide > 1.1 * tall and (sheet.chance(0.35) or tall < 560):
        return page  # as a tablet held sideways
    height = tall * rng.uniform(0.93, 0.985)
    width = min(height * rng.uniform(0.56, 0.78), wide * 0.94)
    if tall > 1.6 * wide:  # else the frame would be as thin as a ruler
        height = min(height, width * 2.1)
    x, y = (wide - width) * rng.uniform(0.1, 0.9), (tall - height) / 2
    frame = Box(x, y, x + width, y + height)
    wallpaper(canvas, rng, page)
    shade = rng.choice((15, 25, 60, 200, 235))
    rim = max(width * rng.uniform(0.012, 0.03), 4)
    rounded(canvas, frame, width * rng.uniform(0.03, 0.09), grey(shade))
    return frame.inset(rim, rim * rng.uniform(1, 2.5))


def status(screen: Screen, box: Box, ground: Colour, *, clock: bool = True) -> Box:
    """The line of time, unless that is shown elsewhere, network and battery; returns the room below it."""
    rng, canvas, facts = screen.rng, screen.canvas, screen.facts
    print_ = screen.print(0.84, bold=screen.chance(0.5))
    tall = print_.height + 0.7 * screen.em
    line, rest = box.split(tall)
    screen.fill(line, ground)
    ink = screen.look.on_accent if ground == screen.look.accent else screen.look.ink
    now = screen.when(screen.now)
    if screen.chance(0.25):
        now = now.split()[0].removeprefix("0")
    level = rng.randint(3, 100)
    pad, right = 0.9 * screen.em, line.x1 - 0.9 * screen.em
    middle, side = (line.y0 + line.y1) / 2, print_.size * 0.66
    at = rng.choice((0.0, 0.0, 0.0, 0.5, 1.0)) if clock else None
    if clock:
        facts.want(now, TIME)
    if at == 1.0:
        right -= print_.width(now) + 0.5 * screen.em
    battery(
        canvas, Box(right - 1.9 * side, middle - side / 2, right, middle + side / 2), level / 100, ink, ground
    )
    right -= 1.9 * side + 0.35 * screen.em
    shown = f"{level}%"
    percent = screen.chance(0.6)
    if percent:
        right -= print_.width(shown)
        facts.ask(shown, BATTERY)
    bars(canvas, Box(right - 2.2 * side, middle - side / 2, right - 0.8 * side, middle + side / 2), rng.randint(1, 4),
         ink, blend(ground, ink, 0.3))  # fmt: skip
    x = line.x0 + pad
    if at == 0.0:
        x = screen.say(x, line.y0, line.y1, now, print_, ink)
    elif not clock or screen.chance(0.5):
        carrier = rng.choice(CARRIERS)
        facts.ask(carrier, CARRIER)
        x = screen.say(x, line.y0, line.y1, carrier, print_, ink)
    if at == 0.5:
        screen.say((line.x0 + line.x1) / 2, line.y0, line.y1, now, print_, ink, 0.5)
    if percent:
        screen.say(right, line.y0, line.y1, shown, print_, ink)
    if at == 1.0:
        screen.say(line.x1 - pad, line.y0, line.y1, now, print_, ink, 1.0)
    return rest


def head(
    screen: Screen,
    box: Box,
    title: str,
    *,
    back: bool | None = None,
    under: str = "",
    forms: tuple[str, ...] = TITLE,
) -> Box:
    """The title of a screen, where it fits, between a way back and icons; returns the room below it."""
    rng, em = screen.rng, screen.em
    large = not under and screen.chance(0.35)
    print_ = screen.largest(title, box.width - 6.5 * em, 1.7 if large else 1.2, bold=True)
    if print_ is None:
        return box
    tall = print_.height + (screen.small.height if under else 0) + rng.uniform(0.8, 1.3) * em
    bar, rest = box.split(tall)
    ink = screen.bar(bar)
    x, right = bar.x0 + 0.9 * em, bar.x1 - 1.3 * em
    if screen.chance(0.6) if back is None else back:
        screen.icon("back" if screen.chance(0.75) else "menu", x + 0.4 * em, bar.y0, bar.y1, ink)
        x += 1.7 * em
    for name in rng.sample(("search", "plus", "dots", "gear", "bell"), rng.randint(0, 2)):
        if x + print_.width(title) + 1.5 * em < right:
            screen.icon(name, right, bar.y0, bar.y1, ink)
            right -= 1.9 * em
    if under:
        middle = (bar.y0 + bar.y1 + print_.height - screen.small.height) / 2
        screen.say(x, middle - print_.height, middle, title, print_, ink)
        screen.say(x, middle, middle + screen.small.height, under, screen.small, ink)
    else:
        room = right + em - (x - bar.x0) > (bar.x0 + bar.x1) / 2 + print_.width(title) / 2 + em
        centred = not large and room and screen.chance(0.4)
        screen.say((bar.x0 + bar.x1) / 2 if centred else x, bar.y0, bar.y1, title, print_, ink, 0.5 * centred)
    screen.facts.ask(title, forms)
    return rest


def tabs(screen: Screen, box: Box, names: Sequence[str], chosen: int) -> Box:
    """Tabs along the foot, one of them in colour; returns the room above them. None where they do not fit."""
    rng, em, look = screen.rng, screen.em, screen.look
    names = names[: rng.randint(3, 4)]
    if any(screen.small.width(name) > box.width / len(names) - em for name in names):
        return box
    tall = screen.small.height + rng.uniform(2.1, 2.6) * em
    if tall > 0.2 * box.height:
        return box
    rest, foot = box.split(-tall)
    screen.fill(foot, look.panel)
    screen.under(foot.x0, foot.x1, foot.y0)
    icons, marked = rng.sample(PLAIN_ICONS, len(names)), rng.random()
    for number, (name, cell) in enumerate(zip(names, foot.columns(len(names)), strict=True)):
        middle, active = (cell.x0 + cell.x1) / 2, number == chosen
        ink = look.accent if active else look.dim
        line = cell.y1 - screen.small.height - 0.3 * em
        if active and marked < 0.4:
            pill = Box(middle - 1.5 * em, cell.y0 + 0.35 * em, middle + 1.5 * em, cell.y0 + 1.85 * em)
            rounded(screen.canvas, pill, em, blend(look.panel, look.accent, 0.25))
        elif active and marked < 0.7:
            screen.fill(Box(cell.x0 + em, cell.y0, cell.x1 - em, cell.y0 + max(0.15 * em, 2)), look.accent)
        screen.icon(icons[number], middle, cell.y0 + 0.4 * em, cell.y0 + 1.8 * em, ink, 1.05)
        strong = screen.print(0.84, bold=True) if active else screen.small
        if strong.width(name) > cell.width - 0.4 * em:
            strong = screen.small
        screen.say(middle, line, cell.y1 - 0.3 * em, name, strong, ink, 0.5)
    if screen.chance(0.25):  # below the names in reading order, so that those stay one line
        number, count = rng.choice([n for n in range(len(names)) if n != chosen]), str(rng.randint(1, 99))
        cell = foot.columns(len(names))[number]
        badge(screen, (cell.x0 + cell.x1) / 2 + 1.5 * em, cell.y0 + 0.9 * em, count)
        screen.facts.ask(count, BADGE, name=names[number])
    screen.facts.ask(names[chosen], TAB)
    return rest


def badge(screen: Screen, x: float, y: float, count: str, colour: Colour | None = None) -> None:
    """A number in a disc or pill with its middle at (x, y)."""
    print_ = screen.print(0.8, bold=True)
    tall = print_.size * 1.35
    wide = max(print_.width(count) + 0.6 * print_.size, tall)
    red = colour or (205, 35, 35)
    rounded(screen.canvas, Box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2), tall, red)
    ink = screen.look.on_accent if red == screen.look.accent else (255, 255, 255)
    screen.say(x, y - tall / 2, y + tall / 2, count, print_, ink, 0.5)
