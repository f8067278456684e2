"""A restaurant's menu: dishes in sections, with their prices at the right or below."""

from __future__ import annotations

from dataclasses import dataclass, field

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.slides import words
from minimax_vl.synthetic.slides.blocks import GROWTH, Cell, Row, largest, write
from minimax_vl.synthetic.slides.look import Look
from minimax_vl.synthetic.slides.paper import laid
from minimax_vl.synthetic.slides.words import SECTIONS

PRICE = (
    "What is the price of {dish}?",
    "How much is the {dish}?",
    "What does {dish} cost?",
    "{dish}: what price?",
)
COSTS = ("What costs {price}?", "Which item has the price {price}?", "Which item on the menu costs {price}?")
WITHIN = ("Under which heading is {dish}?", "In which section of the menu is {dish}?")
NTH = ("What is the {place} item under {head}?", "Which item comes {place} under '{head}'?")
NAME = ("What is the name of the restaurant?", "Whose menu is this?", "Which restaurant is it?")
COMES = ("What comes with the {dish}?", "How is {dish} described?", "What is in the {dish}?")
NOTE = ("Which note is at the foot of the menu?", "What does the last line of the menu say?")
PLACES = (
    "Restaurant",
    "Kitchen",
    "Bistro",
    "Cafe",
    "Grill",
    "Diner",
    "Tavern",
    "Brasserie",
    "Canteen",
    "House",
    "",
)
HEADS = ("Menu", "Speisekarte", "Carte", "Lunch Menu", "Dinner", "Carta", "Menu of the Day")
NOTES = (
    "All prices include service",
    "Prices include VAT",
    "Ask us about allergens",
    "Vegetarian dishes on request",
    "Cash only",
    "Alle Preise inkl. MwSt.",
    "Prix nets",
)


@dataclass
class Section:
    """A heading, and what is sold under it: name, price, and what it comes with or ''."""

    head: str
    items: list[tuple[str, str, str]] = field(default_factory=list)


def menu(look: Look) -> bool:
    """The name of the house, one to four sections in one or two columns, a note at the foot."""
    rng, sheet, facts = look.rng, look.sheet, look.sheet.facts
    room, facts.kind = laid(look, 0.3), "menu"
    owner = rng.choice((sheet.values.title(1, 2), f"{sheet.values.first_name()}'s", sheet.values.city()))
    name = f"{owner} {rng.choice(PLACES)}".strip()
    rows = [Row(name, look.display, 1.7, lines=2, ink=look.title_ink)]
    if rng.random() < 0.5:
        rows.append(Row(rng.choice(HEADS), look.face, gap=0.2))
    top = room.to(y1=room.y0 + 0.22 * room.height)
    size = largest(look, [(top, rows)], look.most)
    if not size:
        return False
    room = room.to(y0=write(look, rows, top, size, align=0.5, loose=False) + 0.8 * size)
    note, foot = [Row(rng.choice(NOTES), look.slanted, 0.8)], room.to(y0=room.y1 - 1.5 * size)
    noted = largest(look, [(foot, note)], size) if rng.random() < 0.4 else 0
    sections, own = _drawn(look, room.to(y1=foot.y0 - 0.4 * size) if noted else room)
    if not sections:
        return False
    if noted:
        write(look, note, foot, min(noted, own), align=0.5, anchor=1.0)
        facts.ask(note[0].text, NOTE)
    for section in sections:
        _ask_section(look, section)
    facts.ask(name, NAME)
    facts.lack(PRICE, dish="")
    facts.caption = f"The menu of {name} with {', '.join(section.head for section in sections)}."
    return True


def _drawn(look: Look, room: Box) -> tuple[list[Section], int]:
    """Write as much of a menu as fits; returns that, and the size of its print: 0 where nothing did."""
    rng = look.rng
    sections = _sections(look)
    style = "below" if rng.random() < 0.15 else rng.choice(("dotted", "dotted", "plain"))
    across = room.width > (16 if style == "below" else 24) * look.most
    wide = across and (style == "below" or room.width > 1.05 * room.height) and len(sections) > 1
    boxes = room.columns(2, 2 * look.most) if wide else [room]
    while True:
        half = -(-len(sections) // 2) if wide else len(sections)
        parts = [sections[:half], sections[half:]][: len(boxes)]
        cells: list[Cell] = [(box, _rows(look, part, style)) for box, part in zip(boxes, parts)]
        size = largest(look, cells, look.most, grow=GROWTH)
        longest = max(sections, key=lambda section: len(section.items))
        if size or (len(sections) == 1 and len(longest.items) == 1):
            break
        if len(longest.items) > 2 or len(sections) == 1:
            longest.items.pop()
        else:
            sections.pop()
    for box, rows in cells if size else []:
        write(look, rows, box, size, align=0.5 if style == "below" else 0.0)
    return (sections if size else []), size


def _sections(look: Look) -> list[Section]:
    rng, sheet, values = look.rng, look.sheet, look.sheet.values
    courses = [course for course in SECTIONS if course == "mains" or rng.random() < 0.6][
        : max(sheet.most(1, 4), 1)
    ]
    tongue = rng.choice((0, 1, 2, None))
    values.european = rng.random() < 0.25
    priced = rng.choice(("before", "bare", "bare", "whole"))
    described, dear = rng.random() < 0.4, rng.choice((1, 1, 1, 4))
    sections = []
    for course in courses:
        heads = SECTIONS[course]
        section = Section(heads[tongue] if tongue is not None else rng.choice(heads))
        for _ in range(sheet.count(2, 7)):
            name = sheet.once(lambda course=course: words.dish(sheet, course))
            cents = rng.randint(5, 24) * 50 * (
                1 if course in ("sweets", "drinks") else 2
            ) * dear - rng.choice((0, 0, 5))
            price = (
                str(max(cents // 100, 1))
                if priced == "whole"
                else values.amount(cents, currency=priced == "before")
            )
            text = words.ingredients(sheet) if described and course != "drinks" else ""
            section.items.append((name, price, text))
        sections.append(section)
    return sections


def _rows(look: Look, sections: list[Section], style: str) -> list[Row]:
    rows = []
    for section in sections:
        rows.append(Row(section.head, look.bold, 1.2, gap=1.1, ink=look.title_ink))
        for name, price, text in section.items:
            if style == "below":
                rows += [Row(name, look.face, gap=0.45), Row(price, look.bold, 0.9, gap=0.05)]
            else:
                rows.append(Row(name, look.face, gap=0.4, lines=2, right=price, leader=style == "dotted"))
            if text:
                rows.append(Row(text, look.slanted, 0.8, gap=0.02, ink=look.soft))
    return rows


def _ask_section(look: Look, section: Section) -> None:
    facts = look.sheet.facts
    for name, price, text in section.items:
        facts.ask(price, PRICE, one_of_many=True, dish=name)
        facts.seen(price)
        facts.ask(name, COSTS, mark=price, one_of_many=True, price=price)
        facts.ask(section.head, WITHIN, one_of_many=True, dish=name)
        facts.ask(text, COMES, one_of_many=True, dish=name)
    for place, (name, _, _) in zip(ORDINALS, section.items):
        facts.ask(name, NTH, one_of_many=True, place=place, head=section.head)
    facts.ask(section.items[-1][0], NTH, place="last", head=section.head)
