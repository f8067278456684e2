"""int4 fitted to inputs: nearer than rounding to nearest, in the same format, without a trace left in the model."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch.testing import assert_close

from minimax_vl.apps.cli import main
from minimax_vl.calibration import descend, fit, in_order, quantise_by_inputs, watching
from minimax_vl.kernels.quantised import dequantise, quantise
from minimax_vl.loading import load_model, save_checkpoint
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.model import VLModel
from minimax_vl.pipeline import Pipeline
from minimax_vl.presets import DEBUG
from minimax_vl.quantised import hold_quantised


def toy() -> VLModel:
    torch.manual_seed(0)
    return VLModel(DEBUG).eval().requires_grad_(False)


@pytest.mark.parametrize("depth", [256, 300])
def test_outputs_are_nearer_than_by_rounding_to_nearest(depth: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(2000, depth // 8) @ torch.randn(depth // 8, depth) + 0.3 * torch.randn(2000, depth)
    x[:, 7] = 0  # a channel that is never used
    weight = torch.randn(48, depth) * depth**-0.5
    fitted, nearest = fit(weight, x.T @ x), quantise(weight, 4)
    assert (fitted.data.shape, fitted.scale.shape, fitted.shape) == (
        nearest.data.shape,
        nearest.scale.shape,
        nearest.shape,
    )
    off, usual = (((dequantise(q) - weight) @ x.T).norm() for q in (fitted, nearest))
    assert off < 0.6 * usual


def test_a_matrix_without_correlations_is_rounded_to_nearest_with_better_scales() -> None:
    torch.manual_seed(0)
    weight = torch.randn(5, 256)
    numbers, scales = in_order(weight, torch.eye(256))
    usual = dequantise(quantise(weight, 4))
    assert torch.equal(numbers * scales.repeat_interleave(128, 1), usual)
    fitted = dequantise(fit(weight, torch.eye(256)))
    off, before = ((q - weight).view(5, 2, 128).square().sum(-1) for q in (fitted, usual))
    assert (off <= before).all() and off.sum() < before.sum()


def test_descent_never_leads_away() -> None:
    torch.manual_seed(0)
    x = torch.randn(500, 40) @ torch.randn(40, 256) + 0.3 * torch.randn(500, 256)
    weight, moment = torch.randn(16, 256), x.T @ x
    weight[3, :128] = 0  # its scale is 0
    numbers, scales = in_order(weight, moment)
    errors: list[torch.Tensor] = []
    for _ in range(4):
        off = (numbers * scales.repeat_interleave(128, 1) - weight).double()
        errors.append(((off @ moment.double()) * off).sum(1))
        assert torch.equal(scales, scales.bfloat16().float())
        assert torch.equal(numbers, numbers.round().clamp(-8, 7))
        descend(weight, moment, numbers, scales)
    first, *_, last = errors
    assert all((after <= before * 1.0001).all() for before, after in pairwise(errors))
    assert last.sum() < 0.95 * first.sum()


@torch.inference_mode()
def test_a_model_is_nearer_to_itself_and_saved_as_it_is_held(tmp_path) -> None:
    ids = torch.randint(10, 2000, (3, 60), generator=torch.Generator().manual_seed(1))
    dense, fitted, nearest = toy(), toy(), toy()
    errors = quantise_by_inputs(fitted, lambda: fitted(fitted.embed(ids), fitted.new_cache()))
    fewest = {name for name, bits in quantised_parameters(DEBUG, 4).items() if bits == 4}
    assert errors.keys() == fewest and max(errors.values()) < 0.12
    hold_quantised(nearest, quantised_parameters(DEBUG, 4))
    want = dense(dense.embed(ids), logits="all")
    off, usual = ((m(m.embed(ids), logits="all") - want).norm() for m in (fitted, nearest))
    assert off < 0.9 * usual  # what is left: experts that a token only just did not choose
    assert fitted(fitted.embed(ids)).shape == (3, DEBUG.text.vocab_size)
    save_checkpoint(fitted, tmp_path)
    again = load_model(tmp_path, quantize="int4")
    assert torch.equal(again(again.embed(ids)), fitted(fitted.embed(ids)))


def test_an_expert_that_nothing_chose_is_rounded_to_nearest() -> None:
    model, plain = toy(), toy()
    quantise_by_inputs(model, lambda: model(model.embed(torch.tensor([[11]]))))
    hold_quantised(plain, quantised_parameters(DEBUG, 4))
    name = "language_model.model.layers.0.block_sparse_moe.experts"
    mine, theirs = (m.get_submodule(name).w13.data for m in (model, plain))
    same = [torch.equal(a, b) for a, b in zip(mine, theirs)]
    assert same.count(True) >= DEBUG.text.num_local_experts - DEBUG.text.num_experts_per_tok
    assert not all(same)


@torch.inference_mode()
def test_an_expert_is_fitted_to_a_token_by_its_share() -> None:
    model, given = toy(), []
    name = "language_model.model.layers.0.block_sparse_moe.experts"
    model.get_submodule(name).register_forward_pre_hook(lambda _, args: given.append(args))
    ids = torch.randint(10, 2000, (1, 50), generator=torch.Generator().manual_seed(1))
    with watching(model, {f"{name}.w13", f"{name}.w2"}) as moments:
        model(model.embed(ids), model.new_cache())
    [(x, chosen, weights)] = given
    for expert in chosen.unique().tolist():
        share = (weights * (chosen == expert)).sum(-1, keepdim=True)
        assert_close(moments[f"{name}.w13", expert], (x * share).T @ (x * share))


def test_convert_writes_a_checkpoint_that_loads(tmp_path, monkeypatch) -> None:
    read, chat = [], Pipeline.chat

    def noting(self, messages, *rest, **options):
        read.append(messages)
        return chat(self, messages, *rest, **options)

    monkeypatch.setattr(Pipeline, "chat", noting)
    write_stand_in(tmp_path / "dense", DEBUG)
    asked = ["convert", str(tmp_path / "dense"), str(tmp_path / "int4"), "--quantize", "int4"]
    assert main([*asked, "--calibrate", "1"]) == 0
    [turns] = read  # answers stand where the model will write them
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    assert load_model(tmp_path / "int4", quantize="int4").config == DEBUG
    assert (tmp_path / "int4" / "tokenizer.json").exists()


@pytest.mark.parametrize(
    "options",
    [["--quantize", "int8", "--calibrate", "2"], ["--quantize", "int4", "--calibrate", "0"]],
    ids=str,
)
def test_what_does_not_go_together(tmp_path, options) -> None:
    assert main(["convert", "nano", str(tmp_path / "target"), *options]) == 2
    assert not (tmp_path / "target").exists()
