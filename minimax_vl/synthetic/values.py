"""What pages say: words, names, numbers, dates, codes and addresses, drawn at random.

The English words are a sample of Debian's wamerican-small, which is SCOWL (permissive parts);
names, cities and goods are lists of ours.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from minimax_vl.synthetic import abroad, names
from minimax_vl.synthetic.names import listed

MONTHS = "January February March April May June July August September October November December".split()
CURRENCIES = ("$", "$", "$", "$", "RM", "RM ", "USD ", "EUR ", "Rs.", "S$", "AUD ")
COMPANY_ENDS = (
    "Ltd", "Ltd.", "Inc", "Inc.", "LLC", "Co.", "Corp", "Group", "& Sons", "Sdn Bhd", "Enterprise", "Trading",
    "Market", "Store", "Foods", "Bakery", "Cafe", "Hardware", "Pharmacy", "Supply", "Services", "Restaurant",
    "Books", "Media", "Systems", "Partners", "Motors", "Stationery", "Mart", "Holdings", "Fashion", "Clinic",
)  # fmt: skip
STREETS = ("St", "Street", "Ave", "Avenue", "Road", "Rd", "Lane", "Drive", "Way", "Court", "Blvd", "Place")
UNITS = ("kg", "g", "lb", "cm", "mm", "m", "km", "ml", "L", "%", "pcs", "hrs", "min", "kWh", "GB", "C")
PHONES = (
    "(999) 999-9999|999-999-9999|09-9999 9999|+99 999 9999|099-9999999|999.999.9999|+9 999 999 9999".split(
        "|"
    )
)


class Values:
    """Random strings of many kinds, all printable ASCII; every method draws anew.

    `share_abroad` of money, streets, towns and dates are written as in countries that held-out pages do not have.
    """

    def __init__(self, rng: random.Random, share_abroad: float = 0.0) -> None:
        self.rng = rng
        self.currency = rng.choice(CURRENCIES)  # a page keeps to one currency, one date format
        self.comma = rng.random() < 0.8
        self.european = False  # whether amounts have a comma before their cents
        self.date_format = rng.randrange(len(DATE_FORMATS))
        self.share_abroad, self.date_abroad = share_abroad, ""
        if share_abroad:
            self.date_abroad = rng.choice(abroad.DATES)
            if self._abroad():
                self.currency = rng.choice(abroad.CURRENCIES)

    def _abroad(self) -> bool:
        return self.share_abroad > 0 and self.rng.random() < self.share_abroad

    def word(self) -> str:
        return self.rng.choice(listed("words"))

    def words(self, low: int, high: int) -> str:
        """Mostly dictionary words; an invented one now and then keeps the reader from guessing."""
        count = self.rng.randint(low, high)
        return " ".join(
            self.word() if self.rng.random() < 0.85 else names.invented(self.rng) for _ in range(count)
        )

    def title(self, low: int = 1, high: int = 3) -> str:
        return self.words(low, high).title()

    def person(self) -> str:
        first, last = names.given(self.rng), names.surname(self.rng)
        form = self.rng.random()
        if form < 0.7:
            return f"{first} {last}"
        if form < 0.8:
            return f"{first} {self.rng.choice(string.ascii_uppercase)}. {last}"
        if form < 0.9:
            return f"{self.rng.choice(('Mr.', 'Ms.', 'Mrs.', 'Dr.'))} {last}"
        return f"{last}, {first}"

    def first_name(self) -> str:
        return names.given(self.rng)

    def company(self) -> str:
        if self.rng.random() < 0.5:
            return names.western_firm(self.rng)
        stem = names.surname(self.rng) if self.rng.random() < 0.3 else self.title(1, 2)
        return f"{stem} {self.rng.choice(COMPANY_ENDS)}"

    def street(self) -> str:
        if self._abroad():
            return abroad.street(self.rng, names.surname(self.rng))
        name = names.surname(self.rng) if self.rng.random() < 0.5 else names.word(self.rng).title()
        number = f"{self.rng.randint(1, 9999 if self.rng.random() < 0.5 else 199)}"
        return f"{self.rng.choice(('', '', '', 'No. ', 'Lot '))}{number} {name} {self.rng.choice(STREETS)}"

    def city(self) -> str:
        return names.town(self.rng)

    def city_line(self) -> str:
        if self._abroad():
            return abroad.place(self.rng, self.city())
        code = self.digits(5)
        state = "".join(self.rng.choices(string.ascii_uppercase, k=2))
        return self.rng.choice((f"{self.city()}, {state} {code}", f"{code} {self.city()}", self.city()))

    def address(self) -> str:
        return f"{self.street()}, {self.city()}"

    def goods(self) -> str:
        return self.rng.choice(listed("goods")) if self.rng.random() < 0.6 else self.title(1, 3)

    def digits(self, count: int) -> str:
        return "".join(self.rng.choices(string.digits, k=count))

    def number(self) -> str:
        magnitude = self.rng.choice((9, 99, 99, 999, 9999, 99999, 9999999))
        value = self.rng.randint(0, magnitude)
        return f"{value:,}" if self.rng.random() < 0.4 else str(value)

    def decimal(self) -> str:
        return f"{self.rng.uniform(0, self.rng.choice((1, 10, 100, 1000))):.{self.rng.randint(1, 3)}f}"

    def percent(self) -> str:
        return (
            f"{self.rng.randint(0, 100)}%" if self.rng.random() < 0.6 else f"{self.rng.uniform(0, 100):.1f}%"
        )

    def quantity(self) -> str:
        return f"{self.rng.randint(1, 500)} {self.rng.choice(UNITS)}"

    def cents(self, most: float = 6.0) -> int:
        """A price in hundredths, from small change to 10 ** `most`."""
        cents = int(10 ** self.rng.uniform(1.7, min(self.rng.choice((3.2, 4.0, 6.0)), most)))
        return cents if self.rng.random() < 0.6 else max(cents // 5 * 5, 5)

    def amount(self, cents: int, *, currency: bool = False) -> str:
        """Cents as print: 1,234.50, with the page's currency sign if wanted."""
        whole, part = divmod(cents, 100)
        text = f"{whole:,}.{part:02d}" if self.comma else f"{whole}.{part:02d}"
        if self.european:
            text = f"{whole},{part:02d}"
        return self.currency + text if currency else text

    def money(self) -> str:
        return self.amount(self.cents(), currency=self.rng.random() < 0.6)

    def date(self) -> str:
        day, month, year = self.rng.randint(1, 28), self.rng.randint(1, 12), self.rng.randint(1985, 2029)
        if self._abroad():
            return abroad.date(self.date_abroad, day, month, year)
        chosen = self.date_format if self.rng.random() < 0.7 else self.rng.randrange(len(DATE_FORMATS))
        return DATE_FORMATS[chosen](day, month, year)

    def time(self) -> str:
        hour, minute, second = self.rng.randrange(24), self.rng.randrange(60), self.rng.randrange(60)
        half = "AM" if hour < 12 else "PM"
        return self.rng.choice(
            (
                f"{hour:02d}:{minute:02d}",
                f"{hour:02d}:{minute:02d}:{second:02d}",
                f"{hour % 12 or 12}:{minute:02d} {half}",
                f"{hour % 12 or 12:02d}:{minute:02d}:{second:02d} {half}",
            )
        )

    def code(self) -> str:
        letters = "".join(self.rng.choices(string.ascii_uppercase, k=self.rng.randint(1, 4)))
        mixed = "".join(self.rng.choices(string.ascii_uppercase + string.digits, k=self.rng.randint(3, 8)))
        return self.rng.choice(
            (
                f"{letters}-{self.digits(self.rng.randint(3, 6))}",
                f"{letters}{self.digits(self.rng.randint(3, 8))}",
                f"{self.digits(2)}-{self.digits(self.rng.randint(3, 6))}",
                f"{mixed}-{self.digits(3)}{letters[0]}",
                f"#{self.digits(self.rng.randint(3, 6))}",
                f"{self.digits(self.rng.randint(4, 12))}",
                f"{letters}/{self.rng.randint(1, 31)}/{self.digits(4)}",
                f"{self.digits(self.rng.randint(3, 6))}-{letters[0]}",
                mixed,
            )
        )

    def phone(self) -> str:
        shape = self.rng.choice(PHONES)
        return "".join(
            self.rng.choice(string.digits) if character == "9" else character for character in shape
        )

    def email(self) -> str:
        user = (
            self.rng.choice((self.first_name(), names.surname(self.rng), "info", "sales"))
            .lower()
            .replace(" ", "")
            .replace("'", "")
        )
        user += self.rng.choice(("", "", self.digits(2)))
        return f"{user}@{self.word()}.{self.rng.choice(('com', 'org', 'net', 'my'))}"

    def website(self) -> str:
        return f"www.{self.word()}{self.word()}.{self.rng.choice(('com', 'org', 'net', 'co'))}"

    def scramble(self) -> str:
        """A string with no meaning, so that only reading gets it right."""
        return "".join(self.rng.choices(string.ascii_letters + string.digits, k=self.rng.randint(3, 10)))

    def phrase(self) -> str:
        text = self.words(1, 3)
        return self.rng.choice((text, text.capitalize(), text.title(), text.upper()))

    def any(self) -> str:
        """A value of a random kind."""
        return self.rng.choice(_KINDS)(self)


