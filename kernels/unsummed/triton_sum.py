"""The sum that `Unsummed` stands for, in one launch."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.early import early
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import wants_gradient
from minimax_vl.kernels.triton_early import begin
from minimax_vl.kernels.unsummed import reference


def forward(parts: Tensor, weights: Tensor | None, dtype: torch.dtype) -> Tensor:
    """Shapes as in `Unsummed`. Gradients are left to the definition."""
    if wants_gradient(parts):
        return reference.forward(parts, weights, dtype)
    S, *rows, K, C = parts.shape
    out = torch.empty(*rows, C, dtype=dtype, device=parts.device)
    N = out.numel() // C if C else 0
    if not N:
        return out
    parts, block = parts.contiguous(), min(1024, next_power_of_2(C))
    combine[(N, cdiv(C, block))](
        parts, parts if weights is None else weights.contiguous(), out, C, parts.stride(0),
        K=K, SPLIT=S, WEIGHTED=weights is not None, BC=block, num_warps=4, **early(),
    )  # fmt: skip
    return out


@triton.jit
def add_up(at, stride, mask, COUNT: tl.constexpr):
    """The sum of COUNT numbers, `stride` apart, for each of the places `at`."""
    total = tl.load(at, mask=mask, other=0.0).to(tl.float32)
    for i in tl.static_range(1, COUNT):
        total += tl.load(at + tl.cast(stride, tl.int64) * i, mask=mask, other=0.0).to(tl.float32)
    return total


@triton.jit
def combine(
    rows, weights, out, columns, stride,
    K: tl.constexpr, SPLIT: tl.constexpr, WEIGHTED: tl.constexpr, BC: tl.constexpr, EARLY: tl.constexpr,
):  # fmt: skip
    """out [N, C] = the sum over K slots and SPLIT parts of rows [SPLIT, N, K, C], times weights [N, K] if WEIGHTED."""
    begin(EARLY)
    n = tl.program_id(0).to(tl.int64)
    c = tl.program_id(1) * BC + tl.arange(0, BC)
    mask = c < columns
    total = tl.zeros([BC], tl.float32)
    for k in tl.static_range(K):
        one = add_up(rows + (n * K + k) * columns + c, stride, mask, SPLIT)
        if WEIGHTED:
            one *= tl.load(weights + n * K + k).to(tl.float32)
        total += one
    tl.store(out + n * columns + c, total.to(out.dtype.element_ty), mask=mask)
