"""RMS norm in one pass over memory: what is summed before it and multiplied after it is read in the same pass."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.norm import torch_norm
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import rows_dense, wants_gradient

WIDEST = 16384  # channels of a row that still fit a program's registers


@triton.jit
def norm_kernel(
    x,
    residual,
    gate,
    weight,
    out,
    total,
    rows,
    C,
    x_row,
    x_part,
    residual_row,
    gate_row,
    alpha,
    beta,
    eps,
    PARTS: tl.constexpr,
    RESIDUAL: tl.constexpr,
    TOTAL: tl.constexpr,
    GATE: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """`ROWS` rows: sum of PARTS, plus a residual, its norm, times the sigmoid of a gate; the flags leave parts out."""
    col = tl.arange(0, BLOCK)
    w = tl.load(weight + col, mask=col < C, other=0.0).to(tl.float32)
    first = tl.program_id(0).to(tl.int64) * ROWS
    for r in tl.static_range(ROWS):
        row = first + r
        live = col < tl.where(row < rows, C, 0)
        y = tl.load(x + row * x_row + col, mask=live, other=0.0).to(tl.float32)
        for part in tl.static_range(1, PARTS):
            place = x + row * x_row + tl.cast(x_part, tl.int64) * part
            y += tl.load(place + col, mask=live, other=0.0).to(tl.float32)
        if RESIDUAL:
            carried = tl.load(residual + row * residual_row + col, mask=live, other=0.0).to(tl.float32)
            y = alpha * carried + beta * y
        if TOTAL:
            tl.store(total + row * C + col, y.to(total.dtype.element_ty), mask=live)
        y = y * tl.rsqrt(tl.sum(y * y, 0) / C + eps) * w
        if GATE:
            y *= tl.sigmoid(tl.load(gate + row * gate_row + col, mask=live, other=0.0).to(tl.float32))
        tl.store(out + row * C + col, y.to(out.dtype.element_ty), mask=live)


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`."""
    if _left_to_torch(x, weight):
        return torch_norm.forward(x, weight, eps)
    return _launch("norm.rms", x, x.shape, weight, eps)


def residual(
    x: Tensor, residual: Tensor, weight: Tensor, alpha: float, beta: float, eps: float, keep: bool
) -> tuple[Tensor, Tensor | None]:
    """Shapes as in `residual_norm`. Norms the total before it is rounded."""
    if _left_to_torch(x, residual, weight):
        return torch_norm.residual(x, residual, weight, alpha, beta, eps, keep)
    total = torch.empty(residual.shape, dtype=residual.dtype, device=x.device) if keep else None
    return _launch("norm.residual", x, residual.shape, weight, eps, residual, total, None, alpha, beta), total


def gated(x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `gated_norm`."""
    if _left_to_torch(x, gate, weight):
        return torch_norm.gated(x, gate, weight, eps)
    return _launch("norm.gated", x, x.shape, weight, eps, gate=gate)


def _left_to_torch(*tensors: Tensor) -> bool:
    """Gradients, compiled layers (whose compiler fuses norms itself) and rows wider than a program holds."""
    return torch.compiler.is_compiling() or tensors[-1].shape[0] > WIDEST or wants_gradient(*tensors)


def _launch(
    slot: str,
    x: Tensor,
    shape: torch.Size,
    weight: Tensor,
    eps: float,
    residual: Tensor | None = None,
    total: Tensor | None = None,
    gate: Tensor | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> Tensor:
    """Normed rows in `shape` [..., C]; x has that shape or [..., P, C]."""
    C, dtype = shape[-1], x.dtype if residual is None else residual.dtype
    out = torch.empty(shape, dtype=dtype, device=x.device)
    rows, parts = out.numel() // C if C else 0, x.shape[-2] if x.dim() > len(shape) else 1
    if not rows:
        return out
    x = rows_dense(x.reshape(rows, parts, C))
    carried = None if residual is None else rows_dense(residual.reshape(rows, C))
    by = None if gate is None else rows_dense(gate.reshape(rows, C))
    config, block = config_of(slot), max(16, next_power_of_2(C))
    norm_kernel[(cdiv(rows, config["ROWS"]),)](
        x,
        carried,
        by,
        weight,
        out,
        total,
        rows,
        C,
        x.stride(0),
        x.stride(1),
        0 if carried is None else carried.stride(0),
        0 if by is None else by.stride(0),
        alpha,
        beta,
        eps,
        PARTS=parts,
        RESIDUAL=carried is not None,
        TOTAL=total is not None,
        GATE=by is not None,
        ROWS=config["ROWS"],
        BLOCK=block,
        num_warps=min(config["num_warps"], max(1, block // 512)),
        num_stages=config["num_stages"],
    )
    return out
