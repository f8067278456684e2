"""One card on one device: first the error against float64, then the time of ours and of each peer."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.card import Card
from minimax_vl.apps.benching.kernels.compiling import (
    autotuning_in_parallel,
    describe,
    launching_nothing,
    pretending_sm_90,
)
from minimax_vl.apps.benching.kernels.timing import seconds_in_graph, seconds_of
from minimax_vl.kernels.backends import TABLE, use_backend

# bf16 rounds an output by up to 1.7e-3 of its RMS; ours may round twice on the way, a wrong kernel is far off.
GATE = 4e-3
OURS = "ours"


def time_card(card: Card, device: torch.device, threads: int, peers: bool = True) -> dict[str, Any]:
    """{"errors", "us", "graph_us", "failed"}, each by the name of the implementation.

    One that fails, or is further than GATE from float64, is in `failed` with the reason and is not timed.
    """
    result: dict[str, Any] = {"errors": {}, "us": {}, "graph_us": {}, "failed": {}}
    with autotuning_in_parallel(threads) if device.type == "cuda" else nullcontext():
        result["errors"] = card.check(device)
        for name, error in result["errors"].items():
            if not error <= GATE:  # NaN too
                result["failed"][name] = f"error {error:.1e} against float64, over {GATE:.0e}"
        jobs = card.build(device)
        for name, job in jobs.items():
            # A peer that rounds more is timed all the same: its error stands beside its time.
            if name in result["failed"] if name == OURS else not peers:
                continue
            try:
                result["us"][name] = 1e6 * seconds_of(job, device)
                if card.graph and device.type == "cuda":
                    result["graph_us"][name] = 1e6 * seconds_in_graph(job, device)
            except Exception as e:  # a peer may be missing a piece, or may not be capturable
                result["failed"][name] = brief(e)
                if poisoned(device):
                    raise
    del jobs
    free(device)
    return result


def compile_card(card: Card) -> list[dict[str, Any]]:
    """What sm_90 makes of each kernel that the card launches, without a GPU: the inputs have shapes and no data."""
    rows = {op for op, known in TABLE.items() if "triton" in known}
    with pretending_sm_90(), launching_nothing() as found:
        job = card.build(torch.device("meta"))[OURS]
        if rows:
            with use_backend("triton", *sorted(rows)):
                job()
        else:
            job()
    return [vars(describe(name, kernel)) for name, kernel in found]


def brief(e: BaseException) -> str:
    """One line of an error, short enough for a table."""
    lines = str(e).strip().splitlines() or [""]
    return f"{type(e).__name__}: {lines[0]}"[:160]


def poisoned(device: torch.device) -> bool:
    """Whether an illegal access has spoiled this process: nothing runs on the device any more."""
    if device.type != "cuda":
        return False
    try:
        torch.cuda.synchronize(device)
    except Exception:
        return True
    return False


def free(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
