"""Partial rotary position embedding, alone or together with storing keys and values in a cache."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def apply_rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the first R channels of every head, pass the others through.

    x [B, T, H, D]   cos, sin [T, R/2] fp32 with R <= D. Channel j pairs with channel j + R/2 (half-split
    convention inside the R). Computed in fp32, returned in x's dtype.
    """
    if cos.shape != sin.shape or cos.shape[0] != x.shape[1] or 2 * cos.shape[1] > x.shape[-1]:
        raise ValueError(f"cos {tuple(cos.shape)}, sin {tuple(sin.shape)} do not fit x {tuple(x.shape)}")
    return resolve("rotary", x.device.type)(x, cos, sin)


def rotary_store(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cos: Tensor,
    sin: Tensor,
    keys: Tensor,
    values: Tensor,
    start: int | Tensor,
) -> Tensor:
    """Rotate q and k, and write k and v into a cache at positions start .. start+T-1.

    q [B, Tq, H, D], the last Tq of the T tokens   k, v [B, T, G, D]   cos, sin [T, R/2] fp32
    keys, values [B, S, G, D] are changed in place. `start` is an int, or [1] int64 on the device: read there, so
    that a CUDA graph may be replayed at another position. Returns the rotated q; the one given is used up.
    """
    B, T, G, D = k.shape
    fits = v.shape == k.shape and keys.shape == values.shape and keys.shape[2:] == k.shape[2:]
    if not fits or q.shape[0] != B or q.shape[3] != D or q.shape[1] > T or keys.shape[0] != B:
        raise ValueError(
            f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}, keys {tuple(keys.shape)},"
            f" values {tuple(values.shape)} do not fit"
        )
    if cos.shape != sin.shape or cos.shape[0] != T or 2 * cos.shape[1] > D:
        raise ValueError(f"cos {tuple(cos.shape)}, sin {tuple(sin.shape)} do not fit k {tuple(k.shape)}")
    if isinstance(start, int) and start + T > keys.shape[1]:
        raise ValueError(f"{T} tokens at {start} do not fit into a cache of {keys.shape[1]}")
    return resolve("rotary_store", q.device.type)(q, k, v, cos, sin, keys, values, start)
