"""Tensors that are not what they should be: another dtype, no finite number, scales of another matrix, replaced."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file

from minimax_vl.errors import CheckpointError
from minimax_vl.loading import load_model, stream
from minimax_vl.loading.index import read_index
from minimax_vl.loading.names import published_keys
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.presets import PRESETS

DEBUG = PRESETS["debug"]


def change(folder, rewrite):
    """Every shard by what `rewrite` makes of its tensors, or by the same tensors changed in place."""
    for file in sorted(folder.glob("*.safetensors")):
        tensors = load_file(file)
        save_file(rewrite(tensors) or tensors, file)


def test_mixed_dtypes_become_one(tmp_path):
    """As after merging adapters or saving in parts: every float type at once."""
    torch.manual_seed(0)
    kinds = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    tensors = {
        key: torch.randn(shape).to(kinds[i % 4])
        for i, (key, shape) in enumerate(published_keys(DEBUG).items())
    }
    embedding = tensors["language_model.model.embed_tokens.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    DEBUG.write(tmp_path)
    model = load_model(tmp_path)
    assert {p.dtype for p in model.parameters()} == {embedding.dtype}
    assert torch.equal(model.language_model.model.embed_tokens.weight, embedding)
    assert {p.dtype for p in load_model(tmp_path, dtype="float32").parameters()} == {torch.float32}


def test_float64_is_computed_in_fp32(folder):
    change(folder, lambda tensors: {key: tensor.double() for key, tensor in tensors.items()})
    assert {p.dtype for p in load_model(folder).parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (1e6, {"dtype": "float16"}),
        (1e39, {}),
        (1e39, {"dtype": "bfloat16"}),
        (1e39, {"quantize": "int8"}),
        (1e39, {"quantize": "int4"}),
        (float("nan"), {"quantize": "int8"}),
        (float("nan"), {"quantize": "int4"}),
        (-float("inf"), {"quantize": "int4"}),
    ],
    ids=str,
)
def test_a_value_that_the_dtype_asked_for_cannot_hold(folder, value, options):
    name = "language_model.model.layers.0.self_attn.out_proj.weight"

    def grow(tensors):
        if name in tensors:
            tensors[name] = tensors[name].double().index_fill(0, torch.tensor([5]), value)

    change(folder, grow)
    with pytest.raises(CheckpointError, match=name):
        load_model(folder, **options)


@pytest.mark.parametrize(
    "other",
    [
        torch.zeros(64, 64),
        torch.zeros(48, 65),
        torch.zeros(48),
        torch.zeros(0, 64),
        torch.zeros(48, 64, dtype=torch.float64),
        torch.zeros(48, 64, dtype=torch.int8),
    ],
    ids=lambda other: f"{other.dtype} {list(other.shape)}",
)
@pytest.mark.parametrize("quantize", [None, "int8"])
def test_a_file_that_is_replaced_while_it_is_loaded(folder, monkeypatch, other, quantize):
    name = "language_model.model.layers.0.self_attn.out_proj.weight"
    assert read_index(folder)[name].shape == (48, 64)
    check = stream.check_sum

    def replaced(file):
        tensors = load_file(file)
        if name in tensors:
            save_file(tensors | {name: other}, file)
        check(file)

    monkeypatch.setattr(stream, "check_sum", replaced)
    with pytest.raises(CheckpointError, match=f"{name} was F32 .48, 64. and is"):
        load_model(folder, quantize=quantize)


@pytest.mark.parametrize("kind", [torch.int32, torch.bool], ids=str)
def test_integers_that_are_no_format_of_ours(folder, kind):
    path = sorted(folder.glob("*.safetensors"))[0]
    tensors = load_file(path)
    tensors["image_newline"] = tensors["image_newline"].to(kind)
    save_file(tensors, path)
    with pytest.raises(CheckpointError, match="1 misshapen .image_newline is"):
        load_model(folder)


@pytest.mark.parametrize("quantize", ["int8", "int4"])
def test_scales_that_do_not_fit_their_matrix(tmp_path, quantize):
    write_stand_in(tmp_path, DEBUG, quantize=quantize)
    name = "language_model.model.layers.0.self_attn.out_proj.weight_scale"
    tensors = load_file(tmp_path / "model.safetensors")
    tensors[name] = tensors[name][:-1].contiguous()
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=f"misshapen.*{name}"):
        load_model(tmp_path, quantize=quantize)


@pytest.mark.parametrize("quantize", ["int8", "int4"])
def test_a_scale_that_is_not_finite(tmp_path, quantize):
    write_stand_in(tmp_path, DEBUG, quantize=quantize)
    name = "language_model.model.layers.0.self_attn.out_proj.weight_scale"
    tensors = load_file(tmp_path / "model.safetensors")
    tensors[name].view(-1)[3] = torch.inf
    save_file(tensors, tmp_path / "model.safetensors")
    for held in (None, quantize):
        with pytest.raises(CheckpointError, match="NaN or infinity in tensor .*out_proj.weight"):
            load_model(tmp_path, quantize=held)
