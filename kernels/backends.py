"""The one table of backends: op -> backend -> where it lives. The first row wins unless another is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from minimax_vl.errors import InvalidRequest

# Rows are strings: nothing is imported until it is chosen, and the whole support matrix is on one screen.
TABLE: dict[str, dict[str, str]] = {
    "lightning_attention": {
        "torch": "minimax_vl.kernels.lightning.torch_chunked:forward",
        "reference": "minimax_vl.kernels.lightning.reference:forward",
    },
    "softmax_attention": {
        "torch": "minimax_vl.kernels.attention.torch_sdpa:forward",
        "reference": "minimax_vl.kernels.attention.reference:forward",
    },
    "expert_mlp": {
        "torch": "minimax_vl.kernels.experts.torch_grouped:forward",
        "dense": "minimax_vl.kernels.experts.torch_dense:forward",
        "reference": "minimax_vl.kernels.experts.reference:forward",
    },
    "rms_norm": {
        "torch": "minimax_vl.kernels.norm.torch_norm:forward",
        "reference": "minimax_vl.kernels.norm.reference:forward",
    },
    "rotary": {
        "torch": "minimax_vl.kernels.rotary.torch_rotary:forward",
        "reference": "minimax_vl.kernels.rotary.reference:forward",
    },
}
VARIABLE = "MINIMAX_VL_KERNELS"
_chosen: dict[str, str] = {}  # op -> backend asked for by `use_backend`
# op -> function. A plain dict: a compiled layer can look an op up without a break.
_resolved: dict[str, Callable[..., Any]] = {}


class Row(NamedTuple):
    """One line of `report`: which backend an op resolves to, out of which, and why."""

    op: str
    backend: str
    available: tuple[str, ...]
    reason: str


def resolve(op: str) -> Callable[..., Any]:
    """The function that runs `op` now."""
    if op not in _resolved:
        _resolved[op] = _load(op, _backend_of(op))
    return _resolved[op]


@contextmanager
def use_backend(backend: str, *ops: str) -> Iterator[None]:
    """Run `ops` (all that have it, when none is named) on one backend for the duration of the block.

    The choice is per process, not per thread: it is meant for tests, benches and training.
    """
    wanted = ops or tuple(op for op, rows in TABLE.items() if backend in rows)
    for op in wanted:
        _check(op, backend)
    if not wanted:
        raise _unknown(backend, "any op", sorted({b for rows in TABLE.values() for b in rows}))
    before = dict(_chosen)
    _chosen.update(dict.fromkeys(wanted, backend))
    _resolved.clear()
    try:
        yield
    finally:
        _chosen.clear()
        _chosen.update(before)
        _resolved.clear()


def report() -> list[Row]:
    """What every op resolves to; `minimax-vl doctor` prints it."""
    asked = os.environ.get(VARIABLE)
    rows = []
    for op, known in TABLE.items():
        reason = "first row of the table"
        if op in _chosen:
            reason = "asked for by use_backend"
        elif asked:
            reason = f"{VARIABLE}={asked}"
        rows.append(Row(op, _backend_of(op), tuple(known), reason))
    return rows


def _backend_of(op: str) -> str:
    if op in _chosen:
        return _chosen[op]
    if asked := os.environ.get(VARIABLE):
        _check(op, asked)
        return asked
    return next(iter(TABLE[op]))


def _load(op: str, backend: str) -> Callable[..., Any]:
    module, function = TABLE[op][backend].split(":")
    return getattr(import_module(module), function)


def _check(op: str, backend: str) -> None:
    if backend not in TABLE[op]:
        raise _unknown(backend, op, list(TABLE[op]))


def _unknown(backend: str, op: str, known: list[str]) -> InvalidRequest:
    return InvalidRequest(
        found=f"backend {backend!r} for {op}",
        expected=f"one of {', '.join(known)}",
        cause=f"a typing error in {VARIABLE} or use_backend(...)",
        next_step="run `minimax-vl doctor` to see every op and its backends",
    )
