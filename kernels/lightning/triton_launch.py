"""Launches of the lightning kernels: how a sequence is cut, which tiles a kernel takes, how it loads them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from minimax_vl.kernels.configs import Config, config_of
from minimax_vl.kernels.lightning.triton_states import join_states, segment_states
from minimax_vl.kernels.lightning.triton_walk import walk, walk_back
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.triton_env import INTERPRET

SHORTEST = 256  # tokens; below, a segment's state costs more than the tokens that it stands for
SHORT = 8192  # tokens up to which a launch more weighs something
TOGETHER = 64  # widths up to which one program holds what dk and dv need
NVIDIA = not INTERPRET and torch.version.hip is None


class Segments(NamedTuple):
    """N sequences cut into segments of L tokens; `bounds` are their ends when they lie one behind the other."""

    N: int
    T: int
    L: int
    bounds: Tensor | None

    @property
    def each(self) -> int:
        return cdiv(self.T, self.L)

    @property
    def slots(self) -> int:
        return self.N * self.each if self.bounds is None else self.T // self.L + self.N

    @property
    def one_each(self) -> bool:
        return self.each == 1

    def arguments(self) -> dict[str, Any]:
        return {"N": self.N, "T": self.T, "S": self.each, "L": self.L, "VARLEN": self.bounds is not None}


def cut(q: Tensor, v: Tensor, state: Tensor, bounds: Tensor | None) -> Segments:
    """As many segments as fill the device once; their length is a multiple of every chunk size."""
    B, T, H, D = q.shape
    shape = _tiles("forward", q)
    tiles = cdiv(v.shape[-1], shape["BV"]) * max(shape["num_warps"] // 4, 1)
    programs = config_of(f"lightning.segments.{'short' if T <= SHORT else 'long'}")["PROGRAMS"]
    wanted = max(programs // (B * H * tiles), 1)
    length = max(SHORTEST, 128 * cdiv(T, 128 * wanted))
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
    """The states between segments, [slots, H, D, E] fp32: a segment meets that in its slot, the first one `given`.

    `reverse` from the end: there the last segment meets `given`. With one segment each there is nothing between.
    """
    if segments.one_each:
        return given
    H, D, E = given.shape[1:]
    tiles = _tiles("states", b)
    load = _loading(tiles, (b, D), (c, tiles["BV"]))
    states = given.new_empty(segments.slots, H, D, E)
    segment_states[(cdiv(E, tiles["BV"]), H, segments.slots)](
        *load.tiles,
        states,
        given,
        decay,
        segments.bounds,
        *load.strides,
        H=H,
        D=D,
        E=E,
        BD=_width(D),
        REVERSE=reverse,
        SILU_B=silu[0],
        SILU_C=silu[1],
        **load.flags,
        **segments.arguments(),
        **tiles,
    )
    if segments.each > 2:
        join = config_of("lightning.join")
        join_states[(cdiv(D * E, join["BLOCK"]), H, segments.N)](
            states,
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
    given: Tensor,
    states: Tensor,
    segments: Segments,
    silu: tuple[bool, bool, bool],
    *,
    out: Tensor | None = None,
    after: Tensor | None = None,
    raw: Tensor | None = None,
    transposed: bool = False,
    reverse: bool = False,
) -> Tensor:
    """`out` of the walk, in c's shape; `transposed` where the states are [.., E, D] as seen from a and c.

    Dense where it is not given; else it may lie between other columns of its heads.
    """
    D, E, H = a.shape[-1], c.shape[-1], a.shape[2]
    tiles = _tiles(kernel, a)
    load = _loading(tiles, (a, D), (b, D), (c, tiles["BV"]))
    out = c.new_empty(c.shape) if out is None else out
    walk[(cdiv(E, tiles["BV"]), H, segments.slots)](
        *load.tiles,
        out,
        raw,
        given,
        states,
        after,
        decay,
        segments.bounds,
        *load.strides,
        *((0, 0, 0) if raw is None else raw.stride()[:3]),
        out.stride(2),
        H=H,
        D=D,
        E=E,
        BD=_width(D),
        TRANSPOSED=transposed,
        REVERSE=reverse,
        SILU_A=silu[0],
        SILU_B=silu[1],
        SILU_C=silu[2],
        SILU_OUT=raw is not None,
        WITH_AFTER=after is not None,
        **load.flags,
        **segments.arguments(),
        **tiles,
    )
    return out


def run_back(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    dout: Tensor,
    decay: Tensor,
    given: Tensor,
    states: Tensor,
    segments: Segments,
    silu: bool,
    dk: Tensor,
    dv: Tensor,
) -> Tensor:
    """Writes dk and dv, columns of one tensor; returns the gradient of the first state.

    From that of the last, `given`, and those between segments.
    """
    H, D, E = q.shape[2], q.shape[3], v.shape[3]
    if max(D, E) > TOGETHER:
        back = {"segments": segments, "reverse": True}
        raw = (k, v) if silu else (None, None)
        run_walk(
            "backward",
            v,
            dout,
            q,
            decay,
            given,
            states,
            silu=(silu, False, silu),
            transposed=True,
            out=dk,
            raw=raw[0],
            **back,
        )
        dstate = torch.empty_like(given)
        run_walk(
            "backward",
            k,
            q,
            dout,
            decay,
            given,
            states,
            silu=(silu, silu, False),
            out=dv,
            after=dstate,
            raw=raw[1],
            **back,
        )
        return dstate
    tiles = _tiles("back", q)
    tiles.pop("BV")  # dk sums over all of v's columns, so a program holds them all
    load = _loading(tiles, (q, D), (k, D), (v, E), (dout, E))
    dstate = torch.empty_like(given)
    walk_back[(H, segments.slots)](
        *load.tiles,
        *((k, v) if silu else (None, None)),
        dk,
        dv,
        given,
        states,
        dstate,
        decay,
        segments.bounds,
        *load.strides,
        dk.stride(2),
        H=H,
        D=D,
        E=E,
        BD=_width(D),
        BE=_width(E),
        SILU=silu,
        **load.flags,
        **segments.arguments(),
        **tiles,
    )
    return dstate


class Loading(NamedTuple):
    """Arguments of a kernel that say how it loads its tiles: tensors or descriptors, strides, constants."""

    tiles: list[Tensor | TensorDescriptor]
    strides: list[int]
    flags: dict[str, Any]


def _loading(tiles: Config, *inputs: tuple[Tensor, int]) -> Loading:
    """For inputs [B, T, H, D] with the columns that a program takes of them; consumes the "TMA" of `tiles`."""
    first = inputs[0][0]
    tma = bool(tiles.pop("TMA")) and all(_describable(x) for x, _ in inputs)
    given: list[Any] = [_describe(x, tiles["C"], _width(n)) if tma else x for x, n in inputs]
    strides = [stride for x, _ in inputs for stride in x.stride()[:3]]
    # fp16 has the same ten bits as tf32, which has the range of fp32; three products of it are as good as fp32's.
    precision = "tf32" if first.dtype == torch.float16 else "tf32x3"
    asm = NVIDIA and first.dtype == torch.bfloat16
    return Loading(given, strides, {"TMA": tma, "ASM": asm, "PRECISION": precision})


def _tiles(kernel: str, x: Tensor) -> Config:
    exact = x.dtype != torch.bfloat16
    return dict(config_of("lightning.exact" if exact else f"lightning.{kernel}.D{_width(x.shape[-1])}"))


def _width(D: int) -> int:
    """Columns of a tile: products of matrices need a power of two, 16 or more."""
    return max(16, next_power_of_2(D))


def _describable(x: Tensor) -> bool:
    """Whether loads can go through a tensor descriptor: everything on 16-byte boundaries."""
    return x.data_ptr() % 16 == 0 and all(s > 0 and s * x.element_size() % 16 == 0 for s in x.stride()[:3])


def _describe(x: Tensor, tokens: int, columns: int) -> TensorDescriptor:
    return TensorDescriptor(x, list(x.shape), list(x.stride()), [1, tokens, 1, columns])
