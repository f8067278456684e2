"""The process that touches the device: it takes steps on stdin and answers in JSON lines, and may die doing so."""

from __future__ import annotations

import json
import os
import sys
from time import time
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.cards import collect
from minimax_vl.apps.benching.kernels.ceilings import ceilings, machine
from minimax_vl.apps.benching.kernels.judge import brief, compile_card, poisoned, time_card
from minimax_vl.apps.benching.kernels.tune import tune

MOST_TUNING = 100.0  # seconds of one slot
POISONED = 3  # exit status: the device is lost to this process, a fresh one can go on


def main() -> None:
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(line: dict[str, Any]) -> None:
        answers.write(json.dumps(line) + "\n")

    job = json.loads(sys.stdin.read())
    device = torch.device(job["device"])
    cards = {card.name: card for card in collect(job["modules"])[0]}
    for step in job["steps"]:
        tell({"begin": step["id"]})
        try:
            result = perform(step, cards, device, job, tell)
        except Exception as e:
            result = {"failed": {"all": brief(e)}}
        tell({"end": step["id"], "result": result})
        if poisoned(device):
            sys.exit(POISONED)


def perform(
    step: dict[str, Any], cards: dict[str, Any], device: torch.device, job: dict[str, Any], tell: Any
) -> Any:
    kind = step["kind"]
    if kind == "machine":
        return machine(device) | ceilings(device)
    if kind == "time":
        return time_card(cards[step["card"]], device, job["threads"], job["peers"])
    if kind == "compile":
        return {"kernels": compile_card(cards[step["card"]])}
    assert kind == "tune"
    shared = [card for card in cards.values() if card.slot == step["slot"]]
    known, ahead = step.get("known", ()), step.get("ahead", True)
    seconds = min((job["end"] - time()) / step["share"], MOST_TUNING)
    return tune(step["slot"], shared, device, job["threads"], seconds, tell, known, ahead)
