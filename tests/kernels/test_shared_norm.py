"""A norm shared by processes: the sum of what each sends is the norm over all, whatever backend sends and reads."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import Unsummed, norm_of_parts, part_of_norm
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.shared_norm.cases import TEST, Case
from minimax_vl.kernels.testing import assert_close, backends_of

OPS = ("part_of_norm", "norm_of_parts")
LIMIT = {torch.float32: 1e-6, torch.bfloat16: 3e-3, torch.float16: 5e-4}
DTYPES = pytest.mark.parametrize("dtype", list(LIMIT), ids=str)
CASES = pytest.mark.parametrize("case", TEST, ids=str)


def shared(given: list[tuple[Tensor, Tensor]], eps: float) -> Tensor:
    total = torch.stack([part_of_norm(*one, eps) for one in given]).sum(0)
    assert total.dtype == torch.float32
    return norm_of_parts(total, len(given), eps, given[0][0])


@DTYPES
@CASES
@pytest.mark.parametrize("backend", backends_of(OPS[0]))
@torch.inference_mode()
def test_parts_make_the_whole(case: Case, dtype: torch.dtype, backend: str, device: str) -> None:
    given = case.inputs(device, dtype)
    with use_backend(backend, *OPS):
        got = shared(given, case.eps)
    assert got.dtype == dtype
    assert_close("whole", case.exact(given), got, LIMIT[dtype])


@DTYPES
@CASES
@torch.inference_mode()
def test_the_kernels_make_the_whole(case: Case, dtype: torch.dtype, triton_device: str) -> None:
    given = case.inputs(triton_device, dtype)
    with use_backend("triton", *OPS):
        got = shared(given, case.eps)
    assert got.dtype == dtype
    assert_close("whole", case.exact(given), got, LIMIT[dtype])


@pytest.mark.parametrize("backend", ["reference", "triton"])
@torch.inference_mode()
def test_rows_with_gaps_and_none(backend: str, triton_device: str) -> None:
    """A slice of a wider projection; and no rows at all."""
    case = Case((3,), 2, 48, 130)
    given = case.inputs(triton_device, torch.float32)
    gaps = [tuple(torch.cat((t, t), dim=-1)[:, : t.shape[-1]] for t in one) for one in given]
    with use_backend(backend, *OPS):
        assert torch.equal(shared(given, case.eps), shared(gaps, case.eps))
        none = [(product[:0], x[:0]) for product, x in given]
        assert shared(none, case.eps).shape == (0, 130)


@DTYPES
@pytest.mark.parametrize("backend", ["reference", "triton"])
@torch.inference_mode()
def test_a_product_that_is_left_unsummed(backend: str, dtype: torch.dtype, triton_device: str) -> None:
    """Its pieces are added up in fp32, and the result has the dtype that the product would have."""
    case = Case((3, 2), 2, 130, 65)
    given = case.inputs(triton_device, dtype)
    pieces = [
        Unsummed(torch.stack([product.float() * part for part in (2, -3, 2)])[..., None, :], None, dtype)
        for product, _ in given
    ]
    with use_backend(backend, *OPS):
        total = torch.stack(
            [part_of_norm(piece, x, case.eps) for piece, (_, x) in zip(pieces, given, strict=True)]
        ).sum(0)
        got = norm_of_parts(total, 2, case.eps, pieces[0])
    assert got.dtype == dtype
    assert_close("whole", case.exact(given), got, LIMIT[dtype])


@torch.inference_mode()
def test_a_message_means_the_same_to_both(triton_device: str) -> None:
    """What one backend sends another may read: ranks need not choose alike."""
    case = Case((3, 2), 2, 130, 65)
    product, x = case.inputs(triton_device, torch.bfloat16)[1]
    with use_backend("reference", *OPS):
        want = part_of_norm(product, x, case.eps)
    with use_backend("triton", *OPS):
        assert_close("message", want, part_of_norm(product, x, case.eps), 1e-6)


def test_gradients_are_pytorchs(triton_device: str) -> None:
    product, x = (torch.randn(3, 8, device=triton_device, requires_grad=True) for _ in range(2))
    with use_backend("triton", *OPS):
        norm_of_parts(part_of_norm(product, x, 1e-6), 1, 1e-6, product).sum().backward()
    assert all(t.grad is not None and t.grad.isfinite().all() for t in (product, x))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="other rows"):
        part_of_norm(torch.ones(2, 8), torch.ones(3, 4), 1e-6)
    with pytest.raises(ValueError, match="does not fit"):
        norm_of_parts(torch.ones(16), 2, 1e-6, torch.ones(2, 8))


@pytest.mark.gpu
@pytest.mark.parametrize("rows", [1, 8, 517])
@torch.inference_mode()
def test_release_widths(rows: int, triton_device: str) -> None:
    case = Case((rows,), 2, 4096, 6144)
    given = case.inputs(triton_device, torch.bfloat16)
    assert_close("whole", case.exact(given), shared(given, case.eps), LIMIT[torch.bfloat16])
