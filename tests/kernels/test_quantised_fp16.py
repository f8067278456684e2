"""Quantised weights in fp16, whose largest number the sums of integers pass before they are scaled."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.kernels.backends import TABLE, use_backend
from minimax_vl.kernels.experts import expert_mlp, expert_mlp_quantised
from minimax_vl.kernels.experts.cases import Case
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, linear_quantised, quantise
from minimax_vl.kernels.quantised.pack import integers
from minimax_vl.kernels.testing import assert_close

BITS = (8, 4)
WIDTH = 6144  # the release's


def tolerance(backend: str) -> float:
    """The row for CPUs rounds int8's x to bf16 whatever it was."""
    return 4e-3 if backend == "bf16" else 1e-3


def moved(w: QuantisedWeight, device: str) -> QuantisedWeight:
    return QuantisedWeight(w.data.to(device), w.scale.to(device), w.bits, w.group, w.shape)


@pytest.fixture
def where(request: pytest.FixtureRequest, backend: str, device: str) -> str:
    """The device for a backend; Triton's may be the interpreter."""
    return request.getfixturevalue("triton_device") if backend == "triton" else device


@pytest.mark.parametrize("backend", TABLE["linear_quantised"])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("N", [1, 65])
def test_a_product_is_finite(N: int, bits: int, backend: str, where: str) -> None:
    make = torch.Generator().manual_seed(0)
    x = (16 * torch.randn(N, WIDTH, generator=make)).half()
    q = quantise(torch.randn(90, WIDTH, generator=make) / 32, bits)
    if bits == 8:
        assert (x.double() @ integers(q).double().T).abs().max() > 65504
    with use_backend(backend, "linear_quantised"):
        got = linear_quantised(x.to(where), moved(q, where))
    assert got.dtype == torch.float16
    assert_close("out", x.double() @ dequantise(q).double().T, got.cpu(), tolerance(backend))


@pytest.mark.parametrize("backend", TABLE["expert_mlp_quantised"])
@pytest.mark.parametrize("bits", BITS)
def test_experts_are_finite(bits: int, backend: str, where: str) -> None:
    case = Case(3, X=4, K=2, C=WIDTH, F=64, dtype=torch.float16).inputs("cpu")
    case["x"] *= 8
    w13, w2 = quantise(case.pop("w13"), bits), quantise(case.pop("w2"), bits)
    exact = {k: v.double() if v.is_floating_point() else v for k, v in case.items()}
    with use_backend("torch", "expert_mlp"):
        want = expert_mlp(**exact, w13=dequantise(w13).double(), w2=dequantise(w2).double())
    case = {name: value.to(where) for name, value in case.items()}
    with use_backend(backend, "expert_mlp_quantised"):
        got = expert_mlp_quantised(**case, w13=moved(w13, where), w2=moved(w2, where))
    assert_close("out", want, got.cpu(), 2 * tolerance(backend))
