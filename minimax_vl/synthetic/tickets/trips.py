"""A journey as tickets have it: who runs it, from where to where, when; and what such tickets have in common."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from minimax_vl.synthetic import names
from minimax_vl.synthetic.tickets.clerk import Clerk, Entry

AIRLINES = ("{} Air", "Air {}", "{} Airways", "{} Airlines", "Fly{}", "{} Aviation", "{}jet")
COMPANIES = {
    "train": ("{} Rail", "{} Railways", "{} Express", "Rail {}", "{}bahn", "Trans {}", "{} Intercity"),
    "bus": ("{} Coaches", "{} Bus Lines", "{} Transit", "{} Travel", "{}bus", "Ekspres {}"),
    "ferry": ("{} Ferries", "{} Lines", "{} Marine", "Ferry {}"),
    "tram": ("{} Transport", "{} Metro", "City of {}", "{} Public Transport"),
}


@dataclass(frozen=True)
class Trip:
    """What the tickets of two people who travel together share; times are minutes of one day."""

    company: str
    start: str
    end: str
    codes: tuple[str, str]
    number: str
    date: datetime.date
    leaves: int
    arrives: int


def trip_of(clerk: Clerk, kind: str) -> Trip:
    """A journey by flight, train, bus or ferry that ends on the day it starts."""
    rng, start, end = clerk.rng, clerk.town(), clerk.town()
    company = clerk.named(COMPANIES.get(kind, AIRLINES))
    leaves = rng.randrange(75, 1080)
    leaves = leaves if rng.random() < 0.4 else leaves // 5 * 5
    codes = _code(clerk, start), _code(clerk, end)
    while codes[0] == codes[1]:
        codes = codes[0], clerk.letters(3)
    number = {
        "flight": lambda: f"{clerk.letters(2)}{rng.choice(('', ' '))}{rng.randint(2, 9899)}",
        "train": lambda: f"{rng.choice(('IC', 'EC', 'RE', 'EX', 'TR', ''))} {rng.randint(10, 9899)}".strip(),
        "bus": lambda: f"{rng.choice(('', '', 'X', 'N', 'B'))}{rng.randint(1, 899)}",
        "ferry": lambda: clerk.show(
            f"{rng.choice(('MV', 'MS', 'Queen', 'Star of'))} {names.word(rng).title()}"
        ),
    }[kind]()
    return Trip(company, start, end, codes, number, clerk.date(), leaves, leaves + rng.randint(25, 350))


def ends(clerk: Clerk, trip: Trip, *, joint: bool = False) -> list[Entry]:
    """From and to; under codes of airports they need no labels."""
    both = [clerk.entry("from", trip.start), clerk.entry("to", trip.end)]
    bare = joint and clerk.keep("bare", lambda: clerk.rng.random() < 0.6)
    return [Entry(end.key, "", end.value) for end in both] if bare else both


def mixed(clerk: Clerk, entries: list[Entry]) -> list[Entry]:
    """Less important entries in an order, and as many, as two tickets of one clerk have in common."""
    keys = [entry.key for entry in entries]
    order = clerk.keep("order", lambda: clerk.rng.sample(keys, clerk.rng.randint(len(keys) // 2, len(keys))))
    by_key = {entry.key: entry for entry in entries}
    return [by_key[key] for key in order if key in by_key]


def _code(clerk: Clerk, town: str) -> str:
    """Three letters of a town, the first one at the front, as airports have them."""
    letters = [letter for letter in town.upper() if letter.isalpha()]
    rest = sorted(clerk.rng.sample(range(1, len(letters)), 2)) if len(letters) > 2 else []
    return letters[0] + "".join(letters[index] for index in rest) if rest else clerk.letters(3)
