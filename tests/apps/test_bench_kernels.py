"""The kernel bench: a worker that falls costs one row, a wrong candidate never wins, and the table's arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from minimax_vl.apps.benching.kernels.card import Card
from minimax_vl.apps.benching.kernels.cards import collect
from minimax_vl.apps.benching.kernels.judge import GATE, time_card
from minimax_vl.apps.benching.kernels.report import duration, markdown, row_of, winners
from minimax_vl.apps.benching.kernels.runner import run_steps
from minimax_vl.apps.benching.kernels.timing import seconds_of
from minimax_vl.apps.benching.kernels.tune import choose, spread, tune, unique
from minimax_vl.apps.cli import main
from minimax_vl.kernels import configs
from minimax_vl.kernels.configs import config_of

CPU = torch.device("cpu")
CARDS = """
import os
from minimax_vl.apps.benching.kernels.card import Card

def jobs(device):
    return {"ours": lambda: sum(range(100)), "peer": lambda: sum(range(9000)), "broken": lambda: 1 / 0}

def exact(device):
    return {"ours": 1e-4}

CARDS = [
    Card("first", "N1", 8, 1, lambda device: os._exit(7), exact),
    Card("second", "N1", 8, 1, jobs, exact),
    Card("third", "N1", 8, 1, jobs, lambda device: {"ours": 1.0}),
]
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "cards_of_a_test.py").write_text(CARDS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # the worker's
    monkeypatch.syspath_prepend(tmp_path)
    return "cards_of_a_test"


def test_a_row_that_kills_its_worker_costs_only_itself(
    module: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(["bench", "kernels", "--cards", module, "--out", str(out), "--device", "cpu", "--markdown"]) == 0
    )
    printed = capsys.readouterr().out
    last = json.loads(printed.splitlines()[-1])
    first, second, third = last["rows"]
    assert "ours_us" not in first and "status 7" in last["failed"]["time first N1"]["all"]
    assert second["best_peer"] == "peer" and second["faster"] > 1
    assert "ZeroDivisionError" in last["failed"]["time second N1"]["broken"]
    assert "ours_us" not in third and "against float64" in last["failed"]["time third N1"]["ours"]
    assert "| second | N1 |" in printed and "| third |" not in printed
    assert len(json.loads((out / "kernels.json").read_text())["cards"]) == 3


def test_unknown_op_is_an_error(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "kernels", "--cards", module, "--op", "nonesuch"]) != 0
    assert "nonesuch" in capsys.readouterr().err


def test_several_ops_can_be_named(module: str) -> None:
    cards, broken = collect([module], ["third", "first"])
    assert [card.op for card in cards] == ["first", "third"] and not broken


def test_no_worker_is_started_when_the_time_is_over(tmp_path: Path) -> None:
    heard: list[Any] = []
    step = {"id": "time x", "kind": "time", "card": "x"}
    run_steps([step], {}, 0, tmp_path / "log", lambda step, result: heard.append(result))
    assert heard == [{"failed": {"all": "the time was over"}}]


SLOT = "norm.of_a_test"
DEFAULT, WRONG, BETTER, MISFIT = ({"BLOCK": n, "num_warps": 4} for n in (1, 2, 3, 4))


