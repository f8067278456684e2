"""What a telephone shows without being asked much: its locked screen, and a calculator."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.messages import remark
from minimax_vl.synthetic.screens.words import counted, days

LOCKED = (
    "What time is it on the lock screen?",
    "What time is it?",
    "Which time does the locked screen show?",
)
TODAY = ("What is the date on the screen?", "Which date does the screen show?", "What date is it?")
NOTE_OF = (
    "What does the notification from {row} say?",
    "Read the notification of {row}.",
    "{row}: what does it say?",
)
NOTE_AT = (
    "When did the notification from {row} arrive?",
    "Which time does the notification from {row} show?",
)
APPS = (
    "Messages|Mail|Calendar|Bank|Weather|News|Photos|Maps|Wallet|Reminders|Clock|Market|Parcel|Fitness|Radio"
)
RESULT = (
    "What does the calculator show?",
    "What is the result on the display?",
    "Which number is on the display?",
)
KEY_RIGHT = ("Which key is right of the key '{key}'?", "What is on the key right of '{key}'?")
KEY_LEFT = ("Which key is left of the key '{key}'?", "What is on the key left of '{key}'?")
KEY_BELOW = ("Which key is below the key '{key}'?", "What is on the key under '{key}'?")
KEY_FIRST = ("Which key is at the top left of the keypad?", "What is on the first key of the keypad?")
KEY_LAST = ("Which key is at the bottom left?", "What is on the key in the bottom left corner?")
SUM = ("What is being calculated?", "Which calculation is shown?", "What is written above the result?")


def locked(screen: Screen, box: Box) -> None:
    """A large clock, the date, and notifications on cards."""
    rng, em, facts, values, look = screen.rng, screen.em, screen.facts, screen.values, screen.look
    time, date = screen.when(screen.now), f"{days('en')[screen.today.weekday()]}, {screen.day(0)}"
    clock = screen.largest(time, box.width * 0.85, rng.uniform(3, 5), bold=screen.chance(0.5)) or screen.head
    middle, y = (box.x0 + box.x1) / 2, box.y0 + box.height * rng.uniform(0.02, 0.08)
    screen.say(middle, y, y + clock.height, time, clock, align=0.5)
    y += clock.height
    facts.want(time, LOCKED)
    if screen.body.width(date) < box.width - 2 * em:
        screen.say(middle, y, y + screen.line, date, align=0.5)
        facts.ask(date, TODAY)
        y += screen.line
    y += 0.8 * em
    tall = screen.bold.height + screen.body.height + em
    count, step = share_out(box.y1 - y - em, screen.sheet.count(2, 9), tall + 0.5 * em, tall * 1.6)
    count = min(count, 15)
    for app in rng.sample(APPS.split("|"), count):
        card = Box(box.x0 + 0.7 * em, y, box.x1 - 0.7 * em, y + step - 0.5 * em)
        age = rng.choice(
            (
                f"{rng.randint(1, 59)} min ago",
                f"{rng.randint(2, 9)} h ago",
                "now",
                screen.when(screen.now - rng.randint(1, 600)),
            )
        )
        note = screen.sheet.fitting(
            lambda: screen.sheet.once(lambda: remark(rng, values, screen.when(rng.randrange(1440)))),
            screen.body,
            card.width - 2 * em,
        )
        rounded(screen.canvas, card, max(screen.corner, 3), look.panel)
        x, line = card.x0 + 0.8 * em, (card.y0 + card.y1 - tall + em) / 2
        screen.say(x, line, line + screen.bold.height, app, screen.bold)
        screen.say(card.x1 - 0.8 * em, line, line + screen.bold.height, age, screen.small, look.dim, 1.0)
        facts.ask(age, NOTE_AT, one_of_many=True, row=app)
        if note:
            screen.say(x, line + screen.bold.height, line + tall - em, note)
            screen.cell(
                app, "note", note, NOTE_OF, ("Which app says '{value}'?", "Which app sent '{value}'?")
            )
        y += step
    facts.caption = f"The locked screen of a phone at {time} with {counted(count, 'notification')}."
    facts.kind = "lock screen"


def calculator(screen: Screen, box: Box) -> None:
    """A display with a calculation and its result over rows of keys."""
    rng, em, facts, look = screen.rng, screen.em, screen.facts, screen.look
    asked, shown = _calculation(screen)
    display, pad = box.split(box.height * rng.uniform(0.24, 0.36))
    screen.fill(display, look.panel if screen.chance(0.5) else look.page)
    large = screen.largest(shown, display.width - 2 * em, 3.4, display.height * 0.5) or screen.body
    x, upper, lower = display.x1 - em, display.y0 + 0.35 * display.height, display.y0 + 0.4 * display.height
    screen.say(x, display.y0, upper, asked, ink=look.dim, align=1.0)
    screen.say(x, lower, display.y1, shown, large, align=1.0)
    facts.want(shown, RESULT)
    facts.ask(asked, SUM)
    corner = rng.choice(("C", "AC", "CE"))
    keys = rng.choice((
        ((corner, "(", ")", "/"), "789x", "456-", "123+", ("+/-", "0", ".", "=")),
        ("789/", "456x", "123-", ("0", ".", corner, "+"), ("(", ")", "%", "=")),
        ((corner, "+/-", "%", "/"), "789x", "456-", "123+", ("0", "00", ".", "=")),
    ))  # fmt: skip
    rows = [list(names) for names in keys]
    _keypad(screen, pad.inset(0.6 * em), rows)
    _ask_keys(screen, rows)
    facts.caption = f"A calculator that shows {shown}."
    facts.kind = "calculator"


def _calculation(screen: Screen) -> tuple[str, str]:
    """What was typed, and what comes out, exactly."""
    rng = screen.rng
    first, second, sign = rng.randint(2, 9999), rng.randint(2, 999), rng.choice("+-x/")
    if sign == "/":
        first = second * rng.randint(2, 99)
    result = {"+": first + second, "-": first - second, "x": first * second, "/": first // second}[sign]
    if sign == "/" or screen.chance(0.6):
        return f"{first} {sign} {second} =", str(result)
    places = 4 if sign == "x" else 2  # of numbers in hundredths
    return f"{first / 100:.2f} {sign} {second / 100:.2f} =", f"{result / 10**places:.{places}f}"


def _keypad(screen: Screen, pad: Box, rows: list[list[str]]) -> None:
    """The keys, those of digits fainter than the others, some in colour."""
    look, gap = screen.look, screen.em * screen.rng.uniform(0.15, 0.5)
    print_, round_, signs = screen.print(screen.rng.uniform(1.2, 1.7)), screen.chance(0.4), screen.chance(0.4)
    for names, line in zip(rows, pad.rows(len(rows), gap), strict=True):
        for name, key in zip(names, line.columns(4, gap), strict=True):
            strong = name == "=" or (signs and name in "+-x/")
            plain = blend(look.page, look.ink, 0.09 if name.isdigit() or name == "." else 0.2)
            radius = key.height / 2 if round_ else screen.corner
            rounded(screen.canvas, key, radius, look.accent if strong else plain)
            ink = look.on_accent if strong else look.ink
            screen.say((key.x0 + key.x1) / 2, key.y0, key.y1, name, print_, ink, 0.5)


def _ask_keys(screen: Screen, rows: list[list[str]]) -> None:
    """Ask which key lies where."""
    rng, facts = screen.rng, screen.facts
    row, place, above = rng.randrange(len(rows)), rng.randrange(3), rng.randrange(len(rows) - 1)
    facts.ask(rows[row][place + 1], KEY_RIGHT, key=rows[row][place])
    facts.ask(rows[row][place], KEY_LEFT, key=rows[row][place + 1])
    facts.ask(rows[above + 1][place], KEY_BELOW, key=rows[above][place])
    facts.ask(rows[-1][0], KEY_LAST)
    facts.ask(rows[0][0], KEY_FIRST)
