"""Machines that are paid with or that pay: a cash machine and a ticket machine."""

from __future__ import annotations

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.shapes import dot, framed, grey
from minimax_vl.synthetic.screens.words import LANGUAGES
from minimax_vl.synthetic.sheet import Sheet

ASKS = (
    "What does the screen ask for?",
    "What is the heading on the screen?",
    "Which instruction is shown?",
    "Read the heading.",
)
BESIDE = (
    "What does the {place} button on the {side} say?",
    "What is written on the {place} button at the {side}?",
)
LINE = ("What does the line at the bottom say?", "Read the line at the foot of the screen.")
BALANCE = ("What is the available balance?", "What is the balance?", "How much is available?")
BANK = ("Which bank is it?", "What is the name of the bank?")
FROM = (
    "From where does the ticket start?",
    "What is the starting station?",
    "Which station is the machine at?",
)
TO = ("Where does the ticket go to?", "What is the destination?", "Which destination is selected?")
FARE = ("What is the price of a {row} ticket?", "How much is the {row} ticket?", "{row}: price?")
FARE_OF = ("Which ticket costs {value}?", "Which ticket is {value}?")
CHOSEN = ("Which ticket is selected?", "Which ticket is highlighted?")
DUE = ("How much has to be paid?", "What is the amount to pay?", "How much is to be paid?")
# What is asked before amounts, and before services.
ASKED = {
    "en": ("Please choose an amount|How much would you like?", "Select a service|Please select an option"),
    "de": ("Bitte Betrag eingeben", "Bitte Auswahl treffen"),
    "fr": ("Choisissez un montant", "Que voulez-vous faire ?"),
    "es": ("Elija una cantidad", "Seleccione un servicio"),
    "ms": ("Sila pilih jumlah", "Sila pilih transaksi"),
}
SERVICES = {
    "en": "Withdraw cash|Balance|Deposit|Change PIN|Transfer|Statement|Pay bills|Cancel|Top up phone|Other account",
    "de": "Auszahlung|Kontostand|Einzahlung|PIN ersetzen|Abbruch|Umsatz|Aufladen|Andere Karte",
    "fr": "Retrait|Solde|Virement|Annuler|Autre montant|Aide|Recharge|Changer PIN",
    "es": "Retirar efectivo|Saldo|Ingresar|Transferir|Cancelar|Cambiar PIN|Recibos|Ayuda",
    "ms": "Pengeluaran|Baki|Deposit|Tukar PIN|Pindahan|Penyata|Bayar bil|Batal",
}
NOTES = (10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 1000)
FOOT = (
    "Take your card to cancel",
    "Other amounts in steps of 10",
    "Fee may apply",
    "Press CANCEL to end",
    "No receipts today",
)
ROUTES = (("From", "To"), ("Von", "Nach"), ("De", "A"), ("Dari", "Ke"), ("Start", "Destination"))
TICKETS = (
    "Single|Return|Day pass|Weekly|Monthly|Group|Child|Senior|Student|Bike|First class|Weekend|Night|Family"
).split("|")


def glass(sheet: Sheet, ems: float, large: float = 1) -> tuple[Screen, Box]:
    """The page as the glass of a machine, now and then with its metal rim."""
    page = Box(0, 0, sheet.canvas.width, sheet.canvas.height)
    screen = Screen(sheet, page, ems=ems, large=large)
    if screen.chance(0.4):
        shade = sheet.rng.randint(50, 180)
        screen.fill(page, grey(shade))
        page = page.inset(sheet.rng.uniform(0.6, 1.2) * screen.em)
    screen.fill(page, screen.look.page)
    return screen, page


