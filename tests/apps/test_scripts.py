"""What is run once says what its user can mend, as the command line does: no traceback, an exit code, a next step."""

from __future__ import annotations

import errno
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.presets import DEBUG, NANO

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NOPE = "/nope"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`script(name, *arguments)` runs it as Python would and returns (exit code, stderr)."""

    def run(name: str, *arguments: object) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", [str(SCRIPTS / name), *map(str, arguments)])
        monkeypatch.setattr(sys, "path", [str(SCRIPTS), *sys.path])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(SCRIPTS / name), run_name="__main__")
        return end.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mean_of_weights.py", [NOPE, "--out", "x"]),
        ("second_picture.py", ["--model", "nope", "--pairs", "1"]),
        ("plot_run.py", [NOPE, "--out", "x.png"]),
        ("plot_ablations.py", [f"a={NOPE}", "--out", "x.png"]),
        ("plot_kernels.py", [NOPE, "--out", "x"]),
        ("plot_length.py", [NOPE, "--out", "x"]),
        ("join_records.py", ["synthetic", NOPE]),
        ("pack_real.py", ["--data", NOPE, "--out", "x"]),
        ("train_tokenizer.py", [NOPE, "x.json"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_there_is_said(
    name: str, arguments: list[str], script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, shown = script(name, *arguments)
    assert code in (1, 2) and shown.startswith(f"{name}: ") and "nope" in shown
    assert all(f"{label}: " in shown for label in ("found", "expected", "likely cause", "next step"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "before", "text"),
    [
        ("plot_run.py", [], '{"settings": {}}\n'),  # a run that was stopped before its first step
        ("plot_run.py", [], '{"step": 0, "ans'),
        ("plot_kernels.py", [], ""),
        ("plot_length.py", [], "no JSON"),
        ("join_records.py", ["synthetic"], '{"page": 1'),
    ],
)
def test_a_file_of_another_kind_is_said(
    name: str, before: list[str], text: str, script, tmp_path: Path
) -> None:
    given = tmp_path / "records.jsonl"
    given.write_text(text)
    place = tmp_path if name == "join_records.py" else given
    code, shown = script(name, *before, place, "--out", tmp_path / "x.png")
    assert code in (1, 2) and shown.startswith(f"{name}: ") and "next step: " in shown


def test_a_full_disk_and_a_closed_pipe_are_left_to_the_door_of_all_commands() -> None:
    door = runpy.run_path(str(SCRIPTS / "front_door.py"))
    for error in (BrokenPipeError(), OSError(errno.ENOSPC, "No space left on device")):

        def fails(error: OSError = error) -> None:
            raise error

        with pytest.raises(type(error)):
            door["_answer"](fails)


def test_a_pack_is_kept_where_the_data_of_a_new_one_is_not_whole(script, tmp_path: Path) -> None:
    (tmp_path / "old.webp").write_bytes(b"kept")
    code, shown = script("pack_real.py", "--data", tmp_path / "none", "--out", tmp_path)
    assert code == 2 and "no data.jsonl in" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["old.webp"]


def run_of(folder: Path, heads: dict[str, torch.Tensor] | None, seed: int = 0) -> Path:
    """What training leaves: a small model, and its heads."""
    write_stand_in(folder / "model", DEBUG, seed=seed)
    if heads is not None:
        save_file(heads, folder / "heads.safetensors")
    return folder


def test_checkpoints_of_two_sizes_have_no_mean(
    script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {tmp_path / "a" / "model": DEBUG, tmp_path / "b" / "model": NANO}
    models = {path: SimpleNamespace(config=config) for path, config in sizes.items()}
    monkeypatch.setattr("minimax_vl.loading.load.load_model", lambda path, **_: models[path])
    code, shown = script("mean_of_weights.py", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "c")
    assert code == 2 and "b/model of another size" in shown
    assert "likely cause: " in shown and "next step: " in shown and not (tmp_path / "c").exists()


def test_heads_that_differ_have_no_mean_and_can_be_left_out(script, tmp_path: Path) -> None:
    one, two, three = (torch.full((3,), float(n)) for n in (1, 2, 3))
    a = run_of(tmp_path / "a", {"read": one, "paint": one.clone()})
    b = run_of(tmp_path / "b", {"read": two}, seed=1)
    c = run_of(tmp_path / "c", {"read": three, "paint": three.clone()}, seed=2)
    out = tmp_path / "out"
    code, shown = script("mean_of_weights.py", a, b, c, "--out", out)
    assert code == 2 and not out.exists()
    assert f"no paint in {b / 'heads.safetensors'}, and one in {a / 'heads.safetensors'}" in shown
    assert "leave the heads of one out" in shown
    (b / "heads.safetensors").unlink()
    code, shown = script("mean_of_weights.py", a, b, c, "--out", out)
    assert code == 0 and "b/heads.safetensors is not there" in shown
    mean = load_file(out / "heads.safetensors")
    assert set(mean) == {"read", "paint"} and torch.equal(mean["paint"], two)
    assert (out / "model" / "config.json").is_file()


def test_heads_of_other_shapes_have_no_mean(tmp_path: Path) -> None:
    mean = runpy.run_path(str(SCRIPTS / "mean_of_weights.py"))["mean_of_heads"]
    paths = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for path, size in zip(paths, (3, 4)):
        save_file({"read": torch.zeros(size)}, path)
    with pytest.raises(
        ValueError, match=r"of shape \[4\] in .*b.safetensors, and of \[3\] in .*a.safetensors"
    ):
        mean(paths)


def test_examples_are_drawn_into_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = runpy.run_path(str(SCRIPTS / "draw_examples.py"))
    new = tmp_path / "a" / "new"

    def enough(pipeline: object, folder: Path) -> None:
        assert {path.name for path in folder.glob("*.*")} == {
            *drawing["DRAWN"],
            *drawing["REAL"],
            "data.jsonl",
        }
        raise KeyboardInterrupt

    page = drawing["drawn"]("table.jpg")
    monkeypatch.setattr("minimax_vl.load", lambda name: None)
    for name, value in {"drawn": lambda name: page, "evaluate": enough}.items():
        monkeypatch.setitem(drawing["main"].__globals__, name, value)
    monkeypatch.setattr(sys, "argv", ["draw_examples.py", "--out", str(new)])
    kept = next(iter(drawing["REAL"]))
    with pytest.raises(KeyboardInterrupt):
        drawing["main"]()
    (new / kept).write_bytes(b"mine")
    with pytest.raises(KeyboardInterrupt):
        drawing["main"]()
    assert (new / kept).read_bytes() == b"mine", "a real page that is there stays"
