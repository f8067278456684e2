"""What training asks about a diagram besides: every arrow, every label, in an order that the picture tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minimax_vl.synthetic.sheet import Sheet

ARROWS = ("List the arrows.", "List all arrows.", "Which arrows are there?")
TARGETS = (
    "What does {name} point at?",
    "Which boxes does {name} point at?",
    "Where do the arrows from {name} lead?",
)
SOURCES = (
    "What points at {name}?",
    "Which boxes point at {name}?",
    "Where do the arrows to {name} come from?",
)
IN_ORDER = ("List the {step}s in order.", "Name all {step}s one after the other.")
NOTHING = "nothing"
ASKED = 3  # nodes whose arrows are asked for, in and out


def arrows(sheet: Sheet, names: Sequence[str], links: Sequence[tuple[int, int]]) -> None:
    """All arrows by where they start, and the ends of some; names and links in the order they are listed in."""
    facts = sheet.facts
    if not facts.teaching:
        return
    ordered = sorted(links)
    facts.teach("; ".join(f"{names[i]} -> {names[j]}" for i, j in ordered), ARROWS, whole=True)
    for k in sheet.rng.sample(range(len(names)), min(ASKED, len(names))):
        targets, sources = [names[j] for i, j in ordered if i == k], [names[i] for i, j in ordered if j == k]
        facts.teach(", ".join(targets) or NOTHING, TARGETS, name=names[k])
        facts.teach(", ".join(sources) or NOTHING, SOURCES, name=names[k])


def in_order(sheet: Sheet, names: Sequence[str], step: str) -> None:
    """All names from the first to the last."""
    sheet.facts.teach("; ".join(names), IN_ORDER, whole=True, step=step)


def listed(
    sheet: Sheet, pairs: Mapping[str, str] | Sequence[tuple[str, str]], forms: tuple[str, ...]
) -> None:
    """ "A: eye; B: gill": things and what belongs to them."""
    rows = pairs.items() if isinstance(pairs, Mapping) else pairs
    sheet.facts.teach("; ".join(f"{one}: {other}" for one, other in rows), forms, whole=True)
