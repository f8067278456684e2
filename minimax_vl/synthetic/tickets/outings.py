"""What tickets of shows and matches say."""

from __future__ import annotations

from minimax_vl.synthetic import names
from minimax_vl.synthetic.tickets.clerk import Clerk, Entry, Ticket

SELLERS = ("{} Tickets", "{} Events", "{} Box Office", "{} Presents", "Ticket{}", "{} Live")
CENTS = {
    "concert": (1500, 16000),
    "theatre": (900, 9500),
    "cinema": (400, 2200),
    "match": (800, 12000),
    "museum": (200, 2500),
}
HALLS = {
    "concert": ("{} Hall", "{} Arena", "The {} Club", "{} Park", "Club {}", "Sala {}"),
    "theatre": ("{} Theatre", "{} Playhouse", "Teatro {}", "{} Opera House", "Theater am {}"),
    "cinema": ("{} Cinema", "Cine {}", "Kino {}", "{} Multiplex", "{} Movies"),
    "match": ("{} Stadium", "{} Park", "Stadion {}", "{} Arena", "Estadio {}"),
    "museum": ("{} Museum", "Museum of {}", "{} Gallery", "Musee {}", "{} Castle"),
}
BANDS = (
    "The {a}s", "{a} and the {b}s", "{a} {b}", "The {a} {b} Orchestra", "{b} Quartet", "DJ {a}", "{a} Festival",
    "{a} & {b}: Live", "Night of {a}", "The {a} {b} Tour",
)  # fmt: skip
PLAYS = (
    "The {a} of {b}", "{a} and {b}", "A {a} for {b}", "The {a}'s {b}", "{a}", "{b} in Winter", "The Last {a}",
    "Waiting for the {a}", "The {a} {b}",
)  # fmt: skip
FILMS = (
    "{a}",
    "{a} {b}",
    "The {a}",
    "Return of the {a}",
    "{a} 2",
    "Beyond the {a}",
    "{a}: The {b}",
    "My {a}",
)
SHOWS = (
    "{a} and {b}",
    "The Age of {a}",
    "Treasures of {b}",
    "{a}: Paintings",
    "Light and {a}",
    "Permanent Exhibition",
)
TOURS = (
    "World Tour",
    "Live on Stage",
    "One Night Only",
    "Farewell Tour",
    "with special guests",
    "Open Air",
    "Unplugged",
)
ACTS = (
    "A Comedy in Two Acts",
    "The Musical",
    "A Play",
    "Evening Performance",
    "Premiere",
    "Matinee",
    "Ballet",
)
CUPS = (
    "League Cup",
    "First Division",
    "Semi-Final",
    "Quarter-Final",
    "Friendly Match",
    "Season Opener",
    "Final",
)
CLUBS = ("{} FC", "FC {}", "{} United", "{} City", "Real {}", "{} Rovers", "SV {}", "{} Athletic", "{}")
RATINGS = ("PG", "PG-13", "12A", "15", "18", "U", "R", "12", "16", "6")
FORMATS = ("2D", "3D", "2D OV", "3D Dubbed", "Large Screen", "Subtitled")
CATEGORIES = (
    "Adult",
    "Standard",
    "Student",
    "Child",
    "Senior",
    "VIP",
    "Regular",
    "Reduced",
    "Standing",
    "Member",
)
ENTRANCES = ("North", "South", "East", "West", "A", "B", "C", "1", "2", "4", "7", "Main")
AREAS = (
    "Stalls",
    "Balcony",
    "Floor",
    "Circle",
    "Lower Tier",
    "Upper Tier",
    "Block A",
    "North Stand",
    "Parterre",
)
NOTES = (
    "No refunds. No exchanges.", "No cameras or recording.", "Doors close when the show begins.",
    "Keep this ticket with you.", "Not valid without the stub.", "Please arrive early.", "Enjoy the show!",
    "Resale above face value is forbidden.", "No bags over A4 size.",
)  # fmt: skip


def concert(clerk: Clerk) -> Ticket:
    return _show(clerk, "concert", BANDS, TOURS)


def theatre(clerk: Clerk) -> Ticket:
    return _show(clerk, "theatre", PLAYS, ACTS)


def cinema(clerk: Clerk) -> Ticket:
    """A film in one of several halls."""
    rng, entry = clerk.rng, clerk.entry
    extra = [
        entry("hall", clerk.keep("hall", lambda: str(rng.randint(1, 16)))),
        entry("format", clerk.keep("format", lambda: rng.choice(FORMATS))),
        entry("rating", clerk.keep("rating", lambda: rng.choice(RATINGS))),
    ]
    return _show(clerk, "cinema", FILMS, (), extra)


