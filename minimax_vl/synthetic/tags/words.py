"""Small things that several labels print: countries, article numbers, units, and how prices are written."""

from __future__ import annotations

import datetime
import random
import string
from collections.abc import Callable

from minimax_vl.synthetic import abroad, names
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.values import DATE_FORMATS

COUNTRIES = (
    "Germany|France|Spain|Italy|Portugal|Malaysia|Indonesia|Vietnam|Thailand|China|Japan|India|Turkey|Poland|"
    "Sweden|Norway|Denmark|Finland|Ireland|Canada|Mexico|Brazil|Chile|Peru|Kenya|Morocco|Egypt|Greece|Austria|"
    "Hungary|Romania|Bangladesh|Pakistan|Singapore|Australia|New Zealand|South Africa|United Kingdom|USA|"
    "Netherlands|Belgium"
).split("|")
FOODS = (
    "Apricot Jam|Oat Biscuits|Rye Bread|Tomato Soup|Lentil Curry|Peanut Butter|Granola|Corn Chips|Dark Chocolate|"
    "Yogurt|Cream Cheese|Smoked Ham|Chicken Wings|Fish Fingers|Rice Noodles|Apple Juice|Iced Tea|Mustard|Honey|"
    "Trail Mix|Soy Milk|Tofu|Pasta Sauce|Vanilla Ice Cream|Dumplings|Olives|Muesli|Butter|Feta|Carrot Cake|"
    "Potato Salad|Hummus|Green Pesto|Salted Crackers|Mango Chutney|Coconut Milk|Dried Figs|Roasted Almonds|"
    "Waffles"
).split("|")
ADJECTIVES = (
    "Classic|Organic|Fresh|Original|Family|Golden|Crunchy|Light|Homemade|Premium|Farm|Mild|Spicy|Sweet|Country"
).split("|")


def calendar(sheet: Sheet) -> Callable[[datetime.date], str]:
    """One way to write dates, for a label on which their order matters."""
    values, rng = sheet.values, sheet.rng
    if values.date_abroad and sheet.chance(values.share_abroad):
        return lambda day: abroad.date(values.date_abroad, day.day, day.month, day.year)
    write = rng.choice(DATE_FORMATS)
    return lambda day: write(day.day, day.month, day.year)


def code(rng: random.Random, shape: str) -> str:
    """`shape` with each 9 a random digit, each A a capital and each # either."""
    pools = {"9": string.digits, "A": string.ascii_uppercase, "#": string.digits + string.ascii_uppercase}
    return "".join(rng.choice(pools[mark]) if mark in pools else mark for mark in shape)


def article(rng: random.Random) -> str:
    """A thirteen-digit article number whose last digit checks the others."""
    digits = [rng.randint(1, 9), *(rng.randint(0, 9) for _ in range(11))]
    check = -sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return "".join(map(str, [*digits, check]))


def food(rng: random.Random) -> str:
    """A product as packs name it, half of the time with a word before."""
    name = rng.choice(FOODS)
    return f"{rng.choice(ADJECTIVES)} {name}" if rng.random() < 0.5 else name


def brand(rng: random.Random) -> str:
    """A short name of a maker."""
    word = names.stem(rng)
    word = word if len(word) <= 16 else names.invented(rng, 1, 3).title()
    return word.upper() if rng.random() < 0.4 else word


def pricing(sheet: Sheet) -> tuple[str, str]:
    """What stands before and behind an amount on this page; sets how amounts are written."""
    values, rng = sheet.values, sheet.rng
    values.european = sheet.chance(0.3)
    if values.european:
        return rng.choice((("", " EUR"), ("EUR ", ""), ("", ""), ("", " kr"), ("", " zl")))
    return rng.choice(
        (("$", ""), ("$", ""), ("RM", ""), ("RM ", ""), ("S$", ""), ("GBP ", ""), ("", ""), ("CHF ", ""))
    )
