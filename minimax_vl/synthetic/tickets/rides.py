"""What tickets of trains, buses, ferries and trams say."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from minimax_vl.synthetic.tickets.clerk import Clerk, Ticket
from minimax_vl.synthetic.tickets.trips import COMPANIES, ends, mixed, trip_of

SEATING = {
    "train": ("2nd", "1st", "Standard", "First", "2", "1", "Second"),
    "bus": ("Standard", "VIP", "Executive"),
    "ferry": ("Deck", "Lounge", "Standard", "Premium"),
}
TYPES = (
    "Single",
    "Adult",
    "1 Adult",
    "Child",
    "Student",
    "Senior",
    "Off-Peak",
    "Anytime",
    "Saver",
    "Flexible",
)
SPANS = ("Day Ticket", "Single Ride", "90 Minutes", "Adult", "Child", "Reduced", "24 Hours", "Group Ticket")
WORDS = {
    "English": "{} TICKET",
    "German": "FAHRKARTE / {} TICKET",
    "French": "BILLET / {} TICKET",
    "Spanish": "BILLETE / {} TICKET",
    "Malay": "TIKET / {} TICKET",
}
RIDE_NOTES = (
    "Not transferable.", "Keep this for inspection.", "Please show on request.", "No refund after departure.",
    "Valid on the service shown only.", "Have a pleasant journey!", "Thank you for travelling with us.",
    "Subject to our conditions of carriage.",
)  # fmt: skip


def train(clerk: Clerk) -> Ticket:
    return _ride(clerk, "train")


def bus(clerk: Clerk) -> Ticket:
    return _ride(clerk, "bus")


def ferry(clerk: Clerk) -> Ticket:
    return _ride(clerk, "ferry")


def tram(clerk: Clerk) -> Ticket:
    """A ride within a town, on a plain strip: no seat, but zones and a time that runs out."""
    rng, entry = clerk.rng, clerk.entry
    date, minutes = clerk.date(), rng.randint(300, 1380)
    entries = [
        entry("type", rng.choice(SPANS), large=rng.random() < 0.5),
        entry(
            "fare" if not clerk.values.european else "price", clerk.money(clerk.price(80, 1500)), large=True
        ),
        entry("date", clerk.day(date)),
        entry("time", clerk.clock(minutes)),
        entry("line", rng.choice(("", "", "U", "S", "M")) + str(rng.randint(1, 99))),
    ]
    more = [
        entry("zone", rng.choice(("A", "B", "AB", "ABC", "1", "2", "1-3", "4", "10"))),
        entry("from", clerk.town()),
        entry("ticket", clerk.number()),
        entry("machine", str(rng.randint(10, 9999))),
    ]
    return Ticket(
        kind="tram ticket",
        caption=(" of line {line}", ", {fare}", ", {price}"),
        head=entry("operator", clerk.keep("company", lambda: clerk.named(COMPANIES["tram"]))),
        word=_word(clerk, "tram"),
        entries=[*entries, *mixed(clerk, more)],
        foot=(rng.choice(RIDE_NOTES),),
        usual=("zone", "line", "time", "from"),
        thermal=True,
    )


def _ride(clerk: Clerk, kind: str) -> Ticket:
    """From one town to another, by train, bus or ferry."""
    rng, entry, digits = clerk.rng, clerk.entry, clerk.values.digits
    trip = clerk.keep("trip", lambda: trip_of(clerk, kind))
    cents = clerk.keep("cents", lambda: clerk.price(300, 18000))
    number = {"train": "train", "bus": "line", "ferry": "vessel"}[kind]
    seat = str(rng.randint(1, 98)) + rng.choice(("", "", "A", "B", "C", "D"))
    core = [
        entry("date", clerk.day(trip.date)),
        entry("departure", clerk.clock(trip.leaves), large=clerk.keep("large", lambda: rng.random() < 0.4)),
        entry("price" if clerk.values.european else "fare", clerk.money(cents), large=rng.random() < 0.3),
        entry("seat", seat),
    ]
    own: dict[str, Callable[[], str]] = {
        "train": {"coach": lambda: str(rng.randint(1, 24)), "platform": lambda: _platform(clerk)},
        "bus": {"bay": lambda: str(rng.randint(1, 30))},
        "ferry": {"gate": lambda: str(rng.randint(1, 9))},
    }[kind]
    shared: dict[str, Callable[[], str]] = {
        number: lambda: trip.number,
        "arrival": lambda: clerk.clock(trip.arrives),
        "class": lambda: rng.choice(SEATING[kind]),
        "via": clerk.town,
        "until": lambda: clerk.day(trip.date + datetime.timedelta(days=rng.choice((0, 1, 2, 7, 30)))),
        "issued": lambda: clerk.day(trip.date - datetime.timedelta(days=rng.randint(0, 40))),
        "booking": clerk.reference,
        **own,
    }
    more = [entry(key, clerk.keep(key, draw)) for key, draw in shared.items()]
    more += [entry("type", rng.choice(TYPES)), entry("ticket", clerk.number())]
    if rng.random() < 0.5:
        more.append(entry("passenger", clerk.person()))
    else:
        more.append(entry("persons", str(rng.randint(1, 6))))
    return Ticket(
        kind=f"{kind} ticket",
        caption=(" from {from} to {to}", ", {fare}", ", {price}"),
        head=entry("operator", trip.company),
        word=clerk.keep("word", lambda: _word(clerk, kind)),
        entries=[*ends(clerk, trip), *core, *mixed(clerk, more)],
        route=clerk.keep("route", lambda: rng.random() < 0.6),
        stub=("from", "to", "date", "departure", "seat", "coach", "fare", "price", "ticket"),
        foot=(rng.choice(RIDE_NOTES),) if digits(1) < "7" else (),
        usual=("seat", "arrival", "class", "passenger", "until", "via", *own),
        thermal=True,
    )


def _platform(clerk: Clerk) -> str:
    return str(clerk.rng.randint(1, 24)) + clerk.rng.choice(("", "", "", "a", "b"))


def _word(clerk: Clerk, kind: str) -> str:
    word = WORDS[clerk.language].format(kind.upper())
    return word if clerk.rng.random() < 0.6 else word.title()
