"""A line on standard error for work on bytes that takes more than two seconds."""

from __future__ import annotations

import sys
import time

QUIET = 2.0  # seconds before the first line
PAUSE = {True: 0.2, False: 10.0}  # seconds between lines: on a terminal, in a log file


class Progress:
    """Counts bytes towards a total and says so, first after two seconds, ending the line on `close`."""

    def __init__(self, label: str, total: int, *, quiet: bool = False) -> None:
        self.label, self.total, self.done, self.quiet = label, max(total, 1), 0, quiet
        self.begin = time.monotonic()
        self.next = self.begin + QUIET
        self.tty = sys.stderr.isatty()
        self.shown = False

    def add(self, nbytes: int) -> None:
        self.done += nbytes
        now = time.monotonic()
        if now >= self.next and not self.quiet:
            self.next = now + PAUSE[self.tty]
            self._show(now)

    def close(self) -> None:
        if self.shown:
            self._show(time.monotonic())
            if self.tty:
                print(file=sys.stderr)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _show(self, now: float) -> None:
        self.shown = True
        unit, size = ("GB", 1e9) if self.total >= 1e9 else ("MB", 1e6)
        rate = self.done / (now - self.begin) / size
        share = f"{100 * self.done // self.total:3d} % of {self.total / size:.1f} {unit}"
        line = f"{self.label}: {share}, {rate:.1f} {unit}/s{self._left(now)}"
        # what a longer line before this one left on the terminal is wiped out
        print(
            f"\r{line:<79}" if self.tty else line, end="" if self.tty else "\n", file=sys.stderr, flush=True
        )

    def _left(self, now: float) -> str:
        if not 0 < self.done < self.total:
            return ""
        seconds = round((self.total - self.done) * (now - self.begin) / self.done)
        return f", {seconds // 60} min {seconds % 60:02d} s left" if seconds >= 60 else f", {seconds} s left"
