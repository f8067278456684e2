"""How long one call takes: the median of separate calls from a cold cache, and of calls replayed from a CUDA graph."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import torch

L2_BYTES = 256 << 20  # several times the cache of any GPU so far: writing it drops everything else
SECONDS = 0.15  # spent on one measurement


def seconds_of(job: Callable[[], Any], device: torch.device, budget: float = SECONDS) -> float:
    """Median seconds of a call, its inputs out of the cache. The first call, which compiles, is not counted."""
    job()
    if device.type != "cuda":
        return _on_the_host(job, budget)
    job()
    torch.cuda.synchronize(device)
    began = perf_counter()
    job()
    torch.cuda.synchronize(device)
    repeat = min(max(int(budget / (perf_counter() - began + 1e-4)), 5), 200)
    flush = torch.empty(L2_BYTES, dtype=torch.int8, device=device)
    pairs = []
    for _ in range(repeat):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        flush.zero_()
        start.record()
        job()
        end.record()
        pairs.append((start, end))
    torch.cuda.synchronize(device)
    return median(start.elapsed_time(end) for start, end in pairs) / 1e3


def seconds_in_graph(
    job: Callable[[], Any], device: torch.device, calls: int = 20, replays: int = 20
) -> float:
    """Median seconds of a call when `calls` of them are one CUDA graph: no launch cost, and a warm cache."""
    side = torch.cuda.Stream(device)
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):
        for _ in range(3):
            job()
    torch.cuda.current_stream(device).wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(calls):
            job()
    graph.replay()
    return seconds_of(graph.replay, device, replays * 1e-2) / calls


def _on_the_host(job: Callable[[], Any], budget: float) -> float:
    spent: list[float] = []
    while len(spent) < 3 or (sum(spent) < budget and len(spent) < 200):
        began = perf_counter()
        job()
        spent.append(perf_counter() - began)
    return median(spent)
