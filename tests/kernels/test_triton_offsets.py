"""Triton kernels on tensors that span more than 2^31 elements, as 262,144 tokens of the release do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels import (
    Unsummed,
    apply_rotary,
    gated_norm,
    lightning_attention,
    lightning_attention_varlen,
    residual_norm,
    rotary_store,
    softmax_attention,
)
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.testing import assert_close

pytest.importorskip("triton")

FAR = (1 << 30) + 64  # elements: fits in 32 bits, and twice as much does not
HEADS, KEYS, PAD = (3, 3, 3, 16), (3, 3, 1, 16), (0, 1, 0)
DECAY, ANGLE = (0.1, 0.5, 2.0), ((0.3, 2.0), (1.0, 4.0), (5.0, 6.0))


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).bfloat16()


def far(x: Tensor, dim: int) -> Tensor:
    """x with FAR as the stride of `dim`; of the 4 GB between only the pages that hold x are ever touched."""
    strides, inner = [0] * x.dim(), 1
    for d in reversed([d for d in range(x.dim()) if d != dim]):
        strides[d], inner = inner, inner * x.shape[d]
    strides[dim] = FAR
    room = torch.UntypedStorage(((x.shape[dim] - 1) * FAR + inner) * x.element_size(), device=x.device)
    return x.new_zeros(0).set_(room, 0, x.shape, strides).copy_(x)


def lightning(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return lightning_attention(q, k, v, torch.tensor(DECAY, device=q.device), silu=True)[0]


def packed(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    decay, ends = torch.tensor(DECAY, device=q.device), torch.tensor([0, 1, 3], device=q.device)
    return lightning_attention_varlen(q, k, v, decay, ends)[0]


def padded(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return softmax_attention(q, k, v, torch.tensor(PAD, device=q.device))[:, 1:]


def residual(x: Tensor, carried: Tensor) -> Tensor:
    added = Unsummed(x, None, x.dtype)
    return residual_norm(added, carried, torch.ones_like(carried[0]), 2.0, 1.0, 1e-5)[0]


def gated(x: Tensor, gate: Tensor) -> Tensor:
    return gated_norm(x, gate, torch.ones_like(x[0]), 1e-5)


def gated_in_parts(x: Tensor, gate: Tensor) -> Tensor:
    return gated_norm(x, Unsummed(gate, None, gate.dtype), torch.ones_like(x[0]), 1e-5)


def rotary(x: Tensor) -> Tensor:
    angle = torch.tensor(ANGLE, device=x.device)
    return apply_rotary(x, angle.cos(), angle.sin())


def store(k: Tensor, v: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    angle = torch.tensor(ANGLE, device=k.device)
    rotary_store(random(3, 1, 2, 16).to(k.device), k, v, angle.cos(), angle.sin(), keys, values, 1)
    return torch.stack((keys[:, 1:], values[:, 1:]))


# op, shapes, and which input has which of its dims stretched
CASES: list[tuple[Callable[..., Tensor], list[tuple[int, ...]], list[tuple[int, int]]]] = [
    (lightning, [HEADS] * 3, [(0, 0), (1, 1), (2, 2)]),
    (lightning, [(3, 1, 3, 16)] * 3, [(0, 0), (1, 2)]),
    (packed, [(3, 3, 16)] * 3, [(0, 0), (2, 1)]),
    (softmax_attention, [(3, 1, 3, 16), KEYS, KEYS], [(0, 0), (0, 2), (1, 0), (1, 1), (2, 1)]),
    (padded, [(3, 3, 2, 16), KEYS, KEYS], [(0, 1), (1, 0), (1, 1), (2, 1)]),
    (residual, [(3, 3, 3, 32), (3, 32)], [(0, 0), (0, 1), (0, 2), (1, 0)]),
    (gated, [(3, 32)] * 2, [(0, 0), (1, 0)]),
    (gated_in_parts, [(3, 32), (3, 3, 1, 32)], [(1, 0), (1, 1)]),
    (rotary, [HEADS], [(0, 0), (0, 1), (0, 2)]),
    (store, [KEYS, KEYS, (3, 4, 1, 16), (3, 4, 1, 16)], [(0, 0), (1, 1), (2, 0), (3, 0)]),
]


@pytest.mark.parametrize(
    ("op", "shapes", "which", "dim"),
    [
        pytest.param(op, shapes, which, dim, id=f"{op.__name__}-{shapes[0]}-{which}-{dim}")
        for op, shapes, stretched in CASES
        for which, dim in stretched
    ],
)
def test_rows_far_apart(
    op: Callable[..., Tensor], shapes: list[tuple[int, ...]], which: int, dim: int, triton_device: str
) -> None:
    x = [random(*shape, seed=i).to(triton_device) for i, shape in enumerate(shapes)]
    with use_backend("torch"), torch.inference_mode():
        want = op(*(t.clone() for t in x))
    x[which] = far(x[which], dim)
    with use_backend("triton"), torch.inference_mode():
        assert_close("out", want, op(*x), 6e-3)
