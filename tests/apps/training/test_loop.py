"""`minimax-vl train` on a CPU: a few steps, resumed, over two processes, and stopped by a NaN."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from minimax_vl import presets
from minimax_vl.apps import answering
from minimax_vl.apps.cli import main
from minimax_vl.apps.train import with_mixers
from minimax_vl.apps.training import recipe
from minimax_vl.apps.training.loop import Diverged, echoed, train
from minimax_vl.apps.training.paint import PaintHead
from minimax_vl.apps.training.recipe import MANY, rate
from minimax_vl.apps.training.saving import HEADS, STATE, stood
from minimax_vl.apps.training.testing import SMALL, rows, settings
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.loading import load_model
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.pipeline import load
from minimax_vl.presets import NANO


def test_the_command_trains_nano_a_little(tmp_path):
    few = ["--minutes", "60", "--max-steps", "2", "--tiles", "2", "--workers", "0", "--check-pages", "0"]
    assert main(["train", "--out", str(tmp_path), "--no-compile", "--device", "cpu", "--int8", *few]) == 0
    assert len([row for row in rows(tmp_path) if "answer" in row]) == 2
    assert load(tmp_path / "model").model.config == NANO, "what was trained can be asked, tokenizer and all"


def test_trains_checks_saves_and_resumes(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    model = train(SMALL, settings(first, check_pages=1), torch.device("cpu"))
    shares = torch.tensor(rows(first)[1]["experts"])
    assert shares.shape == (2, 4) and shares.sum(-1).allclose(torch.ones(2), atol=3e-3)
    assert [row["drawn"] - row["pages"] for row in rows(first) if "drawn" in row] == [0, 0], "none came twice"
    assert rows(first)[0]["ranks"] == 1 and rows(first)[-1]["check"]["answers"] > 0
    assert json.loads((first / "state.json").read_text())["step"] == 2
    saved = dict(load_model(first / "model", dtype=torch.float32).named_parameters())
    for name, p in model.named_parameters():
        torch.testing.assert_close(saved[name], p, rtol=2**-7, atol=1e-6, msg=name)  # saved in bf16
    # One step at rate 0 from the saved weights: what comes out is what went in.
    still = settings(
        second, resume=first / "model", max_steps=1, begin=0.5, muon_rate=0.0, adam_rate=0.0, seed=1
    )
    head = load_file(first / HEADS)
    resumed = train(SMALL, still, torch.device("cpu"))
    torch.testing.assert_close(load_file(second / HEADS), head)
    assert rows(second)[1]["progress"] >= 0.5
    for name, p in resumed.named_parameters():
        assert p.dtype == torch.float32 and torch.equal(saved[name], p), name


@pytest.mark.parametrize(
    ("mixers", "layers"), [("hybrid", (0, 1)), ("softmax", (1, 1)), ("lightning", (0, 0))]
)
def test_layers_of_one_kind_can_be_trained_for_comparison(mixers, layers, tmp_path):
    train(with_mixers(SMALL, mixers), settings(tmp_path, glyph_weight=0.0), torch.device("cpu"))
    assert load_model(tmp_path / "model").config.text.attn_type_list == layers
    assert [row["answer"] > 0 for row in rows(tmp_path) if "answer" in row] == [True, True]


def test_other_layers_than_those_of_a_checkpoint_are_refused(tmp_path, capsys):
    options = ["--mixers", "softmax", "--resume", str(PACKAGED / "nano")]
    assert main(["train", "--out", str(tmp_path / "run"), *options]) == 2
    assert "a checkpoint brings its layers" in capsys.readouterr().err


def test_what_another_run_has_learned_is_not_trained_over(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(presets, "preset", lambda name: with_mixers(SMALL, "softmax"))
    train(SMALL, settings(tmp_path), torch.device("cpu"))
    before = {path: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    few = ["train", "--out", str(tmp_path), "--max-steps", "1", "--tiles", "2", "--workers", "0"]
    few += ["--check-pages", "0", "--no-compile", "--device", "cpu"]
    assert main(few) == 2
    assert "--force to train over it" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    assert main([*few, "--resume", str(tmp_path / "model")]) == 0
    assert main([*few, "--force"]) == 0
    config = tmp_path / "model" / "config.json"
    assert config.read_bytes() != before[config]


def test_a_nan_stops_the_run_and_saves_nothing(tmp_path):
    with pytest.raises(Diverged, match="step 1"):
        train(SMALL, settings(tmp_path, max_steps=9, muon_rate=float("nan")), torch.device("cpu"))
    assert not (tmp_path / "model").exists(), "a broken model must not replace a sound one"


def test_a_step_on_many_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "MANY", MANY[:1])
    many = settings(tmp_path, many_pages=1.0, max_steps=1, begin=0.5, tiles=MANY[0].tiles)
    train(SMALL, many, torch.device("cpu"))
    assert rows(tmp_path)[1]["shape"] == [1, 24, 4096] and 0 < rows(tmp_path)[1]["answer"] < 20


def test_a_nan_of_any_loss_stops_the_run(tmp_path, monkeypatch):
    """Its gradients are left out, so that nothing would be learned any more, and the answers' loss stays finite."""
    monkeypatch.setattr(PaintHead, "forward", lambda self, features, *_: features.sum() * float("nan"))
    with pytest.raises(Diverged, match="paint"):
        train(SMALL, settings(tmp_path, max_steps=9), torch.device("cpu"))


