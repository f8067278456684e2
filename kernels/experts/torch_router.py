"""Router in plain PyTorch; differentiable."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def forward(x: Tensor, gate: Tensor, top_k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Shapes as in `route_tokens`."""
    if x.device.type == "cuda" and x.dtype == gate.dtype != torch.float32 and not torch.is_grad_enabled():
        logits = torch.mm(x, gate.t(), out_dtype=torch.float32)  # [N, X], no fp32 copy of x
    else:
        logits = F.linear(x.float(), gate.float())
    chosen, ids = logits.topk(top_k, dim=-1)  # [N, K]
    return logits, ids, chosen.softmax(-1)
