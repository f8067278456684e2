"""What training writes before an answer: the figure spelled out, as far as the question needs it.

Marks behind the values carry on what has been found so far, so that each word needs the one before it and no look
back over a whole list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise


def listed(
    names: Sequence[str], values: Sequence[object], last: int | None = None, marks: Sequence[str] = ()
) -> str:
    """ "Mon: 12; Tue: 15": all pairs, or those up to number `last`; with a mark behind each value, or "" for none."""
    stop = len(names) if last is None else last + 1
    rows = zip(names[:stop], values[:stop], (marks or [""] * len(names))[:stop], strict=True)
    return "; ".join(f"{name}: {value}{mark}" for name, value, mark in rows)


def numbered(names: Sequence[str], marks: Sequence[str] = (), between: str = "; ") -> str:
    """ "1 red ball; 2 blue cup": a count is where it ends; "none" without names. marks: as in `listed`."""
    rows = enumerate(zip(names, marks or [""] * len(names), strict=True), 1)
    return between.join(f"{number} {name}{mark}" for number, (name, mark) in rows) or "none"


def repeats(names: Sequence[str]) -> list[str]:
    """Marks " x2", " x3" for a name that was there before: the last one is how many there are of it."""
    seen: Counter[str] = Counter()
    marks = []
    for name in names:
        seen[name] += 1
        marks.append(f" x{seen[name]}" if seen[name] > 1 else "")
    return marks


def spot(x: float, y: float) -> str:
    """ "c7": where something lies, x and y as shares of the picture; a to j from the left, 0 to 9 from the top.

    What is counted is pointed at first: the next one then is looked for from there on, and none is met twice.
    """
    across, down = (min(max(int(10 * share), 0), 9) for share in (x, y))
    return f"{'abcdefghij'[across]}{down}"


def records(values: Sequence[float], pick: Callable[[Sequence[float]], float]) -> list[str]:
    """Marks "!" for what is more, or less, than all before: the last one is what `pick`, max or min, would take."""
    best = list(accumulate(values, lambda one, other: pick((one, other))))
    return ["!" if i == 0 or best[i] != best[i - 1] else "" for i in range(len(values))]


def tallies(counts: Sequence[bool]) -> list[str]:
    """Marks " #1", " #2" for those that count."""
    return [
        f" #{number}" if one else "" for one, number in zip(counts, accumulate(map(int, counts)), strict=True)
    ]


def steps(values: Sequence[float]) -> list[str]:
    """Marks " +", " -" or " =" for what is more, less or as much as the one before."""
    return ["", *(" +" if b > a else " -" if b < a else " =" for a, b in pairwise(values))]


def totals(values: Sequence[int], show: Callable[[int], str] = str) -> list[str]:
    """Marks " = 3", " = 7": the sum so far, as `show` writes it."""
    return [f" = {show(total)}" for total in accumulate(values)]


def compared(one: float, other: float) -> str:
    """The sign between two values."""
    return ">" if one > other else "<" if one < other else "="
