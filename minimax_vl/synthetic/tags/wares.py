"""Products on a shelf: what they are called, what they cost, how much of them is in a pack."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.words import food


@dataclass(frozen=True)
class Ware:
    """A product with its price in cents, and how much of it is in a pack: grams, or millilitres of what is drunk."""

    name: str
    cents: int
    amount: int
    drunk: bool

    @property
    def unit(self) -> str:
        return "litre" if self.drunk else "kilogram"

    @property
    def content(self) -> str:
        """As packs print it, in the larger unit from a thousand on."""
        small, large = ("ml", "L") if self.drunk else ("g", "kg")
        return f"{self.amount / 1000:g} {large}" if self.amount >= 1000 else f"{self.amount} {small}"

    @property
    def per_unit(self) -> int:
        """Cents for a kilogram or a litre."""
        return round(self.cents * 1000 / self.amount)


def ware(sheet: Sheet) -> Ware:
    rng = sheet.rng
    name = sheet.once(lambda: food(rng) if sheet.chance(0.75) else sheet.values.title(1, 2))
    drunk = any(word in name for word in ("Juice", "Milk", "Tea", "Soup"))
    amount = rng.choice((100, 125, 150, 200, 250, 300, 330, 400, 500, 750, 1000, 1500, 2000))
    cents = rng.randint(39, 2999) if sheet.chance(0.5) else rng.randint(1, 30) * 100 - rng.choice((1, 5, 10))
    return Ware(name, cents, amount, drunk)


def wares(sheet: Sheet, count: int) -> list[Ware]:
    """Different products: no name is part of another, so that "Butter" is not "Peanut Butter", too."""
    drawn: list[Ware] = []
    while len(drawn) < count:
        one = ware(sheet)
        if not any(_within(one, other) or _within(other, one) for other in drawn):
            drawn.append(one)
    return drawn


def _within(one: Ware, other: Ware) -> bool:
    return one.name.lower() in other.name.lower()
