"""A name badge and a business card, lying on a table."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.marks import barcode, logo, rounded
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.asked import given
from minimax_vl.synthetic.slides.blocks import Row, flat, kept, largest, tall, write
from minimax_vl.synthetic.slides.box import code_square
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.paper import card

BADGE = {
    "name": ("Whose badge is this?", "What is the name on the badge?", "Who wears this badge?", "Name?"),
    "role": (
        "What is the job title on the badge?",
        "What is the position of this person?",
        "Which role is given?",
    ),
    "firm": (
        "Which organisation is on the badge?",
        "Where does this person work?",
        "Which company is named?",
    ),
    "city": ("Which town stands below the name?", "Which town is given for this person?"),
    "number": ("What is the number of the badge?", "What is the badge number?", "Badge number?"),
    "event": (
        "For which event is the badge?",
        "What is the event on the badge?",
        "What is the name of the event?",
    ),
    "pass": ("Which kind of pass is it?", "Which word in the lower band says what pass it is?"),
}
CARD = {
    "name": (
        "Whose business card is this?",
        "Who is named on the card?",
        "What is the person's name?",
        "Name?",
    ),
    "role": ("What is the job title?", "What is the position of this person?", "What does this person do?"),
    "firm": (
        "What is the name of the company?",
        "Which company is on the card?",
        "Where does this person work?",
    ),
    "phone": ("What is the phone number?", "What is the telephone number?", "Telephone number?"),
    "mobile": ("What is the mobile number?", "Which mobile number is given?", "Mobile number?"),
    "email": ("What is the email address?", "Which email address is on the card?", "Email?"),
    "website": ("What is the website?", "Which website is given?", "Website?"),
    "street": ("What is the street address?", "In which street is the company?", "Street?"),
    "city": ("In which city is the company?", "Which town is on the card?"),
}
# how a line of a card may begin: with a letter, a word, or at once; a number to call says that it is one
LABELS = {
    "phone": ("Tel ", "Tel. ", "Phone ", "Tel: "),
    "mobile": ("M ", "Mob. ", "Mobile ", "Cell: "),
    "email": ("E ", "", "Email ", "Mail: "),
    "website": ("W ", "", "Web ", ""),
}
TOWN_LINES = ("{code} {town}", "{town} {code}", "{town}, {code}", "{town}")
PASSES = "VISITOR SPEAKER STAFF GUEST PRESS EXHIBITOR ATTENDEE CREW BESUCHER VISITANTE PELAWAT".split()
GREETINGS = ("HELLO my name is", "My name is", "Name", "Hello, I am", "Nombre", "Nama", "Nom")


def badge(look: Look) -> bool:
    """An event in a band, a name in large print, what its bearer does, a pass, a number and its code."""
    rng, sheet, facts, values = look.rng, look.sheet, look.sheet.facts, look.sheet.values
    card(look, (0.68, 0.75, 1.4))
    drawn = {
        "role": (0.6, rng.choice(words.ROLES)),
        "firm": (0.75, values.company()),
        "city": (0.35, values.city()),
        "number": (0.6, values.code().lstrip("#")),
    }
    shown = {name: text for name, (share, text) in drawn.items() if rng.random() < share}
    room = _slotted(look)
    there: dict[str, str] = {}
    if rng.random() < 0.75:
        room = _band(look, room, words.meeting(sheet), at_top=True, there=there, name="event")
    if rng.random() < 0.6:
        room = _band(look, room, rng.choice(PASSES), at_top=False, there=there, name="pass")
    name = words.person(sheet)
    greeting = [Row(rng.choice(GREETINGS), look.face, 0.8)] * (rng.random() < 0.35)
    groups = [[*greeting, Row(name, look.display, rng.uniform(1.7, 2.3), gap=0.2, ink=look.title_ink)]]
    for key, text in shown.items():
        label = rng.choice(("No. ", "ID no. ", "Badge no. ", "Reg. no. ")) if key == "number" else ""
        groups.append([Row(label + text, look.bold if key == "firm" else look.face, gap=0.5, lines=2)])
    groups, size = kept(look, groups, room, round(1.3 * look.most))
    if not size:
        return False
    room = _coded(look, flat(groups), room, size)
    write(look, flat(groups), room, size, align=0.5, anchor=0.45)
    there |= {"name": name} | dict(list(shown.items())[: len(groups) - 1])
    given(look, there, BADGE)
    facts.kind = "name badge"
    at = f" for {there['event']}" if "event" in there else ""
    facts.caption = f"The name badge of {name}{at}."
    return True


def _slotted(look: Look) -> Box:
    """Mostly a slot for a clip at the top; the room below."""
    page = look.page
    room = page.inset(0.05 * page.width, 0.045 * page.height)
    if look.rng.random() > 0.7:
        return room
    slot = room.inset(0.43 * room.width, 0).to(y1=room.y0 + 0.02 * page.height)
    rounded(look.canvas, slot, 0.01 * page.height, look.line)
    return room.to(y0=slot.y1 + 0.02 * page.height)


def _band(look: Look, room: Box, text: str, *, at_top: bool, there: dict[str, str], name: str) -> Box:
    """A line of print on a filled band across the card, noted in `there`; the room that is left, all of it if none."""
    box = room.to(y1=room.y0 + 0.2 * room.height)
    rows = [Row(text, look.bold, 1.1, lines=2)]
    size = largest(look, [(box, rows)], round(1.2 * look.most))
    if not size:
        return room
    high = tall(look, rows, box, size) + size
    top = room.y0 if at_top else room.y1 - high
    look.canvas.fill(look.page.x0, top, look.page.x1, top + high, look.accent)
    write(
        look,
        rows,
        box.to(y0=top + 0.5 * size, y1=top + high),
        size,
        align=0.5,
        loose=False,
        ink=look.on(look.accent),
    )
    there[name] = text
    return room.to(y0=top + high + 0.5 * size) if at_top else room.to(y1=top - 0.5 * size)


def _coded(look: Look, rows: list[Row], room: Box, size: int) -> Box:
    """A barcode or a square code at the foot, where there is room; what is left above it."""
    rng, spare = look.rng, room.height - tall(look, rows, room, size)
    high, kind = 2.6 * size, rng.random()
    if kind < 0.35 and spare > high + 2 * size:
        wide = 0.55 * room.width
        plate = Box(
            room.x0 + (room.width - wide) / 2, room.y1 - high, room.x1 - (room.width - wide) / 2, room.y1
        )
        look.canvas.fill(*plate.inset(-6, -4).corners, (255, 255, 255))
        barcode(look.canvas, rng, plate.x0, plate.y0, plate.width, plate.height, (0, 0, 0))
        return room.to(y1=plate.y0 - size)
    side = 5.5 * size
    if kind < 0.6 and spare > side + 2 * size:
        x = room.x0 + (room.width - side) / 2
        code_square(look.canvas, rng, Box(x, room.y1 - side, x + side, room.y1))
        return room.to(y1=room.y1 - side - size)
    return room


def business_card(look: Look) -> bool:
    """A firm, a person and what they do, and the ways to reach them."""
    rng, facts, values = look.rng, look.sheet.facts, look.sheet.values
    card(look, (1.6, 1.75, 0.6))
    town = values.city()
    drawn = {
        "role": (0.85, rng.choice(words.ROLES)),
        "phone": (0.8, values.phone()),
        "mobile": (0.45, values.phone()),
        "email": (0.8, values.email()),
        "website": (0.6, values.website()),
        "street": (0.6, values.street()),
        "city": (0.6, rng.choice(TOWN_LINES).format(town=town, code=values.digits(5))),
    }
    shown = {key: text for key, (share, text) in drawn.items() if rng.random() < share}
    if "phone" not in shown:  # a mobile number alone would be the phone number too
        shown.pop("mobile", None)
    firm, name = values.company(), f"{names.given(rng)} {names.surname(rng)}"
    style = rng.randrange(4)
    groups = [[Row(name, look.display, rng.uniform(1.3, 1.7), lines=2, ink=look.title_ink)]]
    for key, text in shown.items():
        label = LABELS[key][style] if key in LABELS else ""
        first = key != "role" and len(groups) == 1 + ("role" in shown)  # of the ways to reach them
        gap, ink = (0.1, look.soft) if key == "role" else (1.1 if first else 0.25, None)
        groups.append([Row(label + text, look.face, gap=gap, lines=2, ink=ink)])
    align = rng.choice((0.0, 0.0, 0.5, 1.0))
    room, named = _firm(look, firm, align)
    groups, size = kept(look, groups, room, look.most)
    if not size or not named:
        return False
    write(look, flat(groups), room, size, align=align, anchor=rng.choice((0.3, 0.6, 1.0)))
    there = {"name": name, "firm": firm} | dict(list(shown.items())[: len(groups) - 1])
    there |= {"city": town} if "city" in there else {}
    given(look, there, CARD)
    facts.kind = "business card"
    facts.caption = f"The business card of {name} of {firm.rstrip('.')}."
    return True


def _firm(look: Look, firm: str, align: float) -> tuple[Box, bool]:
    """The firm's name and logo, at the top or on a panel; the room beside it, and whether the name fitted."""
    rng, page, canvas = look.rng, look.page, look.canvas
    pad = 0.06 * min(page.width, page.height)
    marked, inner = rng.random() < 0.6, page.inset(pad)
    if rng.random() < 0.45:
        return _panelled(look, firm, pad, marked=marked)
    box = inner.to(y1=inner.y0 + 0.22 * inner.height)
    side = min(box.height, 2.5 * look.most) if marked else 0
    text, rows = box.to(x0=box.x0 + 1.3 * side), [Row(firm, look.bold, 1.15, lines=2)]
    size = largest(look, [(text, rows)], look.most)
    if size and marked:
        logo(canvas, rng, box.x0, box.y0, round(side), look.accent)
    if size:
        write(look, rows, text, size, align=0.0 if marked else align, anchor=0.4)
    return inner.to(y0=box.y1 + 0.3 * pad), bool(size)


def _panelled(look: Look, firm: str, pad: float, *, marked: bool) -> tuple[Box, bool]:
    """A filled panel at the left of a wide card, or at the top of a tall one."""
    rng, page, canvas = look.rng, look.page, look.canvas
    if page.width > page.height:
        across = page.x0 + rng.uniform(0.32, 0.4) * page.width
        panel, rest = page.to(x1=across), page.to(x0=across)
    else:
        down = page.y0 + rng.uniform(0.25, 0.32) * page.height
        panel, rest = page.to(y1=down), page.to(y0=down)
    box, ink = panel.inset(0.7 * pad), look.on(look.accent)
    side = min(0.28 * box.height, 3 * look.most) if marked else 0
    text, rows = box.to(y0=box.y0 + 1.2 * side), [Row(firm, look.bold, 1.15, lines=4)]
    size = largest(look, [(text, rows)], look.most)
    if size:
        canvas.fill(*panel.corners, look.accent)
        write(look, rows, text, size, align=0.5, anchor=0.4, ink=ink)
    if size and marked:
        logo(canvas, rng, box.x0 + 0.5 * (box.width - side), box.y0, round(side), ink)
    return rest.inset(pad), bool(size)
