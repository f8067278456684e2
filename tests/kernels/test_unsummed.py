"""Rows that are still parts of a sum: shaped like the rows that they stand for, and moved as their sum."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.kernels import Unsummed, whole
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.testing import assert_close, backends_of
from minimax_vl.kernels.unsummed import FEW, MOST, left


def parts(S: int, *rows: int, K: int = 1, C: int = 6) -> torch.Tensor:
    return torch.randn(S, *rows, K, C, generator=torch.Generator().manual_seed(S))


def weights(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("backend", backends_of("whole"))
def test_an_expert_s_parts_are_added_before_its_weight(backend: str, device: str) -> None:
    x = Unsummed(parts(3, 2, 4, K=2).to(device), weights(2, 4, 2).to(device), torch.bfloat16)
    assert x.weights is not None
    want = (x.parts.double().sum(0) * x.weights.double()[..., None]).sum(-2)
    with use_backend(backend, "whole"):
        got, wide = whole(x), whole(x.float())
    assert got.dtype == torch.bfloat16 and got.shape == x.shape == (2, 4, 6)
    assert_close("sum", want, got, 3e-3)
    assert_close("sum", want, wide, 1e-6)
    assert whole(got) is got


def test_other_shapes_hold_the_same_rows() -> None:
    x = Unsummed(parts(2, 6, C=8), None, torch.float32)
    assert torch.equal(whole(x.view(2, 3, 2, 4)), whole(x).view(2, 3, 2, 4))
    assert torch.equal(whole(x.view(2, 3, -1)), whole(x).view(2, 3, 8))
    for mine, want in zip(x.split(4, dim=-1), whole(x).split(4, dim=-1), strict=True):
        assert torch.equal(whole(mine), want)
    mixed = Unsummed(parts(2, 6, K=3), weights(6, 3), torch.float32)
    assert torch.equal(whole(mixed.view(2, 3, 6)), whole(mixed).view(2, 3, 6))


def test_a_sum_in_fp32_is_not_rounded() -> None:
    x = Unsummed(parts(4, 3), None, torch.float16)
    assert torch.equal(whole(x.float()), x.parts.sum(0)[..., 0, :])


def test_its_sum_is_what_goes_to_another_device() -> None:
    x = Unsummed(parts(2, 3), None, torch.bfloat16)
    assert x.to(torch.device("cpu")) is x
    moved = x.to(torch.device("meta"))
    assert isinstance(moved, torch.Tensor) and moved.is_meta and moved.shape == x.shape


def test_few_rows_of_few_parts_are_left() -> None:
    assert isinstance(left(Unsummed(parts(MOST // 2, FEW, K=2), None, torch.float32)), Unsummed)
    many = [parts(2, FEW + 1), parts(MOST + 1, 1), parts(MOST // 2, 1, K=3)]
    for x in many:
        assert isinstance(left(Unsummed(x, None, torch.float32)), torch.Tensor)
