"""Short messages through memory that ranks share: exact, the same on all ranks, whatever was there before."""

from __future__ import annotations

import io
import json
import platform
import signal
import time
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from minimax_vl.apps.cli import main
from minimax_vl.kernels.testing import assert_close
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.parallel.inboxes import CHANNELS, Inboxes, open_inboxes, words_of
from minimax_vl.parallel.testing import LOADED, ask_for_ever, be_killed, run_ranks
from minimax_vl.parallel.testing_inboxes import (
    EPS,
    Case,
    drawn,
    messages,
    model_both_ways,
    recorded_both_ways,
)
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.testing import assert_same

CASES: list[Case] = [
    ((1, 1, 1), 1, torch.float32),
    ((1, 515), 3, torch.bfloat16),
    ((8, 1, 1025), 130, torch.float32),
    ((3, 2, 130), 48, torch.float16),
    ((2, 1, 2048), 96, torch.bfloat16),
]
RELEASE: list[Case] = [((rows, 1, 6144), 4096, torch.bfloat16) for rows in (1, 3, 8, 42)]
LIMIT = {torch.float32: 1e-6, torch.bfloat16: 3e-3, torch.float16: 5e-4}
LOGITS = 2e-5  # of fp32 logits of size about 3: another order of roundings
# Ranks write into memory that processes of one CPU share; where a GPU is, the same cases run between two of them below.
INTERPRETED = pytest.mark.skipif(
    torch.cuda.is_available() or find_spec("triton") is None, reason="takes Triton's interpreter"
)


@pytest.fixture
def peers() -> None:
    """Two GPUs need not reach each other's memory; a mesh then has no inboxes, and nothing here to test."""
    if not torch.cuda.can_device_access_peer(0, 1):
        pytest.skip("these GPUs do not reach each other's memory")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    write_stand_in(folder, PRESETS["debug"], dtype=torch.float32)
    return folder


def check(folder: Path, size: int, cases: list[Case], turns: int) -> None:
    ranks = [torch.load(folder / f"{rank}.pt") for rank in range(size)]
    wanted = [(case, drawn(case, turn, size)) for turn in range(turns) for case in cases]
    for number, (case, given) in enumerate(wanted):
        found, limit = ranks[0][number], LIMIT[case[2]]
        parts, means = zip(
            *((part.double(), x.double().square().mean(-1, keepdim=True)) for part, x in given), strict=True
        )
        exact = sum(part * (mean + EPS).sqrt() for part, mean in zip(parts, means, strict=True))
        exact = exact / (sum(means) / size + EPS).sqrt()
        assert torch.equal(found["join"], torch.cat([part for part, _ in given], dim=-1)), case
        assert_close(f"sum {case}", sum(parts), found["sum"], limit)
        assert_close(f"pieces {case}", 2.75 * sum(parts), found["unsummed"], limit)
        assert_close(f"norm {case}", exact, found["norm"], limit)
        for name in ("sum", "join", "unsummed", "norm"):
            assert found[name].dtype == case[2]
            assert_close(f"{name} {case}, without", found[f"{name} without"].double(), found[name], 3 * limit)
            for other in ranks[1:]:
                assert torch.equal(found[name], other[number][name]), f"{name} {case}: ranks differ"
        if size == 2:
            assert torch.equal(found["sum"], found["sum without"]), "two numbers have one sum"


@INTERPRETED
@pytest.mark.parametrize(("size", "cases"), [(2, CASES), (3, [CASES[1], CASES[3]])], ids=["2", "3"])
def test_messages_of_every_shape(tmp_path: Path, size: int, cases: list[Case]) -> None:
    """Three times in turn, so that every place is overwritten, with one rank late."""
    assert run_ranks(size, tmp_path, messages, "cpu", cases, 3) == [0] * size, errors(tmp_path)
    check(tmp_path, size, cases, 3)


@INTERPRETED
def test_a_model_is_the_same_through_inboxes(checkpoint: Path, tmp_path: Path) -> None:
    assert run_ranks(2, tmp_path, model_both_ways, checkpoint) == [0, 0], errors(tmp_path)
    (through, without), other = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    assert_same("a prompt and steps", without, through, "the mean square of another layer", LOGITS)
    assert torch.equal(through, other[0]), "ranks differ"


