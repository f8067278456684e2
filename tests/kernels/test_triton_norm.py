"""Norm kernels against the definition in float64: widths off every power of two, strided rows, parts, gates."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import gated_norm, residual_norm, rms_norm
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.configs import config_of, use_config
from minimax_vl.kernels.testing import assert_close

LIMIT = {torch.float32: 1e-6, torch.bfloat16: 3e-3}
DTYPES = [torch.float32, torch.bfloat16]
WIDTHS = [1, 48, 130, 6144]


@pytest.fixture(autouse=True)
def on_triton(triton_device: str):
    with use_backend("triton", "rms_norm", "residual_norm", "gated_norm"), torch.inference_mode():
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
@pytest.mark.parametrize("parts", [None, 1, 2, 5])
def test_residual_norm(parts: int | None, dtype: torch.dtype, triton_device: str) -> None:
    C, middle = 130, () if parts is None else (parts,)
    x = random(2, 3, *middle, C, seed=2, device=triton_device, dtype=dtype)
    carried = random(2, 4, C, seed=3, device=triton_device, dtype=dtype)[
        :, 1:
    ]  # rows with a gap between batches
    weight = 1 + random(C, seed=1, device=triton_device, dtype=dtype) / 4
    total = 3.5 * carried.double() + 0.9 * (x.double() if parts is None else x.double().sum(-2))
    normed, kept = residual_norm(x, carried, weight, 3.5, 0.9, 1e-5, keep=True)
    assert_close("normed", exact(total, weight, 1e-5), normed, LIMIT[dtype])
    assert kept is not None
    assert_close("total", total, kept, LIMIT[dtype])
    alone, none = residual_norm(x, carried, weight, 3.5, 0.9, 1e-5)
    assert none is None and torch.equal(alone, normed)


def test_fp32_parts_of_a_bf16_residual(triton_device: str) -> None:
    """Partial sums of a split product come in fp32 and are rounded once, at the end."""
    x = random(3, 6, 48, seed=2, device=triton_device, dtype=torch.float32)
    carried = random(3, 48, seed=3, device=triton_device, dtype=torch.bfloat16)
    weight = torch.ones(48, device=triton_device, dtype=torch.bfloat16)
    normed, _ = residual_norm(x, carried, weight, 2.0, 1.0, 1e-5)
    assert normed.dtype == torch.bfloat16
    assert_close("normed", exact(2 * carried.double() + x.double().sum(1), weight, 1e-5), normed, 3e-3)


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


def test_no_rows_and_every_other_channel(triton_device: str) -> None:
    weight = torch.ones(8, device=triton_device)
    assert rms_norm(torch.zeros(0, 8, device=triton_device), weight, 1e-5).shape == (0, 8)
    x = random(3, 16, seed=0, device=triton_device, dtype=torch.float32)[:, ::2]
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
