"""Measuring: repeated runs, the machine they ran on, and the memory they took."""

from __future__ import annotations

import platform
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch


@dataclass(frozen=True)
class Spread:
    """Seconds of repeated runs. The best is what the machine can do, the median what a busy one did."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return median(self.seconds)

    def to_dict(self) -> dict[str, float]:
        return {"median_s": round(self.median, 5), "best_s": round(self.best, 5)}


def taking_turns(jobs: Sequence[Callable[[], object]], repeat: int) -> list[Spread]:
    """Time every job `repeat` times, one after the other in each round, so that a busy minute hits all alike.

    Each job runs once before, untimed.
    """
    seconds: list[list[float]] = [[] for _ in jobs]
    for turn in range(repeat + 1):
        for job, spent in zip(jobs, seconds, strict=True):
            began = perf_counter()
            job()
            if turn:
                spent.append(perf_counter() - began)
    return [Spread(tuple(spent)) for spent in seconds]


def machine(threads: int | None = None) -> dict[str, str | int | float]:
    """Processor, threads, versions, and the rate of one large fp32 matrix product, in GFLOP/s."""
    if threads:
        torch.set_num_threads(threads)
    a = torch.randn(1024, 1024)
    with torch.inference_mode():
        (spread,) = taking_turns([lambda: a @ a], 20)
    return {
        "cpu": processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "matmul_gflops": round(2 * 1024**3 / spread.best / 1e9, 1),
    }


def processor() -> str:
    """The name that Linux gives the processor, and its vector instructions as PyTorch sees them."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = names[0] if names else name
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"


def peak_memory() -> float:
    """Most memory that this process has held so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024)  # macOS counts bytes, Linux KiB
