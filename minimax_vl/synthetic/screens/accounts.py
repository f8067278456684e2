"""Apps of figures: an account at a bank, and departures of trains and buses."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.phone import head, tabs
from minimax_vl.synthetic.screens.shapes import PLAIN_ICONS

TITLES = ("Accounts", "My account", "Overview", "Banking", "Finance", "Akaun saya")
FEET = ("Accounts|Cards|Transfer|More", "Overview|Payments|Cards|Profile")
ACCOUNTS = "Checking|Savings|Current account|Girokonto|Joint account|Compte courant|Everyday".split("|")
BALANCE = (
    "What is the balance?",
    "How much money is in the account?",
    "What is the account balance?",
    "Balance?",
)
ACCOUNT = ("What is the account called?", "Which account is shown?", "What is the name of the account?")
NUMBER = ("What is the account number?", "Which number does the account have?")
AMOUNT = (
    "What is the amount for {row}?",
    "How much is the transaction with {row}?",
    "{row}: amount?",
    "How much for {row}?",
)
AMOUNT_OF = ("Which transaction is {value}?", "Who does the amount {value} belong to?")
BOOKED = (
    "When was the transaction with {row}?",
    "What is the date of {row}?",
    "On which date is {row} booked?",
)
STOP = ("Which station are the departures from?", "Which stop is shown?", "What is the name of the station?")
LEAVES = ("When does the {row} leave?", "At what time does the {row} depart?", "{row}: departure time?")
LEAVES_OF = ("Which line leaves at {value}?", "What departs at {value}?")
GOES = ("Where does the {row} go?", "What is the destination of the {row}?", "{row}: where to?")
GOES_OF = ("Which line goes to {value}?", "What goes to {value}?")
TRACK = (
    "From which {column} does the {row} leave?",
    "What is the {column} of the {row}?",
    "{row}: {column}?",
)
LATE = (
    "What is the status of the {row}?",
    "What does it say about the {row}?",
    "Is the {row} on time or late?",
)


def bank(screen: Screen, box: Box) -> None:
    """The balance in large print on a card, and the latest transactions."""
    rng, em, facts = screen.rng, screen.em, screen.facts
    box = head(screen, box, rng.choice(TITLES))
    box = tabs(screen, box, rng.choice(FEET).split("|"), chosen=0)
    tall = min(box.height * 0.34, rng.uniform(6, 8) * em)
    top = box.y0 + 0.6 * em
    held = _account(screen, Box(box.x0 + 0.7 * em, top, box.x1 - 0.7 * em, top + tall))
    top += tall + 0.6 * em
    title = rng.choice(("Latest transactions", "Activity", "Recent", "Transactions", "History"))
    screen.say(box.x0 + 0.8 * em, top, top + screen.line, title, screen.bold)
    top += screen.line + 0.2 * em
    least = screen.body.height + screen.small.height + 0.5 * em
    count, step = share_out(box.y1 - top, screen.sheet.count(3, 24), least, least * 1.7)
    icons = screen.chance(0.5)
    for index in range(count):
        y = top + index * step
        _booking(
            screen,
            Box(box.x0 + 0.8 * em, y, box.x1 - 0.8 * em, y + step),
            screen.day(index * 3 // 2),
            icons=icons,
        )
    facts.lack(AMOUNT, row="")
    facts.caption = f"A banking app: {held}."
    facts.kind = "banking app"


def _account(screen: Screen, card: Box) -> str:
    """The card of the account: its name, balance and number; returns the first two as a caption has them."""
    rng, em, values, facts, tall = screen.rng, screen.em, screen.values, screen.facts, card.height
    account = rng.choice(ACCOUNTS)
    hidden, split = f"**** {values.digits(4)}", f"{values.digits(3)}-{values.digits(5)}"
    label, number = rng.choice((("Acc. ", hidden), ("No. ", values.digits(8)), ("Acc. ", split)))
    balance = values.amount(values.cents(6) + 10000, currency=True)
    strong = screen.chance(0.6)
    rounded(screen.canvas, card, max(screen.corner, 3), screen.look.accent if strong else screen.look.panel)
    ink = screen.look.on_accent if strong else screen.look.ink
    x, y = card.x0 + em, card.y0 + 0.1 * tall
    screen.say(x, y, y + 0.25 * tall, account, ink=ink)
    large = screen.largest(balance, card.width - 2 * em, 2.2, 0.37 * tall, bold=True) or screen.body
    screen.say(x, y + 0.25 * tall, y + 0.6 * tall, balance, large, ink)
    screen.say(x, card.y1 - 0.33 * tall, card.y1 - 0.08 * tall, label + number, screen.small, ink)
    facts.ask(account, ACCOUNT)
    facts.want(balance, BALANCE)
    facts.ask(number, NUMBER)
    return f"{account}, balance {balance}"


def _booking(screen: Screen, row: Box, date: str, *, icons: bool) -> None:
    """One transaction: with whom, when and how much; left out where no name fits."""
    rng, em, values, look = screen.rng, screen.em, screen.values, screen.look
    income = rng.random() < 0.2
    sign = "+" if income else rng.choice(("-", "-", ""))
    amount = sign + values.amount(values.cents(4), currency=screen.chance(0.3))
    room = row.width - screen.body.width(amount) - 3 * em
    draw = values.person if income else values.company
    payee = screen.sheet.fitting(lambda: screen.sheet.once(draw), screen.body, room)
    if not payee:
        return
    x = row.x0
    if icons:
        side, ground = min(2 * em, row.height * 0.8), blend(look.page, look.accent, 0.2)
        name = rng.choice(PLAIN_ICONS)
        x = screen.tile(x, row.y0, row.y1, side, name, ground, look.accent, radius=screen.corner)
    y = (row.y0 + row.y1 - screen.body.height - screen.small.height) / 2
    low = y + screen.body.height
    screen.say(x, y, low, payee)
    screen.say(row.x1, y, low, amount, ink=(30, 130, 60) if income and not look.dark else look.ink, align=1.0)
    screen.cell(payee, "amount", amount, AMOUNT, AMOUNT_OF)
    if screen.small.width(date) < room:
        screen.say(x, low, low + screen.small.height, date, screen.small, look.dim)
        screen.facts.ask(date, BOOKED, one_of_many=True, row=payee)


def departures(screen: Screen, box: Box) -> None:
    """What leaves a station next: a line, where it goes, when, from where, and whether it is late."""
    rng, em, facts, values, look = screen.rng, screen.em, screen.facts, screen.values, screen.look
    station = screen.sheet.once(
        lambda: values.city() + rng.choice(("", "", " Central", " Hbf", " Sentral", " Nord", " Airport"))
    )
    box = head(screen, box, station, forms=STOP)
    track = rng.choice(("Platform", "Track", "Gleis", "Quai", "Stop", "Gate"))
    least = screen.bold.height + screen.small.height + 0.6 * em
    count, step = share_out(box.height - 0.4 * em, screen.sheet.count(4, 24), least, least * 1.8)
    minutes, tiled = screen.now, screen.chance(0.6)
    kinds = rng.sample(("Bus ", "S", "U", "RE ", "IC ", "Tram ", "T", "Line ", "M"), rng.randint(1, 3))
    y = box.y0 + 0.2 * em
    sign = max(screen.bold.width(f"{kind}888") for kind in kinds) + 0.8 * em
    for _ in range(count):
        minutes += rng.randint(1, 14)
        time, line = (
            screen.when(minutes),
            screen.sheet.once(lambda: rng.choice(kinds) + str(rng.randint(1, 199))),
        )
        status = rng.choice(("on time", "on time", f"+{rng.randint(1, 25)} min", "cancelled", "delayed"))
        x, end, low = box.x0 + 0.7 * em, box.x1 - 0.7 * em, y + (step - least) / 2 + 0.3 * em
        tall, foot = screen.bold.height, low + screen.bold.height + screen.small.height
        room = end - x - sign - em - screen.bold.width(time)
        goal = screen.sheet.fitting(lambda: screen.sheet.once(values.city), screen.body, room)
        if not goal:
            continue
        if tiled:
            rounded(screen.canvas, Box(x, low, x + sign - 0.4 * em, low + tall), screen.corner, look.accent)
        screen.say(x + 0.3 * em, low, low + tall, line, screen.bold, look.on_accent if tiled else look.ink)
        screen.say(x + sign, low, low + tall, goal)
        screen.say(end, low, low + tall, time, screen.bold, align=1.0)
        screen.cell(line, "time", time, LEAVES, LEAVES_OF)
        screen.cell(line, "goal", goal, GOES, GOES_OF)
        where = f"{rng.randint(1, 24)}{rng.choice(('', '', 'A', 'B'))}"
        if sign + screen.small.width(f"{track} {where}{status}") + 2 * em < end - x:
            screen.say(x + sign, low + tall, foot, f"{track} {where}", screen.small, look.dim)
            screen.say(
                end,
                low + tall,
                foot,
                status,
                screen.small,
                (200, 40, 40) if status[0] in "+cd" and not look.dark else look.dim,
                1.0,
            )
            facts.ask(where, TRACK, one_of_many=True, row=line, column=track.lower())
            facts.ask(status, LATE, one_of_many=True, row=line)
        screen.under(box.x0 + 0.7 * em, box.x1 - 0.7 * em, y + step - screen.thin)
        y += step
    facts.lack(LEAVES, row="")
    facts.caption = f"Departures from {station}."
    facts.kind = "timetable app"
