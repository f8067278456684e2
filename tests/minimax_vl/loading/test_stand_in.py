"""A stand-in for the release: its layout, any size, and it answers (nonsense) through the public API."""

import json

import numpy as np
import pytest
import torch

from minimax_vl.apps.cli import main
from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.stand_in import cut, write_stand_in
from minimax_vl.pipeline import load
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.config import SOFTMAX

IMAGE = np.full((70, 90, 3), 200, np.uint8)


@pytest.mark.parametrize("quantize", [None, "int8", "int4"])
def test_it_loads_answers_and_is_the_same_every_time(tmp_path, quantize):
    for name in ("a", "b"):
        write_stand_in(tmp_path / name, PRESETS["debug"], quantize=quantize, max_shard_bytes=200_000)
    assert len(list((tmp_path / "a").glob("model-*.safetensors"))) > 1
    assert (tmp_path / "a" / "model.safetensors.index.json").is_file()
    replies = [
        load(tmp_path / n, dtype="fp32", quantize=quantize).ask(IMAGE, "Who?", max_new_tokens=6)
        for n in ("a", "b")
    ]
    assert replies[0].tokens == replies[1].tokens
    assert len(replies[0].tokens) > 0


def test_fewer_layers_are_the_first_ones(tmp_path):
    whole = write_stand_in(tmp_path / "whole", PRESETS["debug"])
    part = write_stand_in(tmp_path / "part", PRESETS["debug"], layers=2)
    assert part == ModelConfig.read(tmp_path / "part")
    assert part.text.attn_type_list == whole.text.attn_type_list[:2]
    a, b = (load(tmp_path / name, dtype="fp32").model.state_dict() for name in ("whole", "part"))
    assert set(b) < set(a)
    assert all(torch.equal(a[name], b[name]) for name in b if "alpha" not in name)


def test_layers_beyond_the_preset_are_refused(tmp_path):
    with pytest.raises(InvalidRequest, match="81 layers"):
        write_stand_in(tmp_path / "x", PRESETS["minimax-vl-01"], layers=81)
    with pytest.raises(InvalidRequest) as caught:
        write_stand_in(tmp_path / "x", PRESETS["debug"], layers=0)
    assert "0 or less" in caught.value.cause and "lower" not in caught.value.next_step
    assert not (tmp_path / "x").exists()
    assert cut(PRESETS["minimax-vl-01"], 8).text.attn_type_list[-1] == SOFTMAX


def test_the_command(tmp_path, capsys):
    target = tmp_path / "toy"
    arguments = [
        "make-checkpoint",
        str(target),
        "--preset",
        "debug",
        "--layers",
        "1",
        "--random",
        "--dtype",
        "fp32",
    ]
    assert main(arguments) == 0
    assert "1 layer, " in capsys.readouterr().out
    assert json.loads((target / "config.json").read_text())["torch_dtype"] == "float32"
    assert main(arguments) == 2  # not empty
    assert "not empty" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == 0
    assert main([*arguments, "--force", "--quantize", "int4"]) == 0
    settings = json.loads((target / "config.json").read_text())
    assert settings["quantization_config"] == {"quant_method": "minimax_vl_int4"}
