"""Muon for matrices, AdamW for the rest; fp32 masters behind a model of any dtype.

Muon: momentum, then the nearest semi-orthogonal matrix by five Newton-Schulz steps (K. Jordan, 2024).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

# Not matrices in Muon's sense although two-dimensional: tables that are looked up, the router's few rows, and the
# heads that are thrown away.
LOOKED_UP = ("embed_tokens", "lm_head", "position_embedding", "patch_embedding", "gate.weight")
HEADS = ("read.", "paint.", "name.")


def split_parameters(modules: Iterable[nn.Module]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(for Muon, for AdamW)."""
    muon, adam = [], []
    for module in modules:
        for name, p in module.named_parameters():
            (adam if p.ndim < 2 or any(word in name for word in LOOKED_UP + HEADS) else muon).append(p)
    return muon, adam


class Muon:
    """On one flat fp32 master, parameters of equal shape side by side: those are stepped together.

    Stacked experts count as separate matrices. `compiled`: what is element-wise is two passes over all parameters.
    """

    def __init__(
        self,
        parameters: list[nn.Parameter],
        momentum: float = 0.95,
        decay: float = 0.01,
        *,
        compiled: bool = False,
    ) -> None:
        self.momentum, self.decay = momentum, decay
        shapes: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
        for p in parameters:
            shapes[tuple(p.shape)].append(p)
        self.parameters = [p for group in shapes.values() for p in group]
        self.groups = [(sum(p.numel() for p in group), shape[-2:]) for shape, group in shapes.items()]
        self.master = _flat([p.detach().float() for p in self.parameters])
        self.average = torch.zeros_like(self.master)
        self._smoothed = torch.compile(_smoothed) if compiled else _smoothed
        self._moved = torch.compile(_moved) if compiled else _moved

    @torch.no_grad()
    def step(self, rate: float, scale: Tensor) -> None:
        """`scale` multiplies the gradients first: clipping, or 0 for a step that is left out."""
        update = self._smoothed(_gradient(self.parameters), self.average, scale, self.momentum)
        pieces = update.split([size for size, _ in self.groups])
        for piece, (_, (rows, columns)) in zip(pieces, self.groups, strict=True):
            matrices = piece.view(-1, rows, columns)
            matrices.copy_(orthogonal(matrices) * max(1.0, rows / columns) ** 0.5)
        # A number of the host's would be compiled into the pass.
        self._moved(self.master, update, torch.full_like(scale, rate), self.decay)
        _round(self.master, self.parameters)


class Adam:
    """AdamW on one flat fp32 master of all its parameters."""

    def __init__(self, parameters: list[nn.Parameter], decay: float = 0.01) -> None:
        self.parameters = parameters
        self.master = nn.Parameter(_flat([p.detach().float() for p in parameters]))
        self.optimiser = torch.optim.AdamW(
            [self.master], lr=0.0, betas=(0.9, 0.95), weight_decay=decay, fused=True
        )

    @torch.no_grad()
    def step(self, rate: float, scale: Tensor) -> None:
        self.master.grad = _gradient(self.parameters).float().nan_to_num_(0, 0, 0) * scale
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.step()
        _round(self.master.detach(), self.parameters)


def _flat(tensors: list[Tensor]) -> Tensor:
    return torch.cat([x.flatten() for x in tensors])


def _gradient(parameters: list[nn.Parameter]) -> Tensor:
    return _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in parameters])


def _round(master: Tensor, parameters: list[nn.Parameter]) -> None:
    """Bring the masters into the parameters, rounded as one: many small copies would be as many launches."""
    pieces = master.to(parameters[0].dtype).split([p.numel() for p in parameters])
    torch._foreach_copy_([*parameters], [x.view_as(p) for x, p in zip(pieces, parameters, strict=True)])


def _smoothed(grad: Tensor, average: Tensor, scale: Tensor, momentum: float) -> Tensor:
    """Nesterov's momentum; `average` moves in its place. In the dtype that the orthogonal matrix is found in."""
    grad = grad.float().nan_to_num(0, 0, 0) * scale
    average.lerp_(grad, 1 - momentum)
    return grad.lerp(average, momentum).to(_dtype(grad))


def _moved(master: Tensor, update: Tensor, rate: Tensor, decay: float) -> None:
    master.mul_(1 - rate * decay).sub_(update.float() * rate)


def _dtype(x: Tensor) -> torch.dtype:
    return torch.bfloat16 if x.is_cuda else torch.float32


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """[n, R, C] -> nearly semi-orthogonal, singular values near 1, by a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.to(_dtype(matrices))
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.01 + 1e-7)
    for _ in range(steps):
        gram = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
