"""What the server counts, in Prometheus' text format."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minimax_vl.engine import Engine

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)  # seconds
_HELP = {
    "requests": "requests taken on",
    "refused": "requests refused because too many were waiting",
    "finished": "answers that ended by a stop rule",
    "closed": "answers left by their clients, or cut off by the server's end",
    "failed": "requests that ended with an error",
    "prompt_tokens": "tokens of prompts, images included",
    "reused_tokens": "tokens of prompts that were remembered from earlier requests",
    "tokens": "tokens written",
    "steps": "steps of writing; tokens / steps is the mean batch",
}


class Histogram:
    """Seconds in buckets. Safe from several threads."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._counts, self._sum, self._lock = [0] * (len(BOUNDS) + 1), 0.0, threading.Lock()

    def observe(self, seconds: float) -> None:
        place = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self._lock:
            self._counts[place] += 1
            self._sum += seconds

    def lines(self) -> list[str]:
        with self._lock:
            counts, total = list(self._counts), self._sum
        rows, seen = [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} histogram"], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
            seen += count
            rows.append(f'{self.name}_bucket{{le="{bound}"}} {seen}')
        return [*rows, f"{self.name}_sum {total:.6f}", f"{self.name}_count {seen}"]


class Metrics:
    """Two histograms and the replies by status; the rest is read off the engine."""

    def __init__(self) -> None:
        self.first = Histogram("minimax_vl_first_token_seconds", "from the request to the first id")
        self.whole = Histogram("minimax_vl_request_seconds", "from the request to the end of the answer")
        self.replies: Counter[int] = Counter()  # HTTP status -> replies; from the event loop only

    def text(self, engine: Engine, load: Mapping[str, int]) -> str:
        """The page at /metrics."""
        rows: list[str] = []
        for name, value in asdict(engine.counts).items():
            full = f"minimax_vl_{name}_total"
            rows += [f"# HELP {full} {_HELP[name]}", f"# TYPE {full} counter", f"{full} {value}"]
        for name, value in load.items():
            full = f"minimax_vl_{name}"
            rows += [f"# HELP {full} now", f"# TYPE {full} gauge", f"{full} {value}"]
        full = "minimax_vl_http_replies_total"
        rows += [f"# HELP {full} replies by status", f"# TYPE {full} counter"]
        rows += [f'{full}{{status="{status}"}} {count}' for status, count in sorted(self.replies.items())]
        return "\n".join([*rows, *self.first.lines(), *self.whole.lines()]) + "\n"
