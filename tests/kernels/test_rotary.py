"""Partial rotary embedding: every backend against the definition and complex float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import apply_rotary
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.rotary.cases import TEST, Case
from minimax_vl.kernels.testing import assert_agree, backends_of, run_with_gradients

OP = "rotary"


def run(**x: Tensor) -> dict[str, Tensor]:
    out = apply_rotary(**x)
    assert out.dtype == x["x"].dtype
    return {"out": out}


def in_float64(x: Tensor, cos: Tensor, sin: Tensor) -> dict[str, Tensor]:
    """Channels j and j + R/2 as one complex number, turned by multiplication."""
    half = cos.shape[1]
    turned = torch.complex(x[..., :half], x[..., half : 2 * half]) * torch.complex(cos, sin)[:, None]
    return {"out": torch.cat([turned.real, turned.imag, x[..., 2 * half :]], dim=-1)}


@pytest.mark.parametrize("backend", backends_of(OP))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_matches_the_definition_and_float64(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    exact = run_with_gradients(in_float64, x, ["x"], torch.float64)
    with use_backend("reference", OP):
        reference = run_with_gradients(run, x, ["x"])
    with use_backend(backend, OP):
        got = run_with_gradients(run, x, ["x"])
    assert_agree(exact, got, case.dtype)
    assert_agree(reference, got, case.dtype)


@pytest.mark.parametrize("backend", backends_of(OP))
def test_channels_beyond_the_rotated_ones_pass_unchanged(backend: str, device: str) -> None:
    x = Case(5, 2, 16, 8).inputs(device)
    given = x["x"].clone()
    with use_backend(backend, OP):
        out = apply_rotary(**x)
    assert torch.equal(out[..., 8:], given[..., 8:]) and not torch.equal(out[..., :8], given[..., :8])
    assert torch.equal(x["x"], given), "the op wrote into its input"


def test_tables_that_do_not_fit_are_refused() -> None:
    x = Case(5, 2, 16, 8).inputs()
    for cos in (x["cos"][:4], x["cos"][:, :3], torch.ones(5, 9)):
        with pytest.raises(ValueError, match="do not fit"):
            apply_rotary(x["x"], cos, x["sin"])
