"""How far a run is, its score so far and the time that is left, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Progress:
    """Rewrites one line on a terminal; elsewhere prints about ten, since logs keep every one."""

    def __init__(
        self, total: int, unit: str, metric: str, *, label: str = "", out: TextIO | None = None
    ) -> None:
        self.total, self.unit, self.metric, self.label = total, unit, metric, label
        self._out = sys.stderr if out is None else out
        self._began, self._first, self._shown = time.monotonic(), 0, -1

    def start(self, done: int) -> None:
        """Answers of an earlier run count as done, but not for the speed."""
        self._first = done

    def begin(self) -> None:
        """The first question is asked now: what came before, such as loading a model, is no part of the speed."""
        self._began = time.monotonic()

    def show(self, done: int, score: float | None, failed: int = 0) -> None:
        """`score` is 0..1, or None where the answers are hidden."""
        live = self._out.isatty()
        if not live and done < self.total and self._shown >= 0 and done - self._shown < self.total / 10:
            return
        self._shown = done
        parts = [f"{done}/{self.total} {self.unit}"]
        if score is not None:
            parts.append(f"{100 * score:.1f} % {self.metric}")
        if failed:
            parts.append(f"{failed} failed")
        if done > self._first and done < self.total:
            left = (self.total - done) * (time.monotonic() - self._began) / (done - self._first)
            parts.append(f"{duration(left)} left")
        line = f"{self.label}{self._bar(done) if live else ''}{', '.join(parts)}"
        ending = "\r" if live and done < self.total else "\n"
        print(f"\x1b[2K{line}" if live else line, end=ending, file=self._out, flush=True)

    def _bar(self, done: int) -> str:
        full = 20 * done // max(1, self.total)
        return f"[{'=' * full}{' ' * (20 - full)}] "


def duration(seconds: float) -> str:
    """42 s, 3:05 min or 2:10 h."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02} min" if minutes < 100 else f"{minutes // 60}:{minutes % 60:02} h"


def counted(total: int, unit: str, metric: str) -> Callable[[int, float, int], None]:
    """A `progress` callback for suites that count and score by themselves; a last page may go beyond `total`."""
    progress = Progress(total, unit, metric)

    def show(done: int, score: float, earlier: int) -> None:
        progress.total = max(total, done)
        progress.start(earlier)
        progress.show(done, score)

    return show


@contextmanager
def told_when_stopped(label: str, folder: Path | None) -> Iterator[None]:
    """When the work is interrupted, say that `folder` holds the answers so far, or without one that they are lost."""
    try:
        yield
    except KeyboardInterrupt:
        kept = f"the same command goes on from the answers in {folder}"
        print(f"{label}: stopped; {kept if folder else 'answers are kept only with --out'}", file=sys.stderr)
        raise
