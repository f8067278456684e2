"""What tickets of machines and counters say: for cars, toll roads, queues, coats and raffles."""

from __future__ import annotations

import datetime

from minimax_vl.synthetic.tickets.clerk import Clerk, Entry, Ticket

PARKS = ("{} Parking", "{} Car Park", "Parkhaus {}", "Parking {}", "{} Garage", "{} Plaza Parking")
ROADS = ("{} Expressway", "{} Highway", "{} Tollway", "Autoroutes {}", "Lebuhraya {}", "{} Bridge")
OFFICES = (
    "{} Bank",
    "{} Clinic",
    "City of {}",
    "{} Post Office",
    "{} Pharmacy",
    "{} Hospital",
    "Town Hall {}",
)
SERVICES = (
    "Payments", "Withdrawals", "Passports", "New Accounts", "Blood Test", "X-Ray", "General Enquiry", "Parcels",
    "Vehicle Licences", "Prescriptions", "Registration", "Customer Service", "Loans", "Billing",
)  # fmt: skip
CLUBS = ("{} Theatre", "{} Club", "{} Museum", "{} Hall", "Opera {}", "{} Ballroom")
CAUSES = (
    "{} School", "{} Hospice", "{} Animal Shelter", "{} Youth Club", "Friends of {}", "{} Lifeboat", "{} Library",
)  # fmt: skip
PRIZES = (
    "Bicycle", "Gift Basket", "Television", "Weekend for Two", "Garden Set", "Box of Chocolates", "Dinner Voucher",
    "Family Hamper", "Coffee Machine", "Signed Football", "Cash 500.00", "Camera", "Bottle of Wine", "Teddy Bear",
)  # fmt: skip
METHODS = ("Cash", "Card", "Visa", "Coins", "Mobile App", "Contactless", "Debit Card")
CAR_NOTES = (
    "Place face up on the dashboard.", "Keep this ticket with you.", "Please pay before you return to your car.",
    "Lost tickets are charged a full day.", "No liability for theft or damage.", "Drive safely!",
)  # fmt: skip
QUEUE_NOTES = (
    "Please wait until your number is called.", "Please take a seat.", "Numbers may not be called in order.",
    "Thank you for your patience.", "Bitte warten Sie.", "Sila tunggu.",
)  # fmt: skip
COAT_NOTES = (
    "No liability for valuables.", "Please keep this number.", "Lost tickets must be paid for.", "Closes at the end.",
)  # fmt: skip
RAFFLE_NOTES = (
    "Good luck!",
    "Winners will be notified.",
    "You need not be present to win.",
    "Keep this half.",
)


