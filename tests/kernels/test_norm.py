"""RMS norm: every backend against the definition and float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import rms_norm
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.norm.cases import TEST, Case
from minimax_vl.kernels.testing import assert_agree, backends_of, run_with_gradients

OP = "rms_norm"
WANTED = ["x", "weight"]


def run(x: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
    out = rms_norm(x, weight, eps)
    assert out.dtype == x.dtype
    return {"out": out}


def in_float64(x: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
    return {"out": x / ((x * x).sum(-1, keepdim=True) / x.shape[-1] + eps) ** 0.5 * weight}


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_matches_the_definition_and_float64(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    exact = run_with_gradients(in_float64, x, WANTED, torch.float64)
    with use_backend("reference", OP):
        reference = run_with_gradients(run, x, WANTED)
    with use_backend(backend, OP):
        got = run_with_gradients(run, x, WANTED)
    assert_agree(exact, got, case.dtype)
    assert_agree(reference, got, case.dtype)


@pytest.mark.parametrize("backend", backends_of(OP))
def test_rows_of_zeros_stay_zero(backend: str, device: str) -> None:
    with use_backend(backend, OP):
        assert not rms_norm(torch.zeros(2, 8, device=device), torch.ones(8, device=device), 1e-6).any()


@pytest.mark.parametrize("backend", backends_of(OP))
def test_bf16_squares_are_summed_in_fp32(backend: str, device: str) -> None:
    x = torch.full((1, 512), 3.0, dtype=torch.bfloat16, device=device)
    with use_backend(backend, OP):
        out = rms_norm(x, torch.ones(512, device=device), 1e-6)
    assert torch.equal(out, torch.ones_like(out)), "a bf16 sum of 512 equal squares stops at 256"


def test_a_weight_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="last axis of x has 8"):
        rms_norm(torch.ones(2, 8), torch.ones(1), 1e-5)
