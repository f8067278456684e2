"""Questions that several slides share: items by their place, what follows, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from minimax_vl.synthetic.regions import ORDINALS
from minimax_vl.synthetic.slides.look import Look

NTH = ("What is the {place} {thing}?", "What does the {place} {thing} say?", "Read the {place} {thing}.")
AFTER = ("Which {thing} comes after '{other}'?", "What is the next {thing} after '{other}'?")
COUNT = (
    "How many {things} are there?",
    "How many {things} are on the slide?",
    "How many {things} does it list?",
)


def given(look: Look, shown: Mapping[str, str], forms: Mapping[str, tuple[str, ...]]) -> None:
    """Ask for each field that is shown, and note that one may ask for the others in vain."""
    facts = look.sheet.facts
    for name, ways in forms.items():
        facts.ask(shown[name], ways) if name in shown else facts.lack(ways)


def nth(look: Look, texts: Sequence[str], thing: str) -> None:
    """Ask for the items of a list by their place."""
    facts, many = look.sheet.facts, len(texts) > 4
    for place, text in zip(ORDINALS, texts):
        facts.ask(text, NTH, one_of_many=many, place=place, thing=thing)
    if len(texts) > 1:
        facts.ask(texts[-1], NTH, place="last", thing=thing)


def followed(look: Look, texts: Sequence[str], thing: str) -> None:
    """Ask what comes after an item of a list."""
    for other, text in pairwise(texts):
        look.sheet.facts.ask(text, AFTER, one_of_many=len(texts) > 4, other=other, thing=thing)


def counted(look: Look, count: int, things: str, forms: tuple[str, ...] = COUNT) -> None:
    """Ask for a number of things where its figure is printed somewhere, as every answer on a page of print is."""
    if str(count) in look.canvas.text:
        look.sheet.facts.ask(str(count), forms, things=things)
