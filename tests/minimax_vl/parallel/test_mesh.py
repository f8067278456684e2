"""Several processes compute what one does, and end together."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import minimax_vl
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.load import load_model
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.parallel import watch
from minimax_vl.parallel.testing import (
    answers,
    ask_for_ever,
    be_killed,
    disagree,
    fail_in_the_next_step,
    load_alone,
    load_and_pass,
    load_twice,
    passes,
    run_ranks,
    talk,
    wait_for_ever,
)
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.testing import assert_same

FP32 = {"dtype": "float32"}
CASES = [
    ("slices", FP32),
    ("whole", FP32),
    ("slices", FP32 | {"quantize": "int8"}),
    ("slices", FP32 | {"quantize": "int4"}),
    ("whole", FP32 | {"quantize": "int4"}),
    ("slices", {"dtype": "bfloat16"}),
]
LIMIT = 2e-5  # of fp32 logits of size about 3: other orders of the same sums


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    write_stand_in(folder, PRESETS["debug"], dtype=torch.float32)
    return folder


def usual_error(logits: torch.Tensor, exact: torch.Tensor) -> float:
    """Of the median token: one that rounding sends to another expert is far off, with one process or with many."""
    return (logits - exact).norm(dim=-1).median().item()


@pytest.mark.parametrize(("size", "cases"), [(2, CASES), (4, [CASES[0], CASES[4]])], ids=["2", "4"])
def test_ranks_equal_one(
    checkpoint: Path, tmp_path: Path, size: int, cases: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_VL_KERNELS", "torch")  # the row for CPUs rounds the parts of a sum
    assert run_ranks(size, tmp_path, load_and_pass, checkpoint, "cpu", cases) == [0] * size, errors(tmp_path)
    made = [torch.load(tmp_path / f"{rank}.pt") for rank in range(size)]
    exact = passes(load_model(checkpoint))
    for number, (experts, options) in enumerate(cases):
        alone, parts = passes(load_model(checkpoint, **options)), [rank[number] for rank in made]
        for name, want in alone.items():
            what = f"{name} of {options}, experts {experts}"
            if options["dtype"] == "float32":
                assert_same(what, want, parts[0][name], "a sum left out, decay rates of other heads", LIMIT)
            else:  # every part of a sum is rounded, which must cost no more than the format does
                error, usual = (usual_error(logits, exact[name]) for logits in (parts[0][name], want))
                assert error < 1.25 * usual, f"{what}: {error / usual:.2f} times the error of one process"
            for other in parts[1:]:
                assert torch.equal(parts[0][name], other[name]), f"{what}: ranks differ among themselves"


def test_the_public_interface_answers_as_one_process(checkpoint: Path, tmp_path: Path) -> None:
    """Ids of a caption, of a batch with rows that end early, after a stream that was left."""
    assert run_ranks(2, tmp_path, answers, checkpoint, "cpu", "slices") == [0, 0], errors(tmp_path)
    assert not (tmp_path / "1.pt").exists(), "only rank 0 comes back from load"
    made, want = torch.load(tmp_path / "0.pt"), answers(0, tmp_path, checkpoint, "cpu", None)
    for what in ("caption", "batch", "in turn"):
        assert made[what] == want[what], what
    assert torch.allclose(made["logprobs"], want["logprobs"], atol=1e-4)
    assert "direct" in want and "direct" not in made, "the model alone must be refused, not wait for ever"
    assert not errors(tmp_path).strip()


def test_what_one_tells_the_others_hear(tmp_path: Path) -> None:
    assert run_ranks(3, tmp_path, talk) == [0, 0, 0], errors(tmp_path)
    for rank in (1, 2):
        heard = torch.load(tmp_path / f"{rank}.pt")
        assert heard == [("short", 1), ("long", "x" * 10_000), True, False]


def test_parts_of_different_models_are_not_put_together(checkpoint: Path, tmp_path: Path) -> None:
    assert run_ranks(2, tmp_path, disagree, checkpoint) == [0, 0], errors(tmp_path)
    said = [torch.load(tmp_path / f"{rank}.pt") for rank in range(2)]
    assert all("different models" in words for words in said)


def test_a_second_model_is_refused_and_the_first_goes_on(checkpoint: Path, tmp_path: Path) -> None:
    """The other ranks follow the first, and would never come to where the second is shared out."""
    assert run_ranks(2, tmp_path, load_twice, checkpoint) == [0, 0], errors(tmp_path)
    *refusals, tokens = torch.load(tmp_path / "0.pt")
    assert len(refusals) == 3 and all("one model per program" in words for words in refusals)
    assert tokens == str(
        minimax_vl.load(checkpoint, device="cpu", dtype="fp32")
        .ask([], "What is this?", max_new_tokens=3)
        .tokens
    )


@pytest.mark.gpu(2)
@pytest.mark.parametrize("experts", ["slices", "whole"])
@pytest.mark.parametrize("quantize", [None, "int8", "int4"])
def test_two_gpus_equal_one(checkpoint: Path, tmp_path: Path, experts: str, quantize: str | None) -> None:
    options = {"dtype": "bfloat16", "quantize": quantize}
    args = (checkpoint, "cuda", [(experts, options)])
    assert run_ranks(2, tmp_path, load_and_pass, *args) == [0, 0], errors(tmp_path)
    made = torch.load(tmp_path / "0.pt")[0]
    exact = passes(load_model(checkpoint, dtype="float32", quantize=quantize))
    alone = passes(load_model(checkpoint, device="cuda", **options))
    for name, want in exact.items():
        error, usual = (usual_error(logits, want) for logits in (made[name], alone[name]))
        # One GPU rounds no part of a sum here, and the padded rows have four tokens: their median varies by a quarter.
        assert error < 1.5 * usual, f"{name}: {error / usual:.2f} times the error of one GPU"


@pytest.mark.gpu(2)
@pytest.mark.parametrize("experts", ["slices", "whole"])
def test_two_gpus_answer_as_one(checkpoint: Path, tmp_path: Path, experts: str) -> None:
    """Through recorded steps, whose sums over GPUs are part of the recording."""
    assert run_ranks(2, tmp_path, answers, checkpoint, "cuda", experts) == [0, 0], errors(tmp_path)
    made, want = torch.load(tmp_path / "0.pt"), answers(0, tmp_path, checkpoint, "cuda", None)
    for what in ("caption", "batch", "in turn"):
        assert made[what] == want[what], what


def test_a_killed_rank_ends_the_one_that_waits_for_it(checkpoint: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    assert run_ranks(2, tmp_path, ask_for_ever, checkpoint, be_killed) == [0, -signal.SIGKILL]
    assert time.monotonic() - began < 30
    assert "a rank ended without a word" in torch.load(tmp_path / "0.pt")


def test_the_others_say_of_what_a_rank_died(checkpoint: Path, tmp_path: Path) -> None:
    assert run_ranks(2, tmp_path, ask_for_ever, checkpoint, fail_in_the_next_step) == [0, 1]
    assert "found: rank 1: ValueError: no luck" in torch.load(tmp_path / "0.pt")
    assert "ValueError: no luck" in (tmp_path / "1.err").read_text()


def test_the_others_say_of_what_rank_0_died(checkpoint: Path, tmp_path: Path) -> None:
    """Though it takes the store with it, in which it left its words."""
    assert run_ranks(2, tmp_path, load_alone, checkpoint) == [0, 0], errors(tmp_path)
    assert "rank 0: ModelMissing: found: no folder" in torch.load(tmp_path / "1.pt")


def test_a_rank_that_does_not_notice_is_ended(checkpoint: Path, tmp_path: Path) -> None:
    """Its main thread may hang where no exception comes through."""
    began = time.monotonic()
    assert run_ranks(2, tmp_path, wait_for_ever, checkpoint, be_killed) == [1, -signal.SIGKILL]
    assert time.monotonic() - began < 30
    assert "rank 1 has given no sign of life" in (tmp_path / "0.err").read_text()


def test_a_rank_0_that_is_frozen_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps the store and its connections, and answers nothing."""
    for name, seconds in {"BEAT": 0.01, "SILENCE": 0.1, "GRACE": 0.01}.items():
        monkeypatch.setattr(watch, name, seconds)
    ended, codes = threading.Event(), []
    monkeypatch.setattr(os, "_exit", lambda code: (codes.append(code), ended.set()))
    rank = watch.Watch.__new__(watch.Watch)  # without the processes that its making waits for
    rank.rank, rank.size, rank._heard, rank._done = 1, 2, "", threading.Event()
    rank._store = SimpleNamespace(set=lambda *_: ended.wait(20), check=lambda _: False, get=lambda _: b"")
    beat = threading.Thread(target=rank._run, daemon=True)
    beat.start()
    assert ended.wait(10) and codes == [1]
    rank._done.set()
    beat.join(10)


def test_a_mesh_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(InvalidRequest, match="in a single process"):
        minimax_vl.load("nano", mesh="slices")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"WORLD_SIZE": "two"}, "'two'"),
        ({"WORLD_SIZE": "2", "RANK": "2"}, "RANK=2 and WORLD_SIZE=2"),
        ({"WORLD_SIZE": "2", "RANK": "0"}, "MASTER_ADDR|MASTER_PORT"),
        (
            {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "taken"},
            "in use|EADDRINUSE",
        ),
    ],
    ids=["no number", "beyond the last", "without an address", "a port that is taken"],
)
def test_processes_that_cannot_meet(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], why: str) -> None:
    for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("", 0)) as taken:
        for name, value in told.items():
            monkeypatch.setenv(name, str(taken.getsockname()[1]) if value == "taken" else value)
        with pytest.raises(InvalidRequest, match=why):
            minimax_vl.load("nano", mesh="slices", device="cpu")


def test_what_is_no_mesh() -> None:
    with pytest.raises(InvalidRequest, match="mesh=2"):
        minimax_vl.load("nano", mesh=2)


def errors(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.err")))
