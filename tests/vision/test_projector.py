"""Merging patches against a loop, and the projector against its formula."""

from __future__ import annotations

import math

import pytest
import torch

from minimax_vl.vision.projector import Projector, merge_patches


@pytest.mark.parametrize(("side", "merge"), [(4, 2), (6, 3), (6, 2), (4, 4), (24, 2)])
def test_merge_equals_a_loop(side: int, merge: int) -> None:
    features = torch.randn(2, side * side, 5, generator=torch.Generator().manual_seed(side))
    small, grid = side // merge, features.view(2, side, side, 5)
    rows = []
    for y in range(small):
        for x in range(small):
            block = [grid[:, merge * y + i, merge * x + j] for i in range(merge) for j in range(merge)]
            rows.append(torch.cat(block, dim=-1))
    assert torch.equal(merge_patches(features, merge), torch.stack(rows, dim=1))


def test_a_merge_of_one_is_nothing() -> None:
    features = torch.randn(2, 9, 5)
    assert torch.equal(merge_patches(features, 1), features)


def test_projector_is_two_linears_around_the_exact_gelu() -> None:
    torch.manual_seed(0)
    projector = Projector(6, 10)
    x = 3 * torch.randn(4, 6)
    w = {name: value.double() for name, value in projector.state_dict().items()}
    inner = x.double() @ w["linear_1.weight"].T + w["linear_1.bias"]
    inner = inner * (1 + torch.erf(inner / math.sqrt(2))) / 2
    want = inner @ w["linear_2.weight"].T + w["linear_2.bias"]
    # The tanh form of GELU would be off by 5e-4.
    assert (projector(x) - want).abs().max() < 1e-6
