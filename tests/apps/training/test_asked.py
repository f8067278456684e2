"""What `minimax-vl train` refuses before it draws anything, and what it says when it is interrupted."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

import pytest

from minimax_vl.apps import train
from minimax_vl.apps.cli import main
from minimax_vl.apps.training import loop
from minimax_vl.apps.training.saving import STATE
from minimax_vl.loading.hub import PACKAGED

CPU = ("--device", "cpu", "--no-compile", "--check-pages", "0")


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "train", lambda *_: pytest.fail("the run began"))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--fonts", "no training face in"),
        ("--real", "no rows.jsonl.gz in"),
        ("--tokenizer", "no tokenizer.json in"),
    ],
)
def test_a_folder_without_what_is_drawn_from_is_refused_by_the_command(
    option: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], no_training: None
) -> None:
    """A process that draws would say it with its traceback, inside the error."""
    assert main(["train", "--out", str(tmp_path / "run"), option, str(tmp_path / "nope"), *CPU]) in (1, 2)
    shown = capsys.readouterr().err
    assert f"found: {said}" in shown and "next step: " in shown and "Traceback" not in shown
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "option",
    [
        *("--workers -1", "--seed -1", "--check-pages -1", "--minutes nan"),
        *("--begin 2.0", "--begin -0.1", "--until 1.5", "--until nan", "--many-pages 2.0"),
        *("--muon-rate nan", "--adam-rate -0.003", "--glyph-weight inf", "--balance-weight -1.0"),
        *("--save-every nan", "--check-every -1.0", "--decay-from nan", "--one-tile-until -1.0"),
        "--begin 0.8 and --until 0.5",
    ],
)
def test_numbers_that_no_run_can_have(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], no_training: None
) -> None:
    asked = option.replace(" and", "").split()
    assert main(["train", "--out", str(tmp_path / "run"), *asked]) == 2
    assert f"found: {option}\n" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_a_resumed_run_that_stood_further_than_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], no_training: None
) -> None:
    (tmp_path / STATE).write_text('{"step": 9, "progress": 0.75, "seed": 0}')
    asked = ["train", "--out", str(tmp_path / "next"), "--resume", str(tmp_path / "model"), "--until", "0.5"]
    assert main(asked) == 2
    assert "stood further on" in capsys.readouterr().err


@pytest.mark.parametrize(("cores", "workers"), [(2, 2), (64, 15), (None, 1)])
def test_no_more_processes_draw_than_there_are_cores(
    cores: int | None, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    assert parser.parse_args([]).workers == workers
    assert f"one a core, at most 15: {workers}" in " ".join(parser.format_help().split())


@pytest.mark.parametrize("what", [["--workers", "0"], ["--show", "1"]], ids=["train", "show"])
@pytest.mark.parametrize("place", ["file", "below a file"])
def test_an_out_that_is_no_folder(
    what: list[str], place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.png"
    file.write_bytes(b"kept")
    out = file if place == "file" else file / "run"
    assert main(["train", "--out", str(out), *what, *CPU]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"minimax-vl train: SaveFailed\nfound: {out} cannot be written")
    assert "next step: " in shown and file.read_bytes() == b"kept"


def test_variables_of_another_job_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "auto")
    assert main(["train", "--out", str(tmp_path), "--workers", "0", *CPU]) == 2
    assert "found: RANK=0, WORLD_SIZE=auto" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_said_before_anything_is_learned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "fresh_model", lambda *_: pytest.fail("a model was made"))
    (tmp_path / "log.jsonl").symlink_to(tmp_path / "nowhere" / "log.jsonl")
    assert main(["train", "--out", str(tmp_path), "--workers", "0", *CPU]) == 1
    assert f"found: {tmp_path / 'log.jsonl'} cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("rank", ["0", "1"])
def test_an_interrupted_run_says_what_it_has_saved(
    rank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saves = False

    def interrupted(*_: object) -> None:
        if saves:
            (tmp_path / "model").mkdir()
            shutil.copy(PACKAGED / "nano" / "config.json", tmp_path / "model")
            (tmp_path / STATE).write_text('{"step": 9, "progress": 0.75, "seed": 0}')
        raise KeyboardInterrupt

    def said(*options: str) -> str:
        assert main(["train", "--out", str(tmp_path), *options, *CPU]) == 130
        return capsys.readouterr().err

    monkeypatch.setattr(loop, "train", interrupted)
    monkeypatch.setenv("RANK", rank)
    before = said()
    saves = True
    after = said()
    saves = False
    again = said("--resume", str(tmp_path / "model"))
    if rank != "0":
        assert before == after == again == "", "one of several processes saves, and speaks"
        return
    assert before.count("\n") == after.count("\n") == again.count("\n") == 1
    assert "nothing was saved yet" in before and str(tmp_path / "model") not in before
    assert f"the newest checkpoint is {tmp_path / 'model'}" in after and "--resume" in after
    assert "nothing was saved yet" in again and f"{tmp_path / 'model'} is still the earlier run's" in again
