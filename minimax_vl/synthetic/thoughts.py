"""What training writes before an answer: the figure spelled out, as far as the question needs it."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], values: Sequence[object], last: int | None = None) -> str:
    """ "Mon: 12; Tue: 15": all pairs, or those up to number `last`."""
    stop = len(names) if last is None else last + 1
    return "; ".join(f"{name}: {value}" for name, value in zip(names[:stop], values[:stop], strict=True))


def numbered(names: Sequence[str]) -> str:
    """ "1 red ball; 2 blue cup": a count is where it ends; "none" without names."""
    return "; ".join(f"{number} {name}" for number, name in enumerate(names, 1)) or "none"
