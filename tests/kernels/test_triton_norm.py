"""Norm kernels against the definition in float64: widths off every power of two, strided rows, parts, gates."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import Unsummed, gated_norm, residual_norm, rms_norm, whole
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.testing import assert_close

LIMIT = {torch.float32: 1e-6, torch.bfloat16: 3e-3}
DTYPES = [torch.float32, torch.bfloat16]
WIDTHS = [1, 48, 130, 6144]


@pytest.fixture(autouse=True)
def on_triton(triton_device: str):
    with use_backend("triton", "rms_norm", "residual_norm", "gated_norm", "whole"), torch.inference_mode():
        yield


def random(*shape: int, seed: int, device: str, dtype: torch.dtype) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(device, dtype)


def exact(total: Tensor, weight: Tensor, eps: float) -> Tensor:
    total = total.double()
    return total / (total.square().mean(-1, keepdim=True) + eps).sqrt() * weight.double()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("C", WIDTHS)
def test_norm(C: int, dtype: torch.dtype, triton_device: str) -> None:
    x = random(2, 3, C, seed=C, device=triton_device, dtype=dtype)
    weight = 1 + random(C, seed=1, device=triton_device, dtype=dtype) / 4
    got = rms_norm(x, weight, 1e-5)
    assert got.dtype == dtype
    assert_close("normed", exact(x, weight, 1e-5), got, LIMIT[dtype])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_residual_norm(dtype: torch.dtype, triton_device: str) -> None:
    C = 130
    x = random(2, 3, C, seed=2, device=triton_device, dtype=dtype)
    carried = random(2, 4, C, seed=3, device=triton_device, dtype=dtype)[
        :, 1:
    ]  # rows with a gap between batches
    weight = 1 + random(C, seed=1, device=triton_device, dtype=dtype) / 4
    total = 3.5 * carried.double() + 0.9 * x.double()
    normed, kept = residual_norm(x, carried, weight, 3.5, 0.9, 1e-5, keep=True)
    assert_close("normed", exact(total, weight, 1e-5), normed, LIMIT[dtype])
    assert kept is not None
    assert_close("total", total, kept, LIMIT[dtype])
    alone, none = residual_norm(x, carried, weight, 3.5, 0.9, 1e-5)
    assert none is None and torch.equal(alone, normed)


def unsummed(S: int, K: int, C: int, weighted: bool, device: str) -> tuple[Unsummed, Tensor]:
    """Six rows in parts that lie apart in memory, NaN between them, and their sum in float64."""
    room = torch.full((S, 2, 3, K + 1, C + 6), torch.nan, device=device)
    parts = room[:, :, :, :K, 3:-3].copy_(random(S, 2, 3, K, C, seed=S, device=device, dtype=torch.float32))
    weights = random(2, 3, K, seed=K, device=device, dtype=torch.float32).softmax(-1) if weighted else None
    rows = parts.double().sum(0)
    total = rows.sum(-2) if weights is None else (rows * weights[..., None].double()).sum(-2)
    return Unsummed(parts, weights, torch.bfloat16), total


SUMS = [(1, 1, False), (2, 1, False), (1, 2, True), (4, 2, True), (3, 5, True), (16, 1, False)]


@pytest.mark.parametrize("C", [1, 130, 192])
@pytest.mark.parametrize(("S", "K", "weighted"), SUMS)
def test_a_norm_adds_up_what_it_reads(S: int, K: int, weighted: bool, C: int, triton_device: str) -> None:
    x, added = unsummed(S, K, C, weighted, triton_device)
    carried = random(2, 3, C, seed=3, device=triton_device, dtype=torch.bfloat16)
    weight = 1 + random(C, seed=1, device=triton_device, dtype=torch.bfloat16) / 4
    normed, kept = residual_norm(x, carried, weight, 2.0, 0.9, 1e-5, keep=True)
    assert kept is not None and normed.dtype == kept.dtype == torch.bfloat16
    total = 2 * carried.double() + 0.9 * added
    assert_close("normed", exact(total, weight, 1e-5), normed, 3e-3)
    assert_close("total", total, kept, 3e-3)
    # Only the rounding of the sum to bf16 is not made; in fp32 there is none.
    wide, _ = residual_norm(x, carried.float(), weight, 2.0, 0.9, 1e-5)
    summed, _ = residual_norm(whole(x._replace(dtype=torch.float32)), carried.float(), weight, 2.0, 0.9, 1e-5)
    assert_close("as summed before", summed, wide, 1e-6)


@pytest.mark.parametrize("C", [1, 130, 1500])
@pytest.mark.parametrize(("S", "K", "weighted"), SUMS)
def test_the_sum_in_a_launch_of_its_own(S: int, K: int, weighted: bool, C: int, triton_device: str) -> None:
    x, total = unsummed(S, K, C, weighted, triton_device)
    got = whole(x)
    assert got.dtype == torch.bfloat16
    assert_close("sum", total, got, 3e-3)
    assert_close("sum", total, whole(x._replace(dtype=torch.float32)), 1e-6)


@pytest.mark.parametrize("S", [1, 2, 5])
def test_a_gate_in_parts(S: int, triton_device: str) -> None:
    gate, total = unsummed(S, 1, 130, False, triton_device)
    x = random(2, 3, 130, seed=2, device=triton_device, dtype=torch.bfloat16)
    weight = 1 + random(130, seed=1, device=triton_device, dtype=torch.bfloat16) / 4
    want = exact(x, weight, 1e-6) * total.sigmoid()
    assert_close("gated", want, gated_norm(x, gate, weight, 1e-6), 3e-3)


def test_several_rows_in_parts_to_a_program(triton_device: str) -> None:
    x, _ = unsummed(3, 2, 48, True, triton_device)
    carried, weight = torch.ones(2, 3, 48, device=triton_device), torch.ones(48, device=triton_device)
    one, _ = residual_norm(x, carried, weight, 2.0, 1.0, 1e-5)
    with use_config("norm.unsummed", config_of("norm.unsummed") | {"ROWS": 4}):
        assert_close("normed", one, residual_norm(x, carried, weight, 2.0, 1.0, 1e-5)[0], 1e-6)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gated_norm_reads_a_slice_of_a_wider_projection(dtype: torch.dtype, triton_device: str) -> None:
    x = random(2, 3, 96, seed=2, device=triton_device, dtype=dtype)
    gate = random(2, 3, 200, seed=3, device=triton_device, dtype=dtype)[..., 7:103]
    weight = 1 + random(96, seed=1, device=triton_device, dtype=dtype) / 4
    want = exact(x, weight, 1e-6) * gate.double().sigmoid()
    assert_close("gated", want, gated_norm(x, gate, weight, 1e-6), LIMIT[dtype])


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
def test_several_rows_to_a_program(rows: int, triton_device: str) -> None:
    x = random(rows, 48, seed=rows, device=triton_device, dtype=torch.float32)
    weight = torch.ones(48, device=triton_device)
    one = rms_norm(x, weight, 1e-5)
    with use_config("norm.rms", config_of("norm.rms") | {"ROWS": 4}):
        assert torch.equal(one, rms_norm(x, weight, 1e-5))


def test_no_rows_of_parts(triton_device: str) -> None:
    x = Unsummed(torch.zeros(2, 0, 3, 8, device=triton_device), None, torch.float32)
    assert whole(x).shape == x.shape == (0, 8)


def test_no_rows_and_every_other_channel(triton_device: str) -> None:
    weight = torch.ones(8, device=triton_device)
    assert rms_norm(torch.zeros(0, 8, device=triton_device), weight, 1e-5).shape == (0, 8)
    x = random(3, 16, seed=0, device=triton_device, dtype=torch.float32)[:, ::2]
    assert_close("normed", exact(x, weight, 1e-5), rms_norm(x, weight, 1e-5), 1e-6)


def test_a_weight_that_is_strided(triton_device: str) -> None:
    x, weight = (random(n, 16, seed=n, device=triton_device, dtype=torch.float32) for n in (3, 2))
    weight = weight.t().contiguous().t()[0]
    assert_close("normed", exact(x, weight, 1e-5), rms_norm(x, weight, 1e-5), 1e-6)


def test_gradients_are_pytorchs(triton_device: str) -> None:
    with torch.inference_mode(False):
        x = torch.randn(3, 8, device=triton_device, requires_grad=True)
        gated_norm(x, torch.ones_like(x), torch.ones(8, device=triton_device), 1e-5).sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


@pytest.mark.gpu
@pytest.mark.parametrize("C", [6144, 8192])
def test_release_widths(C: int, triton_device: str) -> None:
    x, y = (random(517, C, seed=i, device=triton_device, dtype=torch.bfloat16) for i in (1, 2))
    weight = 1 + random(C, seed=3, device=triton_device, dtype=torch.bfloat16) / 4
    assert_close("rms", exact(x, weight, 1e-5), rms_norm(x, weight, 1e-5), 3e-3)
    normed, _ = residual_norm(x, y, weight, 3.5566, 1.0, 1e-5)
    assert_close("residual", exact(3.5566 * y.double() + x.double(), weight, 1e-5), normed, 3e-3)
    want = exact(x, weight, 1e-5) * y.double().sigmoid()
    assert_close("gated", want, gated_norm(x, y, weight, 1e-5), 3e-3)
