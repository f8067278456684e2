"""Partial rotary embedding, one token to a program; queries turn where they lie, keys and values go to the cache."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.rotary import torch_rotary
from minimax_vl.kernels.sizes import next_power_of_2
from minimax_vl.kernels.tensors import rows_dense, wants_gradient


@triton.jit
def pairs(source, stride, heads, HALF: tl.constexpr, HEADS: tl.constexpr, PAIRS: tl.constexpr):
    """The two channels of each pair of one token's heads, each [HEADS, PAIRS]."""
    head, pair = tl.arange(0, HEADS)[:, None].to(tl.int64), tl.arange(0, PAIRS)[None, :]
    live = (head < heads) & (pair < HALF)
    a = tl.load(source + head * stride + pair, mask=live, other=0.0)
    return a, tl.load(source + head * stride + pair + HALF, mask=live, other=0.0)


@triton.jit
def turn(a, b, target, stride, heads, c, s, HALF: tl.constexpr, HEADS: tl.constexpr, PAIRS: tl.constexpr):
    """Rotate the pairs (a, b) of one token's heads by angles of cosine c and sine s [1, PAIRS], and store them."""
    head, pair = tl.arange(0, HEADS)[:, None].to(tl.int64), tl.arange(0, PAIRS)[None, :]
    live = (head < heads) & (pair < HALF)
    a, b = a.to(tl.float32), b.to(tl.float32)
    place = target + head * stride + pair
    tl.store(place, (a * c - b * s).to(target.dtype.element_ty), mask=live)
    tl.store(place + HALF, (b * c + a * s).to(target.dtype.element_ty), mask=live)


@triton.jit
def angles(cos, sin, t, HALF: tl.constexpr, PAIRS: tl.constexpr):
    """Cosines and sines of one token, each [1, PAIRS]."""
    pair = tl.arange(0, PAIRS)[None, :]
    c = tl.load(cos + t * HALF + pair, mask=pair < HALF, other=0.0)
    return c, tl.load(sin + t * HALF + pair, mask=pair < HALF, other=0.0)


@triton.jit
def rest(source, stride, heads, first, D, HEADS: tl.constexpr, WIDTH: tl.constexpr):
    """Channels first .. D-1 of one token's heads, [HEADS, WIDTH]."""
    head, col = tl.arange(0, HEADS)[:, None].to(tl.int64), first + tl.arange(0, WIDTH)[None, :]
    return tl.load(source + head * stride + col, mask=(head < heads) & (col < D), other=0.0)


@triton.jit
def put(x, target, stride, heads, first, D, HEADS: tl.constexpr, WIDTH: tl.constexpr):
    """Store what `rest` loaded."""
    head, col = tl.arange(0, HEADS)[:, None].to(tl.int64), first + tl.arange(0, WIDTH)[None, :]
    tl.store(target + head * stride + col, x, mask=(head < heads) & (col < D))


@triton.jit
def rotary_kernel(
    x,
    out,
    cos,
    sin,
    T,
    heads,
    x_batch,
    x_token,
    x_head,
    HALF: tl.constexpr,
    D: tl.constexpr,
    HEADS: tl.constexpr,
    PAIRS: tl.constexpr,
    WIDTH: tl.constexpr,
):
    """One token of x [B, T, H, D] into out, which is dense."""
    row = tl.program_id(0).to(tl.int64)
    b, t = row // T, row % T
    mine, place = x + b * x_batch + t * x_token, out + row * heads * D
    c, s = angles(cos, sin, t, HALF, PAIRS)
    x_a, x_b = pairs(mine, x_head, heads, HALF, HEADS, PAIRS)
    if WIDTH > 0:
        put(rest(mine, x_head, heads, 2 * HALF, D, HEADS, WIDTH), place, D, heads, 2 * HALF, D, HEADS, WIDTH)
    turn(x_a, x_b, place, D, heads, c, s, HALF, HEADS, PAIRS)


