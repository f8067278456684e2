"""Every card of the package, found through the modules that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from minimax_vl.apps.benching.kernels.card import Card

HOME = "minimax_vl.apps.benching.kernels"
MODULES = tuple(
    f"{HOME}.{name}"
    for name in ("lightning", "experts", "quantised", "gelu", "norms", "shared_norm", "rotary", "softmax")
)


def collect(
    modules: Sequence[str] = MODULES, patterns: Sequence[str] = ()
) -> tuple[list[Card], dict[str, str]]:
    """(cards whose "op shape" holds one of `patterns`, or all; modules that did not load with their errors)."""
    cards, broken = [], {}
    for module in modules:
        try:
            found = import_module(module).CARDS
            cards += [card for card in found if not patterns or any(part in card.name for part in patterns)]
        except Exception as e:  # one broken module must not cost the others their time on a GPU
            broken[module] = f"{type(e).__name__}: {e}"
    return cards, broken
