"""RMS norm by PyTorch's own op, or without gradients on a CPU by fewer operations and passes over memory."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.unsummed import Unsummed, whole


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`. PyTorch multiplies before it rounds: in bf16 one rounding less than the definition."""
    C = x.shape[-1]
    if x.numel() == C and x.dtype == weight.dtype == torch.float32 and _plain_cpu(x):
        # A decode step has dozens of norms of one row each, and PyTorch's op is eight ops on a CPU.
        row = x.view(-1)
        return x * (float(row.dot(row)) / C + eps) ** -0.5 * weight
    if _plain_cpu(x) and x.dtype in (torch.float32, torch.bfloat16):
        return _in_place(x.to(torch.float32, copy=True), weight, eps).to(x.dtype)
    return F.rms_norm(x, (C,), weight if weight.dtype == x.dtype else weight.to(x.dtype), eps)


def _in_place(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """fp32 x in three passes over memory, where PyTorch's op makes seven on a CPU."""
    C = x.shape[-1]
    squares = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_()
    return x.mul_(squares.div_(C).add_(eps).rsqrt_()).mul_(weight)


def _plain_cpu(x: Tensor) -> bool:
    return x.device.type == "cpu" and not torch.is_grad_enabled() and not torch.compiler.is_compiling()


def residual(
    x: Tensor | Unsummed,
    residual: Tensor,
    weight: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    keep: bool,
) -> tuple[Tensor, Tensor | None]:
    """Shapes as in `residual_norm`. Rounds the total, then norms it."""
    added = whole(x)
    # One pass for the usual beta of 1.
    total = torch.add(added if beta == 1 else beta * added, residual, alpha=alpha).to(residual.dtype)
    if not keep and total.dtype == torch.float32 and total.numel() > total.shape[-1] and _plain_cpu(total):
        return _in_place(total, weight, eps), None  # nobody else has the total
    return forward(total, weight, eps), total if keep else None


def gated(x: Tensor, gate: Tensor | Unsummed, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `gated_norm`."""
    return (torch.sigmoid(whole(gate)) * forward(x, weight, eps)).to(x.dtype)
