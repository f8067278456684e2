"""The weather of a place: now in large print, hours in a row, days below each other."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.words import LANGUAGES, SKIES, days, listed

NOW = ("What is the temperature in {city} now?", "How warm is it in {city}?", "What is the temperature now?")
SKY = ("What is the weather like in {city}?", "How is the weather now?", "What is the weather in {city}?")
CITY = (
    "Which city is the weather for?",
    "Which place is the forecast for?",
    "For which city is the weather shown?",
)
HOUR = ("What is the temperature at {row}?", "How warm will it be at {row}?", "{row}: temperature?")
HIGH = (
    "What is the high on {row}?",
    "What is the highest temperature on {row}?",
    "How warm will it get on {row}?",
)
LOW = (
    "What is the low on {row}?",
    "What is the lowest temperature on {row}?",
    "How cold will it get on {row}?",
)
DAY_SKY = (
    "What is the weather on {row}?",
    "How will the weather be on {row}?",
    "What is forecast for {row}?",
)
EXTRA = ("What is the {name}?", "What does it say for {name}?", "{name}?")
SIGNS = {
    "sun": "sun|clear|sonn|klar|heiter|clair|sol|despe|cerah|panas|soleil",
    "rain": "rain|show|driz|regen|schau|pluie|aver|lluv|llov|hujan",
}


def weather(screen: Screen, box: Box) -> None:
    """A place with its temperature in large print, hours in a row, days below each other."""
    rng, em, facts, values, look = screen.rng, screen.em, screen.facts, screen.values, screen.look
    language, unit = rng.choice(LANGUAGES), rng.choice(("C", "C", "F"))
    shown = f" {unit}"
    base = rng.randint(-12, 36) if unit == "C" else rng.randint(10, 98)
    city, skies = screen.sheet.once(values.city), listed(rng, SKIES, language, 9)
    pad, x = 0.9 * em, (box.x0 + box.x1) / 2
    title = screen.largest(city, box.width - 2 * em, 1.5) or screen.body
    y = box.y0 + rng.uniform(0.2, 0.8) * em
    screen.say(x, y, y + title.height, city, title, align=0.5)
    facts.want(city, CITY)
    y += title.height
    now = f"{base}{shown}"
    large = (
        screen.largest(now, box.width * 0.5, rng.uniform(2.6, 4), box.height * 0.18, bold=screen.chance(0.4))
        or screen.head
    )
    screen.icon(
        _sign(skies[0]),
        x - large.width(now) / 2 - 0.8 * large.size,
        y,
        y + large.height,
        look.accent,
        large.size / em * 0.9,
    )
    screen.say(x, y, y + large.height, now, large, align=0.5)
    facts.want(now, NOW, city=city)
    y += large.height
    screen.say(x, y, y + screen.line, skies[0], align=0.5)
    facts.ask(skies[0], SKY, city=city)
    y += screen.line
    for name, value in rng.sample((
        ("humidity", f"Humidity {rng.randint(20, 99)}%"), ("wind", f"Wind {rng.randint(2, 60)} km/h"),
        ("UV index", f"UV index {rng.randint(0, 11)}"), ("pressure", f"Pressure {rng.randint(980, 1040)} hPa"),
        ("chance of rain", f"Rain {rng.randint(0, 20) * 5}%"),
    ), 2 if box.height > 30 * em else 1):  # fmt: skip
        screen.say(x, y, y + screen.line, value, screen.small, look.dim, 0.5)
        label = next(
            part
            for part in ("Humidity ", "Wind ", "UV index ", "Pressure ", "Rain ")
            if value.startswith(part)
        )
        facts.ask(value.removeprefix(label), EXTRA, name=name)
        y += screen.line
    y = _hours(screen, box, y + 0.3 * em, base, shown)
    _days(
        screen, Box(box.x0 + pad, y + 0.3 * em, box.x1 - pad, box.y1 - 0.4 * em), base, shown, skies, language
    )
    screen.shows("temperature")
    facts.caption = f"The weather in {city}: {now}, {skies[0]}."
    facts.kind = "weather app"


def _sign(sky: str) -> str:
    """The icon of a sky; cloud where neither sun nor rain is named."""
    lower = sky.lower()
    named = (name for name in ("rain", "sun") if any(part in lower for part in SIGNS[name].split("|")))
    return next(named, "cloud")


def _hours(screen: Screen, box: Box, y: float, base: int, unit: str) -> float:
    """A row of hours with their temperatures; returns where it ends."""
    rng, em, look = screen.rng, screen.em, screen.look
    tall = 2 * screen.small.height + 2.2 * em
    if y + tall > box.y1 - 4 * screen.line:
        return y
    start = screen.now // 60 + 1
    stamps = [screen.when((start + hour) % 24 * 60).replace(":00 ", " ") for hour in range(8)]
    cells = int((box.width - em) // (screen.small.width(max(stamps, key=len)) + 0.8 * em))
    strip = Box(box.x0 + 0.5 * em, y, box.x1 - 0.5 * em, y + tall)
    rounded(screen.canvas, strip, screen.corner, look.panel)
    columns = strip.columns(max(min(cells, 8), 1))
    warm = [f"{base + rng.randint(-4, 4)}{unit}" for _ in columns]
    for column, stamp in zip(columns, stamps):
        middle = (column.x0 + column.x1) / 2
        screen.say(
            middle, y + 0.3 * em, y + 0.3 * em + screen.small.height, stamp, screen.small, look.dim, 0.5
        )
    for column, stamp, value in zip(columns, stamps, warm):
        middle = (column.x0 + column.x1) / 2
        screen.icon(
            rng.choice(("sun", "cloud", "rain")),
            middle,
            y + 0.3 * em + screen.small.height,
            strip.y1 - 0.3 * em - screen.small.height,
        )
        screen.say(
            middle,
            strip.y1 - 0.3 * em - screen.small.height,
            strip.y1 - 0.3 * em,
            value,
            screen.small,
            align=0.5,
        )
        screen.facts.ask(value, HOUR, one_of_many=True, row=stamp)
    return strip.y1


def _days(screen: Screen, box: Box, base: int, unit: str, skies: list[str], language: str) -> None:
    """Coming days with their sky, low and high."""
    rng, em, look, facts = screen.rng, screen.em, screen.look, screen.facts
    names = days(language)
    start = rng.randrange(len(names))
    count, step = share_out(
        box.height, screen.sheet.count(3, 7), screen.line + 0.3 * em, screen.line + 5 * em
    )
    figures = [(base + rng.randint(0, 6), base - rng.randint(1, 9)) for _ in range(min(count, len(names)))]
    sizes = [screen.body.width(f"{figure}{unit}") for pair in figures for figure in pair]
    wide = max(sizes, default=0) + em
    worded = screen.chance(0.6)
    highs: list[tuple[int, str]] = []
    for index, (high, low) in enumerate(figures):
        day, y = names[(start + index) % len(names)], box.y0 + index * step
        sky = rng.choice(skies)
        screen.under(box.x0, box.x1, y)
        x = screen.say(box.x0, y, y + step, day) + 1.2 * em
        screen.icon(_sign(sky), x, y, y + step, look.accent)
        if worded and x + em + screen.small.width(sky) < box.x1 - 2 * wide:
            screen.say(x + em, y, y + step, sky, screen.small, look.dim)
            screen.cell(day, "sky", sky, DAY_SKY)
        screen.say(box.x1 - wide, y, y + step, f"{low}{unit}", ink=look.dim, align=1.0)
        screen.say(box.x1, y, y + step, f"{high}{unit}", align=1.0)
        screen.cell(day, "high", f"{high}{unit}", HIGH)
        screen.cell(day, "low", f"{low}{unit}", LOW)
        highs.append((high, day))
    if len(highs) > 2 and sorted(highs)[-1][0] > sorted(highs)[-2][0]:
        facts.ask(max(highs)[1], ("Which day will be the warmest?", "On which day is the high the highest?"))
