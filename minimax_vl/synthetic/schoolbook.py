"""What small tables of schoolbooks list: goods and prices, days and counts, scores, schedules, x and y."""

from __future__ import annotations

import random

from minimax_vl.synthetic import names

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
SCHEDULES = (
    "Subject|Begin|End",
    "Location|Arrive|Depart",
    "Movie|Begin|End",
    "Stop|Time|Platform",
    "Event|Time",
)


def _people(rng: random.Random, count: int) -> list[str]:
    return [names.given(rng) for _ in range(count)]


def _things(rng: random.Random, count: int) -> list[str]:
    """Goods as a schoolbook lists them: in small letters, of several words."""
    kinds = (
        "{a}",
        "{a} {b}",
        "bag of {a}",
        "box of {a}",
        "{a} and {b}",
        "ticket for a {a}",
        "can of {a}",
        "pack of {a} {b}",
        "small {a}",
    )
    return [rng.choice(kinds).format(a=names.word(rng), b=names.word(rng)) for _ in range(count)]


def _places(rng: random.Random, count: int) -> list[str]:
    ends = ("Park", "School", "Lake", "Street", "Hill", "Elementary", "River", "Beach", "Station", "")
    return [f"{names.town(rng)} {rng.choice(ends)}".strip() for _ in range(count)]


def _clock(rng: random.Random) -> str:
    return f"{rng.randint(1, 12)}:{rng.randrange(0, 60, 5):02d} {rng.choice('AP')}.M."


def contents(rng: random.Random) -> tuple[str, list[str], list[list[str]]]:
    """Title, column heads ([] when the table has none) and rows of one random kind of table."""
    draw, count = rng.random(), rng.randint(3, 9)
    most = rng.choice((10, 20, 40, 100, 400, 5000))

    def number() -> str:
        return f"{rng.randint(0, most):,}"

    thing = f"{names.word(rng)}s"
    if draw < 0.28:
        draw = rng.random()

        def price() -> str:
            if draw < 0.5:
                return f"${rng.randint(1, 9999) / 100:.2f}"
            return f"${rng.randint(2, 999)}" if draw < 0.75 else f"${rng.randint(1, 9)} per lb"

        return "", [], [[name, price()] for name in _things(rng, count)]
    if draw < 0.42:
        start = rng.randrange(7)
        days = (
            [DAYS[(start + i) % 7] for i in range(min(count, 7))]
            if rng.random() < 0.7
            else MONTHS[: count + 2]
        )
        head = "Day" if days[0] in DAYS else "Month"
        return (
            f"{thing} {rng.choice(('sold', 'baked', 'made', 'seen'))}".capitalize(),
            [head, f"Number of {thing}"],
            [[day, number()] for day in days],
        )
    if draw < 0.58:
        first, rows = rng.choice(("Name", "Park", "School", "Team", "Year")), _places(rng, count)
        if first in ("Name", "Year"):
            rows = _people(rng, count) if first == "Name" else [str(1990 + i) for i in range(count)]
        column = rng.choice(
            (
                f"Number of {thing}",
                "Score",
                "Age (years)",
                f"{thing.capitalize()}",
                "Funds raised ($)",
                "Temperature (C)",
            )
        )
        return (
            rng.choice(("", f"{thing} {rng.choice(('collections', 'scores', 'counts'))}".capitalize())),
            [first, column],
            [[row, number()] for row in rows],
        )
    if draw < 0.68:
        start = rng.randint(0, 6)
        return (
            f"{names.word(rng)} {thing}".capitalize(),
            [f"{thing.capitalize()}", "Frequency"],
            [[str(start + i), number()] for i in range(count)],
        )
    if draw < 0.8:
        heads = list[str](rng.choice(SCHEDULES).split("|"))
        rows = [
            [
                " ".join(names.word(rng) for _ in range(rng.randint(1, 2))).capitalize(),
                *(_clock(rng) for _ in heads[1:]),
            ]
            for _ in range(count)
        ]
        return (
            f"{rng.choice(('Class', 'Bus', 'Train', 'Boat'))} schedule" if rng.random() < 0.5 else "",
            heads,
            rows,
        )
    if draw < 0.9:
        heads = ["", *(names.word(rng).capitalize() for _ in range(rng.randint(2, 4)))]
        return (
            "",
            heads,
            [[row, *(number() for _ in heads[1:])] for row in rng.choice((_people, _places))(rng, count)],
        )
    heads = rng.choice((["x", "y"], ["Price", "Quantity demanded", "Quantity supplied"]))
    lead = rng.sample(range(1, 90), count)
    sign = "$" if heads[0] == "Price" else ""
    return "", heads, [[f"{sign}{value}", *(number() for _ in heads[1:])] for value in lead]
