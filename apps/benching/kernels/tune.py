"""Choosing a kernel's configuration: right first, against float64, then fastest over the cards that share its slot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import exp, log
from time import monotonic
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.card import Card
from minimax_vl.apps.benching.kernels.compiling import launching_nothing
from minimax_vl.apps.benching.kernels.judge import GATE, OURS, brief, free, poisoned
from minimax_vl.apps.benching.kernels.timing import seconds_in_graph, seconds_of
from minimax_vl.kernels.configs import architecture, config_of, use_config

SHAPES = 3  # of the cards of a slot: the first, the middle and the last
BUDGET = 0.08  # seconds of one measurement
AHEAD = 6  # candidates compiled before their turn: the first of a slot are timed however little time it has

Config = dict[str, int]


def tune(
    slot: str,
    cards: Sequence[Card],
    device: torch.device,
    threads: int,
    seconds: float,
    tell: Callable[[dict[str, Any]], None],
    known: Sequence[dict[str, Any]] = (),
    ahead: bool = True,
) -> dict[str, Any]:
    """Try every candidate of `cards` within `seconds`: {"slot", "arch", "best", "speedup", "tried"}.

    `tell` hears of a candidate before and after it is tried. `known` are entries of `tried` from a process that a
    candidate took down: they are not tried again. With `ahead`, groups of them compile side by side first.
    """
    end = monotonic() + seconds
    jobs = [(card, card.build(device)[OURS]) for card in spread(cards)]
    default = config_of(slot)
    configs = [default, *(c for c in unique(card.candidates for card in cards) if c != default)]
    seen = [entry["config"] for entry in known]
    waiting = [config for config in configs if config not in seen]
    tried = list(known)
    calls = [job for _, job in jobs] + [partial(card.check, device) for card, _ in jobs]
    for i, config in enumerate(waiting):
        if monotonic() > end:
            break
        if ahead and i % AHEAD == 0 and device.type == "cuda":
            compile_ahead(slot, waiting[i : i + AHEAD], calls, threads)
        tell({"trying": config})
        entry: dict[str, Any] = {"config": config}
        try:
            with use_config(slot, config):
                entry["error"] = max(card.check(device)[OURS] for card, _ in jobs)
                if entry["error"] <= GATE:
                    entry["us"] = {card.name: 1e6 * _seconds(card, job, device) for card, job in jobs}
        except Exception as e:
            entry["failed"] = brief(e)
            if poisoned(device):
                raise
        tried.append(entry)
        tell({"tried": entry})
    del jobs
    free(device)
    return {"slot": slot, "arch": architecture(), **choose(default, tried), "tried": tried}


def compile_ahead(
    slot: str, configs: Sequence[Config], calls: Sequence[Callable[[], Any]], threads: int
) -> None:
    """Compile what the calls launch under each configuration, side by side; errors wait for the launch that counts."""
    with launching_nothing(threads):
        for config in configs:
            with use_config(slot, config):
                for call in calls:
                    try:
                        call()
                    except Exception:
                        continue


def choose(default: Config, tried: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """{"best", "speedup"}: the entry with the lowest geometric mean of time, if it is as exact as the default."""
    timed = [entry for entry in tried if entry.get("us")]
    base = next((entry for entry in timed if entry["config"] == default), None)
    if base:
        # A miscompiled variant can pass the gate by luck; half again the default's error is no rounding.
        timed = [entry for entry in timed if entry["error"] <= 1.5 * base["error"] + 1e-5]
    if not timed:
        return {"best": None, "speedup": 1.0}
    best = min(timed, key=_mean)
    return {"best": best["config"], "speedup": _mean(base) / _mean(best) if base else 1.0}


def spread(cards: Sequence[Card]) -> list[Card]:
    """At most SHAPES of them, first and last included."""
    if len(cards) <= SHAPES:
        return list(cards)
    return [cards[0], cards[len(cards) // 2], cards[-1]]


def unique(groups: Any) -> list[Config]:
    """The candidates of every card once, in order."""
    found: list[Config] = []
    for group in groups:
        found += [config for config in group if config not in found]
    return found


def _seconds(card: Card, job: Callable[[], Any], device: torch.device) -> float:
    if card.graph and device.type == "cuda":
        return seconds_in_graph(job, device, replays=8)
    return seconds_of(job, device, BUDGET)


def _mean(entry: dict[str, Any]) -> float:
    times = entry["us"].values()
    return exp(sum(map(log, times)) / len(times))
