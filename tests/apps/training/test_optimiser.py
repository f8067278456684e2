"""Muon's orthogonal update, and masters that a bad gradient cannot reach."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from minimax_vl.apps.training.optimiser import Adam, Muon, orthogonal, split_parameters
from minimax_vl.model import VLModel
from minimax_vl.presets import DEBUG


@pytest.mark.parametrize("shape", [(3, 24, 24), (2, 48, 16), (2, 16, 48)], ids=str)
def test_orthogonal_has_singular_values_near_one(shape):
    torch.manual_seed(0)
    u, _, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    spread = torch.logspace(0, -1, min(shape[1:]))  # singular values from 1 to 0.1
    update = orthogonal(u @ (spread[:, None] * v))
    values = torch.linalg.svdvals(update)
    assert values.min() > 0.4 and values.max() < 1.4
    # It points where the exact polar factor u v points.
    cosine = (update * (u @ v)).sum((1, 2)) / (update.norm(dim=(1, 2)) * (u @ v).norm(dim=(1, 2)))
    assert (cosine > 0.95).all()


def test_every_parameter_has_one_optimiser():
    model = VLModel(DEBUG)
    muon, adam = split_parameters([model])
    assert {id(p) for p in muon} | {id(p) for p in adam} == {id(p) for p in model.parameters()}
    assert len(muon) + len(adam) == len(list(model.parameters()))
    text = model.language_model
    assert not any(p is text.lm_head.weight or p is text.model.embed_tokens.weight for p in muon)
    assert any(p is text.model.layers[0].block_sparse_moe.experts.w13 for p in muon)


def test_adam_equals_torchs_own():
    torch.manual_seed(0)
    ours = [nn.Parameter(torch.randn(3, 4)), nn.Parameter(torch.randn(5))]
    theirs = [nn.Parameter(p.detach().clone()) for p in ours]
    adam = Adam(ours, decay=0.1)
    oracle = torch.optim.AdamW(theirs, lr=0.01, betas=(0.9, 0.95), weight_decay=0.1)
    for _ in range(4):
        for p, q in zip(ours, theirs, strict=True):
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        adam.step(0.01, torch.tensor(1.0))
        oracle.step()
    for p, q in zip(ours, theirs, strict=True):
        torch.testing.assert_close(p, q)


@pytest.mark.parametrize("make", [Muon, Adam])
def test_a_gradient_that_is_not_a_number_changes_no_weight_by_itself(make):
    p = nn.Parameter(torch.ones(4, 4))
    optimiser = make([p], decay=0.0)
    p.grad = torch.full((4, 4), float("nan"))
    optimiser.step(0.1, torch.tensor(0.0))
    torch.testing.assert_close(p.detach(), torch.ones(4, 4))
    p.grad = torch.randn(4, 4)
    optimiser.step(0.1, torch.tensor(1.0))
    assert torch.isfinite(p).all() and not torch.equal(p.detach(), torch.ones(4, 4))


def test_experts_are_stepped_as_separate_matrices():
    torch.manual_seed(0)
    stacked = nn.Parameter(torch.zeros(2, 6, 4))
    single = nn.Parameter(torch.zeros(6, 4))
    grad = torch.randn(2, 6, 4)
    stacked.grad, single.grad = grad.clone(), grad[1].clone()
    Muon([stacked]).step(0.1, torch.tensor(1.0))
    Muon([single]).step(0.1, torch.tensor(1.0))
    torch.testing.assert_close(stacked[1].detach(), single.detach())


def test_bf16_weights_follow_fp32_masters():
    p = nn.Parameter(torch.ones(4, 4))
    adam = Adam([p], decay=0.0)
    p.data = p.data.bfloat16()
    for _ in range(50):  # each step is far below bf16's spacing at 1
        p.grad = torch.ones(4, 4, dtype=torch.bfloat16)
        adam.step(1e-4, torch.tensor(1.0))
    assert p.dtype == torch.bfloat16
    torch.testing.assert_close(p.detach().float(), torch.full((4, 4), 0.995), atol=0.004, rtol=0)
    assert (p < 1).all()
