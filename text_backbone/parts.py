"""Small modules that several layers share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from minimax_vl.kernels import Unsummed, gated_norm, residual_norm, rms_norm


class RMSNorm(nn.Module):
    """`rms_norm` with its weight."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.weight, self.eps)

    def join(
        self, added: Tensor | Unsummed, carried: Tensor, scales: tuple[float, float], keep: bool
    ) -> tuple[Tensor, Tensor | None]:
        """(norm of alpha * carried + beta * added, that sum if it is to be kept), in one pass."""
        return residual_norm(added, carried, self.weight, *scales, self.eps, keep)


class GatedNorm(nn.Module):
    """`gated_norm` with its weight."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor, gate: Tensor | Unsummed) -> Tensor:
        return gated_norm(x, gate, self.weight, self.eps)


def linear(size_in: int, size_out: int) -> nn.Linear:
    """All linears of the text model are without bias."""
    return nn.Linear(size_in, size_out, bias=False)


def operand(x: Tensor, into: nn.Module) -> Tensor:
    """x as `into` will multiply it, where that is not in x's dtype; see `linear_operand`."""
    cast = getattr(into, "operand", None)
    return x if cast is None else cast(x)


def rounds(into: nn.Module) -> bool:
    """Whether `into` rounds many rows of what it multiplies to bf16; see `linear_rounds`."""
    asked = getattr(into, "rounds", None)
    return asked is not None and asked()


def unsummed(module: nn.Module, *args: Tensor) -> Tensor | Unsummed:
    """`module(*args)`, its last sum left to a reader that adds up while it reads, where the module can leave it.

    Where a hook, or another `forward` in the place of the class's own, wants the whole, the module is called as usual.
    """
    leave = getattr(module, "unsummed", None)
    changed = module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module)
    return module(*args) if leave is None or changed else leave(*args)


class Head(nn.Linear):
    """Hidden states [..., C] -> fp32 logits [..., V]."""

    def __init__(self, size_in: int, size_out: int) -> None:
        super().__init__(size_in, size_out, bias=False)

    def forward(self, input: Tensor) -> Tensor:  # named as in nn.Linear
        return linear_fp32(input, self.weight)


def linear_fp32(x: Tensor, weight: Tensor) -> Tensor:
    """x [..., C] times weight [V, C] with fp32 sums and an fp32 result, whatever the model's dtype.

    For the router and the head: rounding their sums to bf16 flips experts and repeats characters.
    """
    if x.device.type == "cuda" and x.dtype == weight.dtype != torch.float32 and not torch.is_grad_enabled():
        # The product itself gives fp32: no fp32 copy of a head of 200,064 rows.
        rows = torch.mm(x.flatten(0, -2), weight.t(), out_dtype=torch.float32)
        return rows.view(*x.shape[:-1], -1)
    return F.linear(x.float(), weight.float())