DATE_FORMATS: tuple[Callable[[int, int, int], str], ...] = (
    lambda d, m, y: f"{d:02d}/{m:02d}/{y}",
    lambda d, m, y: f"{d:02d}-{m:02d}-{y}",
    lambda d, m, y: f"{y}-{m:02d}-{d:02d}",
    lambda d, m, y: f"{m}/{d}/{y % 100:02d}",
    lambda d, m, y: f"{d:02d}.{m:02d}.{y}",
    lambda d, m, y: f"{d} {MONTHS[m - 1]} {y}",
    lambda d, m, y: f"{MONTHS[m - 1]} {d}, {y}",
    lambda d, m, y: f"{d:02d} {MONTHS[m - 1][:3]} {y}",
    lambda d, m, y: f"{d:02d}-{MONTHS[m - 1][:3].upper()}-{y}",
    lambda d, m, y: f"{d:02d}/{m:02d}/{y % 100:02d}",
    lambda d, m, y: f"{MONTHS[m - 1][:3]} {d} {y}",
)
_KINDS: tuple[Callable[[Values], str], ...] = (
    Values.person, Values.company, Values.street, Values.city, Values.number, Values.number, Values.decimal,
    Values.percent, Values.quantity, Values.money, Values.money, Values.date, Values.date, Values.time, Values.code,
    Values.code, Values.phone, Values.email, Values.website, Values.scramble, Values.phrase, Values.phrase,
)  # fmt: skip
