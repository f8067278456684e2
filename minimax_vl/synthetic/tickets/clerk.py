"""What a ticket says, apart from how it looks, and the clerk who fills it in: one language, one way to write times."""

from __future__ import annotations

import datetime
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from minimax_vl.synthetic import names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tickets.words import LANGUAGES, TERMS, TWICE
from minimax_vl.synthetic.values import DATE_FORMATS, MONTHS

T = TypeVar("T")
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONEY = {  # before the amount, and behind it
    "English": (
        ("$", ""),
        ("$", ""),
        ("", ""),
        ("GBP ", ""),
        ("S$", ""),
        ("USD ", ""),
        ("AUD ", ""),
        ("Rs. ", ""),
    ),
    "German": (("EUR ", ""), ("", " EUR"), ("CHF ", ""), ("", "")),
    "French": (("", " EUR"), ("EUR ", ""), ("CHF ", ""), ("$", "")),
    "Spanish": (("", " EUR"), ("$", ""), ("MXN ", ""), ("EUR ", "")),
    "Malay": (("RM", ""), ("RM ", "")),
}


@dataclass(frozen=True)
class Entry:
    """A value on a ticket, the label it has there ('' for none) and the term (a key of TERMS) that it is asked by."""

    key: str
    label: str
    value: str
    large: bool = False  # whether it is set in larger print than its neighbours


@dataclass(frozen=True)
class Ticket:
    """All that one ticket says. Of `entries`, the most important first, the last are left out where room is short."""

    kind: str  # what people call it
    caption: tuple[str, ...]  # pieces behind the kind; one that names a key that is left out is left out too
    head: Entry  # who issued it
    word: str  # what it calls itself
    entries: list[Entry]
    big: tuple[Entry, ...] = ()  # lines in large print above all others
    huge: bool = False  # whether the first of these is a number as large as print gets
    route: bool = False  # whether the first of the entries are from and to, set as one line
    codes: tuple[Entry, ...] = ()  # airport codes, larger than the cities below them
    stub: tuple[str, ...] = ()  # keys of what the stub repeats
    foot: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()  # keys of what such tickets often have
    thermal: bool = False  # whether it may come out of a till printer
    tall: bool = False  # whether it is never wider than tall

    def least(self) -> int:
        """How many entries no room is too short for."""
        return min(len(self.entries), 4 if self.route else 3)

    def cut(self, count: int) -> Ticket:
        return replace(self, entries=self.entries[:count])

    def shown(self) -> dict[str, Entry]:
        """Everything on it by key."""
        return {entry.key: entry for entry in (self.head, *self.big, *self.codes, *self.entries)}


