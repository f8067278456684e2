"""Numbers, plurals and lists as captions say them, and the questions all scenes share."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_vl.synthetic.facts import NOT_THERE
from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.thoughts import numbered

COUNT = (
    "How many {things} are there?",
    "How many {things} can you see?",
    "How many {things} are in the picture?",
)
COLOR = ("What color is the {thing}?", "What is the color of the {thing}?", "Which color is the {thing}?")
IS_THERE = ("Is there a {thing}?", "Is there a {thing} in the picture?", "Can you see a {thing}?")
TRUTH = (
    "{statement} True or false?",
    "True or false: {statement}",
    "Is this true or false? {statement}",
    "Is the statement true or false? {statement}",
)
HOLDS = ("Is it true that {statement}?", "Is it correct that {statement}?")
NUMBERS = "no one two three four five six seven eight nine ten".split()
DOCUMENT = (
    "What is the total?",
    "What is the date?",
    "What is the name of the company?",
    "What is the address?",
)


def number(count: int) -> str:
    """A count in words, up to ten."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def singular(nouns: str) -> str:
    """What `plural` was made of, "bus" and the like aside."""
    if nouns.endswith(("xes", "ches", "shes", "sses")):
        return nouns[:-2]
    return nouns[:-3] + "y" if nouns.endswith("ies") else nouns.removesuffix("s")


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def several(count: int, noun: str) -> str:
    """ "a red ball", "three red balls"; the last word of `noun` is what is counted."""
    return article(noun) if count == 1 else f"{number(count)} {plural(noun)}"


def joined(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def ask_count(sheet: Sheet, count: int, noun: str, seen: Sequence[str] | None = None) -> str:
    """How many there are. seen: those counted, in an order that the picture tells; None where it tells none."""
    asked = sheet.facts.ask(str(count), COUNT, things=plural(noun))
    if seen is not None:
        sheet.facts.think(asked, numbered(seen))
    return asked


def ask_presence(sheet: Sheet, present: Sequence[str], absent: Sequence[str]) -> None:
    """Yes and no in equal number: is there a ...?"""
    rng = sheet.rng
    for thing in rng.sample(list(present), min(1, len(present))):
        _is_there(sheet, thing, "yes")
    for thing in rng.sample(list(absent), min(1, len(absent))):
        _is_there(sheet, thing, "no")


def ask_color(sheet: Sheet, thing: str, color: str) -> None:
    sheet.facts.ask(color, COLOR, thing=thing)


def ask_in_vain(sheet: Sheet, absent: Sequence[str]) -> None:
    """What cannot be answered: the colour of a thing that is not there, a field of a document."""
    if absent and sheet.chance(0.35):
        ask_color(sheet, sheet.rng.choice(list(absent)), NOT_THERE)
    if sheet.chance(0.1):
        asked = sheet.facts.ask(NOT_THERE, (sheet.rng.choice(DOCUMENT),))
        if "total" in asked:  # dice have one
            sheet.facts.doubt(asked)


def ask_truth(sheet: Sheet, statement: str, truth: bool) -> str:
    """A statement, sometimes asked as a question; returns what was asked."""
    if sheet.chance(0.7):
        return sheet.facts.ask("true" if truth else "false", TRUTH, statement=sentence(statement))
    plain = statement[0].lower() + statement[1:]
    return sheet.facts.ask("yes" if truth else "no", HOLDS, statement=plain.rstrip("."))


def _is_there(sheet: Sheet, thing: str, answer: str) -> None:
    forms = IS_THERE if thing[0] not in "aeiou" else tuple(form.replace(" a ", " an ") for form in IS_THERE)
    sheet.facts.ask(answer, forms, thing=thing)
