"""Tile sizes of the lightning kernels, by key width.

C tokens a chunk, BV columns of the value width a program, TMA 1 for loads through tensor descriptors. maxnreg 168 lets
three programs of four warps share a multiprocessor instead of two. PROGRAMS is how many programs of four warps a launch
may have: sequences are cut into segments up to that number, `short` ones of up to 8,192 tokens. On an H200 at 65,536
tokens 256, which is one wave, took 1.35 ms, 128 1.69, 512 to 1024 1.42 to 1.49, 2048 1.64.
"""

from __future__ import annotations

Config = dict[str, int]


def _row(C: int, BV: int, TMA: int, num_warps: int, num_stages: int = 2) -> Config:
    return {"C": C, "BV": BV, "TMA": TMA, "num_warps": num_warps, "num_stages": num_stages}


def _slots(width: int, portable: Config, **hopper: Config) -> dict[str, dict[str, Config]]:
    """`silu` is the forward walk with SiLU in its loads, `backward` the walk for dq, `back` the one for dk and dv."""
    kernels = ("forward", "silu", "states", "backward", "back")
    return {
        f"lightning.{kernel}.D{width}": {"default": portable}
        | ({"sm_90": hopper.get(kernel, hopper["others"])} if hopper else {})
        for kernel in kernels
    }


LEAN = _row(64, 64, 1, 4) | {"maxnreg": 168}
CONFIGS: dict[str, dict[str, Config]] = {
    **_slots(16, _row(64, 16, 0, 4)),
    **_slots(32, _row(64, 32, 0, 4)),
    **_slots(
        64,
        _row(64, 64, 0, 4),
        others=LEAN,
        silu=LEAN | {"num_stages": 3},
        states=_row(64, 64, 1, 4, 3),
        back=_row(64, 64, 1, 4),
    ),
    **_slots(
        128,
        _row(64, 64, 0, 8),
        others=_row(64, 64, 1, 4),
        forward=_row(64, 64, 1, 4, 3),
        states=_row(64, 64, 1, 4, 4),
    ),
    # fp32 and fp16 inputs: operands of 32 bits, so small tiles.
    "lightning.exact": {"default": _row(32, 32, 0, 4, 1)},
    "lightning.segments.short": {"default": {"PROGRAMS": 256}},
    "lightning.segments.long": {"default": {"PROGRAMS": 256}},
    "lightning.join": {"default": {"BLOCK": 1024, "num_warps": 4, "num_stages": 2}},
    # One token: programs are few while the batch is small, so tiles are narrow.
    "lightning.step.B4": {"default": {"BV": 16, "num_warps": 4}},
    "lightning.step.B16": {"default": {"BV": 32, "num_warps": 4}},
    "lightning.step.B64": {"default": {"BV": 64, "num_warps": 4}},
}
