"""Launches of the lightning kernels: how a sequence is cut, which tiles a kernel takes, how it loads them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import triton
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.lightning.triton_walk import join_states, segment_states, walk

SHORTEST = 256  # tokens; below, a segment's state costs more than the tokens that it stands for


class Segments(NamedTuple):
    """N sequences cut into segments of L tokens; `bounds` are their ends when they lie one behind the other."""

    N: int
    T: int
    L: int
    bounds: Tensor | None

    @property
    def each(self) -> int:
        return triton.cdiv(self.T, self.L)

    @property
    def slots(self) -> int:
        return self.N * self.each if self.bounds is None else self.T // self.L + self.N

    @property
    def one_each(self) -> bool:
        return self.bounds is None and self.each == 1

    def arguments(self) -> dict[str, Any]:
        return {"N": self.N, "T": self.T, "S": self.each, "L": self.L, "VARLEN": self.bounds is not None}


def cut(q: Tensor, v: Tensor, state: Tensor, bounds: Tensor | None) -> Segments:
    """Enough segments to fill the device; their length is a multiple of every chunk size."""
    B, T, H, D = q.shape
    tiles = triton.cdiv(v.shape[-1], _tiles("forward", q, D)["BV"])
    wanted = triton.cdiv(config_of("lightning.segments")["PROGRAMS"], B * H * tiles)
    length = max(SHORTEST, 128 * triton.cdiv(T, 128 * wanted))
    return Segments(state.shape[0], T, length, bounds)


def states_of(
    b: Tensor,
    c: Tensor,
    decay: Tensor,
    given: Tensor,
    segments: Segments,
    silu: tuple[bool, bool],
    reverse: bool,
) -> Tensor:
    """The state that each segment meets, [slots, H, D, E] fp32, from the one at the sequence's begin (or end)."""
    if segments.one_each:
        return given
    H, D, E = given.shape[1:]
    tiles = _tiles("states", b, D)
    tma = tiles.pop("TMA") and segments.bounds is None and _describable(b, c)
    width = _width(D)
    states = given.new_empty(segments.slots, H, D, E)
    segment_states[(triton.cdiv(E, tiles["BV"]), H, segments.slots)](
        _describe(b, tiles["C"], width) if tma else b,
        _describe(c, tiles["C"], tiles["BV"]) if tma else c,
        states,
        decay,
        segments.bounds,
        *b.stride()[:3],
        *c.stride()[:3],
        H=H,
        D=D,
        E=E,
        BD=width,
        REVERSE=reverse,
        TMA=bool(tma),
        SILU_B=silu[0],
        SILU_C=silu[1],
        PRECISION=_precision(b),
        **segments.arguments(),
        **tiles,
    )
    join = config_of("lightning.join")
    join_states[(triton.cdiv(D * E, join["BLOCK"]), H, segments.N)](
        states,
        given,
        decay,
        segments.bounds,
        H=H,
        SIZE=D * E,
        REVERSE=reverse,
        **segments.arguments(),
        **join,
    )
    return states


def run_walk(
    kernel: str,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    decay: Tensor,
    before: Tensor,
    segments: Segments,
    silu: tuple[bool, bool, bool],
    *,
    after: Tensor | None = None,
    raw: Tensor | None = None,
    transposed: bool = False,
    reverse: bool = False,
) -> Tensor:
    """`out` of the walk, in c's shape; `transposed` where `before` is [.., E, D] as seen from a and c."""
    D, E = a.shape[-1], c.shape[-1]
    tiles = _tiles(kernel, a, D)
    tma = tiles.pop("TMA") and segments.bounds is None and _describable(a, b, c)
    width, H = _width(D), a.shape[2]
    out = c.new_empty(c.shape)
    behind = c if raw is None else raw
    walk[(triton.cdiv(E, tiles["BV"]), H, segments.slots)](
        _describe(a, tiles["C"], width) if tma else a,
        _describe(b, tiles["C"], width) if tma else b,
        _describe(c, tiles["C"], tiles["BV"]) if tma else c,
        out,
        behind,
        before,
        after,
        decay,
        segments.bounds,
        *a.stride()[:3],
        *b.stride()[:3],
        *c.stride()[:3],
        *out.stride()[:3],
        *behind.stride()[:3],
        *((1, D) if transposed else (E, 1)),
        H=H,
        D=D,
        E=E,
        BD=width,
        REVERSE=reverse,
        TMA=bool(tma),
        SILU_A=silu[0],
        SILU_B=silu[1],
        SILU_C=silu[2],
        SILU_OUT=raw is not None,
        WITH_AFTER=after is not None,
        PRECISION=_precision(a),
        **segments.arguments(),
        **tiles,
    )
    return out


def _tiles(kernel: str, x: Tensor, D: int) -> dict[str, int]:
    slot = f"lightning.{kernel}.D{_width(D)}" if x.dtype == torch.bfloat16 else "lightning.exact"
    return dict(config_of(slot))


def _width(D: int) -> int:
    """Columns of a tile: products of matrices need a power of two, 16 or more."""
    return max(16, triton.next_power_of_2(D))


def _precision(x: Tensor) -> str:
    # fp16 has the same ten bits as tf32, which has the range of fp32; three products of it are as good as fp32's.
    return "tf32" if x.dtype == torch.float16 else "tf32x3"


def _describable(*tensors: Tensor) -> bool:
    """Whether the loads can go through tensor descriptors: everything on 16-byte boundaries."""
    return all(
        x.data_ptr() % 16 == 0 and all(s > 0 and s * x.element_size() % 16 == 0 for s in x.stride()[:3])
        for x in tensors
    )


def _describe(x: Tensor, tokens: int, columns: int) -> TensorDescriptor:
    return TensorDescriptor(x, list(x.shape), list(x.stride()), [1, tokens, 1, columns])