def parking(clerk: Clerk) -> Ticket:
    """A car that came and went: the stay is the time between, and each hour begun costs the rate."""
    rng, entry = clerk.rng, clerk.entry
    came = datetime.datetime.combine(clerk.date(), datetime.time(rng.randint(5, 20), rng.randrange(60)))
    minutes, rate = rng.randint(12, 700), clerk.price(50, 600)
    went = came + datetime.timedelta(minutes=minutes)
    shape = rng.choice(("{}h {:02d}m", "{} h {:02d} min", "{}:{:02d}", "{:02d}:{:02d} h"))
    core = [
        entry("entry", _moment(clerk, came)),
        entry("exit", _moment(clerk, went)),
        entry("paid", clerk.money(-(-minutes // 60) * rate), large=rng.random() < 0.6),
    ]
    more = [
        entry("plate", clerk.plate()),
        entry("duration", shape.format(*divmod(minutes, 60))),
        entry("rate", clerk.money(rate)),
        entry(
            "level", rng.choice((str(rng.randint(1, 9)), f"P{rng.randint(1, 6)}", f"B{rng.randint(1, 4)}"))
        ),
        entry("bay_no", f"{rng.choice(('', 'A', 'B', 'C'))}{rng.randint(1, 480)}"),
        entry("method", rng.choice(METHODS)),
        entry("ticket", clerk.number()),
        entry("machine", str(rng.randint(1, 99))),
    ]
    return _machine(
        clerk, "parking", PARKS, "place", [*core, *_some(clerk, more)], ("plate", "level", "bay_no", "method")
    )


def display(clerk: Clerk) -> Ticket:
    """A ticket to lay behind the windscreen: paid first, and the time it runs out as the largest print."""
    rng, entry = clerk.rng, clerk.entry
    came = datetime.datetime.combine(clerk.date(), datetime.time(rng.randint(6, 17), rng.randrange(60)))
    ends = came + datetime.timedelta(minutes=rng.choice((30, 60, 90, 120, 180, 240)))
    entries = [
        entry("date", clerk.day(came.date())),
        entry("paid", clerk.money(clerk.price(50, 1500)), large=rng.random() < 0.5),
        entry("time", clerk.clock(came.hour * 60 + came.minute)),
    ]
    more = [
        entry("plate", clerk.plate()),
        entry("machine", str(rng.randint(100, 9999))),
        entry("ticket", clerk.number()),
        entry("method", rng.choice(METHODS)),
        entry("zone", rng.choice(("A", "B", "C", "1", "2", "3", "12", "R4"))),
    ]
    big = (entry("expiry", clerk.clock(ends.hour * 60 + ends.minute)),)
    return _machine(
        clerk, "parking", PARKS, "place", [*entries, *_some(clerk, more)], ("plate", "method", "zone"), big
    )


def toll(clerk: Clerk) -> Ticket:
    rng, entry = clerk.rng, clerk.entry
    entries = [
        entry("plaza", clerk.town()),
        entry("paid", clerk.money(clerk.price(80, 4000)), large=rng.random() < 0.5),
        entry("date", clerk.day(clerk.date())),
        entry("time", clerk.clock(rng.randrange(1440))),
    ]
    more = [
        entry("lane", rng.choice(("", "E", "L")) + f"{rng.randint(1, 24):02d}"),
        entry("vehicle", rng.choice(("1", "2", "3", "Class 1", "Class 2", "Car", "Truck", "Motorcycle"))),
        entry("entry_plaza", clerk.town()),
        entry("plate", clerk.plate()),
        entry("method", rng.choice(METHODS)),
        entry("ticket", clerk.number()),
    ]
    return _machine(
        clerk,
        "toll",
        ROADS,
        "operator",
        [*entries, *_some(clerk, more)],
        ("lane", "plate", "method", "vehicle"),
    )


def queue(clerk: Clerk) -> Ticket:
    """A number to wait with."""
    rng, entry = clerk.rng, clerk.entry
    prefix = rng.choice(("", "", rng.choice("ABCDEFGHPR"), f"{rng.choice('ABCD')}-"))
    number = f"{prefix}{rng.randint(1, 999):0{rng.choice((1, 3))}d}"
    entries = [
        entry("service", rng.choice(SERVICES)),
        entry("date", clerk.day(clerk.date())),
        entry("time", clerk.clock(rng.randint(470, 1070))),
        entry("waiting", str(rng.randint(0, 48)), large=rng.random() < 0.3),
        entry("counter", rng.choice((str(rng.randint(1, 20)), f"{rng.randint(1, 4)}-{rng.randint(5, 9)}"))),
    ]
    return Ticket(
        kind="queue ticket",
        caption=(" with the number {queue}",),
        head=entry("office", clerk.keep("office", lambda: clerk.named(OFFICES))),
        word=rng.choice(("QUEUE TICKET", "Please wait", "WELCOME", "QUEUE NUMBER SLIP")),
        entries=_some(clerk, entries, least=3),
        big=(entry("queue", number),),
        huge=True,
        foot=(rng.choice(QUEUE_NOTES),),
        usual=("service", "counter", "waiting", "time"),
        thermal=True,
        tall=True,
    )


def cloakroom(clerk: Clerk) -> Ticket:
    """A number for a coat; the half that stays on the hanger has it too."""
    rng, entry = clerk.rng, clerk.entry
    entries = [
        entry("date", clerk.day(clerk.date())),
        entry("items", str(rng.randint(1, 5))),
        entry("price", clerk.money(clerk.price(100, 500))),
        entry("rack", rng.choice((rng.choice("ABCDEFGH"), str(rng.randint(1, 20))))),
    ]
    return Ticket(
        kind="cloakroom ticket",
        caption=(" with the number {coat}",),
        head=entry("house", clerk.keep("house", lambda: clerk.named(CLUBS))),
        word=rng.choice(
            ("CLOAKROOM", "GARDEROBE / CLOAKROOM", "VESTIAIRE / CLOAKROOM", "COAT CHECK", "Cloakroom")
        ),
        entries=_some(clerk, entries, least=2),
        big=(entry("coat", clerk.values.digits(rng.randint(3, 4))),),
        huge=True,
        stub=("coat", "items", "rack"),
        foot=(rng.choice(COAT_NOTES),),
        usual=("items", "price", "rack"),
    )


def raffle(clerk: Clerk) -> Ticket:
    """A number to win with, on both halves, and what there is to win."""
    rng, entry = clerk.rng, clerk.entry
    prizes = clerk.keep("prizes", lambda: rng.sample(PRIZES, 3))
    cents = clerk.keep("cents", lambda: clerk.price(50, 1000))
    entries = [
        entry("draw", clerk.day(clerk.keep("draw", clerk.date))),
        entry("price", clerk.money(cents)),
        entry("prize", prizes[0]),
        *(entry(key, prize) for key, prize in zip(("second", "third"), prizes[1:], strict=True)),
        entry("cause", clerk.keep("cause", lambda: clerk.named(CAUSES))),
    ]
    first = clerk.keep("first", lambda: rng.randint(1, 999000))
    number = (
        first + clerk.keep("sold", lambda: iter(range(99))).__next__()
    )  # a second ticket has the next number
    return Ticket(
        kind="raffle ticket",
        caption=(" with the number {raffle}", ", {price}"),
        head=entry("house", clerk.keep("house", lambda: clerk.named(CLUBS))),
        word=clerk.keep(
            "word", lambda: rng.choice(("RAFFLE", "TOMBOLA", "GRAND RAFFLE", "Prize Draw", "RAFFLE TICKET"))
        ),
        entries=entries,
        big=(entry("raffle", f"{number:06d}"),),
        huge=True,
        stub=("raffle", "holder", "price", "draw"),
        foot=(rng.choice(RAFFLE_NOTES),),
        usual=("price", "second", "third", "cause"),
    )


def _machine(
    clerk: Clerk,
    kind: str,
    issuers: tuple[str, ...],
    head: str,
    entries: list[Entry],
    usual: tuple[str, ...],
    big: tuple[Entry, ...] = (),
) -> Ticket:
    rng = clerk.rng
    word = f"{kind.upper()} {rng.choice(('TICKET', 'RECEIPT', 'TICKET'))}"
    return Ticket(
        kind=f"{kind} ticket",
        caption=(" from {place}", " from {operator}", ", {paid}"),
        head=clerk.entry(head, clerk.keep("issuer", lambda: clerk.named(issuers))),
        word=word if rng.random() < 0.6 else word.title(),
        entries=entries,
        big=big,
        huge=bool(big),
        foot=(rng.choice(CAR_NOTES),),
        usual=usual,
        thermal=True,
    )


def _moment(clerk: Clerk, moment: datetime.datetime) -> str:
    return f"{clerk.day(moment.date())} {clerk.clock(moment.hour * 60 + moment.minute)}"


def _some(clerk: Clerk, entries: list[Entry], least: int = 0) -> list[Entry]:
    """A part of what could be printed, in another order every time."""
    return clerk.rng.sample(entries, clerk.rng.randint(max(least, len(entries) // 2), len(entries)))
