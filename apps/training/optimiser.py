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
    """Parameters of equal shape are stepped together; stacked experts count as separate matrices."""

    def __init__(self, parameters: list[nn.Parameter], momentum: float = 0.95, decay: float = 0.01) -> None:
        self.momentum, self.decay = momentum, decay
        shapes: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
        for p in parameters:
            shapes[tuple(p.shape)].append(p)
        self.groups = []
        for group in shapes.values():
            master = torch.stack([p.detach().float() for p in group])
            self.groups.append((group, master, torch.zeros_like(master)))

    @torch.no_grad()
    def step(self, rate: float, scale: Tensor) -> None:
        """`scale` multiplies the gradients first: clipping, or 0 for a step that is left out."""
        for group, master, average in self.groups:
            grad = torch.stack([p.grad for p in group]).float().nan_to_num_(0, 0, 0) * scale  # [n, ..., R, C]
            average.lerp_(grad, 1 - self.momentum)
            update = orthogonal(grad.lerp(average, self.momentum).flatten(0, -3))
            stretch = max(1.0, update.shape[-2] / update.shape[-1]) ** 0.5
            master.mul_(1 - rate * self.decay).sub_(update.view_as(master), alpha=rate * stretch)
            # Rounded as one: copies of many tensors are one launch only where the type stays what it is.
            torch._foreach_copy_([*group], [*master.to(group[0].dtype).unbind()])


class Adam:
    """AdamW on one flat fp32 master of all its parameters."""

    def __init__(self, parameters: list[nn.Parameter], decay: float = 0.01) -> None:
        self.parameters = parameters
        self.master = nn.Parameter(torch.cat([p.detach().float().flatten() for p in parameters]))
        self.optimiser = torch.optim.AdamW(
            [self.master], lr=0.0, betas=(0.9, 0.95), weight_decay=decay, fused=True
        )

    @torch.no_grad()
    def step(self, rate: float, scale: Tensor) -> None:
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters]
        self.master.grad = torch.cat([g.flatten() for g in gradients]).float().nan_to_num_(0, 0, 0) * scale
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.step()
        rounded = self.master.detach().to(self.parameters[0].dtype)
        pieces = rounded.split([p.numel() for p in self.parameters])
        fresh = [x.view_as(p) for x, p in zip(pieces, self.parameters, strict=True)]
        torch._foreach_copy_([*self.parameters], fresh)


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """[n, R, C] -> nearly semi-orthogonal, singular values near 1, by a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.to(torch.bfloat16 if matrices.is_cuda else torch.float32)
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.01 + 1e-7)
    for _ in range(steps):
        gram = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).float()
