"""bfloat16 in Triton's interpreter: products, sums, rounding and comparisons as PyTorch computes them."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("triton")
import triton
import triton.language as tl

from minimax_vl.kernels.testing import assert_close

ROWS, COLUMNS = 32, 64


@triton.jit
def _everything(x, y, product, total, scaled, chosen, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    r, c = tl.arange(0, ROWS), tl.arange(0, COLUMNS)
    at = r[:, None] * COLUMNS + c[None, :]
    a, b = tl.load(x + at), tl.load(y + at)
    tl.store(product + r[:, None] * ROWS + r[None, :], tl.dot(a, tl.trans(b)))
    tl.store(total + r, tl.sum(a, axis=1))
    tl.store(scaled + at, a * b - a)
    tl.store(chosen + at, tl.where(a > b, a, b.to(tl.float32) * 3.0))


@pytest.fixture(scope="module")
def pair(triton_device: str) -> tuple[torch.Tensor, torch.Tensor]:
    if triton_device == "cuda":
        pytest.skip("a GPU sums bfloat16 in its own order and fuses products: this is about the interpreter")
    torch.manual_seed(0)
    x, y = torch.randn(2, ROWS, COLUMNS).to(triton_device, torch.bfloat16)
    return x, y


def test_arithmetic_is_that_of_pytorch(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = pair
    product = torch.empty(ROWS, ROWS, device=x.device)
    total, scaled, chosen = torch.empty_like(x[:, 0]), torch.empty_like(x), torch.empty_like(x)
    _everything[(1,)](x, y, product, total, scaled, chosen, ROWS, COLUMNS)
    assert_close("product", x.double() @ y.double().T, product, 1e-6)
    assert_close("total", x.double().sum(1), total, 4e-3)
    assert_close("scaled", x.double() * y.double() - x.double(), scaled, 4e-3)
    assert torch.equal(torch.where(x > y, x, (y.float() * 3).bfloat16()), chosen)


@triton.jit
def _round(x, out, SIZE: tl.constexpr):
    at = tl.arange(0, SIZE)
    tl.store(out + at, tl.load(x + at).to(tl.bfloat16))


def test_rounding_goes_to_the_nearest_even(triton_device: str) -> None:
    edges = torch.tensor(
        [1.00390625, 1.01171875, -1.00390625, 3.4e38, float("inf"), float("nan"), 0.0, 1e-40]
    )
    x = torch.cat([edges, torch.randn(120)]).to(triton_device)
    out = torch.empty(128, dtype=torch.bfloat16, device=x.device)
    _round[(1,)](x, out, 128)
    assert torch.equal(x.bfloat16().nan_to_num(nan=7), out.nan_to_num(nan=7))
    assert out[5].isnan()
