"""What a drawn figure's caption names, thing by thing and fact by fact, and how much of it is in the picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence

from minimax_vl.eval.drawn import Result
from minimax_vl.eval.metrics import Mean, clustered_ratio
from minimax_vl.synthetic.scenes.words import NUMBERS, singular

CAPTION = "caption"  # the group of the records that are one
BETWEEN = re.compile(r", | and | with | that shows | showing | on a |: ")
RELATION = re.compile(r"(.+) (above|below|left of|right of) (.+)")
# Values of dice, of towers and boxes, or on a dial, in the order of what has them.
VALUES = re.compile(r"(.+?) (?:of|with|showing|that shows) ([\w:, -]+?)(?: blocks| shapes)?")
VALUE = re.compile(rf"{'|'.join(NUMBERS)}|-?[\d:]+")
KINDS = ("attribute", "count", "relation")
Fact = tuple[Hashable, ...]  # one of KINDS, and what it states


def named(caption: str) -> Counter[str]:
    """ "Two red cups and a ball on a table." names "two red cups", "a ball" and "table"."""
    return Counter(part for part in BETWEEN.split(_plain(caption)) if part)


def facts(caption: str) -> Counter[Fact]:
    """ "Two red cups on a table." states ("attribute", "red cup"), ("count", "red cup", 2), ("relation", "on a table").

    A thing is an attribute together with its colour or mood, however many there are. Values of things in a row, or on a
    dial, are counts by their place. Two things and how they lie to each other are one relation.
    """
    text, found = _plain(caption), set[Fact]()
    if text.endswith(" on a table"):
        text = text.removesuffix(" on a table")
        found.add(("relation", "on a table"))
    if pair := RELATION.fullmatch(text):
        found.add(("relation", *pair.groups()))
        text = f"{pair[1]}, {pair[3]}"
    if row := VALUES.fullmatch(text):
        values = re.split(", | and ", row[2])
        if all(map(VALUE.fullmatch, values)):
            found |= {("count", "value", place, value) for place, value in enumerate(values)}
            text = row[1]
    things: Counter[str] = Counter()
    for part in filter(None, BETWEEN.split(text)):
        thing, count = _counted(part)
        things[thing] += count
    for thing, count in things.items():
        found |= {("attribute", thing), ("count", thing, count)}
    return Counter(found)


def agreement(result: Result) -> dict[str, Mean]:
    """Metric -> share with its 95 % interval, over all captions of a result.

    "things named": of the things that the captions name, those that the true ones name too, in any order; a wrong
    number makes a wrong thing. "facts named": of the attributes, counts and relations that they state, those that hold;
    "facts found": of those that the true captions state, those that are stated. "attributes", "counts", "relations":
    as "facts named", of one kind, where any are stated.
    """
    records = [r for r in result.records if r.kind == CAPTION]
    pages = [r.page for r in records]

    def share(told: Sequence[Counter], true: Sequence[Counter], of: Sequence[int]) -> Mean:
        return clustered_ratio([(a & b).total() for a, b in zip(told, true, strict=True)], of, pages)

    things, there = [named(r.reply) for r in records], [named(r.answer) for r in records]
    told, true = [facts(r.reply) for r in records], [facts(r.answer) for r in records]
    shares = {
        "things named": share(things, there, [max(one.total(), 1) for one in things]),
        "facts named": share(told, true, [max(one.total(), 1) for one in told]),
        "facts found": share(told, true, [one.total() for one in true]),
    }
    for kind in KINDS:
        some = [Counter(fact for fact in one if fact[0] == kind) for one in told]
        if any(some):
            shares[f"{kind}s"] = share(some, true, [one.total() for one in some])
    return shares


def _plain(caption: str) -> str:
    return caption.strip().rstrip(".").lower()


def _counted(part: str) -> tuple[str, int]:
    """ "two red cups" -> ("red cup", 2); what begins with no number is one."""
    first, _, rest = part.partition(" ")
    if first in ("a", "an") and rest:
        return rest, 1
    if first in NUMBERS and rest:
        return singular(rest), NUMBERS.index(first)
    return part, 1