@triton.jit(do_not_specialize=["start"])
def store_kernel(
    q,
    k,
    v,
    keys,
    values,
    cos,
    sin,
    start,
    place,
    T,
    T_q,
    H,
    G,
    q_batch,
    q_token,
    q_head,
    k_batch,
    k_token,
    k_head,
    v_batch,
    v_token,
    v_head,
    keys_batch,
    keys_token,
    keys_head,
    values_batch,
    values_token,
    values_head,
    HALF: tl.constexpr,
    D: tl.constexpr,
    HEADS: tl.constexpr,
    GROUPS: tl.constexpr,
    PAIRS: tl.constexpr,
    WIDTH: tl.constexpr,
    BLOCK_D: tl.constexpr,
    ON_DEVICE: tl.constexpr,
):
    """One token: q turned in place, k turned into keys, v copied into values; `place` holds the start ON_DEVICE."""
    row = tl.program_id(0).to(tl.int64)
    b, t = row // T, row % T
    at = t + start
    if ON_DEVICE:
        at = t + tl.load(place)
    my_q = q + b * q_batch + (t - (T - T_q)) * q_token
    my_k, my_v = k + b * k_batch + t * k_token, v + b * v_batch + t * v_token
    to_k, to_v = keys + b * keys_batch + at * keys_token, values + b * values_batch + at * values_token
    asked = tl.where(t >= T - T_q, H, 0)  # heads of q
    # Everything is loaded before anything is stored: the compiler may not move a load across a store.
    c, s = angles(cos, sin, t, HALF, PAIRS)
    q_a, q_b = pairs(my_q, q_head, asked, HALF, HEADS, PAIRS)
    k_a, k_b = pairs(my_k, k_head, G, HALF, GROUPS, PAIRS)
    value = rest(my_v, v_head, G, 0, D, GROUPS, BLOCK_D)
    if WIDTH > 0:
        put(rest(my_k, k_head, G, 2 * HALF, D, GROUPS, WIDTH), to_k, keys_head, G, 2 * HALF, D, GROUPS, WIDTH)
    put(value, to_v, values_head, G, 0, D, GROUPS, BLOCK_D)
    turn(k_a, k_b, to_k, keys_head, G, c, s, HALF, GROUPS, PAIRS)
    turn(q_a, q_b, my_q, q_head, asked, c, s, HALF, HEADS, PAIRS)


def forward(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Shapes as in `apply_rotary`."""
    if _left_to_torch(cos, x):
        return torch_rotary.forward(x, cos, sin)
    B, T, H, D = x.shape
    x, half = rows_dense(x), cos.shape[1]
    out = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    rotary_kernel[(B * T,)](
        x,
        out,
        cos.contiguous(),
        sin.contiguous(),
        T,
        H,
        *x.stride()[:3],
        HALF=half,
        D=D,
        HEADS=next_power_of_2(H),
        PAIRS=next_power_of_2(half),
        WIDTH=next_power_of_2(D - 2 * half) if 2 * half < D else 0,
        **config_of("rotary.turn"),
    )
    return out


def store(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cos: Tensor,
    sin: Tensor,
    keys: Tensor,
    values: Tensor,
    start: int | Tensor,
) -> Tensor:
    """Shapes as in `rotary_store`."""
    dense = keys.stride(-1) == values.stride(-1) == 1  # written where they lie, so a copy would not do
    if not dense or _left_to_torch(cos, q, k, v):
        return torch_rotary.store(q, k, v, cos, sin, keys, values, start)
    (B, T, G, D), (T_q, H), half = k.shape, q.shape[1:3], cos.shape[1]
    q, k, v = rows_dense(q), rows_dense(k), rows_dense(v)
    on_device = isinstance(start, Tensor)
    store_kernel[(B * T,)](
        q,
        k,
        v,
        keys,
        values,
        cos.contiguous(),
        sin.contiguous(),
        0 if on_device else start,
        start if on_device else None,
        T,
        T_q,
        H,
        G,
        *(stride for x in (q, k, v, keys, values) for stride in x.stride()[:3]),
        HALF=half,
        D=D,
        HEADS=next_power_of_2(H),
        GROUPS=next_power_of_2(G),
        PAIRS=next_power_of_2(half),
        WIDTH=next_power_of_2(D - 2 * half) if 2 * half < D else 0,
        BLOCK_D=next_power_of_2(D),
        ON_DEVICE=on_device,
        **config_of("rotary.turn"),
    )
    return q


def _left_to_torch(cos: Tensor, *tensors: Tensor) -> bool:
    """Gradients, compiled layers, nothing to turn, and nothing at all."""
    return (
        torch.compiler.is_compiling()
        or cos.numel() == 0
        or tensors[0].numel() == 0
        or wants_gradient(*tensors)
    )
