"""The letter that a reply to a multiple-choice question means: strict as lmms-eval reads it, and tolerant.

The strict rule is that of lmms-eval's AI2D task, checked against 24 replies run through it; the tolerant one reads
what people would, and never takes the article "A" for an option.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

STRICT = re.compile(r"\s*([A-Z])\.")
# A letter alone, in brackets, with a stop or comma after it, in bold: nothing else in the reply but its own text.
BARE = re.compile(r"[\s*_`\"'(\[{]*([A-Za-z])[\s*_`\"')\]}.,:;!]*")
LED = re.compile(r"[\s*_`\"'(\[{]*([A-Za-z])[*_`\"']*[)\]}.:]+[*_`\"']*\s+(\S.*)", re.S)
STATED = re.compile(
    r"(?:\b(?:answer|choice|option|letter)\b(?:\s+is)?(?:\s+option)?|\bso|\btherefore)\s*[:=,]?\s*"
    r"[*_`\"'(\[{]*\b([A-Z])\b(?!\s+(?:or|and)\s+[A-Z]\b)(?![\w'’])(?!\s+[a-z])",
    re.I,
)
SUBJECT = re.compile(
    r"\b(?:is|be|choose|pick|select)\s+[*_`\"'(\[{]*([B-Z])\b(?!\s+(?:or|and)\s+[A-Z]\b)(?![\w'’])"
)


def strict(reply: str) -> str:
    """A capital letter with a full stop at the start of the reply, else the whole reply without punctuation."""
    found = STRICT.match(reply)
    text = found[1] if found else reply
    return text.strip().translate(str.maketrans("", "", string.punctuation)).lower()


def is_right_strictly(reply: str, letter: str) -> bool:
    return strict(reply) == letter.lower()


def tolerant(reply: str, options: Sequence[str]) -> tuple[str, str]:
    """The letter, or "" where none was meant, and the rule that found it: bare, led, stated, subject, text, unparsed.

    options: the texts behind A, B, C ...; a letter beyond them is none. Unparsed is wrong, never a guess.
    """
    known = string.ascii_uppercase[: len(options)]
    if (found := BARE.fullmatch(reply)) and found[1].upper() in known:
        return found[1].upper(), "bare"
    if (found := LED.fullmatch(reply)) and found[1].upper() in known and not _another(found[2], known):
        return found[1].upper(), "led"
    for rule, pattern in (("stated", STATED), ("subject", SUBJECT)):
        letters = [m[1].upper() for m in pattern.finditer(reply) if m[1].upper() in known]
        if letters:
            return letters[-1], rule
    named = {letter: text for letter, text in zip(known, options) if text.strip() and _holds(reply, text)}
    # Of options that contain one another ("leaf", "leaf stalk"), the longest is the one that was named.
    inner = {
        a for a, text in named.items() for other in named.values() if text != other and _holds(other, text)
    }
    outer = [letter for letter in named if letter not in inner]
    return (outer[0], "text") if len(outer) == 1 else ("", "unparsed")


def _another(rest: str, known: str) -> bool:
    """Whether a second lettered option follows, so that the reply is a list and no choice."""
    return bool(re.search(rf"(?m)^[\s*(]*[{known}][).:]\s", rest))


def _holds(text: str, part: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(part.strip().lower())}(?!\w)", text.lower()))
