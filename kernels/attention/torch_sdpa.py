"""PyTorch's fused attention as a backend; also the one used for training."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def forward(q: Tensor, k: Tensor, v: Tensor, pad: Tensor | None) -> Tensor:
    """Shapes as in `softmax_attention`."""
    B, T, H, D = q.shape
    S, G = k.shape[1], k.shape[2]
    k, v = k.transpose(1, 2), v.transpose(1, 2)  # [B, G, S, D]
    if T == 1 and pad is None:
        # The heads of a group become query rows: no key is copied, and one row needs no mask.
        return F.scaled_dot_product_attention(q.view(B, G, H // G, D), k, v).view(B, 1, H, D)
    k, v = (x.repeat_interleave(H // G, dim=1) if H != G else x for x in (k, v))  # [B, H, S, D]
    q = q.transpose(1, 2)
    if pad is None and T == S:
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    else:
        key = torch.arange(S, device=q.device)
        query = key[S - T :, None]  # [T, 1]
        seen = (key <= query)[None, None]  # [1, 1, T, S]
        if pad is not None:
            # A padded query sees itself, so that its row of the softmax is not empty.
            seen = seen & ((key >= pad[:, None, None, None]) | (key == query))
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
    return out.transpose(1, 2)