def test_a_resumed_run_goes_on_where_it_stood_with_other_pages(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    train(SMALL, settings(first, until=0.6, seed=4), torch.device("cpu"))
    assert stood(first / "model") == (0.6, 4) and stood(None) == stood(PACKAGED / "nano") == (0.0, -1)
    few = ["--resume", str(first / "model"), "--max-steps", "1", "--tiles", "2", "--workers", "0"]
    few += ["--check-pages", "0", "--no-compile", "--device", "cpu"]
    assert main(["train", "--out", str(second), *few]) == 0
    assert rows(second)[0]["settings"]["seed"] == "5" and 0.6 <= rows(second)[1]["progress"] < 0.61
    (first / STATE).write_text('{"step": 3}')
    with pytest.raises(InvalidRequest, match="progress"):
        stood(first / "model")


def test_a_resumed_run_draws_for_its_checkpoint_whichever_preset_that_was(tmp_path):
    train(SMALL, settings(tmp_path), torch.device("cpu"))
    few = ["--resume", str(tmp_path / "model"), "--max-steps", "1", "--tiles", "2", "--workers", "0"]
    few += ["--check-pages", "0", "--no-compile", "--device", "cpu", "--preset", "debug"]
    assert main(["train", "--out", str(tmp_path), *few]) == 0


@pytest.mark.parametrize("damage", ["cut short", "another size"])
def test_heads_that_are_none_of_the_checkpoints_are_named(damage, tmp_path, capsys):
    train(SMALL, settings(tmp_path), torch.device("cpu"))
    heads = tmp_path / HEADS
    if damage == "cut short":
        heads.write_bytes(heads.read_bytes()[:1000])
    else:
        save_file({name: value[..., :1].contiguous() for name, value in load_file(heads).items()}, heads)
    few = ["--resume", str(tmp_path / "model"), "--max-steps", "1", "--tiles", "2", "--workers", "0"]
    few += ["--check-pages", "0", "--no-compile", "--device", "cpu"]
    assert main(["train", "--out", str(tmp_path), *few]) == 2
    assert f"found: {heads}: " in capsys.readouterr().err


def test_a_full_disk_leaves_the_heads_and_the_state_that_were_there(tmp_path, monkeypatch):
    train(SMALL, settings(tmp_path), torch.device("cpu"))
    before = (tmp_path / HEADS).read_bytes()
    real = Path.write_bytes

    def full(path, data):
        real(path, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SaveFailed, match="No space left"):
        train(SMALL, settings(tmp_path, seed=1), torch.device("cpu"))
    assert (tmp_path / HEADS).read_bytes() == before and not list(tmp_path.glob(".*.partial"))


@pytest.mark.parametrize(
    "option", ["--minutes 0", "--max-steps 0", "--tiles 0", "--warmup 0", "--average -1"]
)
def test_a_run_of_nothing_is_refused(option, tmp_path, capsys):
    assert main(["train", "--out", str(tmp_path / "run"), *option.split()]) == 2
    assert option in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_rates_warm_up_and_fall():
    def at(step, progress):
        return rate(step, progress, warmup=10, decay_from=0.5)

    assert at(0, 0.0) == pytest.approx(0.1) and at(9, 0.1) == 1.0
    assert at(99, 0.75) == pytest.approx(0.5) and at(99, 1.0) == pytest.approx(0.02)


def test_rates_that_never_fall():
    assert rate(99, 1.0, warmup=10, decay_from=1.0) == 1.0


def test_a_batch_is_repeated_while_none_is_ready_and_never_too_often():
    hold = threading.Event()

    def slow():
        yield from range(20)
        hold.wait(30)  # as if the next one took long to draw
        yield from range(20, 40)

    stream, order = echoed(slow(), 3, random.Random(0), apart=4), []
    while len(order) < 200:
        if len(order) > 40:
            hold.set()
        batch, fresh = next(stream, (None, False))
        if batch is None:
            break
        assert fresh == (batch not in order)
        order.append(batch)
    assert set(order) == set(range(40)), "every batch comes"
    assert 2 <= max(order.count(i) for i in range(40)) <= 3
    assert list(echoed(iter(range(5)), 1, random.Random(0))) == [(i, True) for i in range(5)]


def test_a_failure_to_draw_ends_the_run_with_its_error():
    def broken():
        yield 1
        raise ValueError("no font")

    with pytest.raises(ValueError, match="no font"):
        list(echoed(broken(), 3, random.Random(0)))


PARITY = """
import os, torch
from minimax_vl.apps.training.ranks import Ranks
ranks = Ranks(torch.device("cpu"))
assert ranks.agree(float(ranks.rank + 5)) == 5.0
gradient = torch.tensor([float(ranks.rank), 2.0 + ranks.rank])
ranks.average(gradient)
assert torch.equal(gradient, torch.tensor([0.5, 2.5])), gradient
ranks.close()
"""


def test_two_ranks_agree_on_the_clock_and_average_gradients(tmp_path):
    script = tmp_path / "ranks.py"
    script.write_text(PARITY)
    launch = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        str(script),
    ]
    done = subprocess.run(
        launch, capture_output=True, text=True, timeout=120, env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"}
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_pages_can_be_looked_at_before_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(answering, "SLOW", 0.0)
    assert main(["train", "--out", str(tmp_path), "--show", "2"]) == 0
    assert capsys.readouterr().err == "drawing 2 pages ...\n"
    with Image.open(tmp_path / "pages.png") as sheet:
        assert sheet.width > 1500 and len(set(sheet.get_flattened_data())) > 100
    assert not (tmp_path / "log.jsonl").exists()
