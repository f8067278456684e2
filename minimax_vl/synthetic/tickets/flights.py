"""What tickets of air travellers say: boarding passes, and the two kinds of tags on their luggage."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.tickets.clerk import Clerk, Entry, Ticket
from minimax_vl.synthetic.tickets.trips import AIRLINES, Trip, ends, mixed, trip_of

CABINS = ("Economy", "Economy", "Business", "First", "Premium Economy", "Y", "M", "C", "ECONOMY")
BOARDING_NOTES = (
    "Please be at the gate in good time.", "Late passengers may be refused.", "Gates may change: watch the screens.",
    "Have your passport ready.", "Cabin bags must fit below the seat.", "Wishing you a pleasant trip",
)  # fmt: skip


def boarding_pass(clerk: Clerk) -> Ticket:
    """A flight of one passenger, and a stub that repeats the most of it."""
    rng, entry, digits = clerk.rng, clerk.entry, clerk.values.digits
    trip = _flight(clerk)
    ahead = clerk.keep("ahead", lambda: rng.choice((25, 30, 35, 40, 45, 50)))
    gate = clerk.keep("gate", lambda: rng.choice(("", "A", "B", "C", "D")) + str(rng.randint(1, 60)))
    big_seat, big_gate, big_time = (clerk.keep(f"large {n}", lambda: rng.random() < 0.6) for n in range(3))
    core = [
        entry("passenger", _slashed(clerk) if rng.random() < 0.5 else clerk.person()),
        entry("flight", trip.number),
        entry("date", clerk.day(trip.date)),
        entry("gate", gate, large=big_gate),
        entry("seat", f"{rng.randint(1, 48)}{rng.choice('ABCDEFGHJK')}", large=big_seat),
        entry("boarding", clerk.clock(trip.leaves - ahead), large=big_time),
    ]
    more = [
        entry("departure", clerk.clock(trip.leaves)),
        entry("class", clerk.keep("class", lambda: rng.choice(CABINS))),
        entry("sequence", f"{rng.randint(1, 399):03d}"),
        entry("booking", clerk.keep("booking", clerk.reference)),
        entry("arrival", clerk.clock(trip.arrives)),
        entry("group", str(clerk.keep("group", lambda: rng.randint(1, 9)))),
        entry("terminal", clerk.keep("terminal", lambda: rng.choice(("1", "2", "3", "A", "B", "E", "Main")))),
        entry("closes", clerk.clock(trip.leaves - 15)),
        entry("ticket", f"{digits(3)} {digits(10)}"),
        entry("frequent", f"{trip.number[:2]} {digits(9)}"),
    ]
    route, coded = clerk.keep("route", lambda: _route(clerk))
    return Ticket(
        kind="boarding pass",
        caption=(" from {from} to {to}", ", flight {flight}", ", seat {seat}"),
        head=entry("airline", trip.company),
        word=clerk.keep("word", lambda: rng.choice(("BOARDING PASS", "Boarding Pass", "BOARDING CARD"))),
        entries=[*ends(clerk, trip, joint=coded), *core, *mixed(clerk, more)],
        route=route,
        codes=_codes(clerk, trip) if coded else (),
        stub=("passenger", "from", "to", "flight", "date", "seat", "gate", "boarding", "sequence", "class"),
        foot=(rng.choice(BOARDING_NOTES),),
        usual=("gate", "seat", "boarding", "class", "terminal", "group", "arrival", "frequent", "booking"),
    )


def luggage_tag(clerk: Clerk) -> Ticket:
    """What an airline ties to a suitcase: the airport it goes to, in letters as large as they come."""
    rng, entry = clerk.rng, clerk.entry
    trip = _flight(clerk)
    entries = [
        entry("to", trip.end),
        entry("passenger", _slashed(clerk)),
        entry("flight", trip.number, large=rng.random() < 0.5),
        entry("date", clerk.day(trip.date)),
        entry("tag", f"{clerk.values.digits(4)} {trip.number[:2]} {clerk.values.digits(6)}"),
    ]
    more = [
        entry("from", trip.start),
        entry("weight", f"{rng.randint(6, 32)}{rng.choice((' KG', ' kg', '.5 kg', 'KG'))}"),
        entry("pieces", rng.choice(("1", "1", "2", "3"))),
        entry("via", clerk.town()),
        entry("sequence", f"{rng.randint(1, 399):03d}"),
        entry("booking", clerk.reference()),
    ]
    return Ticket(
        kind="luggage tag",
        caption=(" to {to}", " for flight {flight}"),
        head=entry("airline", trip.company),
        word=rng.choice(("BAGGAGE TAG", "LUGGAGE TAG", "BAG TAG", "RUSH", "PRIORITY", "CHECKED BAG")),
        entries=[*entries, *mixed(clerk, more)],
        big=(_codes(clerk, trip)[1],),
        huge=True,
        stub=("passenger", "to", "flight", "tag"),
        usual=("weight", "pieces", "via", "booking"),
        tall=True,
    )


def name_tag(clerk: Clerk) -> Ticket:
    """A card in a leather case: whose suitcase it is, and where they live."""
    rng, entry, values = clerk.rng, clerk.entry, clerk.values
    entries = [
        entry("owner", clerk.person(), large=rng.random() < 0.5),
        entry("street", values.street()),
        entry("city", clerk.town()),
        entry("phone", values.phone()),
    ]
    if rng.random() < 0.4:
        entries.append(entry("flight", _flight(clerk).number))
    airline = clerk.named(AIRLINES)
    return Ticket(
        kind="luggage tag",
        caption=(" of {owner}", ", {city}"),
        head=entry("airline", airline),
        word=rng.choice(("LUGGAGE TAG", "BAGGAGE IDENTIFICATION", "Name Tag", "CABIN BAGGAGE")),
        entries=entries,
        usual=("flight", "phone"),
    )


def _flight(clerk: Clerk) -> Trip:
    return clerk.keep("trip", lambda: trip_of(clerk, "flight"))


def _route(clerk: Clerk) -> tuple[bool, bool]:
    """Whether from and to are one large line, and whether the codes of airports stand above them."""
    return clerk.rng.choice(((True, True), (True, True), (True, False), (False, False)))


def _codes(clerk: Clerk, trip: Trip) -> tuple[Entry, Entry]:
    return clerk.entry("from_code", trip.codes[0]), clerk.entry("to_code", trip.codes[1])


def _slashed(clerk: Clerk) -> str:
    """A name as airlines type it."""
    person = f"{names.surname(clerk.rng)}/{clerk.values.first_name()}".upper()
    return person + clerk.rng.choice(("", " MR", " MS", " MRS", " MR", " MS", " CHD"))
