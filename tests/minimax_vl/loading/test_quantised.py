"""int8 and int4 in memory and on disk: one meaning, one rounding, and the bytes that the plan promises."""

from __future__ import annotations

import json
import os
import weakref

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import minimax_vl
from minimax_vl.kernels import quantised
from minimax_vl.kernels.attention import torch_bf16
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, quantise
from minimax_vl.loading import load_model, plan_memory, save_checkpoint, stream
from minimax_vl.loading.formats import BITS, bits_of, data_shape, packed_bytes, scale_shape
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.loading.stream import read_piece
from minimax_vl.presets import PRESETS
from minimax_vl.quantised import Packed, held_bits, hold_quantised, weights_of
from minimax_vl.text_backbone.config import SOFTMAX

DEBUG = PRESETS["debug"]
RECEIPT = PACKAGED / "examples" / "receipt.png"
FORMATS = pytest.mark.parametrize("quantize", ["int8", "int4"])


def bytes_of(model):
    return sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))


def equal(left, right):
    if isinstance(left, QuantisedWeight):
        return torch.equal(left.data, right.data) and torch.equal(left.scale, right.scale)
    return left.dtype == right.dtype and torch.equal(left, right)


def assert_same_weights(one, other):
    a, b = weights_of(one), weights_of(other)
    assert a.keys() == b.keys()
    assert [name for name in a if not equal(a[name], b[name])] == []


@pytest.mark.parametrize("shape", [(5, 7), (3, 4, 256), (2, 9, 300)], ids=str)
@FORMATS
def test_shapes_and_bytes_are_those_of_the_packer(shape, quantize):
    bits = BITS[quantize]
    packed = quantise(torch.randn(shape), bits)
    assert tuple(packed.data.shape) == data_shape(shape, bits)
    assert tuple(packed.scale.shape) == scale_shape(shape, bits)
    assert (packed.data.nbytes, packed.scale.nbytes) == packed_bytes(shape, bits)
    bare = nn.ModuleDict({"one": nn.Linear(shape[-1], shape[-2], device="meta")})
    hold_quantised(bare, {"one.weight": bits})
    held = bare.get_submodule("one.weight").held
    assert (held.data.dtype, held.scale.dtype) == (packed.data.dtype, packed.scale.dtype)
    assert held.group == packed.group


@FORMATS
def test_streaming_quantises_as_the_whole_model_would(model, folder, quantize):
    """Pieces, experts stacked from three tensors each, and an empty model filled later change no bit."""
    whole = load_model(folder)
    hold_quantised(whole, quantised_parameters(DEBUG, BITS[quantize]))
    assert_same_weights(load_model(folder, quantize=quantize), whole)


@FORMATS
def test_one_piece_at_a_time_is_on_its_way(folder, monkeypatch, quantize):
    """Host memory holds what is being moved, never a whole layer's worth of it."""
    pieces, alive = [], []

    def read(source, job):
        alive.append(sum(piece() is not None for piece in pieces))
        piece = read_piece(source, job)
        pieces.append(weakref.ref(piece.data if job.held else piece))
        return piece

    monkeypatch.setattr(stream, "read_piece", read)
    load_model(folder, quantize=quantize)
    assert len(pieces) > 50
    assert max(alive) == 0


@FORMATS
def test_disk_and_memory_agree_without_a_second_rounding(model, folder, tmp_path, quantize):
    errors = save_checkpoint(model, tmp_path / "packed", quantize=quantize, max_shard_bytes=200_000)
    assert errors
    held = load_model(tmp_path / "packed", quantize=quantize)
    assert_same_weights(held, load_model(folder, quantize=quantize))
    dense = weights_of(load_model(tmp_path / "packed"))
    for name, weight in weights_of(held).items():
        exact = dequantise(weight) if isinstance(weight, QuantisedWeight) else weight
        assert torch.equal(dense[name], exact), name


@FORMATS
def test_a_quantised_model_saves_what_it_holds(model, tmp_path, quantize):
    save_checkpoint(model, tmp_path / "a", quantize=quantize)
    held = load_model(tmp_path / "a", quantize=quantize)
    assert save_checkpoint(held, tmp_path / "b") == {}  # nothing was rounded again
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert a == b
    method = json.loads((tmp_path / "b" / "config.json").read_text())["quantization_config"]["quant_method"]
    assert method == f"minimax_vl_{quantize}"
    save_checkpoint(held, tmp_path / "dense", quantize="none")
    assert {t.dtype for t in load_file(tmp_path / "dense" / "model.safetensors").values()} == {torch.float32}
    assert_same_weights(load_model(tmp_path / "dense"), load_model(tmp_path / "a"))


def test_formats_change_into_each_other(model, tmp_path):
    save_checkpoint(model, tmp_path / "int4", quantize="int4")
    held = load_model(tmp_path / "int4", quantize="int8")
    assert held_bits(held) == 8
    rough = weights_of(load_model(tmp_path / "int4"))
    for name, weight in weights_of(held).items():
        if isinstance(weight, QuantisedWeight):
            assert (dequantise(weight) - rough[name]).norm() < 0.01 * rough[name].norm(), name


