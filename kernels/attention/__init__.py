"""Causal softmax attention with grouped key/value heads over a cache."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def softmax_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    pad: Tensor | None = None,
    length: Tensor | None = None,
    rounded: bool = False,
) -> Tensor:
    """Attend from the last T positions to all S positions before and including each.

    q [B, T, H, D]   k, v [B, S, G, D] with S >= T, H a multiple of G: query head i reads head i // (H / G)
    pad [B]: leading positions of each row that hold no token and are never attended to; None for none.
    length [1] int64 on the device, at least T: only so many of the S positions exist yet; None for all. It is
    read on the device, so that a CUDA graph over a whole cache may be replayed as the cache fills.
    Positions without a token must hold finite numbers all the same: some backends multiply them by zero.
    rounded: whether q, k and v may be rounded to bf16, which a CPU does in long prompts; see `linear_rounds`.
    Returns [B, T, H, D]. Scale is 1 / sqrt(D). The rows of padded queries are finite but mean nothing.
    """
    B, T, H, D = q.shape
    _, S, G, _ = k.shape
    if H % G or k.shape != (B, S, G, D) or v.shape != k.shape or T > S or B * T == 0:
        raise ValueError(
            f"q {tuple(q.shape)} against k {tuple(k.shape)}, v {tuple(v.shape)}: heads must divide, rows and widths"
            " agree, and there must be a query, and at least as many keys as queries"
        )
    if pad is not None and pad.shape != (B,):
        raise ValueError(f"pad has shape {tuple(pad.shape)}; q has {B} rows, so it must be ({B},)")
    op = "softmax_attention_rounded" if rounded else "softmax_attention"
    return resolve(op, q.device.type)(q, k, v, pad, length)
