"""minimax-vl bench kernels: plan the steps, print rows as they come, write kernels.json and tuned.json on the way."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, time
from typing import Any

from minimax_vl.apps.benching.kernels.card import Card
from minimax_vl.apps.benching.kernels.cards import MODULES, collect
from minimax_vl.apps.benching.kernels.report import HEAD, cells, line, markdown, row_of, winners
from minimax_vl.apps.benching.kernels.runner import TIME_OVER, Step, run_steps
from minimax_vl.apps.folders import made, writing
from minimax_vl.devices import pick_device
from minimax_vl.errors import InvalidRequest

TUNE_SHARE = 0.5  # of the time, when there is tuning; the table is made first all the same


class Bench:
    """What is known so far; `hear` takes one answer of a worker, prints it and writes it down."""

    def __init__(self, cards: Sequence[Card], out: Path | None) -> None:
        self.cards = {card.name: card for card in cards}
        self.out = out
        self.machine: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.tuned: list[dict[str, Any]] = []
        self.compiled: dict[str, Any] = {}
        self.failed: dict[str, dict[str, str]] = {}

    def hear(self, step: Step, result: dict[str, Any]) -> None:
        if trouble := result.get("failed"):
            self.failed[step["id"]] = trouble
            if trouble.get("all") == TIME_OVER:
                say(f"{step['id']}: {TIME_OVER}")
                return
        show = {"machine": self._machine, "time": self._time, "tune": self._tune, "compile": self._compile}
        show[step["kind"]](step, result)
        for name, reason in (trouble or {}).items():
            say(f"    {name}: {reason}")
        self.save()

    def save(self) -> None:
        if self.out is None:
            return
        everything = {
            "cards": self.answers,
            "tuned": self.tuned,
            "compiled": self.compiled,
            "failed": self.failed,
        }
        write(self.out / "kernels.json", {"machine": self.machine, "rows": self.rows} | everything)
        write(self.out / "tuned.json", winners(self.tuned))

    def summary(self) -> dict[str, Any]:
        """Short enough for the last line of a terminal."""
        rows = [{k: _short(v) for k, v in row.items() if v is not None} for row in self.rows]
        found = {"rows": rows, "tuned": winners(self.tuned), "compiled": self.compiled, "failed": self.failed}
        return {"machine": self.machine} | found

    def _machine(self, step: Step, result: dict[str, Any]) -> None:
        self.machine = {name: value for name, value in result.items() if not isinstance(value, (dict, list))}
        say("  ".join(f"{name}: {_short(value)}" for name, value in self.machine.items()))
        say(line(HEAD))

    def _time(self, step: Step, result: dict[str, Any]) -> None:
        card = self.cards[step["card"]]
        answer = {"op": card.op, "shape": card.shape, "bytes": card.bytes, "flops": card.flops} | result
        self.answers.append(answer)
        self.rows.append(row_of(answer, self.machine if "bytes_per_second" in self.machine else {}))
        say(line(cells(self.rows[-1])))

    def _tune(self, step: Step, result: dict[str, Any]) -> None:
        self.tuned.append({"slot": step["slot"]} | result)
        if result.get("best"):
            say(f"{step['slot']}: {len(result['tried'])} tried, {result['speedup']:.2f} x  {result['best']}")

    def _compile(self, step: Step, result: dict[str, Any]) -> None:
        self.compiled[step["card"]] = result.get("kernels", [])
        for kernel in self.compiled[step["card"]]:
            say(
                f"{step['card']:<44} {kernel['kernel']:<28} {kernel['warps']} warps {kernel['registers']:>4} registers"
                f" {kernel['spills']:>4} spills {kernel['shared'] / 1024:>6.0f} KB"
            )


def run(args: argparse.Namespace) -> int:
    began = monotonic()
    cards, broken = collect(args.cards or MODULES, args.op)
    for module, reason in broken.items():
        say(f"{module} did not load: {reason}")
    if not cards:
        raise InvalidRequest(
            found=f"no card whose name holds {' or '.join(map(repr, args.op))}",
            expected="a part of an op or shape, such as lightning or T16384",
            cause="a typing error, or the modules named above, which did not load",
            next_step="leave --op out to see every card",
        )
    device = "cpu" if args.compile_only else str(pick_device(args.device or "auto"))
    if args.out:
        made(args.out)
    bench = Bench(cards, args.out)
    bench.failed |= {module: {"import": reason} for module, reason in broken.items()}
    job = {"device": device, "modules": list(args.cards or MODULES), "threads": os.cpu_count() or 1}
    job |= {"peers": not args.ours}
    seconds = 60 * args.minutes - (monotonic() - began)
    with tempfile.TemporaryDirectory() as scratch:
        log = (args.out or Path(scratch)) / "worker.log"
        if args.compile_only:
            run_steps([_step("compile", card) for card in cards], job, seconds, log, bench.hear)
        else:
            end = monotonic() + seconds
            tuning = _tuning(cards) if args.tune else []
            timing = [{"id": "machine", "kind": "machine"}, *(_step("time", card) for card in cards)]
            run_steps(timing, job, seconds * (1 - TUNE_SHARE * bool(tuning)), log, bench.hear)
            # A slot that needs less than its part leaves the rest to those after it: the worker divides.
            job["end"] = time() + end - monotonic()
            run_steps(tuning, job, end - monotonic(), log, bench.hear)
    if args.markdown:
        say("\n" + markdown(bench.rows))
    print(json.dumps(bench.summary()))
    return 0


def _step(kind: str, card: Card) -> Step:
    return {"id": f"{kind} {card.name}", "kind": kind, "card": card.name}


def _tuning(cards: Sequence[Card]) -> list[Step]:
    """A step per slot that has candidates; `share` counts the slots that are still to come."""
    slots = list(dict.fromkeys(card.slot for card in cards if card.slot and card.candidates))
    return [
        {"id": f"tune {slot}", "kind": "tune", "slot": slot, "share": len(slots) - i}
        for i, slot in enumerate(slots)
    ]


def say(text: str) -> None:
    print(text, flush=True)


def write(path: Path, value: Any) -> None:
    """Whole or not at all: the run may be cut off at any moment. Raises SaveFailed."""
    part = path.with_suffix(".part")
    with writing(path):
        part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