@pytest.fixture
def slot(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(configs, "_table", lambda folder: {SLOT: {"default": DEFAULT}})
    return SLOT


def card_of_a_slot() -> Card:
    """More BLOCK, less work; WRONG is the fastest but inexact, MISFIT does not run."""

    def build(device: torch.device) -> dict[str, Any]:
        def job() -> None:
            config = config_of(SLOT)
            if config == MISFIT:
                raise RuntimeError("out of resource: shared memory")
            sum(range({1: 60_000, 2: 10, 3: 20_000}[config["BLOCK"]]))

        return {"ours": job}

    def check(device: torch.device) -> dict[str, float]:
        return {"ours": 0.1 if config_of(SLOT) == WRONG else 1e-3}

    return Card("op", "N1", 1, 1, build, check, SLOT, (WRONG, MISFIT, BETTER, DEFAULT))


def test_the_fastest_exact_candidate_wins(slot: str) -> None:
    told: list[dict[str, Any]] = []
    result = tune(slot, [card_of_a_slot()], CPU, 1, 60, told.append)
    assert result["best"] == BETTER and result["speedup"] > 1.5
    assert [line["trying"] for line in told if "trying" in line] == [DEFAULT, WRONG, MISFIT, BETTER]
    tried = {entry["config"]["BLOCK"]: entry for entry in result["tried"]}
    assert "us" not in tried[2] and "shared memory" in tried[4]["failed"]
    assert winners([result]) == {slot: {"default": BETTER}}


def test_a_candidate_that_took_its_worker_down_is_not_tried_again(slot: str) -> None:
    told: list[dict[str, Any]] = []
    known = [{"config": BETTER, "failed": "no answer"}]
    result = tune(slot, [card_of_a_slot()], CPU, 1, 60, told.append, known)
    assert BETTER not in [line.get("trying") for line in told] and result["best"] == DEFAULT


def test_a_winner_is_as_exact_as_the_default() -> None:
    default = {"config": DEFAULT, "error": 1e-3, "us": {"a": 10.0, "b": 100.0}}
    loose = {"config": WRONG, "error": 3e-3, "us": {"a": 1.0, "b": 10.0}}
    uneven = {"config": BETTER, "error": 1e-3, "us": {"a": 5.0, "b": 190.0}}
    assert loose["error"] < GATE
    chosen = choose(DEFAULT, [default, loose, uneven])
    assert chosen["best"] == BETTER and chosen["speedup"] == pytest.approx((1000 / 950) ** 0.5)
    assert choose(DEFAULT, [{"config": DEFAULT, "failed": "x"}]) == {"best": None, "speedup": 1.0}


def test_cards_and_candidates_of_a_slot() -> None:
    cards = [card_of_a_slot() for _ in range(6)]
    assert spread(cards) == [cards[0], cards[3], cards[5]] and spread(cards[:2]) == cards[:2]
    assert unique(card.candidates for card in cards) == [WRONG, MISFIT, BETTER, DEFAULT]


def test_a_card_that_fails_its_gate_is_not_timed() -> None:
    card = Card("op_of_a_gate", "N1", 1, 1, lambda d: {"ours": int}, lambda d: {"ours": float("nan")})
    result = time_card(card, CPU, 1)
    assert not result["us"] and "float64" in result["failed"]["ours"]


def test_row_takes_the_higher_floor_and_the_best_peer() -> None:
    rates = {"bytes_per_second": 1e9, "flops_per_second": 1e9}
    card = {"op": "a", "shape": "T1", "bytes": 1000, "flops": 2000, "us": {"ours": 4.0, "x": 8.0, "y": 6.0}}
    row = row_of(card | {"graph_us": {}, "errors": {"ours": 1e-3}}, rates)
    assert (row["floor_us"], row["of_floor"], row["best_peer"], row["faster"]) == (2.0, 0.5, "y", 1.5)
    inside = row_of(card | {"graph_us": {"ours": 2.0, "x": 3.0}}, rates)
    assert inside["in_graph"] and (inside["best_peer"], inside["faster"]) == ("x", 1.5)
    assert (
        markdown([row]).splitlines()[-1] == "| a | T1 | 4.0 us | 6.0 us y | 1.50 x | 2.0 us | 50% | 1.0e-03 |"
    )
    alone = row_of({"op": "a", "shape": "T1", "bytes": 1, "flops": 1, "failed": {"all": "x"}}, {})
    assert alone["ours_us"] is None and alone["floor_us"] is None


def test_durations_are_readable() -> None:
    assert [duration(us) for us in (None, 5.25, 150.2, 12345.0)] == ["", "5.2 us", "150 us", "12.35 ms"]


def test_a_call_is_timed_by_itself() -> None:
    calls: list[int] = []
    assert 0 < seconds_of(lambda: calls.append(1), CPU, 0.01) < 0.01
    assert len(calls) >= 4