COMPILED = """
from types import SimpleNamespace as Card
import torch
from minimax_vl.kernels.unsummed import Unsummed

def x(*shape, dtype=torch.long):
    return torch.empty(*shape, dtype=dtype, device="meta")

def jobs(device):
    def run():
        from minimax_vl.parallel.triton_exchange import exchange  # in the worker alone: here Triton is interpreted
        for ranks in (2, 8):
            memory = x(1 << 16), x(ranks), x(256, dtype=torch.int32), 1
            for dtype in (torch.bfloat16, torch.float32):
                part, normed = x(3, 6144, dtype=dtype), x(3, 8192 // ranks, dtype=dtype)
                exchange(part, x(3, 6144, dtype=dtype), *memory)
                exchange(part, x(3, ranks * 6144, dtype=dtype), *memory)
                exchange(part, x(3, 6144, dtype=dtype), *memory, normed=normed, eps=1e-6)
            pieces = x(4, 3, 2, 6144, dtype=torch.float32), x(3, 2, dtype=torch.float32), torch.bfloat16
            exchange(Unsummed(*pieces), x(3, 6144, dtype=torch.bfloat16), *memory)
    return {"ours": run}

CARDS = [Card(name="exchange", op="exchange", shape="3", slot=None, candidates=(), build=jobs)]
"""


# Triton's compiler comes with assemblers for x86-64 Linux; elsewhere there is none that this could run.
@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine() != "x86_64" or find_spec("triton") is None, reason="takes Triton's compiler"
)
def test_the_exchange_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cards_of_exchange.py").write_text(COMPILED)
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for the worker
    with redirect_stdout(io.StringIO()) as out:
        assert main(["bench", "kernels", "--compile-only", "--cards", "cards_of_exchange"]) == 0
    result = json.loads(out.getvalue().splitlines()[-1])
    assert result["failed"] == {}
    kernels = result["compiled"]["exchange"]
    assert len(kernels) == 14 and all(kernel["spills"] <= 32 for kernel in kernels), kernels


@pytest.mark.gpu(2)
@pytest.mark.usefixtures("peers")
def test_messages_between_gpus(tmp_path: Path) -> None:
    cases = CASES + RELEASE
    assert run_ranks(2, tmp_path, messages, "cuda", cases, 5) == [0, 0], errors(tmp_path)
    check(tmp_path, 2, cases, 5)


@pytest.mark.gpu(2)
@pytest.mark.usefixtures("peers")
def test_a_recorded_step_is_the_same_through_inboxes(checkpoint: Path, tmp_path: Path) -> None:
    assert run_ranks(2, tmp_path, recorded_both_ways, checkpoint, 40) == [0, 0], errors(tmp_path)
    (through, without), other = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    assert_same("recorded steps", without, through, "a place that is written before it is read", LOGITS)
    assert torch.equal(through, other[0]), "ranks differ"


@pytest.mark.gpu(2)
@pytest.mark.usefixtures("peers")
def test_a_killed_rank_ends_the_one_whose_gpu_waits(checkpoint: Path, tmp_path: Path) -> None:
    """Its kernel asks for a message that never comes, until the process is gone."""
    codes = run_ranks(2, tmp_path, ask_for_ever, checkpoint, be_killed, "cuda")
    assert codes[1] == -signal.SIGKILL and codes[0] in (0, 1), errors(tmp_path)
    assert time.time() - (tmp_path / LOADED).stat().st_mtime < 30
    if codes[0] == 1:
        assert "rank 1 has given no sign of life" in (tmp_path / "0.err").read_text()


# How much fits is said by the kernel's block, which lies in a module that imports Triton.
@pytest.mark.skipif(find_spec("triton") is None, reason="Triton is published for Linux only")
def test_what_is_too_long_goes_another_way() -> None:
    inboxes = Inboxes(0, torch.zeros(words_of(2), dtype=torch.int64), [0, 0])
    assert inboxes.hold(torch.empty(CHANNELS, 1, 1024)) and inboxes.hold(torch.empty(1, 1024 * CHANNELS))
    assert not inboxes.hold(torch.empty(CHANNELS // 2 + 1, 1025))
    assert not inboxes.hold(torch.empty(0, 8))


def test_no_inboxes_where_no_gpu_is() -> None:
    assert open_inboxes(0, 2, torch.device("cpu"), differs=lambda _: False) is None


def errors(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.err")))
