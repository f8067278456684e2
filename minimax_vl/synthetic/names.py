"""Names that nobody listed: people, firms, brands, streets and towns made of syllables, initials and listed words."""

from __future__ import annotations

import random
import re
import string
from functools import lru_cache
from pathlib import Path

LISTS = Path(__file__).parent.parent / "assets" / "words"
ONSETS = (
    "b c ch d f g h j k l m n p r s t v w y z bl br cl cr dr fl fr gl gr kh kr ng ny pl pr qu sh sk sl sm sn sp st "
    "str sw th tr ts tz wh x zh"
).split()  # fmt: skip
PLAIN_ONSETS = "b c d f g h j k l m n p r s t v w y z".split()
VOWELS = "a a a e e e i i i o o o u u ae ai ao au ea ee ei ia ie io oa oo ou ui ya".split()
CODAS = "n n r l s t m k ng ck ff ll nd ns nt rd rk rn rt ss st th x z p d g h".split()
WESTERN_ENDS = (
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Ltd.",
    "Co.",
    "Corp",
    "& Co",
    "& Sons",
    "GmbH",
    "S.A.",
    "",
    "",
    "",
    "",
)
PLACES = (
    "MARKET|DELI|GRILL|DINER|PIZZA|BURGERS|CAFE|COFFEE|BISTRO|BAR & GRILL|LIQUORS|FOODS|GROCERY|HARDWARE|DRUG STORE|"
    "OUTLET|BOOKS|TAVERN|BREWERY|SUSHI|NOODLE HOUSE|TAQUERIA|STEAKHOUSE|PHARMACY|FARMS|BBQ|GAS & FOOD|BAGELS|PUB"
).split("|")


@lru_cache
def listed(name: str) -> tuple[str, ...]:
    """One of the bundled lists, in file order."""
    text = (LISTS / f"{name}.txt").read_text(encoding="ascii").strip()
    return tuple(text.split("|") if "|" in text else text.split())


# What syllables sometimes make, and a few words of the list; pages do without.
RUDE = re.compile(
    r"fuck|cunt|shit|nazi|nigg|whore|slut|penis|vagin|bitch|wank|twat|hitler|dildo|porn|bestial|foreplay|\bpuss|\bfags?\b",
    re.IGNORECASE,
)


def invented(rng: random.Random, low: int = 1, high: int = 3) -> str:
    """A pronounceable word of `low` to `high` syllables that is in no list, in small letters."""
    parts = []
    for _ in range(rng.randint(low, high)):
        onsets = PLAIN_ONSETS if rng.random() < 0.7 else ONSETS
        parts.append(rng.choice(onsets) + rng.choice(VOWELS[:14] if rng.random() < 0.75 else VOWELS))
        if rng.random() < 0.3:
            parts[-1] += rng.choice(CODAS)
    word = "".join(parts)
    return word if len(word) > 2 else word + rng.choice(CODAS)


def surname(rng: random.Random) -> str:
    """A family name, half of the time an invented one."""
    if rng.random() < 0.4:
        return rng.choice(listed("surnames"))
    word = invented(rng, 1, 3).capitalize()
    return rng.choice(("Mc", "O'", "De ", "Van ")) + word if rng.random() < 0.06 else word


def given(rng: random.Random) -> str:
    """A first name, a third of the time an invented one."""
    return rng.choice(listed("first_names")) if rng.random() < 0.65 else invented(rng, 2, 3).capitalize()


def initials(rng: random.Random, low: int = 2, high: int = 4) -> str:
    letters = rng.choices(string.ascii_uppercase, k=rng.randint(low, high))
    return rng.choice(("", "", ".", "&" if len(letters) == 2 else ".")).join(letters)


def word(rng: random.Random) -> str:
    """A dictionary word or an invented one."""
    return rng.choice(listed("words")) if rng.random() < 0.45 else invented(rng)


def stem(rng: random.Random) -> str:
    """What a firm is called before its trade and legal form, in any mixture of words, names and letters."""
    draw = rng.random()
    if draw < 0.22:
        return " ".join(word(rng) for _ in range(rng.randint(1, 3))).title()
    if draw < 0.4:
        return " ".join(invented(rng, 1, 2) for _ in range(rng.randint(2, 3))).title()
    if draw < 0.52:
        return initials(rng)
    if draw < 0.62:
        return f"{initials(rng, 1, 3)} {word(rng).title()}"
    if draw < 0.72:
        return f"{surname(rng)} & {surname(rng)}"
    if draw < 0.8:
        return f"{rng.choice((rng.randint(1, 99), rng.randint(1, 999), '100', '24'))} {word(rng).title()}"
    if draw < 0.86:
        return f"{given(rng)}'s {word(rng).title()}" if rng.random() < 0.5 else f"{given(rng)}'s"
    if draw < 0.92:
        return f"{surname(rng)}-{surname(rng)}"
    return f"The {word(rng).title()} {word(rng).title()}"


def western_firm(rng: random.Random) -> str:
    """A shop, maker or restaurant as American and European papers name it."""
    name = stem(rng)
    if rng.random() < 0.5:
        name += f" {rng.choice(PLACES).title()}"
    name = f"{name} {rng.choice(WESTERN_ENDS)}".strip()
    return name.upper() if rng.random() < 0.4 else name


def town(rng: random.Random) -> str:
    return rng.choice(listed("cities")) if rng.random() < 0.4 else " ".join(
        invented(rng, 1, 3).capitalize() for _ in range(rng.choice((1, 1, 2)))
    )  # fmt: skip
