"""A bench of parts: each is printed and written down when it is known, and none costs another."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.judge import brief
from minimax_vl.apps.folders import made, writing
from minimax_vl.errors import MiniMaxVLError


class Bench:
    """The result so far; every part is printed and written down when it is known, and a failed part says why."""

    def __init__(self, name: str, out: Path | None, minutes: float) -> None:
        """The result goes to `out`/name.json, if there is an `out`, as it grows. Raises SaveFailed."""
        self.name, self.out, self.began = name, out, monotonic()
        self.end = self.began + 60 * minutes
        self.result: dict[str, Any] = {}
        if out:
            made(out)

    @property
    def left(self) -> float:
        """Seconds until the time is over."""
        return self.end - monotonic()

    def part(self, name: str, work: Callable[[], Any]) -> Any:
        """`work()`'s value, or None when it failed or the time is over."""
        if self.left < 0:
            return self._note(name, {"failed": "the time was over"})
        # A run that is cut off, or hangs, has said in which part.
        print(f"[{monotonic() - self.began:.0f} s] {name} ...", flush=True)
        try:
            return self._note(name, work())
        except Exception as e:  # out of memory in one part must not cost the others
            release()
            if isinstance(e, MiniMaxVLError):  # it says what to do about it; the record has room for one line
                print(f"{name}: {type(e).__name__}\n{e}", file=sys.stderr, flush=True)
            known = self.result.get(name)  # what a long part has put there by itself
            return self._note(name, (known if isinstance(known, dict) else {}) | {"failed": brief(e)})

    def _note(self, name: str, value: Any) -> Any:
        self.result[name] = value
        print(f"{name}: {json.dumps(value)}", flush=True)
        self.write()
        return None if isinstance(value, dict) and "failed" in value else value

    def write(self) -> None:
        """Put the result so far on the disk. Raises SaveFailed."""
        if self.out:
            text, path = json.dumps(self.result, indent=1) + "\n", self.out / f"{self.name}.json"
            with writing(path):
                path.write_text(text, encoding="utf-8")


def clock(*devices: torch.device) -> float:
    """Now, when the devices have done what they were given."""
    for device in devices:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    return perf_counter()


def release() -> None:
    """Give back what nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
