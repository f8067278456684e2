"""Apps of switches and keys: the settings of a telephone, its alarms, its locked screen, a calculator."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.phone import head, tabs
from minimax_vl.synthetic.screens.shapes import PLAIN_ICONS
from minimax_vl.synthetic.screens.words import (
    LANGUAGES,
    SECTIONS,
    SETTINGS,
    SWITCHED,
    counted,
    days,
    listed,
)

ON = (
    "Is {row} on?",
    "Is {row} switched on?",
    "Is the switch for {row} on?",
    "Is '{row}' turned on?",
    "Is {row} enabled?",
)
OFF = ("Is {row} off?", "Is {row} switched off?", "Is '{row}' turned off?")
SET = ("What is {row} set to?", "What does it say for {row}?", "What is the setting of {row}?", "{row}?")
SET_TO = ("Which setting is set to {value}?", "Which setting has the value {value}?")
VALUED = {
    "Language": "English|Deutsch|Bahasa Melayu|Italiano|Suomi|Nederlands|Polski",
    "Screen timeout": "15 seconds|30 seconds|1 minute|2 minutes|10 minutes|Never",
    "Font size": "Small|Medium|Large|Very large",
    "Theme": "System default|Light|Dark|Black",
    "Storage": "41 GB free|128 GB|12.5 GB used|63% used|7.8 GB of 32 GB",
    "Resolution": "1280 x 720|1920 x 1080|2560 x 1440",
    "Ringtone": "Ripple|Marimba|Old phone|Silk|Harbor|Morning bell",
    "Units": "Metric|Imperial",
    "Keyboard": "QWERTY|QWERTZ|AZERTY",
    "Mobile plan": "Prepaid|Contract|Family",
}
ALARM_NAME = (
    "What is the alarm at {row} called?",
    "What is the name of the alarm at {row}?",
    "{row}: which alarm?",
)
ALARM_OF = ("At what time is the alarm {value}?", "When does the alarm {value} ring?")
ALARM_ON = ("Is the alarm at {row} on?", "Is the {row} alarm switched on?", "Will the alarm ring at {row}?")
ALARM_OFF = ("Is the alarm at {row} off?", "Is the {row} alarm switched off?")
REPEATS = ("When does the alarm at {row} repeat?", "On which days does the {row} alarm ring?")
ALARMS = "Wake up|Gym|School|Medicine|Work|Tea|Laundry|Call home|Night shift|Yoga|Walk the dog|Bus|Meeting|Prayer|Nap"


@dataclass(frozen=True)
class Style:
    """What the rows of one list of settings have in common."""

    icons: bool
    carded: bool
    ruled: bool
    words: bool  # on and off in print, where others have switches


def settings(screen: Screen, box: Box) -> None:
    """Rows of switches and of values, under heads or on cards."""
    rng, em, facts = screen.rng, screen.em, screen.facts
    language = rng.choice(LANGUAGES)
    title = rng.choice((SETTINGS[language], listed(rng, SECTIONS, language, 1)[0]))
    box = head(screen, box, title)
    sections = [section for section in listed(rng, SECTIONS, language, 9) if section != title]
    switched = listed(rng, SWITCHED, language, 40)
    valued = rng.sample(sorted(VALUED), 6) if language == "en" else []
    least = screen.line + 0.7 * em
    most = max(least + 1.5 * em, min((box.height - em) / len(switched), 3 * least))  # short lists are spread
    count, step = share_out(box.height - em, min(screen.sheet.count(5, 40), len(switched)), least, most)
    style = Style(screen.chance(0.6), screen.chance(0.35), screen.chance(0.6), screen.chance(0.15))
    grouped = screen.chance(0.6) and count > 4
    y, small = box.y0 + 0.3 * em, screen.print(0.84, bold=True)
    for number in range(count):
        if grouped and sections and number and rng.random() < 0.25 and y + 2 * step < box.y1:
            screen.say(box.x0 + em, y + 0.2 * step, y + step, sections.pop(), small, screen.look.accent)
            y += step
        if y + step > box.y1 or not switched:
            break
        row, value = switched.pop(), ""
        if valued and rng.random() < 0.25:
            row = valued.pop()
            value = rng.choice(VALUED[row].split("|"))
        if _setting(screen, style, Box(box.x0, y, box.x1, y + step), row, value):
            y += step
    facts.lack(ON, row="")
    facts.caption = f"The settings screen {title} of a phone."
    facts.kind = "settings screen"


def _setting(screen: Screen, style: Style, line: Box, row: str, value: str) -> bool:
    """One row with its value or, without one, a switch; returns whether it fitted."""
    rng, em, look = screen.rng, screen.em, screen.look
    on = screen.chance(0.5)
    text = value or (("Off", "On")[on] if style.words else "")
    x, end = line.x0 + em, line.x1 - em
    if screen.body.width(row) > end - x - 2.2 * em - (
        screen.body.width(text) + 1.8 * em if text else 3.2 * em
    ):
        return False
    if style.carded:
        card = Box(line.x0 + 0.4 * em, line.y0 + 1, line.x1 - 0.4 * em, line.y1 - 2)
        rounded(screen.canvas, card, screen.corner, look.panel)
    if style.icons:
        tint = blend(look.accent, (rng.randint(0, 255), rng.randint(0, 200), rng.randint(0, 255)), 0.6)
        side, name = min(1.5 * em, line.height * 0.7), rng.choice(PLAIN_ICONS)
        x = screen.tile(x, line.y0, line.y1, side, name, tint, (255, 255, 255), radius=screen.corner)
    screen.say(x, line.y0, line.y1, row)
    if text:
        screen.icon("forward", end - 0.3 * em, line.y0, line.y1, look.dim, 0.8)
        screen.say(end - 1.1 * em, line.y0, line.y1, text, ink=look.dim, align=1.0)
        screen.cell(row, "set", text, SET, SET_TO if value else ())
    else:
        screen.switch(end, line.y0, line.y1, on=on)
        ask_on = screen.chance(0.7)
        screen.facts.ask("yes" if on == ask_on else "no", ON if ask_on else OFF, one_of_many=True, row=row)
    if style.ruled and not style.carded:
        screen.under(x, line.x1, line.y1 - screen.thin)
    return True


def alarms(screen: Screen, box: Box) -> None:
    """Times in large print, each with a name, its days and a switch."""
    rng, em, facts, look = screen.rng, screen.em, screen.facts, screen.look
    title = rng.choice(("Alarm", "Alarms", "Clock", "Wecker", "Alarmes", "Penggera"))
    box = head(screen, box, title, back=False)
    box = tabs(
        screen,
        box,
        rng.choice(("Alarm|World clock|Timer|Stopwatch", "Alarm|Clock|Timer", "Wecker|Uhr|Timer")).split("|"),
        chosen=0,
    )
    large = screen.print(rng.uniform(1.5, 2.1))
    tall = large.height + screen.small.height + 0.9 * em
    count, step = share_out(box.height - em, screen.sheet.count(3, 12), tall, tall * 1.7)
    named = rng.sample(ALARMS.split("|"), min(count, 15))
    times = sorted(rng.sample(range(0, 1440, 5), len(named)))
    carded, switched = screen.chance(0.4), 0
    y = box.y0 + 0.4 * em
    for minutes, name in zip(times, named):
        time, on = screen.when(minutes), screen.chance(0.5)
        switched += on
        row = Box(box.x0 + 0.5 * em, y + 2, box.x1 - 0.5 * em, y + step - 2)
        if carded:
            rounded(screen.canvas, row, max(screen.corner, 4), look.panel)
        else:
            screen.under(row.x0, row.x1, row.y1)
        middle = y + (step - tall) / 2 + large.height + 0.35 * em
        x, end = row.x0 + 0.7 * em, row.x1 - 0.7 * em
        ink = look.ink if on else look.dim
        screen.say(x, middle - large.height, middle, time, large, ink)
        first = screen.switch(end, y, y + step, on=on)
        repeat = rng.choice(("Every day", "Weekdays", "Weekends", "Once", ", ".join(d[:3] for d in sorted(
            rng.sample(days("en"), rng.randint(2, 3)), key=days("en").index))))  # fmt: skip
        under = f"{name}, {repeat}" if screen.small.width(f"{name}, {repeat}") < first - x - em else name
        screen.say(x, middle, middle + screen.small.height, under, screen.small, ink)
        if under != name:
            facts.ask(repeat, REPEATS, one_of_many=True, row=time)
        screen.cell(time, "alarm", name, ALARM_NAME, ALARM_OF)
        asked_on = screen.chance(0.7)
        facts.ask(
            "yes" if on == asked_on else "no", ALARM_ON if asked_on else ALARM_OFF, one_of_many=True, row=time
        )
        y += step
    facts.caption = f"A list of {counted(len(times), 'alarm')}, {switched} of them switched on."
    facts.kind = "alarm clock"
