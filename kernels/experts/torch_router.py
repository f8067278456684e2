"""Router in plain PyTorch; differentiable."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

FEW = 8  # experts whose logits need no matrix product


def forward(x: Tensor, gate: Tensor, top_k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Shapes as in `route_tokens`."""
    if x.device.type == "cuda" and x.dtype == gate.dtype != torch.float32 and not torch.is_grad_enabled():
        logits = torch.mm(x, gate.t(), out_dtype=torch.float32)  # [N, X], no fp32 copy of x
    elif torch.compiler.is_compiling() and len(gate) <= FEW:
        # Sums over rows, which a compiler computes with the norm before them: no fp32 copy of x, no tiny product.
        x32 = x.float()
        logits = torch.stack([(x32 * row).sum(-1) for row in gate.float()], dim=-1)
    else:
        logits = F.linear(x.float(), gate.float())
    # PyTorch's top-k sorts, which costs a compiled layer of few experts more than its attention.
    largest = _maxima if torch.compiler.is_compiling() else torch.topk
    chosen, ids = largest(logits, top_k)  # [N, K]
    return logits, ids, chosen.softmax(-1)


def _maxima(logits: Tensor, top_k: int) -> tuple[Tensor, Tensor]:
    """`topk` as one maximum after the other, which a compiler fuses."""
    expert = torch.arange(logits.shape[-1], device=logits.device)
    rest, values, ids = logits, [], []
    for _ in range(top_k):
        index = rest.argmax(-1, keepdim=True)
        here = expert == index
        values.append(torch.where(here, logits, 0.0).sum(-1))
        ids.append(index[:, 0])
        rest = rest.masked_fill(here, float("-inf"))
    return torch.stack(values, -1), torch.stack(ids, -1)