def cash(sheet: Sheet) -> None:
    """A cash machine: a bank, a heading, and choices at both sides."""
    rng, facts, values = sheet.rng, sheet.facts, sheet.values
    screen, box = glass(sheet, 19, large=1.6)
    em = screen.em
    bank = sheet.once(lambda: values.title(1, 1) + rng.choice((" Bank", " Savings", "bank", " Credit Union")))
    head, box = box.split(screen.head.height + em)
    ink = screen.bar(head, screen.look.accent if screen.chance(0.7) else None)
    screen.say((head.x0 + head.x1) / 2, head.y0, head.y1, bank, screen.head, ink, 0.5)
    facts.ask(bank, BANK)
    language, amounts = rng.choice(LANGUAGES), screen.chance(0.5)
    heading, y = rng.choice(ASKED[language][not amounts].split("|")), box.y0 + 0.6 * em
    large = screen.largest(heading, box.width - 2 * em, 1.5) or screen.body
    screen.say((box.x0 + box.x1) / 2, y, y + large.height, heading, large, align=0.5)
    facts.want(heading, ASKS)
    y += large.height + 0.4 * em
    held = values.amount(values.cents(6) + 5000, currency=True)
    shown = f"{rng.choice(('Available balance', 'Balance', 'Your balance'))}: {held}"
    if screen.chance(0.5) and screen.body.width(shown) < box.width - em:
        screen.say((box.x0 + box.x1) / 2, y, y + screen.line, shown, align=0.5)
        facts.ask(held, BALANCE)
        y += screen.line + 0.4 * em
    box = Box(box.x0, y, box.x1, box.y1)
    line = sheet.fitting(lambda: rng.choice(FOOT), screen.small, box.width - em) if screen.chance(0.6) else ""
    if line:
        box, foot = box.split(-(screen.line + 0.4 * em))
        screen.say((foot.x0 + foot.x1) / 2, foot.y0, foot.y1, line, screen.small, screen.look.dim, 0.5)
        facts.ask(line, LINE)
    rows = max(min(rng.randint(3, 4), int((box.height - 0.4 * em) // (screen.body.height + 1.2 * em))), 1)
    if amounts:
        choices = [f"{values.currency}{note}" for note in sorted(rng.sample(NOTES, 2 * rows))]
    else:
        choices = rng.sample(SERVICES[language].split("|"), 2 * rows)
    _choices(screen, box, choices)
    facts.caption = f"A cash machine of {bank} that says: {heading}"
    facts.caption += "" if heading.endswith("?") else "."
    facts.kind = "cash machine"


def _choices(screen: Screen, box: Box, choices: list[str]) -> None:
    """Two columns of buttons, now and then with the knobs that stand beside the glass."""
    em, knobs = screen.em, screen.chance(0.4)
    wide = box.width * 0.46
    room = wide - (3.4 if knobs else 0.8) * em
    choices = [text for text in choices if screen.bold.width(text) <= room]  # no gaps: places are counted
    step = min((box.height - 0.4 * em) / max(-(-len(choices) // 2), 1), 11 * em)
    tall = min(step - 0.5 * em, 7 * em)
    for number, text in enumerate(choices):
        row, right = divmod(number, 2)
        x, top = box.x1 - 0.4 * em - wide if right else box.x0 + 0.4 * em, box.y0 + row * step
        button = Box(x, top, x + wide, top + tall)
        framed(screen.canvas, button, screen.corner, screen.look.panel, screen.look.accent, 2 * screen.thin)
        if knobs:
            knob = button.x1 - 0.9 * em if right else button.x0 + 0.9 * em
            dot(screen.canvas, knob, top + tall / 2, em, screen.look.accent)
        screen.say(x + wide / 2, top, top + tall, text, screen.bold, align=0.5)
        screen.facts.ask(text, BESIDE, place=ORDINALS[row], side="right" if right else "left")


def tickets(sheet: Sheet) -> None:
    """A ticket machine: from where to where, tickets with their prices, one chosen, the amount due."""
    rng, facts = sheet.rng, sheet.facts
    screen, box = glass(sheet, 20, large=1.4)
    em = screen.em
    head, box = box.split(2 * screen.line + em)
    route = _route(screen, head)
    box, foot = box.split(-(screen.head.height + 1.2 * em))
    due = _fares(screen, box)
    screen.fill(foot, blend(screen.look.page, screen.look.ink, 0.1))
    if due:
        label = rng.choice(("To pay", "Amount due", "Total", "Zu zahlen", "A payer", "Jumlah"))
        screen.say(foot.x0 + em, foot.y0, foot.y1, label, screen.bold)
        screen.say(foot.x1 - em, foot.y0, foot.y1, due, screen.head, align=1.0)
        facts.ask(due, DUE)
        screen.shows("total amount")
    facts.lack(FARE, row="")
    facts.caption = f"A ticket machine{route}" + (f", {due} to pay." if due else ".")
    facts.kind = "ticket machine"


def _route(screen: Screen, head: Box) -> str:
    """Start and destination over the head; returns them as a caption names them, '' where they do not fit."""
    em, names = screen.em, screen.rng.choice(ROUTES)
    ink = screen.bar(head, screen.look.accent)
    x = head.x0 + 2 * em + max(screen.body.width(name) for name in names)
    cities = [
        screen.sheet.fitting(lambda: screen.sheet.once(screen.values.city), screen.bold, head.x1 - x)
        for _ in names
    ]
    if not all(cities):
        return ""
    for number, (name, city, forms) in enumerate(zip(names, cities, (FROM, TO), strict=True)):
        y = head.y0 + em / 2 + number * screen.line
        screen.say(head.x0 + em, y, y + screen.line, name, ink=ink)
        screen.say(x, y, y + screen.line, city, screen.bold, ink)
        screen.facts.want(city, forms)
    return f": {cities[0]} to {cities[1]}"


def _fares(screen: Screen, box: Box) -> str:
    """Kinds of tickets in one or two columns; returns the price of the one in colour."""
    rng, em, values, look = screen.rng, screen.em, screen.values, screen.look
    columns = 2 if box.width > 24 * em else 1
    wanted = max(screen.sheet.count(2, 14) // columns, 2)
    rows, step = share_out(box.height - em, wanted, screen.body.height + 1.2 * em, 6 * em)
    kinds = rng.sample(TICKETS, min(rows * columns, len(TICKETS)))
    chosen, due, base = rng.choice(kinds or [""]), "", values.cents(3)
    for number, kind in enumerate(kinds):
        top = box.y0 + em / 2 + number // columns * step
        line = Box(box.x0 + 0.5 * em, top, box.x1 - 0.5 * em, top + step - 0.4 * em)
        cell = line.columns(columns, 0.5 * em)[number % columns]
        cents = round(base * rng.uniform(0.5, 9) / 10) * 10 + rng.choice((0, 5))
        price = values.amount(cents, currency=True)
        if screen.bold.width(kind + price) > cell.width - 2.4 * em:
            continue
        strong = kind == chosen
        framed(
            screen.canvas, cell, screen.corner, look.accent if strong else look.panel, look.line, screen.thin
        )
        ink = look.on_accent if strong else look.ink
        screen.say(cell.x0 + 0.7 * em, cell.y0, cell.y1, kind, ink=ink)
        screen.say(cell.x1 - 0.7 * em, cell.y0, cell.y1, price, screen.bold, ink, 1.0)
        screen.cell(kind, "fare", price, FARE, FARE_OF)
        if strong:
            due = price
            screen.facts.want(kind, CHOSEN)
    return due
