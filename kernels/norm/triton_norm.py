"""RMS norm in one pass over memory: what is summed before it and multiplied after it is read in the same pass."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.early import early
from minimax_vl.kernels.norm import torch_norm
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import rows_dense, wants_gradient
from minimax_vl.kernels.triton_early import begin
from minimax_vl.kernels.unsummed import Unsummed
from minimax_vl.kernels.unsummed.triton_sum import add_up

WIDEST = 16384  # channels of a row that still fit a program's registers


@triton.jit
def norm_kernel(
    x,
    counts,
    residual,
    gate,
    weight,
    out,
    total,
    rows,
    C,
    x_split,
    x_row,
    x_part,
    residual_row,
    gate_split,
    gate_row,
    alpha,
    beta,
    eps,
    SPLIT: tl.constexpr,
    PARTS: tl.constexpr,
    COUNTS: tl.constexpr,
    RESIDUAL: tl.constexpr,
    TOTAL: tl.constexpr,
    GATE: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    EARLY: tl.constexpr,
):
    """`ROWS` rows, each a sum, plus a residual, its norm, times the sigmoid of a gate; the flags leave parts out.

    The sum is over PARTS, times counts [rows, PARTS], of SPLIT numbers each. The gate is a sum of GATE numbers.
    """
    begin(EARLY)
    col = tl.arange(0, BLOCK)
    w = tl.load(weight + col, mask=col < C, other=0.0).to(tl.float32)
    first = tl.program_id(0).to(tl.int64) * ROWS
    for r in tl.static_range(ROWS):
        row = first + r
        live = col < tl.where(row < rows, C, 0)
        y = tl.zeros([BLOCK], tl.float32)
        for part in tl.static_range(PARTS):
            place = x + row * x_row + tl.cast(x_part, tl.int64) * part
            one = add_up(place + col, x_split, live, SPLIT)
            if COUNTS:
                one *= tl.load(counts + row * PARTS + part, mask=row < rows, other=0.0).to(tl.float32)
            y += one
        if RESIDUAL:
            carried = tl.load(residual + row * residual_row + col, mask=live, other=0.0).to(tl.float32)
            y = alpha * carried + beta * y
        if TOTAL:
            tl.store(total + row * C + col, y.to(total.dtype.element_ty), mask=live)
        y = y * tl.rsqrt(tl.sum(y * y, 0) / C + eps) * w
        if GATE:
            y *= tl.sigmoid(add_up(gate + row * gate_row + col, gate_split, live, GATE))
        tl.store(out + row * C + col, y.to(out.dtype.element_ty), mask=live)


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`."""
    if _left_to_torch(x, weight):
        return torch_norm.forward(x, weight, eps)
    return _launch("norm.rms", x, weight, eps, x.dtype)


def residual(
    x: Tensor | Unsummed,
    residual: Tensor,
    weight: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    keep: bool,
) -> tuple[Tensor, Tensor | None]:
    """Shapes as in `residual_norm`. Norms the total before it is rounded."""
    if _left_to_torch(x, residual, weight):
        return torch_norm.residual(x, residual, weight, alpha, beta, eps, keep)
    total = torch.empty(residual.shape, dtype=residual.dtype, device=residual.device) if keep else None
    return _launch("norm.residual", x, weight, eps, residual.dtype, residual, total, None, alpha, beta), total


def gated(x: Tensor, gate: Tensor | Unsummed, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `gated_norm`."""
    if _left_to_torch(x, gate, weight):
        return torch_norm.gated(x, gate, weight, eps)
    return _launch("norm.gated", x, weight, eps, x.dtype, gate=gate)


def _left_to_torch(x: Tensor | Unsummed, *others: Tensor | Unsummed) -> bool:
    """Gradients, compiled layers (whose compiler fuses norms itself) and rows wider than a program holds."""
    tensors = [y.parts if isinstance(y, Unsummed) else y for y in (x, *others)]
    return torch.compiler.is_compiling() or x.shape[-1] > WIDEST or wants_gradient(*tensors)


def _launch(
    slot: str,
    x: Tensor | Unsummed,
    weight: Tensor,
    eps: float,
    dtype: torch.dtype,
    residual: Tensor | None = None,
    total: Tensor | None = None,
    gate: Tensor | Unsummed | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> Tensor:
    """Normed rows [..., C]."""
    C = x.shape[-1]
    out = torch.empty(x.shape, dtype=dtype, device=weight.device)
    rows = out.numel() // C if C else 0
    if not rows:
        return out
    added, counts = _parts(x, rows)
    by = None if gate is None else _parts(gate, rows)[0]
    carried = None if residual is None else rows_dense(residual.reshape(rows, C))
    many = added.shape[0] * added.shape[2] > 1 or (by is not None and len(by) > 1)
    config, block = config_of("norm.unsummed" if many else slot), max(16, next_power_of_2(C))
    norm_kernel[(cdiv(rows, config["ROWS"]),)](
        added,
        counts,
        carried,
        by,
        weight.contiguous(),
        out,
        total,
        rows,
        C,
        *added.stride()[:3],
        0 if carried is None else carried.stride(0),
        *((0, 0) if by is None else by.stride()[:2]),
        alpha,
        beta,
        eps,
        SPLIT=added.shape[0],
        PARTS=added.shape[2],
        COUNTS=counts is not None,
        RESIDUAL=carried is not None,
        TOTAL=total is not None,
        GATE=0 if by is None else len(by),
        ROWS=config["ROWS"],
        BLOCK=block,
        num_warps=min(config["num_warps"], max(1, block // (256 if many else 512))),
        num_stages=config["num_stages"],
        **early(),
    )
    return out


def _parts(x: Tensor | Unsummed, rows: int) -> tuple[Tensor, Tensor | None]:
    """Parts [S, rows, K, C] of what may be a tensor [..., C], their channels side by side, and weights [rows, K]."""
    if not isinstance(x, Unsummed):
        return rows_dense(x.reshape(1, rows, 1, x.shape[-1])), None
    S, *_, K, C = x.parts.shape
    counts = None if x.weights is None else x.weights.reshape(rows, K).contiguous()
    return rows_dense(x.parts.reshape(S, rows, K, C)), counts
