from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from minimax_vl.apps import answering
from minimax_vl.apps.cli import main
from minimax_vl.loading.load import load_model
from minimax_vl.loading.save import save_checkpoint
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS


@pytest.fixture
def source(tmp_path):
    torch.manual_seed(0)
    save_checkpoint(VLModel(PRESETS["debug"]), tmp_path / "source", max_shard_bytes=200_000)
    (tmp_path / "source" / "tokenizer.json").write_text("{}")
    return tmp_path / "source"


def test_reshard_keeps_every_value(source, tmp_path, capsys):
    assert main(["convert", str(source), str(tmp_path / "out"), "--max-shard-size", "100KB"]) == 0
    assert len(list((tmp_path / "out").glob("*.safetensors"))) > len(list(source.glob("*.safetensors")))
    before, after = load_model(source).state_dict(), load_model(tmp_path / "out").state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert (tmp_path / "out" / "tokenizer.json").read_text() == "{}"
    assert "written" in capsys.readouterr().out


def test_int8_reports_its_error_and_bf16_follows_from_it(source, tmp_path, capsys):
    assert main(["convert", str(source), str(tmp_path / "int8"), "--quantize", "int8", "--json"]) == 0
    errors = json.loads(capsys.readouterr().out)["relative_error"]
    stored = load_file(tmp_path / "int8" / "model.safetensors")
    assert {key for key, t in stored.items() if t.dtype == torch.int8} == errors.keys()
    assert 0 < max(errors.values()) < 0.01
    assert main(["convert", str(tmp_path / "int8"), str(tmp_path / "bf16"), "--dtype", "bf16"]) == 0
    assert {t.dtype for t in load_file(tmp_path / "bf16" / "model.safetensors").values()} == {torch.bfloat16}
    assert "quantization_config" not in json.loads((tmp_path / "bf16" / "config.json").read_text())


def test_int4_is_written_once_and_then_only_copied(source, tmp_path, capsys):
    assert main(["convert", str(source), str(tmp_path / "a"), "--quantize", "int4"]) == 0
    out = capsys.readouterr().out
    assert "tensors as int4, relative error " in out
    assert main(["convert", str(tmp_path / "a"), str(tmp_path / "b"), "--quantize", "int4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["relative_error"] == {}
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert a == b
    assert main(["convert", str(tmp_path / "a"), str(tmp_path / "int8"), "--quantize", "int8"]) == 0
    kinds = [
        {t.dtype for t in load_file(tmp_path / name / "model.safetensors").values()} for name in ("a", "int8")
    ]
    assert kinds == [
        {torch.uint8, torch.bfloat16, torch.int8, torch.float32},
        {torch.int8, torch.float32},
    ]


def test_slow_work_says_what_it_does(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(answering, "SLOW", 0.0)
    assert main(["convert", str(source), str(tmp_path / "out")]) == 0
    assert f"converting {source} ..." in capsys.readouterr().err


def test_calibration_counts_its_pages_and_names_what_follows(tmp_path, monkeypatch, capsys):
    write_stand_in(tmp_path / "dense", PRESETS["debug"])
    monkeypatch.setattr(answering, "SLOW", 0.0)
    asked = ["convert", str(tmp_path / "dense"), str(tmp_path / "int4"), "--quantize", "int4"]
    assert main([*asked, "--calibrate", "2"]) == 0
    told = iter(capsys.readouterr().err.splitlines())
    for line in ("loading ", "calibrating: 0/2", "calibrating: 1/2", "calibrating: 2/2", "fitting: 0/"):
        assert any(said.startswith(line) for said in told), line  # in this order


@pytest.mark.parametrize("more", [[], ["--calibrate", "1"]], ids=["plain", "calibrated"])
def test_what_lies_beside_the_weights_travels_along(tmp_path, more):
    write_stand_in(tmp_path / "dense", PRESETS["debug"])
    others = {"tokenizer.json", "generation_config.json", "chat_template.jinja"}
    for name in ("generation_config.json", "chat_template.jinja"):
        (tmp_path / "dense" / name).write_text("{}")
    assert (
        main(["convert", str(tmp_path / "dense"), str(tmp_path / "int4"), "--quantize", "int4", *more]) == 0
    )
    made = {file.name: file.read_bytes() for file in (tmp_path / "int4").iterdir()}
    assert made.keys() >= others | {"config.json", "model.safetensors"}
    assert all(made[name] == (tmp_path / "dense" / name).read_bytes() for name in others)


def test_a_folder_in_use_is_left_alone_unless_forced(source, tmp_path, capsys):
    target = tmp_path / "out"
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    assert main(["convert", str(source), str(target)]) == 2
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]
    assert "--force" in capsys.readouterr().err
    assert main(["convert", str(source), str(target), "--force"]) == 0
    assert (target / "thesis.txt").read_text() == "mine"


def test_in_place_is_refused(source):
    assert main(["convert", str(source), str(source), "--force"]) == 2


def test_a_broken_source_writes_nothing(source, tmp_path):
    shard = next(source.glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-1])
    assert main(["convert", str(source), str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", ["five", "0GB", "-1GB", "5PB"])
def test_sizes_that_make_no_sense(source, tmp_path, size):
    assert main(["convert", str(source), str(tmp_path / "out"), f"--max-shard-size={size}"]) == 2
