"""Things that show a value: clocks, dice, thermometers, traffic lights, faces, flags."""

from __future__ import annotations

import math

from minimax_vl.synthetic import thoughts
from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.palette import names, shade
from minimax_vl.synthetic.pen import Pen, centred
from minimax_vl.synthetic.scenes import lessons, words
from minimax_vl.synthetic.sheet import Sheet

PIPS = {
    1: ((0, 0),), 2: ((-1, -1), (1, 1)), 3: ((-1, -1), (0, 0), (1, 1)), 4: ((-1, -1), (1, -1), (-1, 1), (1, 1)),
    5: ((-1, -1), (1, -1), (0, 0), (-1, 1), (1, 1)), 6: ((-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)),
}  # fmt: skip
LAMPS = ("red", "yellow", "green")
MOODS = ("happy", "sad", "neutral", "surprised")


def clock(sheet: Sheet) -> None:
    """A round clock with numbers, to five minutes."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    x, y = canvas.width / 2, canvas.height / 2
    r = min(x, y) * rng.uniform(0.7, 0.95)
    hour, minute = rng.randint(1, 12), rng.choice((0, 0, 30, 15, 45, *range(0, 60, 5)))
    name = rng.choice(names(rng, 3, among=("red", "blue", "green", "brown", "black", "gray")))
    rim, ink = shade(rng, name, sheet.fonts.split), (25, 25, 30)
    print_ = sheet.fonts.print(
        sheet.fonts.pick(rng, mono=0.0), max(11, round(min(r * rng.uniform(0.16, 0.22), 42)))
    )
    with Pen(canvas, paper=sheet.paper) as pen:
        pen.ellipse(x, y, r, r, (252, 252, 250), rim, r * 0.06)
        for k in range(60):
            a, start = k * math.tau / 60, 0.86 if k % 5 == 0 else 0.9
            ends = tuple((x + r * s * math.sin(a), y - r * s * math.cos(a)) for s in (start, 0.93))
            pen.line(ends, ink, 2 if k % 5 == 0 else 1)
        for hand, turn, length, thick in (
            ("short hand", (hour % 12 + minute / 60) / 12, 0.45, max(3.5, r * 0.04)),
            ("long hand", minute / 60, 0.72, max(2.0, r * 0.022)),
        ):
            a = turn * math.tau
            tip = x + r * length * math.sin(a), y - r * length * math.cos(a)
            pen.line(((x, y), tip), ink, thick)
            pen.landmark(*tip, hand)
        pen.ellipse(x, y, r * 0.04, r * 0.04, ink)
    for k in range(1, 13):
        a = k * math.tau / 12
        centred(canvas, x + r * 0.73 * math.sin(a), y - r * 0.73 * math.cos(a), str(k), print_, ink)
    time = f"{hour}:{minute:02d}"
    asked = facts.ask(time, ("What time is it?", "What time does the clock show?", "Which time is shown?"))
    facts.ask(
        str(minute // 5 or 12),
        ("Which number does the minute hand point to?", "Where does the long hand point?"),
    )
    short = f"{hour} and {hour % 12 + 1}" if minute else str(hour)
    told = [("short hand", short), ("long hand", minute // 5 or 12), ("time", time)]
    lessons.listed(sheet, told, ("Where do the hands point?", "Read the clock step by step."))
    facts.caption_thought = thoughts.listed(("short hand", "long hand"), (short, minute // 5 or 12))
    facts.think(asked, facts.caption_thought)
    words.ask_color(sheet, "clock", name)
    facts.ask("clock", ("What object is shown?", "Which object is this?"))
    words.ask_presence(sheet, ["clock"], ["car", "tree", "cup"])
    words.ask_in_vain(sheet, ["cup", "car", "ball"])
    facts.caption = f"{words.article(name).capitalize()} clock that shows {time}."


def dice(sheet: Sheet) -> None:
    """One to four dice."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    count = rng.randint(1, 4)
    shown = [rng.randint(1, 6) for _ in range(count)]
    down = canvas.height > 1.4 * canvas.width
    long, short = (canvas.height, canvas.width) if down else (canvas.width, canvas.height)
    r = min(long / (count * 2.6), short * 0.36) * rng.uniform(0.6, 1.0)
    name = rng.choice(("white", "red", "blue", "black", "green"))
    paint = shade(rng, name, sheet.fonts.split)
    pip: Colour = (20, 20, 20) if name == "white" else (250, 250, 250)
    seen = []  # each with where it lies
    with Pen(canvas, paper=sheet.paper) as pen:
        for k, value in enumerate(shown):
            along, across = (k + 0.5) * long / count, short * rng.uniform(0.42, 0.58)
            x, y = (across, along) if down else (along, across)
            pen.rectangle(x - r, y - r, x + r, y + r, paint, (60, 60, 60), thick=1.5, radius=r * 0.2)
            pen.landmark(x, y, "die")
            seen.append(lessons.pointed(sheet, str(value), x, y))
            for dx, dy in PIPS[value]:
                pen.ellipse(x + dx * r * 0.52, y + dy * r * 0.52, r * 0.15, r * 0.15, pip)
    facts.caption_thought = thoughts.numbered(seen)
    facts.think(facts.ask(str(count), words.COUNT, things="dice"), facts.caption_thought)
    way = "from top to bottom" if down else "from left to right"
    facts.teach(", ".join(map(str, shown)), (f"Read the dice {way}.", f"List the dice {way}."), whole=True)
    asked = facts.ask(
        str(sum(shown)),
        ("How many dots are there in all?", "What is the sum of the dice?", "What is the total of the dice?"),
    )
    facts.think(asked, " + ".join(map(str, shown)))
    order = ("top", "bottom") if down else ("left", "right")
    for place, value in zip(order, (shown[0], shown[-1]), strict=True) if count > 1 else ():
        facts.ask(
            str(value),
            (f"What does the die on the {place} show?", f"How many dots does the {place} die show?"),
        )
    if count == 1:
        facts.ask(str(shown[0]), ("What does the die show?", "How many dots does the die show?"))
    else:
        facts.ask(
            str(max(shown)), ("What is the highest number on a die?", "What is the largest number shown?")
        )
        facts.ask("yes" if len(set(shown)) == 1 else "no", ("Do all dice show the same number?",))
    facts.ask(name, ("What color are the dice?" if count > 1 else "What color is the die?",))
    words.ask_in_vain(sheet, ["clock", "car", "ball"])
    values = [words.number(v) for v in shown]
    what = "A die" if count == 1 else f"{words.number(count).capitalize()} dice"
    facts.caption = f"{what} showing {words.joined(values)}."


