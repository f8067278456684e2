"""RMS norm: every backend against the definition and float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import Unsummed, gated_norm, residual_norm, rms_norm
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


@pytest.mark.parametrize("backend", backends_of("residual_norm"))
@pytest.mark.parametrize("beta", [1.0, 0.9])
@pytest.mark.parametrize("case", TEST, ids=str)
@pytest.mark.parametrize("parts", [0, 1, 3], ids="parts{}".format)
def test_residual_norm(parts: int, case: Case, beta: float, backend: str, device: str) -> None:
    """The sum of a residual and of what was added, in parts or whole; its norm; and both their gradients."""
    x = case.inputs(device)
    carried = 2 * x["x"].flip(0)
    x["x"] = torch.stack([x["x"].roll(i, 0) for i in range(parts)], dim=-2) if parts else x["x"]

    def ours(x: Tensor, carried: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
        added = Unsummed(x[None], None, case.dtype) if parts else x
        normed, total = residual_norm(added, carried, weight, 1.7, beta, eps, keep=True)
        assert total is not None and normed.dtype == total.dtype == carried.dtype
        return {"normed": normed, "total": total}

    def exact(x: Tensor, carried: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
        total = 1.7 * carried + beta * (x.sum(-2) if parts else x)
        return {"normed": in_float64(total, weight, eps)["out"], "total": total}

    given = x | {"carried": carried}
    want = run_with_gradients(exact, given, [*WANTED, "carried"], torch.float64)
    with use_backend(backend, "residual_norm"):
        assert_agree(want, run_with_gradients(ours, given, [*WANTED, "carried"]), case.dtype)


@pytest.mark.parametrize("backend", backends_of("gated_norm"))
@pytest.mark.parametrize("case", TEST, ids=str)
def test_gated_norm(case: Case, backend: str, device: str) -> None:
    x = case.inputs(device)
    given = x | {"gate": 3 * x["x"].flip(0) / case.scale}

    def ours(x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
        return {"out": gated_norm(x, gate, weight, eps)}

    def exact(x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> dict[str, Tensor]:
        return {"out": in_float64(x, weight, eps)["out"] * gate.sigmoid()}

    want = run_with_gradients(exact, given, [*WANTED, "gate"], torch.float64)
    with use_backend(backend, "gated_norm"):
        assert_agree(want, run_with_gradients(ours, given, [*WANTED, "gate"]), case.dtype)


@pytest.mark.parametrize("backend", backends_of("gated_norm"))
@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
def test_a_gate_of_another_dtype_leaves_that_of_x(kind: torch.dtype, backend: str, device: str) -> None:
    x = Case((2, 3, 48), 1e-5, dtype=torch.bfloat16).inputs(device)
    with use_backend(backend, "gated_norm"):
        assert gated_norm(x["x"], x["x"].to(kind), x["weight"], 1e-5).dtype == torch.bfloat16


def test_what_does_not_fit_a_norm_is_refused() -> None:
    x, weight = torch.ones(2, 8), torch.ones(8)
    with pytest.raises(ValueError, match="does not fit the residual"):
        residual_norm(torch.ones(3, 8), x, weight, 1.0, 1.0, 1e-5)
    with pytest.raises(ValueError, match="gate"):
        gated_norm(x, x[:, :4], weight, 1e-5)


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