def match(clerk: Clerk) -> Ticket:
    return _show(clerk, "match", ("{a}",), CUPS)


def museum(clerk: Clerk) -> Ticket:
    return _show(clerk, "museum", SHOWS, ())


def _show(
    clerk: Clerk,
    kind: str,
    titles: tuple[str, ...],
    subtitles: tuple[str, ...],
    extra: list[Entry] | None = None,
) -> Ticket:
    """A title in large print, where and when, and which seat; a museum has no seats."""
    rng, entry = clerk.rng, clerk.entry
    title = clerk.keep("title", lambda: _title(clerk, kind, titles))
    below = clerk.keep("subtitle", lambda: rng.choice(subtitles) if subtitles and rng.random() < 0.6 else "")
    venue = clerk.keep("venue", lambda: clerk.named(HALLS[kind]))
    date, start = clerk.keep("date", clerk.date), clerk.keep("start", lambda: rng.randint(40, 86) * 15)
    ahead = clerk.keep("ahead", lambda: rng.choice((30, 45, 60, 60, 90)))
    cents = clerk.keep("cents", lambda: clerk.price(*CENTS[kind]))
    core = [
        entry("venue", venue),
        entry("date", clerk.day(date)),
        entry("kickoff" if kind == "match" else "start", clerk.clock(start)),
        entry("price", clerk.money(cents), large=clerk.keep("large price", lambda: rng.random() < 0.3)),
    ]
    large = clerk.keep("large seat", lambda: rng.random() < 0.5)
    row = clerk.keep("row", lambda: rng.choice((str(rng.randint(1, 45)), rng.choice("ABCDEFGHJKLMN"))))
    seats = [
        entry("row", row, large=large),
        entry("seat", str(rng.randint(1, 60)), large=large),
        entry("section", clerk.keep("section", lambda: _section(clerk)), large=large),
    ]
    more = [
        entry("order", clerk.keep("booked", clerk.number)),
        entry("type", rng.choice(CATEGORIES)),
        entry("holder", clerk.person()),
        entry("ticket", clerk.number()),
    ]
    if kind != "cinema" and kind != "museum":
        more += [
            entry("doors", clerk.clock(start - ahead)),
            entry("entrance", clerk.keep("entrance", lambda: rng.choice(ENTRANCES))),
        ]
    rng.shuffle(more)
    seated = kind != "museum" and clerk.keep("seated", lambda: rng.random() < 0.85)
    big = [Entry("match" if kind == "match" else "title", "", title)]
    if below:
        big.append(Entry("subtitle", "", below))
    return Ticket(
        kind="football ticket" if kind == "match" else f"{kind} ticket",
        caption=(" for {title}", " for {match}", " at {venue}", ", {price}"),
        head=entry("operator", clerk.keep("seller", lambda: _seller(clerk))),
        word=clerk.keep(
            "word", lambda: rng.choice((f"{kind.upper()} TICKET", "ADMIT ONE", "TICKET", "ADMISSION TICKET"))
        ),
        entries=[*core, *(seats if seated else []), *(extra or []), *more],
        big=tuple(big),
        stub=("date", "start", "kickoff", "section", "row", "seat", "hall", "price", "order"),
        foot=(rng.choice(NOTES),) if rng.random() < 0.6 else (),
        # "Type" is not among them: a head like "CONCERT TICKET" would answer it.
        usual=tuple(
            one.key
            for one in (*(seats if kind != "museum" else ()), *(extra or ()), *more)
            if one.key != "type"
        ),
        thermal=kind in ("cinema", "museum"),
    )


def _title(clerk: Clerk, kind: str, shapes: tuple[str, ...]) -> str:
    rng = clerk.rng
    if kind == "match":
        home, away = (rng.choice(CLUBS).format(names.invented(rng, 2, 3).title()) for _ in range(2))
        return clerk.show(f"{home} {clerk.rng.choice(('vs', 'v', '-', 'vs.'))} {away}")
    a, b = names.word(rng).title(), names.surname(rng) if rng.random() < 0.4 else names.word(rng).title()
    title = rng.choice(shapes).format(a=a, b=b)
    return title.upper() if rng.random() < 0.4 else title


def _section(clerk: Clerk) -> str:
    rng = clerk.rng
    return rng.choice((str(rng.randint(100, 340)), rng.choice("ABCDEFGH"), rng.choice(AREAS)))


def _seller(clerk: Clerk) -> str:
    return clerk.rng.choice(SELLERS).format(names.word(clerk.rng).title())