def thermometer(sheet: Sheet) -> None:
    """A scale with numbers and a red column."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    low, step, ticks = rng.choice((0, -20, -10, 0, 30)), rng.choice((5, 10, 10, 20)), rng.randint(4, 8)
    fine = step // 5
    value = low + fine * rng.randint(1, ticks * 5 - 1)
    unit = rng.choice(("C", "Temp C", "Temp F", "Temperature"))
    top, bottom, x = canvas.height * 0.08, canvas.height * 0.84, canvas.width * rng.uniform(0.35, 0.6)
    r = max(7.0, min(canvas.height, canvas.width) * 0.025)
    print_ = sheet.fonts.print(
        sheet.fonts.pick(rng, mono=0.0), max(11, min(30, round((bottom - top) / ticks * 0.5)))
    )
    at = bottom - (bottom - top) * (value - low) / (ticks * step)
    red = shade(rng, "red", sheet.fonts.split)
    with Pen(canvas, paper=sheet.paper) as pen:
        pen.rectangle(x - r, top - r, x + r, bottom + r, (250, 250, 250), (70, 70, 70), thick=2, radius=r)
        pen.ellipse(x, bottom + r * 2.2, r * 2, r * 2, red, (70, 70, 70), 2)
        pen.rectangle(x - r * 0.55, at, x + r * 0.55, bottom + r * 2, red)
        pen.landmark(x, at, "bar end")
        for k in range(ticks * 5 + 1):
            y = bottom - (bottom - top) * k / (ticks * 5)
            pen.line(
                ((x + r + 3, y), (x + r + (14 if k % 5 == 0 else 8), y)), (40, 40, 40), 2 if k % 5 == 0 else 1
            )
    for k in range(ticks + 1):
        y = bottom - (bottom - top) * k / ticks - print_.height / 2
        canvas.write(x + r + 20, y, str(low + k * step), print_, sheet.ink)
    canvas.write(x + r + 20, min(bottom + r * 2, canvas.height - print_.height), unit, print_, sheet.ink)
    asked = facts.ask(
        str(value),
        (
            "What is the temperature?",
            "What temperature does the thermometer show?",
            "What does the thermometer show?",
        ),
    )
    # The numbers on either side of the column's end, and the small marks from the lower one up to it.
    under = low + (value - low) // step * step
    facts.caption_thought = f"{under} to {under + step}: {', '.join(map(str, range(under, value + 1, fine)))}"
    facts.think(asked, facts.caption_thought)
    scale = ", ".join(str(low + k * step) for k in range(ticks + 1))
    facts.teach(scale, ("Which numbers are on the scale?", "List the numbers on the scale."), whole=True)
    facts.ask(
        str(low + ticks * step), ("What is the highest number on the scale?", "Where does the scale end?")
    )
    facts.ask(str(low), ("What is the lowest number on the scale?", "Where does the scale begin?"))
    middle = low + step * ticks / 2
    if value != middle:
        facts.ask("yes" if value > middle else "no", (f"Is it warmer than {middle:g}?",))
    words.ask_presence(sheet, ["thermometer"], ["clock", "car", "tree"])
    words.ask_in_vain(sheet, ["clock", "car"])
    facts.caption = f"A thermometer that shows {value}."


def lights(sheet: Sheet) -> None:
    """One to three traffic lights, each with one lamp on."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    count = rng.choice((1, 1, 2, 3))
    lit = [rng.choice(LAMPS) for _ in range(count)]
    h, w = canvas.height, canvas.width
    r = min(w / (count * 4), h / 9) * rng.uniform(0.7, 1.0)
    with Pen(canvas, paper=sheet.paper) as pen:
        for k, on in enumerate(lit):
            x, y = (k + 0.5) * w / count, h * 0.42
            pen.rectangle(x - r * 0.25, y + 3 * r, x + r * 0.25, h, (80, 80, 80))
            pen.rectangle(x - r * 1.4, y - r * 3.6, x + r * 1.4, y + r * 3.6, (40, 42, 45), radius=r * 0.3)
            for j, name in enumerate(LAMPS):
                paint = shade(rng, name, sheet.fonts.split) if name == on else (85, 88, 90)
                pen.ellipse(x, y + (j - 1) * 2.25 * r, r * 0.95, r * 0.95, paint)
                pen.landmark(x, y + (j - 1) * 2.25 * r, "lit" if name == on else "unlit")
    if count == 1:
        facts.ask(
            lit[0],
            ("Which light is on?", "What color is the traffic light?", "What color does the light show?"),
        )
        facts.ask("no" if lit[0] != "green" else "yes", ("May the cars go?", "Is the light green?"))
        facts.ask(
            ("top", "middle", "bottom")[LAMPS.index(lit[0])], ("Which lamp is on: top, middle or bottom?",)
        )
    else:
        for place, on in (("left", lit[0]), ("right", lit[-1])):
            facts.ask(
                on,
                ("What color is the {place} traffic light?", "What does the {place} light show?"),
                place=place,
            )
        for name in LAMPS:
            facts.ask(
                str(lit.count(name)),
                ("How many lights are {name}?", "How many traffic lights show {name}?"),
                name=name,
            )
    facts.teach(", ".join(lit), ("List the lights from left to right.",), whole=True)
    words.ask_count(sheet, count, "traffic light")
    words.ask_presence(sheet, ["traffic light"], ["car", "tree", "clock"])
    words.ask_in_vain(sheet, ["car", "clock"])
    told = [f"a {on} traffic light" for on in lit]
    facts.caption = words.sentence(words.joined(told))


