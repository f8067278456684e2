"""The letter that a reply to a multiple-choice question means: strict as lmms-eval reads it, and tolerant.

The strict rule is that of lmms-eval's AI2D task, checked against 24 replies run through it; the tolerant one reads
what people would, and never takes the article "A" for an option.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

STRICT = re.compile(r"\s*([A-Z])\.")
OPEN, CLOSE = r"[*_`\"'“”‘(\[{]*", r"[*_`\"'”’)\]}]*"
# "B or C", "B, C": two letters are none. "A, I think" and "B, A whale ..." are no second letter.
ALONE = (
    r"(?!['’]?\w)(?!"
    + CLOSE
    + r"\s*(?:,\s*(?:or\s+|and\s+)?|or\s+|and\s+|/\s*|&\s*)(?-i:[A-H])\b(?!\s+[a-z]))"
)
# A letter alone, in brackets, with a stop or comma after it, in bold: nothing else in the reply but its own text.
BARE = re.compile(rf"\s*{OPEN}\s*([A-Za-z])[\s*_`\"'”’)\]}}.,:;!]*")
LED = re.compile(r"[\s*_`\"'(\[{]*([A-Za-z])[*_`\"']*[)\]}.:]+[*_`\"']*\s+(\S.*)", re.S)
# "B, because it eats krill": what follows may name other options. A comma tells the letter A from the article.
COMMA = re.compile(rf"\s*{OPEN}([A-Z]){CLOSE}(?:\s*[,;]|\s+[–—-])?\s+(.*)", re.S)
REASON = re.compile(r"(?:because|since|as|due to)\b")
DOUBT = re.compile(r"(?:or|and|but|maybe|perhaps|possibly|no)\b|[A-H]\b(?!\s+[a-z])")
# The word behind a letter that is not the article: "a because" is no English.
STATED = re.compile(
    r"(?:\banswer\b[*_`]*(?:\s+is)?|\bso|\btherefore|\\boxed)(?:\s+(?:the\s+)?(?:option|choice|letter)\b)?"
    rf"\s*[:=,]?[*_`]*\s*{OPEN}\b([A-Z])\b{ALONE}(?!\s+(?!(?:because|since|as|due)\b)[a-z])",
    re.I,
)
NAMED = re.compile(
    rf"\b(?:choice|option|letter)\b(?:\s+is)?\s*[:=,]?[*_`]*\s*{OPEN}\b([A-Z])\b{ALONE}(?!\s+[a-z])", re.I
)
# "B is correct", "Option C is the correct answer": at the start of a clause, so not the A of "vitamin A is ...".
AFFIRMED = re.compile(
    r"(?:^|[.!?:;,]|\b(?:[Oo]ption|[Ll]etter|[Cc]hoice|[Aa]nswer|that|think|so|and|but|or|[Tt]herefore)\b)"
    rf"\s*{OPEN}\b([A-Z])\b{CLOSE}\s+is\s+(?:the\s+)?(?:answer|(?:correct|right|best)(?:\s+(?:answer|choice|option))?)\b",
    re.M,
)
SUBJECT = re.compile(rf"\b(?:is|be|choose|pick|select)\s+{OPEN}\b([B-Z])\b{ALONE}")
DENIED = re.compile(
    r"(?:\bnot|n['’]t|\bnor|\bneither|\bthan|\bof|\bif|\bdoubt)\s+(?:the\s+)?(?:that\s+)?$", re.I
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
    if letters := _meant(STATED, reply, known):
        return letters[-1], "stated"  # the last one: whoever thinks aloud corrects himself
    begun = COMMA.fullmatch(reply)
    if begun and begun[1] in known and (led := _led(begun)) is not None:
        rest = {*_meant(AFFIRMED, reply, known), *_meant(NAMED, reply, known), *_meant(SUBJECT, reply, known)}
        return (led, "led") if led and rest <= {led} else ("", "unparsed")
    for rule, patterns in (("stated", (NAMED, AFFIRMED)), ("subject", (SUBJECT,))):
        found = {letter for pattern in patterns for letter in _meant(pattern, reply, known)}
        if found:
            return (found.pop(), rule) if len(found) == 1 else ("", "unparsed")
    named = {letter: text for letter, text in zip(known, options) if text.strip() and _holds(reply, text)}
    # Of options that contain one another ("leaf", "leaf stalk"), the longest is the one that was named.
    inner = {
        a for a, text in named.items() for other in named.values() if text != other and _holds(other, text)
    }
    outer = [letter for letter in named if letter not in inner]
    return (outer[0], "text") if len(outer) == 1 else ("", "unparsed")


def _meant(pattern: re.Pattern[str], reply: str, known: str) -> list[str]:
    """Letters that `pattern` finds, but for those that are denied: "not option C"."""
    found = (m for m in pattern.finditer(reply) if not DENIED.search(reply[: m.start()]))
    return [m[1].upper() for m in found if m[1].upper() in known]


def _led(begun: re.Match[str]) -> str | None:
    """The letter before a comma or a reason, "" where a second one is weighed, None for the article of a noun."""
    marked = begun[0][begun.end(1) : begun.start(2)].strip("*_`\"'”’)]} \n\t")
    if not marked:
        return begun[1] if REASON.match(begun[2]) else None
    return "" if DOUBT.match(begun[2]) else begun[1]


def _another(rest: str, known: str) -> bool:
    """Whether a second lettered option follows, so that the reply is a list and no choice."""
    return bool(re.search(rf"(?m)^[\s*(]*[{known}][).:]\s", rest))


def _holds(text: str, part: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(part.strip().lower())}(?!\w)", text.lower()))
