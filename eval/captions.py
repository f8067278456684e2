"""What a drawn figure's caption names, thing by thing, and how much of it is in the picture."""

from __future__ import annotations

import re
from collections import Counter

from minimax_vl.eval.drawn import Result
from minimax_vl.eval.metrics import Mean, clustered_ratio

CAPTION = "caption"  # the group of the records that are one
BETWEEN = re.compile(r", | and | with | that shows | showing | on a |: ")


def named(caption: str) -> Counter[str]:
    """ "Two red cups and a ball on a table." names "two red cups", "a ball" and "table"."""
    return Counter(part for part in BETWEEN.split(caption.strip().rstrip(".").lower()) if part)


def agreement(result: Result) -> Mean:
    """Of all that the captions name, the share that the true ones name too, in any order, with its 95 % interval."""
    records = [r for r in result.records if r.kind == CAPTION]
    told = [named(r.reply) for r in records]
    true = [named(r.answer) for r in records]
    return clustered_ratio(
        [(one & other).total() for one, other in zip(told, true, strict=True)],
        [max(one.total(), 1) for one in told],
        [r.page for r in records],
    )