def faces(sheet: Sheet) -> None:
    """One to four round faces with a mood."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    count = rng.randint(1, 4)
    moods = [rng.choice(MOODS) for _ in range(count)]
    h, w = canvas.height, canvas.width
    r = min(w / (count * 2.4), h * 0.42) * rng.uniform(0.75, 1.0)
    skin = shade(rng, "yellow", sheet.fonts.split)
    with Pen(canvas, paper=sheet.paper) as pen:
        for k, mood in enumerate(moods):
            x, y = (k + 0.5) * w / count, h / 2
            pen.ellipse(x, y, r, r, skin, (60, 50, 20), max(2.0, r * 0.04))
            for side in (-1, 1):
                pen.ellipse(x + side * r * 0.36, y - r * 0.25, r * 0.1, r * 0.13, (30, 30, 30))
            pen.landmark(x, y, mood)
            thick = max(2.5, r * 0.06)
            if mood == "happy":
                pen.arc(x, y + r * 0.1, r * 0.5, r * 0.45, 20, 160, (40, 30, 20), thick)
            elif mood == "sad":
                pen.arc(x, y + r * 0.75, r * 0.45, r * 0.4, 205, 335, (40, 30, 20), thick)
            elif mood == "neutral":
                pen.line(((x - r * 0.4, y + r * 0.42), (x + r * 0.4, y + r * 0.42)), (40, 30, 20), thick)
            else:
                pen.ellipse(x, y + r * 0.42, r * 0.17, r * 0.22, (60, 30, 20))
    facts.teach(", ".join(moods), ("List the moods from left to right.",), whole=True)
    words.ask_count(sheet, count, "face", moods)
    for mood in MOODS if count > 1 else ():
        words.ask_count(sheet, moods.count(mood), f"{mood} face", [m for m in moods if m == mood])
    if count == 1:
        facts.ask(
            moods[0], ("How does the face look?", "What mood is the face in?", "Which emotion is shown?")
        )
    else:
        for place, mood in (("left", moods[0]), ("right", moods[-1])):
            facts.ask(
                mood,
                ("How does the face on the {place} look?", "Which mood has the {place} face?"),
                place=place,
            )
    asked = rng.choice(MOODS[:2])
    facts.ask("yes" if asked in moods else "no", (f"Is there a {asked} face?", f"Does a face look {asked}?"))
    words.ask_in_vain(sheet, ["hat", "car", "tree"])
    facts.caption = words.sentence(words.joined([f"{words.article(mood)} face" for mood in moods]))


def flag(sheet: Sheet) -> None:
    """Two to five stripes, across or upright."""
    rng, canvas, facts = sheet.rng, sheet.canvas, sheet.facts
    count, upright = rng.randint(2, 4), sheet.chance(0.5)
    stripes = names(
        rng, count, among=("red", "blue", "green", "yellow", "orange", "black", "white", "purple")
    )
    w = canvas.width * rng.uniform(0.6, 0.95)
    h = min(w * rng.uniform(0.5, 0.7), canvas.height * 0.9)
    x0, y0 = (canvas.width - w) / 2, (canvas.height - h) / 2
    with Pen(canvas, paper=sheet.paper) as pen:
        for k, name in enumerate(stripes):
            a, b = k / len(stripes), (k + 1) / len(stripes)
            box = (x0 + a * w, y0, x0 + b * w, y0 + h) if upright else (x0, y0 + a * h, x0 + w, y0 + b * h)
            pen.rectangle(*box, shade(rng, name, sheet.fonts.split))
        pen.rectangle(x0, y0, x0 + w, y0 + h, None, (60, 60, 60), thick=2)
    words.ask_count(sheet, len(stripes), "stripe", stripes)
    facts.caption_thought = thoughts.numbered(stripes)
    ends = ("left", "right") if upright else ("top", "bottom")
    for place, name in zip(ends, (stripes[0], stripes[-1]), strict=True):
        facts.ask(
            name,
            ("What color is the {place} stripe?", "Which color is the stripe at the {place}?"),
            place=place,
        )
    facts.ask("vertical" if upright else "horizontal", ("Are the stripes horizontal or vertical?",))
    facts.ask(words.joined(stripes), ("Which colors does the flag have?", "What colors are the stripes?"))
    absent = rng.choice([c for c in ("red", "blue", "green", "yellow", "black") if c not in stripes])
    facts.ask("no", (f"Is there a {absent} stripe?", f"Does the flag have a {absent} stripe?"))
    present = rng.choice(stripes)
    facts.ask(
        "yes",
        (
            f"Is there {words.article(present)} stripe?",
            f"Does the flag have {words.article(present)} stripe?",
        ),
    )
    words.ask_in_vain(sheet, ["star", "moon", "cross"])
    facts.caption = f"A flag with {words.number(len(stripes))} stripes: {words.joined(stripes)}."