class Clerk:
    """Fills in tickets. A second one of the same design gets the same labels, and whatever is drawn through `keep`."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.rng, self.values = sheet, sheet.rng, sheet.values
        self._labels: dict[str, str] = {}
        self._kept: dict[str, object] = {}
        self.language = "English" if sheet.chance(0.55) else self.rng.choice(LANGUAGES)
        self.upper, self.loud = sheet.chance(0.4), sheet.chance(0.25)  # labels, and names, in capitals
        self.joint = self.rng.choice((" / ", "/", " / "))
        self.before, self.behind = self.rng.choice(MONEY[self.language])
        self.values.european = self.language in ("German", "French", "Spanish") and sheet.chance(0.6)
        self.clock_look, self.day_look = self.rng.random(), self.rng.random()

    def keep(self, key: str, draw: Callable[[], T]) -> T:
        """What `draw` gave the first time."""
        if key not in self._kept:
            self._kept[key] = draw()
        return cast("T", self._kept[key])

    def entry(self, key: str, value: str, *, large: bool = False) -> Entry:
        return Entry(key, self.label(key), value, large)

    def label(self, key: str) -> str:
        """The label of a field in the clerk's language, '' for what never has one; no two fields get the same."""
        if key not in self._labels:
            labels = TERMS[key].labels
            label = ""
            for _ in range(8 if labels else 0):
                label = self._label(key, labels)
                if label.lower() not in (taken.lower() for taken in self._labels.values()):
                    break
            self._labels[key] = label.upper() if self.upper else label
        return self._labels[key]

    def _label(self, key: str, labels: tuple[tuple[str, ...], ...]) -> str:
        english = self.rng.choice(labels[0])
        number = LANGUAGES.index(self.language)
        if not number or len(labels) == 1:
            return english
        foreign = self.rng.choice(labels[number])
        known = foreign.lower() in (label.lower() for label in labels[0])
        if not known and (key in TWICE or self.rng.random() < 0.25):
            short = min(labels[0], key=len)
            return foreign + self.joint + (short if self.rng.random() < 0.7 else english)
        return foreign

    def town(self) -> str:
        return self.show(self.sheet.once(lambda: names.town(self.rng)))

    def show(self, name: str) -> str:
        """A name as this clerk types names."""
        return name.upper() if self.loud else name

    def named(self, shapes: tuple[str, ...]) -> str:
        """The name of a firm or place: one of the shapes with a word in it."""
        return self.show(self.rng.choice(shapes).format(names.word(self.rng).title()))

    def person(self) -> str:
        return self.show(self.sheet.once(self.values.person))

    def date(self) -> datetime.date:
        return datetime.date(self.rng.randint(1996, 2029), self.rng.randint(1, 12), self.rng.randint(1, 28))

    def day(self, date: datetime.date) -> str:
        """A date as print; a day of the week before it is the true one."""
        plain = DATE_FORMATS[self.values.date_format](date.day, date.month, date.year)
        month, weekday = MONTHS[date.month - 1], DAYS[date.weekday()]
        if self.day_look < 0.5:
            return plain
        if self.day_look < 0.65:
            return f"{weekday[:3]} {date.day} {month[:3]} {date.year}"
        if self.day_look < 0.75:
            return f"{date.day:02d} {month[:3].upper()} {date.year}"
        if self.day_look < 0.85:
            return f"{date.day:02d}{month[:3].upper()}{date.year % 100:02d}"
        return f"{weekday}, {date.day} {month}" if self.day_look < 0.92 else f"{weekday[:3]}, {plain}"

    def clock(self, minutes: int) -> str:
        """Minutes after midnight as a time of the day."""
        hour, minute = divmod(minutes % 1440, 60)
        if self.language != "English" or self.clock_look < 0.6:
            return f"{hour:02d}:{minute:02d}"
        half, shown = "AM" if hour < 12 else "PM", hour % 12 or 12
        if self.clock_look < 0.85:
            return f"{shown}:{minute:02d} {half}"
        return f"{shown}:{minute:02d}{half.lower()}"

    def money(self, cents: int) -> str:
        return f"{self.before}{self.values.amount(cents)}{self.behind}"

    def price(self, low: int, high: int) -> int:
        """Cents, mostly of a round price."""
        cents = self.rng.randint(low, high)
        return max(cents // 50 * 50, 50) if self.rng.random() < 0.7 else cents

    def letters(self, count: int) -> str:
        return "".join(self.rng.choices(string.ascii_uppercase, k=count))

    def reference(self, length: int = 6) -> str:
        return "".join(self.rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))

    def number(self) -> str:
        """A number of a ticket, of eight figures or more, or letters and figures."""
        digits = self.values.digits
        return self.rng.choice(
            (digits(8), digits(10), f"{self.letters(2)}{digits(6)}", f"{digits(4)}-{digits(5)}")
        )

    def plate(self) -> str:
        rng, digits = self.rng, self.values.digits
        return rng.choice(
            (
                f"{self.letters(3)} {rng.randint(1, 9999)}",
                f"{self.letters(3)}-{digits(3)}",
                f"{self.letters(2)}{digits(2)} {self.letters(3)}",
                f"{self.letters(2)}-{self.letters(2)} {rng.randint(10, 9999)}",
                f"{digits(4)} {self.letters(3)}",
                f"{rng.randint(1, 9)}{self.letters(3)}{digits(3)}",
            )
        )
