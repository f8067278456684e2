"""A page with a ticket or two: what is issued, how the page is shared out, what is asked."""

from __future__ import annotations

import string
from collections.abc import Callable

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tickets import counters, flights, outings, rides
from minimax_vl.synthetic.tickets.asked import ask
from minimax_vl.synthetic.tickets.clerk import Clerk, Ticket
from minimax_vl.synthetic.tickets.layout import Layout, fit
from minimax_vl.synthetic.tickets.look import Look
from minimax_vl.synthetic.tickets.paper import Box, desk

# design: who fills it in, and how often among a hundred tickets
DESIGNS: dict[str, tuple[Callable[[Clerk], Ticket], int]] = {
    "boarding pass": (flights.boarding_pass, 20),
    "luggage tag": (flights.luggage_tag, 5),
    "name tag": (flights.name_tag, 3),
    "train": (rides.train, 12),
    "bus": (rides.bus, 8),
    "ferry": (rides.ferry, 3),
    "tram": (rides.tram, 5),
    "concert": (outings.concert, 8),
    "theatre": (outings.theatre, 5),
    "cinema": (outings.cinema, 6),
    "match": (outings.match, 5),
    "museum": (outings.museum, 3),
    "parking": (counters.parking, 6),
    "display": (counters.display, 3),
    "toll": (counters.toll, 4),
    "queue": (counters.queue, 5),
    "cloakroom": (counters.cloakroom, 4),
    "raffle": (counters.raffle, 5),
}


def draw(sheet: Sheet) -> None:
    """Fill the page: a ticket that is as large as it, or one or two on a table top."""
    rooms, places = _rooms(sheet)
    desk(sheet)
    laid = _issue(sheet, rooms)
    for layout, room in laid:
        _place(sheet, layout, room)
    tickets = [layout.ticket for layout, _ in laid]
    for ticket, on in zip(tickets, _named(sheet, tickets, places), strict=False):
        ask(sheet, ticket, on)
    kinds = sorted({ticket.kind for ticket in tickets})
    sheet.facts.kind = kinds[0] if len(kinds) == 1 else "tickets"
    parts = [_described(ticket) for ticket in tickets]
    joint = ", beside " if "left" in places else ", above "
    caption = joint.join(parts)
    sheet.facts.caption = caption[:1].upper() + caption[1:] + "."


def _rooms(sheet: Sheet) -> tuple[list[Box], tuple[str, str]]:
    """The whole page, or two halves of a large one, and what they are called."""
    w, h = sheet.canvas.width, sheet.canvas.height
    if max(w, h) < 600 or not sheet.chance(0.4 if min(w, h) > 600 or max(w, h) > 1.8 * min(w, h) else 0.2):
        return [(0, 0, w, h)], ("", "")
    if h >= w or (h > 600 and sheet.chance(0.4)):
        middle = h * sheet.rng.uniform(0.45, 0.55)
        return [(0, 0, w, middle), (0, middle, w, h)], sheet.rng.choice(
            (("upper", "lower"), ("top", "bottom"))
        )
    middle = w * sheet.rng.uniform(0.45, 0.55)
    return [(0, 0, middle, h), (middle, 0, w, h)], ("left", "right")


def _issue(sheet: Sheet, rooms: list[Box]) -> list[tuple[Layout, Box]]:
    """A ticket for every room, two of one design or of any; a room that none fits into stays empty."""
    laid: list[tuple[Layout, Box]] = []
    alike = sheet.chance(0.6)
    issue, clerk, look = _design(sheet), Clerk(sheet), None
    for room in rooms:
        wide = room[2] - room[0] > 1.35 * (room[3] - room[1])
        for attempt in range(8):
            if not (alike and laid):
                issue, clerk, look = _design(sheet), Clerk(sheet), None
            ticket = issue(clerk)
            if ticket.tall and wide and attempt < 6:
                continue  # it would be lost on the page
            look = look or Look(sheet, thermal=ticket.thermal and not wide and sheet.chance(0.6))
            layout = _fitted(sheet, look, ticket, room)
            if layout:
                laid.append((layout, room))
                break
    return laid


def _design(sheet: Sheet) -> Callable[[Clerk], Ticket]:
    issues, shares = zip(*DESIGNS.values(), strict=True)
    return sheet.rng.choices(issues, shares)[0]


def _fitted(sheet: Sheet, look: Look, ticket: Ticket, room: Box) -> Layout | None:
    """Wide tickets over the width, strips and tags narrower than they are tall."""
    rng, wide, tall = sheet.rng, room[2] - room[0], room[3] - room[1]
    width = wide * rng.uniform(0.9, 0.98)
    strip = look.thermal or ticket.tall
    upright = strip or (tall > 0.75 * wide and (tall > 1.3 * wide or rng.random() < 0.55))
    if wide == sheet.canvas.width and not (strip and tall < 1.2 * wide) and rng.random() < 0.4:
        width = wide  # from edge to edge
    elif upright and tall < 1.5 * wide:
        width = min(width, tall * rng.uniform(0.6, 0.9))
    return fit(look, ticket, width, 0.96 * tall, across=not upright)


def _place(sheet: Sheet, layout: Layout, room: Box) -> None:
    """Somewhere in its room; one that is as wide as the page and not much less tall covers all of it."""
    rng, (x0, y0, x1, y1) = sheet.rng, room
    height = min(layout.height() * rng.uniform(1.0, 1.3), 0.97 * (y1 - y0))
    whole = layout.width == sheet.canvas.width and layout.height() > 0.65 * sheet.canvas.height
    if whole:
        height = y1 - y0
    x, y = (
        x0 + (x1 - x0 - layout.width) * rng.uniform(0.2, 0.8),
        y0 + (y1 - y0 - height) * rng.uniform(0.2, 0.8),
    )
    layout.draw(x, y, height, whole=whole)


def _named(sheet: Sheet, tickets: list[Ticket], places: tuple[str, str]) -> list[str]:
    """How each of two tickets is told from the other: by its kind where they differ, or by its place."""
    if len(tickets) < 2:
        return [""]
    differ = tickets[0].kind != tickets[1].kind and sheet.chance(0.6)
    return [
        f" on the {ticket.kind}" if differ else f" on the {place} {ticket.kind.split()[-1]}"
        for ticket, place in zip(tickets, places, strict=True)
    ]


def _described(ticket: Ticket) -> str:
    """A ticket in half a sentence, of what is left on it."""
    shown = {key: entry.value for key, entry in ticket.shown().items()}
    pieces = [
        piece.format(**shown)
        for piece in ticket.caption
        if all(key in shown for _, key, _, _ in string.Formatter().parse(piece) if key)
    ]
    return "a " + ticket.kind + "".join(pieces)
