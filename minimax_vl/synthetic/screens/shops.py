"""Web pages of those who sell: goods in a grid, plans and their prices, a form to log in."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import blend
from minimax_vl.synthetic.marks import rounded
from minimax_vl.synthetic.screens.desktop import field
from minimax_vl.synthetic.screens.kit import Screen, share_out
from minimax_vl.synthetic.screens.shapes import PLAIN_ICONS, framed
from minimax_vl.synthetic.screens.web import header
from minimax_vl.synthetic.screens.words import counted

PRICE = ("What is the price of {row}?", "How much is {row}?", "How much does {row} cost?", "{row}: price?")
PRICE_OF = ("Which product costs {value}?", "What costs {value}?")
RATING = ("What is the rating of {row}?", "How many stars does {row} have?", "How is {row} rated?")
RATING_OF = ("Which product has a rating of {value}?",)
SOLD = ("Is {row} sold out?", "Is {row} out of stock?")
SOLD_NOT = ("Is {row} available?", "Is {row} still in stock?", "Can one buy {row}?")
PLAN = ("What is the price of the {row} plan?", "How much is {row}?", "How much does the {row} plan cost?")
PLAN_OF = ("Which plan costs {value}?", "Which plan is {value}?")
OFFERED = ("What does {row} include in {column}?", "What does the {row} plan say about {column}?")
BEST = ("Which plan is in colour?", "Which plan is highlighted?")
LOGIN = ("What is the heading of the form?", "What is the title of the form?")
USER = ("Which user name is filled in?", "What is filled in as the user?", "Who is logging in?")
SUBMIT = ("What is written on the button?", "What does the button say?", "Which button is below the fields?")
FORGOT = ("What does the link below the button say?", "Read the link under the form.")
BUTTONS = (
    ("Add to cart", "Sold out"),
    ("Buy", "Sold out"),
    ("In den Korb", "Ausverkauft"),
    ("Beli", "Habis"),
)
PLANS = (
    "Light|Basic|Plus|Premium",
    "Starter|Team|Business|Enterprise",
    "Small|Medium|Large|Giant",
    "Bronze|Silver|Gold|Platinum",
)
FEATURES = (  # what they are called in a question, and what follows their number
    ("storage", "GB storage"), ("users", "users"), ("projects", "projects"), ("support", "h support"),
    ("reports", "reports"), ("backups", "backups"), ("languages", "languages"), ("domains", "domains"),
)  # fmt: skip
FORMS = (
    ("Log in", "Email", "Password", "Log in", "Forgot password?", "Remember me"),
    ("Sign in", "User name", "Password", "Sign in", "Create an account", "Keep me signed in"),
    ("Welcome back", "Email address", "Password", "Continue", "Reset password", "Stay signed in"),
    ("Anmelden", "Benutzername", "Passwort", "Anmelden", "Passwort vergessen?", "Angemeldet bleiben"),
    ("Connexion", "Identifiant", "Mot de passe", "Se connecter", "Aide", "Rester connecte"),
    ("Iniciar", "Usuario", "Clave de acceso", "Entrar", "Olvido su clave?", "Recordarme"),
    ("Log masuk", "Nama pengguna", "Kata laluan", "Log masuk", "Lupa kata laluan?", "Ingat saya"),
)


def shop(screen: Screen, box: Box, name: str) -> None:
    """Goods in a grid: a picture, the name, the price, perhaps a rating and a button."""
    em, facts = screen.em, screen.facts
    box = header(screen, box, name, cart=screen.chance(0.6)).inset(0.8 * em)
    columns = max(min(int(box.width // (9.5 * em)), screen.sheet.most(2, 5)), 1)
    rated, words = screen.chance(0.6), screen.rng.choice(BUTTONS) if screen.chance(0.6) else ()
    fixed = (2 + rated) * screen.line + bool(words) * (screen.body.height + 0.9 * em) + 0.8 * em
    # Pictures are about half as high as wide where the page is high enough for any.
    rows = max(round(box.height / max(fixed + 0.5 * box.width / columns, fixed + 3 * em) - 0.2), 1)
    shown = 0
    for line in box.rows(rows, 0.7 * em):
        cells = line.columns(columns, 0.7 * em)
        y = line.y0 + max(line.height - fixed, 0.4 * em)
        for cell in cells:
            _picture(screen, cell, y)
        shown += _goods(screen, cells, y + 0.2 * em, words, rated=rated)
    facts.lack(PRICE, row="")
    facts.caption = f"A web shop {name} with {counted(shown, 'product')}."
    facts.kind = "web shop"


def _picture(screen: Screen, cell: Box, end: float) -> None:
    """The card of one product with what stands for its picture, down to `end`, where that is high enough."""
    rng, em, look = screen.rng, screen.em, screen.look
    framed(screen.canvas, cell, screen.corner, look.panel, look.line)
    if end - cell.y0 > 1.5 * em:
        tint = blend(look.panel, (rng.randint(40, 220), rng.randint(40, 220), rng.randint(40, 220)), 0.5)
        frame = Box(cell.x0 + 0.4 * em, cell.y0 + 0.4 * em, cell.x1 - 0.4 * em, end)
        rounded(screen.canvas, frame, screen.corner, tint)
        side = min(frame.height, frame.width) * 0.5 / em
        pale = blend(tint, look.page, 0.6)
        screen.icon(rng.choice(PLAIN_ICONS), (cell.x0 + cell.x1) / 2, frame.y0, frame.y1, pale, side)


def _goods(screen: Screen, cells: list[Box], y: float, words: tuple[str, ...], *, rated: bool) -> int:
    """Names, prices, ratings and buttons of a row of products, line by line as one reads; returns how many."""
    rng, em, values = screen.rng, screen.em, screen.values
    wide, line, left = cells[0].width - em, screen.line, 0.5 * em
    drawn = [
        (screen.sheet.fitting(lambda: screen.sheet.once(values.goods), screen.bold, wide), cell)
        for cell in cells
    ]
    goods = [(item, cell) for item, cell in drawn if item]
    for item, cell in goods:
        screen.say(cell.x0 + left, y, y + line, item, screen.bold)
    for item, cell in goods:
        price = screen.sheet.fitting(lambda: values.amount(values.cents(4), currency=True), screen.body, wide)
        if price:
            screen.say(cell.x0 + left, y + line, y + 2 * line, price, ink=screen.look.accent)
            screen.cell(item, "price", price, PRICE, PRICE_OF)
    y += 2 * line
    for item, cell in goods if rated else ():
        rating = f"{rng.randint(10, 50) / 10:.1f}"
        screen.icon("star", cell.x0 + em, y, y + line, (225, 160, 20))
        screen.say(cell.x0 + 1.8 * em, y, y + line, rating, ink=screen.look.dim)
        screen.cell(item, "rating", rating, RATING, RATING_OF)
    y += rated * line
    for item, cell in goods if words else ():
        sold, ask_sold = rng.random() < 0.4, screen.chance(0.5)
        if screen.body.width(words[sold]) < wide - 0.6 * em:
            frame = Box(cell.x0 + left, y + 0.2 * em, cell.x1 - left, y + screen.body.height + 0.7 * em)
            screen.button(frame, words[sold], main=not sold)
            told = "yes" if sold == ask_sold else "no"
            screen.facts.ask(told, SOLD if ask_sold else SOLD_NOT, one_of_many=True, row=item)
    return len(goods)


def plans(screen: Screen, box: Box, name: str) -> None:
    """Two to four plans side by side, or below each other, with what each includes; one of them in colour."""
    rng, em, facts, values = screen.rng, screen.em, screen.facts, screen.values
    box = header(screen, box, name).inset(0.8 * em)
    names = rng.choice(PLANS).split("|")
    count = max(min(int(box.width // (11 * em)), screen.sheet.most(2, 4)), 1)
    cells = box.columns(count, 0.7 * em)
    if count < 2 or box.height > 1.4 * box.width:
        count = max(min(int(box.height // (9 * em)), screen.sheet.most(3, 4)), 1)
        cells = box.rows(count, 0.6 * em)
    best, cents, features = rng.randrange(count), values.cents(3), rng.sample(FEATURES, len(FEATURES))
    per = rng.choice(("per month", "/ month", "a year", "pro Monat", "sebulan"))
    for number, (plan, cell) in enumerate(zip(names, cells, strict=False)):
        strong = number == best and count > 1
        framed(
            screen.canvas,
            cell,
            screen.corner,
            screen.look.accent if strong else screen.look.panel,
            screen.look.line,
        )
        inner = _price(screen, cell, plan, (values.amount(cents, currency=True), per), strong=strong)
        _included(screen, inner, plan, features, times=number + 1, strong=strong)
        cents = cents * 2 + rng.randint(1, 900)
        if strong:
            facts.ask(plan, BEST)
    facts.lack(PLAN, row="")
    facts.caption = f"A web page of {name} with {counted(count, 'plan')}."
    facts.kind = "price list"


def _price(screen: Screen, cell: Box, plan: str, price: tuple[str, str], *, strong: bool) -> Box:
    """The head of a plan: its name, what it costs and for how long; returns the room below it."""
    ink = screen.look.on_accent if strong else screen.look.ink
    middle, y, tall = (cell.x0 + cell.x1) / 2, cell.y0 + 0.5 * screen.em, screen.head.height
    screen.say(middle, y, y + tall, plan, screen.head, ink, 0.5)
    large = screen.largest(price[0], cell.width - screen.em, 1.7, bold=True) or screen.body
    screen.say(middle, y + tall, y + 2.2 * tall, price[0], large, ink, 0.5)
    screen.cell(plan, "price", price[0], PLAN, PLAN_OF)
    y += 2.2 * tall
    screen.say(middle, y, y + screen.line, price[1], screen.small, ink, 0.5)
    return Box(cell.x0, y + screen.line + 0.2 * screen.em, cell.x1, cell.y1 - 0.2 * screen.em)


def _included(
    screen: Screen, box: Box, plan: str, features: Sequence[tuple[str, str]], *, times: int, strong: bool
) -> None:
    """What a plan includes, a line each, as many lines as there is room for."""
    em, ink = screen.em, screen.look.on_accent if strong else screen.look.ink
    count, step = share_out(box.height, 3, screen.body.height, 2.6 * screen.line)
    for number, (column, unit) in enumerate(features[:count]):
        y = box.y0 + number * step
        amount = f"{screen.rng.choice((1, 2, 5, 10, 20, 24, 50, 100, 250, 500)) * times} {unit}"
        x = (box.x0 + box.x1 - screen.body.width(amount) - 1.3 * em) / 2
        if x > box.x0 + 0.3 * em:
            screen.icon("tick", x + em / 2, y, y + step, ink, 0.8)
            screen.say(x + 1.3 * em, y, y + step, amount, ink=ink)
            screen.facts.ask(amount, OFFERED, one_of_many=True, row=plan, column=column)


def login(screen: Screen, box: Box, name: str) -> None:
    """A card with a field for a user, one for a password, a button and a link."""
    rng, em, facts, values, look = screen.rng, screen.em, screen.facts, screen.values, screen.look
    title, user_label, secret_label, submit, forgot, keep = rng.choice(FORMS)
    line, tall_field = screen.line, screen.body.height + 0.8 * em
    tall = screen.head.height + 2 * line + 3 * tall_field + 1.8 * em
    if screen.chance(0.4) and tall + screen.head.height + 2 * line < box.height:
        box = header(screen, box, name)
    screen.fill(box, blend(look.page, look.accent, 0.1))
    linked = tall + line + 0.4 * em < box.height
    tall += linked * (line + 0.4 * em)
    kept = screen.chance(0.6) and tall + 1.5 * line < box.height
    tall += kept * 1.5 * line
    wide = min(max(17 * em, box.width * 0.5), box.width - em)
    gap = min(max(box.height * 0.8 - tall, 0) / 8, em)  # a high page spreads the card
    tall = min(tall + 6 * gap, box.height)
    card = Box(
        (box.x0 + box.x1 - wide) / 2,
        (box.y0 + box.y1 - tall) / 2,
        (box.x0 + box.x1 + wide) / 2,
        (box.y0 + box.y1 + tall) / 2,
    )
    framed(screen.canvas, card, screen.corner, look.page, look.line, screen.thin)
    x0, x1, y = card.x0 + em, card.x1 - em, card.y0 + 0.6 * em + gap
    screen.say((x0 + x1) / 2, y, y + screen.head.height, title, screen.head, align=0.5)
    facts.want(title, LOGIN)
    y += screen.head.height + 0.3 * em + gap
    user = screen.sheet.fitting(
        rng.choice((values.email, lambda: values.first_name().lower())), screen.body, x1 - x0 - em
    )
    for label, text in ((user_label, user), (secret_label, "*" * rng.randint(6, 12))):
        screen.say(x0, y, y + line, label)
        inside = Box(x0, y + line, x1, y + line + tall_field)
        field(screen, inside)
        screen.say(x0 + 0.5 * em, inside.y0, inside.y1, text)
        y = inside.y1 + gap
    facts.ask(user, USER)
    facts.ask(user, ("What is written in the field {label}?", "{label}?"), label=user_label)
    if kept:
        on = screen.chance(0.5)
        side = Box(x0, y + 0.35 * line, x0 + 0.95 * em, y + 0.35 * line + 0.95 * em)
        framed(screen.canvas, side, 2, look.accent if on else look.page, look.dim, screen.thin)
        if on:
            screen.icon("tick", side.x0 + side.width / 2, side.y0, side.y1, look.on_accent, 0.8)
        screen.say(x0 + 1.5 * em, side.y0, side.y1, keep)
        facts.ask("yes" if on else "no", ("Is the box '{keep}' ticked?", "Is '{keep}' checked?"), keep=keep)
        y += 1.5 * line
    screen.button(Box(x0, y + 0.5 * em, x1, y + 0.5 * em + tall_field), submit, main=True, print_=screen.bold)
    facts.ask(submit, SUBMIT)
    y += 0.5 * em + tall_field + gap
    if linked:
        screen.say((x0 + x1) / 2, y + 0.2 * em, y + 0.2 * em + line, forgot, screen.small, look.accent, 0.5)
        facts.ask(forgot, FORGOT)
    screen.shows("password")
    facts.caption = f"A form of {name} to log in, titled {title}."
    facts.kind = "log-in form"