@FORMATS
@torch.inference_mode()
def test_it_computes_what_its_weights_say(folder, tmp_path, quantize):
    """Logits of the quantised modules are those of dense ones that hold the same numbers."""
    held = load_model(folder, quantize=quantize)
    save_checkpoint(held, tmp_path / "dense", quantize="none")
    dense = load_model(tmp_path / "dense")
    embeds = dense.embed(torch.arange(10, 41)[None])
    with use_backend("torch", "linear_quantised", "expert_mlp_quantised"):  # the row for CPUs rounds x
        want, got = (one(embeds, one.new_cache(), logits="all") for one in (dense, held))
        assert want.abs().max() > 0.5
        assert (want - got).abs().max() < 1e-3
        pixels = torch.randn(2, 3, 56, 56)
        assert (dense.tile_features(pixels) - held.tile_features(pixels)).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("quantize", "dtype"), [("int8", None), ("int8", "bfloat16"), ("int4", None), (None, None)]
)
@torch.inference_mode()
def test_softmax_attention_rounds_only_for_a_projection_that_does(folder, quantize, dtype, monkeypatch):
    """Of fp32 models whose projection has eight bits the long prompts are rounded; not steps, and no others."""
    lengths = []
    for name, value in {"MANY": 2, "LONG": 4, "multiplies_bf16": lambda: True}.items():
        monkeypatch.setattr(torch_bf16, name, value)
    blocks = torch_bf16._blocks
    monkeypatch.setattr(torch_bf16, "_blocks", lambda q, k, v: lengths.append(k.shape[1]) or blocks(q, k, v))
    monkeypatch.setattr(quantised, "multiplies_bf16", lambda: True)
    text = load_model(folder, dtype=dtype, quantize=quantize).language_model
    cache = text.new_cache()
    for count in (20, 11, 1):
        text(text.model.embed_tokens(torch.arange(count)[None]), cache, logits="all")
    # int4 keeps the maps of softmax attention in eight bits.
    of_a_layer = [20, 31] if quantize and dtype is None else []
    assert sorted(lengths) == sorted(of_a_layer * DEBUG.text.attn_type_list.count(SOFTMAX))


@FORMATS
@torch.inference_mode()
def test_the_head_has_eight_bits_and_gives_fp32(folder, quantize):
    dense, held = (load_model(folder, dtype="bfloat16", quantize=q) for q in (None, quantize))
    head = held.language_model.lm_head
    assert head.weight.bits == 8
    hidden = torch.randn(2, 40, DEBUG.text.hidden_size, dtype=torch.bfloat16)
    want, got = (model.language_model.head(hidden) for model in (dense, held))
    assert got.dtype == torch.float32 and got.shape == want.shape
    assert (got - want).norm() < 0.01 * want.norm()
    exact = hidden.float() @ dequantise(head.weight.held).T
    assert (got - exact).norm() < 1e-5 * exact.norm()


def test_the_error_is_what_so_many_bits_allow(model, tmp_path):
    worst = {q: max(save_checkpoint(model, tmp_path / q, quantize=q).values()) for q in ("int8", "int4")}
    assert worst["int8"] < 0.01
    assert 0.05 < worst["int4"] < 0.15  # normal weights in 15 levels, one scale for a row of 48


def test_casting_leaves_integers_and_scales_alone(folder):
    held = load_model(folder, quantize="int8")
    before = {name: part.scale.clone() for name, part in held.named_modules() if isinstance(part, Packed)}
    held.to(torch.bfloat16)
    assert held.dtype == torch.bfloat16
    after = {name: part.scale for name, part in held.named_modules() if isinstance(part, Packed)}
    assert all(
        after[name].dtype == torch.float32 and torch.equal(before[name], after[name]) for name in before
    )


@pytest.mark.parametrize("preset", ["debug", "nano"])
@pytest.mark.parametrize("quantize", ["none", "int8", "int4"])
def test_the_plan_is_what_loading_takes(tmp_path, preset, quantize):
    write_stand_in(tmp_path, PRESETS[preset], layers=3)
    held = load_model(tmp_path, dtype="bfloat16", quantize=None if quantize == "none" else quantize)
    (row,) = plan_memory(tmp_path, "1x8GB", quantize=quantize).weights
    assert abs(bytes_of(held) / row.total - 1) < 0.03


@FORMATS
def test_a_folder_on_disk_is_as_large_as_planned(tmp_path, quantize):
    write_stand_in(tmp_path, PRESETS["nano"], layers=2, quantize=quantize)
    (row,) = plan_memory(tmp_path, "1x8GB", quantize=quantize).weights
    assert abs(os.path.getsize(tmp_path / "model.safetensors") / row.total - 1) < 0.03


@FORMATS
def test_nano_reads_the_shipped_receipt(quantize):
    nano = minimax_vl.load("nano", device="cpu", quantize=quantize)
    total = nano.ask(RECEIPT, "What is the total?", max_new_tokens=12)
    assert total == "277.48"


@pytest.mark.parametrize("quantize", ["int2", 8, "", "fp8"])
def test_unknown_formats(quantize):
    with pytest.raises(minimax_vl.MiniMaxVLError, match="'int8', 'int4'"):
        bits_of(quantize)
