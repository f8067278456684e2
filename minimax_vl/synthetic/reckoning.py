"""What only training asks about a small table: sums, differences, prices of several, ranges, means, with thoughts.

Each thought writes down the cells that the question needs, and then what is to be reckoned.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minimax_vl.synthetic import names
from minimax_vl.synthetic.facts import MAX_THOUGHT
from minimax_vl.synthetic.schoolbook import DAYS, MONTHS
from minimax_vl.synthetic.thoughts import compared, listed, records, tallies, totals

if TYPE_CHECKING:
    from minimax_vl.synthetic.facts import Facts

MOST = 4  # such questions of one table
TOLD = 0.35  # of them come with a story before them, of which nothing follows
SMALL = 200  # sums of whole columns and means are asked of numbers up to this
# The second is asked of what follows in time: a day, a month, a year later.
CHANGES = ("What is the change from {} to {}?", "What was the rate of change between {} and {}?")
STORIES = (
    "{who} counted every {thing}.",
    "Some friends compared each {thing} of last week.",
    "The {thing} shop kept track of its sales.",
    "Look at the table.",
)


@dataclass(frozen=True)
class Asked:
    """A question, its answer, and what is written before it."""

    question: str
    answer: str
    thought: str


class Amounts:
    """A column of numbers, all in whole units of its last digit, printed as the table prints them."""

    def __init__(self, texts: list[str]) -> None:
        """Raises ValueError where they are no plain numbers or amounts of dollars."""
        self.money = all(text.startswith("$") for text in texts)
        plain = [text.removeprefix("$" if self.money else "").replace(",", "") for text in texts]
        self.cents = any("." in text for text in plain)
        self.values = [int(text.replace(".", "") if self.cents else text) for text in plain]
        if [self.show(value) for value in self.values] != texts:
            raise ValueError(f"numbers of several kinds: {texts}")

    def show(self, value: int) -> str:
        sign, size = "-" if value < 0 else "", abs(value)
        text = f"{size // 100:,}.{size % 100:02d}" if self.cents else f"{size:,}"
        return f"{sign}{'$' if self.money else ''}{text}"

    def bare(self, value: int) -> str:
        """As `show` writes it, without a comma: what is added up in a thought."""
        return self.show(value).replace(",", "")

    def mean(self) -> str:
        """The mean as `show` writes it, with one more digit where that is needed; '' where one is not enough."""
        tenths, left = divmod(10 * sum(self.values), len(self.values))
        whole, tenth = divmod(tenths, 10)
        more = f"{'' if self.cents else '.'}{tenth}" if tenth else ""
        return "" if left else self.bare(whole) + more

    def small(self) -> bool:
        """Whether none is above SMALL, which is in units of the numbers, not of their last digit."""
        return max(self.values) <= SMALL * (100 if self.cents else 1)


def reckoned(facts: Facts, rng: random.Random, heads: list[str], rows: list[list[str]]) -> None:
    """Ask up to MOST questions about a table of two columns, the last one of numbers; nothing on held-out pages."""
    if not facts.teaching or len(rows) < 2 or len(rows[0]) != 2 or heads == ["x", "y"]:
        return  # "the numbers" of x and y are two columns
    labels = [row[0] for row in rows]
    try:
        amounts = Amounts([row[-1] for row in rows])
    except ValueError:
        found = list(_by_weight(rng, rows))
    else:
        table = Table(rng, labels, amounts)
        ways = table.prices() if amounts.money else table.numbers(counted=heads[-1:] == ["Frequency"])
        found = list(ways)
    for asked in rng.sample(found, min(MOST, len(found))):
        if len(asked.thought) <= MAX_THOUGHT:
            facts.think(facts.ask(asked.answer, (_story(rng) + asked.question,)), asked.thought)


class Table:
    """Names and their amounts, and what can be asked about them."""

    def __init__(self, rng: random.Random, labels: list[str], amounts: Amounts) -> None:
        self.rng, self.labels, self.amounts = rng, labels, amounts
        self.values, self.show = amounts.values, amounts.show
        self.told = [amounts.show(value) for value in amounts.values]

    def prices(self) -> Iterator[Asked]:
        """What people ask of a list of prices."""
        rng, show, who = self.rng, self.show, names.given(self.rng)
        i, j = rng.sample(range(len(self.labels)), 2)
        one, other, pair = self.labels[i], self.labels[j], self._cells(i, j)
        total = self.values[i] + self.values[j]
        both = f"{pair}. {self.told[i]} + {self.told[j]}"
        yield Asked(
            rng.choice(
                (
                    f"How much money does {who} need to buy {_a(one)} and {_a(other)}?",
                    f"How much do {one} and {other} cost together?",
                    f"What is the total cost of {_a(one)} and {_a(other)}?",
                )
            ),
            show(total),
            both,
        )
        purse = round(total * rng.uniform(0.7, 1.4)) + 1
        yield Asked(
            f"{who} has {show(purse)}. Is that enough to buy {_a(one)} and {_a(other)}?",
            "yes" if purse >= total else "no",
            f"{both} = {show(total)}. {show(purse)} {compared(purse, total)} {show(total)}",
        )
        if purse >= total:
            yield Asked(
                f"{who} has {show(purse)}. How much money is left after buying {_a(one)} and {_a(other)}?",
                show(purse - total),
                f"{both} = {show(total)}. {show(purse)} - {show(total)}",
            )
        number = rng.randint(2, 9)
        yield Asked(
            rng.choice(
                (
                    f"How much money does {who} need to buy {number} of {one}?",
                    f"How much are {number} of {one}?",
                    f"{who} buys {number} of {one}. How much is that?",
                )
            ),
            show(number * self.values[i]),
            f"{self._cells(i)}. {number} x {self.told[i]}",
        )
        if self.values[i] > self.values[j]:
            question = rng.choice(("How much more does {} cost than {}?", "How much more is {} than {}?"))
            yield Asked(
                question.format(_a(one), _a(other)),
                show(self.values[i] - self.values[j]),
                f"{pair}. {self.told[i]} - {self.told[j]}",
            )

    def numbers(self, counted: bool) -> Iterator[Asked]:
        """What people ask of a column of counts. counted: the first column is a number, and the last says how often."""
        rng, show, values = self.rng, self.show, self.values
        if counted:
            yield from self._frequencies()
            return
        years = any(label.isdigit() for label in self.labels)  # 1991 and 1992 have another total than theirs
        timed = years or set(self.labels) <= {*DAYS, *MONTHS}
        low = rng.choice(values)
        above = [value >= low for value in values]
        yield Asked(
            rng.choice(("How many have at least {}?", "How many of them are {} or more?")).format(show(low)),
            str(sum(above)),
            listed(self.labels, self.told, marks=tallies(above)),
        )
        if low + 1 < (high := rng.choice(values)):
            within = [low <= value < high for value in values]
            yield Asked(
                f"How many have at least {show(low)} but fewer than {show(high)}?",
                str(sum(within)),
                listed(self.labels, self.told, marks=tallies(within)),
            )
        word, pick = rng.choice((("largest", max), ("highest", max), ("smallest", min), ("lowest", min)))
        told = listed(self.labels, self.told, marks=records(values, pick))
        yield Asked(f"What is the {word} of the numbers?", show(pick(values)), told)
        i, j = rng.sample(range(len(values)), 2)
        if not years:
            yield Asked(
                rng.choice(("How many are {} and {} together?", "What is the total of {} and {}?")).format(
                    self.labels[i], self.labels[j]
                ),
                show(values[i] + values[j]),
                f"{self._cells(i, j)}. {self.told[i]} + {self.told[j]}",
            )
        if not years and values[i] > values[j]:
            yield Asked(
                rng.choice(("How many more for {} than for {}?", "How much more is {} than {}?")).format(
                    self.labels[i], self.labels[j]
                ),
                show(values[i] - values[j]),
                f"{self._cells(i, j)}. {self.told[i]} - {self.told[j]}",
            )
        k = rng.randrange(len(values) - 1)
        yield Asked(
            rng.choice(CHANGES if timed else CHANGES[:1]).format(self.labels[k], self.labels[k + 1]),
            show(values[k + 1] - values[k]),
            f"{self._cells(k, k + 1)}. {self.told[k + 1]} - {self.told[k]}",
        )
        order = sorted(values)
        line = " ".join(map(show, order))
        yield Asked(
            "What is the range of the numbers?",
            show(order[-1] - order[0]),
            f"{line}. {show(order[-1])} - {show(order[0])}",
        )
        if len(order) % 2:
            yield Asked("What is the median of the numbers?", show(order[len(order) // 2]), line)
        (mode, times), *rest = Counter(values).most_common()
        if times > 1 and all(other < times for _, other in rest):
            yield Asked("What is the mode of the numbers?", show(mode), line)
        if self.amounts.small():
            added = self._added(slice(None))
            yield Asked("What is the total of all the numbers?", show(sum(values)), added)
            if mean := self.amounts.mean():
                thought = f"{added}. {self.amounts.bare(sum(values))} / {len(values)}"
                yield Asked("What is the mean of the numbers?", mean, thought)

    def _frequencies(self) -> Iterator[Asked]:
        """Of a table that says how often each number comes."""
        k = self.rng.randrange(len(self.labels))
        for word, first, last in (
            ("at least", k, len(self.labels)),
            ("more than", k + 1, len(self.labels)),
            ("fewer than", 0, k),
        ):
            if first < last:
                chosen = slice(first, last)
                total = sum(self.values[chosen])
                question = f"How many people had {word} {self.labels[k]}?"
                yield Asked(question, self.show(total), self._added(chosen))

    def _added(self, chosen: slice) -> str:
        """Some of the cells, added up one after the other."""
        marks = totals(self.values[chosen], self.amounts.bare)
        return listed(self.labels[chosen], self.told[chosen], marks=marks)

    def _cells(self, *places: int) -> str:
        return listed([self.labels[i] for i in places], [self.told[i] for i in places])


def _by_weight(rng: random.Random, rows: list[list[str]]) -> Iterator[Asked]:
    """Of prices "$3 per lb"."""
    for name, price in (row for row in rows if len(row) == 2 and row[1].endswith(" per lb")):
        each, tenths = int(price.removeprefix("$").removesuffix(" per lb")), rng.randint(1, 49)
        cost, weight = each * tenths, f"{tenths // 10}.{tenths % 10}"
        question = rng.choice(
            (
                f"{names.given(rng)} buys {weight} pounds of {name}. How much is that?",
                f"{names.given(rng)} bought {weight} pounds of {name}. How much was spent?",
                f"What is the total cost for {weight} pounds of {name}?",
                f"How much are {weight} pounds of {name}?",
            )
        )
        yield Asked(question, f"${cost // 10}.{cost % 10}0", f"{name}: {price}. {weight} x ${each}")


def _story(rng: random.Random) -> str:
    if rng.random() >= TOLD:
        return ""
    return rng.choice(STORIES).format(who=names.given(rng), thing=names.word(rng)) + " "


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
