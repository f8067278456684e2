"""Expert MLP on quantised weights in plain PyTorch: an expert is unpacked for as long as its tokens take."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels.quantised import torch_linear
from minimax_vl.kernels.quantised.pack import QuantisedWeight


def forward(x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight) -> Tensor:
    """Shapes as in `expert_mlp_quantised`. Reads the routing on the host."""
    out = torch.zeros(x.shape, dtype=torch.float32, device=x.device)
    for expert in ids.unique().tolist():
        token, k = (ids == expert).nonzero(as_tuple=True)
        gate, up = torch_linear.forward(x[token], w13[expert]).chunk(2, dim=-1)  # [tokens, F] each
        made = torch_linear.forward(F.silu(gate) * up, w2[expert])  # [tokens, C]
        out.index_add_(0, token, made * weights[token, k, None].float())
    return out.to(x.dtype)
