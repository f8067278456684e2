"""The bench that survives its kernels: a worker process per run of steps, watched, and replaced where it falls."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

STEP_SECONDS = 90.0  # without any answer, with every peer's compilation; then the worker counts as hung
TIME_OVER = "the time was over"
START_SECONDS = 60.0  # importing, and the first touch of the device
# Python puts the working folder first on its path: in a checkout that hides the installed package's folders.
WORKER = "import sys; sys.path[:] = filter(None, sys.path); from {} import main; main()".format(
    "minimax_vl.apps.benching.kernels.worker"
)

Step = dict[str, Any]
Listener = Callable[[Step, dict[str, Any]], None]


def run_steps(
    steps: Sequence[Step], job: dict[str, Any], seconds: float, log: Path, listen: Listener
) -> None:
    """Give `steps` to workers until all are answered or `seconds` are over; `listen(step, result)` hears each answer.

    A step whose worker dies or hangs is answered with {"failed": {"all": reason}}; a tuning step is resumed after
    the candidate at fault instead.
    """
    end = monotonic() + seconds
    waiting = list(steps)
    while waiting:
        if monotonic() >= end:
            for step in waiting:
                listen(step, failed(TIME_OVER))
            return
        waiting = _one_worker(waiting, job, end, log, listen)


def failed(reason: str) -> dict[str, Any]:
    return {"failed": {"all": reason}}


def _one_worker(
    waiting: list[Step], job: dict[str, Any], end: float, log: Path, listen: Listener
) -> list[Step]:
    """Steps left when the worker is gone."""
    waiting = list(waiting)
    lines: queue.Queue[str | None] = queue.Queue()
    with log.open("ab") as errors:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert worker.stdin and worker.stdout
    threading.Thread(target=_read, args=(worker.stdout, lines), daemon=True).start()
    worker.stdin.write(json.dumps(job | {"steps": waiting}))
    worker.stdin.close()
    progress: list[dict[str, Any]] = []
    reason, begun, answered = "", False, False
    while waiting:
        limit = STEP_SECONDS if answered else STEP_SECONDS + START_SECONDS
        try:
            line = lines.get(timeout=max(min(limit, end - monotonic()), 0.1))
        except queue.Empty:
            over = monotonic() >= end
            reason = TIME_OVER if over else f"no answer in {limit:.0f} s"
            worker.kill()
            break
        if line is None:
            reason = f"the process ended with status {worker.wait()}; see {log.name}"
            break
        answer = json.loads(line)
        if "end" in answer:
            listen(waiting.pop(0), answer["result"])
            progress.clear()
            begun, answered = False, True
        elif "begin" in answer:
            begun = True
        else:
            progress.append(answer)
    worker.wait()
    if not waiting or (
        answered and not begun
    ):  # it gave up between two steps, knowing that its device is lost
        return waiting
    return _after_a_fall(waiting, progress, reason, listen)


def _after_a_fall(
    waiting: list[Step], progress: list[dict[str, Any]], reason: str, listen: Listener
) -> list[Step]:
    """The step at fault is answered, or, when a candidate of the tuner was at fault, goes on behind it."""
    step, rest = waiting[0], waiting[1:]
    if step["kind"] != "tune" or reason == TIME_OVER:
        listen(step, failed(reason) | {"progress": progress})
        return rest
    known = [*step.get("known", ()), *(line["tried"] for line in progress if "tried" in line)]
    if progress and "trying" in progress[-1]:
        known.append({"config": progress[-1]["trying"], "failed": reason})
    elif not step.get("ahead", True):  # it fell without a candidate at work, twice
        listen(step, failed(reason) | {"progress": progress})
        return rest
    return [step | {"known": known, "ahead": False}, *rest]


def _read(stream: Any, lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
