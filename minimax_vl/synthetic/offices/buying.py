"""What papers about air time say: stations, who buys, what for, and the fields that such papers label."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from minimax_vl.synthetic import names
from minimax_vl.synthetic.offices.cells import Field
from minimax_vl.synthetic.values import MONTHS, Values

SEATS = (
    "Senate|Congress|Governor|Mayor|Sheriff|Judge|President|Supreme Court|State House|City Council|"
    "Attorney General|School Board"
).split("|")
EXECUTIVE = "Account Executive|Account Executive|Salesperson|Acct Exec"
MAIN = (
    "Property",
    "Invoice #",
    "Invoice Date",
    "Invoice Month",
    "Advertiser",
    "Product",
    EXECUTIVE,
    "Order #",
)
# S a seat, F a full name, L a surname, C a capital surname, W words, T a town, N and D numbers, I initials, Y a year
ADVERTISERS = (
    "F for S|L for S|F for S-D|F for S-R|L/S|POL/F/S|Citizens for F|Friends of F|Committee to Elect F|W W PAC|W PAC|"
    "F Y|F Y, Inc|Re-Elect F|Re-Elect F for S|W for T|T W Association|L/S (Dem)|L/S (Rep)|W Action Fund|W of T"
).split("|")
PRODUCTS = (
    "C FOR S|C 4 S|C I|N/N/N|D/S|R/S I|N/N/N/C|Est N M :30'S|W|W W|S|M-M|C TV|Political|PO N|C M (60s)|C S I|W M"
).split("|")


def station(rng: random.Random) -> str:
    """A call sign."""
    sign = rng.choice("KW") + "".join(rng.choices(string.ascii_uppercase, k=rng.choice((2, 3, 3, 3))))
    return sign + rng.choice(("", "", "", "-TV", "-FM", "-DT", "+"))


def day(rng: random.Random, year: int) -> str:
    """A date as stations print it: 03/30/20."""
    return f"{rng.randint(1, 12):02d}/{rng.randint(1, 28):02d}/{year % 100:02d}"


def advertiser(values: Values) -> str:
    """A campaign, a committee or a firm that buys time."""
    return (
        values.company() if values.rng.random() < 0.1 else _filled(values.rng, values.rng.choice(ADVERTISERS))
    )


def product(values: Values) -> str:
    """What is advertised, in the short hand of those who book it."""
    text = _filled(values.rng, values.rng.choice(PRODUCTS))
    return text.upper() if values.rng.random() < 0.6 else text


def _filled(rng: random.Random, pattern: str) -> str:
    """A pattern with its lone capitals replaced by what they stand for."""
    last = names.surname(rng)
    fill: dict[str, Callable[[], str]] = {
        "S": lambda: rng.choice(SEATS),
        "F": lambda: f"{names.given(rng)} {last}",
        "L": lambda: last,
        "C": last.upper,
        "W": lambda: names.word(rng).title(),
        "T": lambda: names.town(rng),
        "N": lambda: str(rng.randint(10, 9999)),
        "I": lambda: names.initials(rng, 2, 2),
        "M": lambda: f"{rng.randint(1, 12)}/{rng.randint(1, 28)}",
        "Y": lambda: str(rng.randint(2008, 2026)),
    }
    parts = []
    for index, character in enumerate(pattern):
        beside = pattern[max(index - 1, 0) : index] + pattern[index + 1 : index + 2]
        lone = character in fill and not any(neighbour.isalpha() for neighbour in beside)
        parts.append(fill[character]() if lone else character)
    return "".join(parts)


def fields(values: Values, sign: str, number: str) -> list[Field]:
    """The labelled fields of one paper in a usual order."""
    rng = values.rng
    year, order = rng.randint(2008, 2026), values.digits(rng.randint(5, 8))

    def span() -> str:
        return f"{day(rng, year)} - {day(rng, year)}"

    def code() -> str:
        return values.digits(rng.randint(2, 7))

    def office() -> str:
        return rng.choice(
            (f"{names.surname(rng)} {names.town(rng)}", f"{names.initials(rng)} {names.town(rng)}", sign)
        )

    def executive() -> str:
        return rng.choice((values.person(), f"{names.given(rng)} {names.surname(rng)}", office()))

    def audience() -> str:
        return rng.choice((f"Adults {rng.randint(18, 55)}+", "Households", f"A{rng.randint(18, 55)}+"))

    entries: tuple[tuple[str, str, Callable[[], str]], ...] = (
        (
            "Property",
            "What is the property (station)?|What is the property (station)?|Which station is it?",
            lambda: sign,
        ),
        (
            "Invoice #",
            "What is the invoice number?|What is the invoice number?|Invoice number?",
            lambda: number,
        ),
        (
            "Invoice Date",
            "What is the invoice date?|What is the date of the invoice?",
            lambda: day(rng, year),
        ),
        (
            "Invoice Month",
            "What is the invoice month?|Which month is it for?",
            lambda: f"{rng.choice(MONTHS)} {year}",
        ),
        ("Invoice Period", "What is the invoice period?", span),
        (
            "Advertiser",
            "Who is the advertiser?|Who is the advertiser?|What is the advertiser's name?",
            lambda: advertiser(values),
        ),
        (
            "Product",
            "What is the product?|What is the product?|Which product is it?",
            lambda: product(values),
        ),
        ("Estimate Number|Estimate #", "What is the estimate number?", code),
        (
            EXECUTIVE,
            "Who is the account executive?|Who is the account executive?|What is the name of the account executive?",
            executive,
        ),
        ("Sales Office", "What is the sales office?|Which sales office is named?", office),
        (
            "Sales Region",
            "What is the sales region?",
            lambda: rng.choice(("National", "Local", names.town(rng))),
        ),
        ("Order #", "What is the order number?|What is the order number?|Order number?", lambda: order),
        (
            "Alt Order #",
            "What is the alternate order number?",
            lambda: rng.choice(("", "WOC")) + values.digits(8),
        ),
        ("Deal #", "What is the deal number?", code),
        ("Flight Dates|Order Flight|Contract Dates", "What are the flight dates?|When is the flight?", span),
        (
            "Billing Calendar",
            "What is the billing calendar?",
            lambda: rng.choice(("Broadcast", "Calendar", "Weekly")),
        ),
        ("Billing Type", "What is the billing type?", lambda: rng.choice(("Cash", "Trade", "EOM/EOC"))),
        ("Special Handling", "", values.phrase),
        ("Agency Code", "What is the agency code?", lambda: rng.choice(("", "TV")) + code()),
        ("Advertiser Code", "What is the advertiser code?", code),
        ("Product 1/2", "", code),
        ("Agency Ref", "What is the agency reference?", code),
        ("Advertiser Ref", "What is the advertiser reference?", code),
        ("Demographic", "What is the demographic?", audience),
    )
    return [
        Field(rng.choice(labels.split("|")), tuple(filter(None, asked.split("|"))), draw, labels not in MAIN)
        for labels, asked, draw in entries
    ]
