"""Why an answer scored less than it might: the simplest change that would have made it right."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable

from minimax_vl.eval.records import Record

# What is ignored on both sides -> what is left of a text. The first under which they agree is the reason.
IGNORING: dict[str, Callable[[str], str]] = {
    "case": str.lower,
    "blanks": lambda text: re.sub(r"\s", "", text),
    "Unicode form": lambda text: unicodedata.normalize("NFKC", text),
    "punctuation": lambda text: text.translate(str.maketrans("", "", string.punctuation)),
}


def diagnosis(record: Record) -> str:
    """A few words, or "" for an answer that is right."""
    if record.error is not None:
        return "failed"
    if record.answers is None or all(score == 1 for score in record.scores.values()):
        return ""
    if record.options:
        return _of_choice(record)
    said = record.extracted
    if not said.strip():
        return "empty reply"
    if record.finish_reason == "length":
        return "cut off at the token limit"
    for what, keep in IGNORING.items():
        if any(keep(said) == keep(answer) for answer in record.answers):
            return f"differs only by {what}"
    plain = _plain(said)
    if any(plain == _plain(answer) for answer in record.answers):
        return "differs only by form: case, blanks, punctuation"
    if any(_plain(answer) in plain for answer in record.answers if _plain(answer)):
        return "says more than the answer"
    if plain and any(plain in _plain(answer) for answer in record.answers):  # of "-" nothing is left
        return "says a part of the answer"
    return "nearly right" if max(record.scores.values()) >= 0.5 else "another answer"


def _of_choice(record: Record) -> str:
    if not record.extracted:
        return "no letter found"
    return (
        "another option"
        if record.extracted not in (record.answers or ())
        else "right, but not in the strict form"
    )


def _plain(text: str) -> str:
    for keep in IGNORING.values():
        text = keep(text)
    return text
