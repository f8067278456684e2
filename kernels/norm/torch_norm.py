"""RMS norm by PyTorch's own op, which is one pass over the data."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def forward(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Shapes as in `rms_norm`. PyTorch multiplies before it rounds: in bf16 one rounding less than the definition."""
    return F.rms_norm(x, x.shape[-1:], weight.to(x.dtype), eps)
