"""The one table of backends: op -> backend -> where it lives. The first row that the device can run wins."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import torch

from minimax_vl.errors import InvalidRequest
from minimax_vl.kernels.tensors import on_device_of
from minimax_vl.kernels.triton_env import INTERPRET

# Rows are strings: nothing is imported until it is chosen, and the whole support matrix is on one screen.
TABLE: dict[str, dict[str, str]] = {
    "lightning_attention": {
        "triton": "minimax_vl.kernels.lightning.triton_entry:forward",
        "torch": "minimax_vl.kernels.lightning.torch_chunked:forward",
        "reference": "minimax_vl.kernels.lightning.reference:forward",
    },
    "lightning_attention_varlen": {
        "triton": "minimax_vl.kernels.lightning.triton_entry:varlen",
        "torch": "minimax_vl.kernels.lightning.torch_chunked:varlen",
        "reference": "minimax_vl.kernels.lightning.reference:varlen",
    },
    "lightning_step": {
        "triton": "minimax_vl.kernels.lightning.triton_entry:step",
        "torch": "minimax_vl.kernels.lightning.torch_chunked:step",
        "reference": "minimax_vl.kernels.lightning.reference:step",
    },
    "softmax_attention": {
        "triton": "minimax_vl.kernels.attention.triton_attention:forward",
        "torch": "minimax_vl.kernels.attention.torch_sdpa:forward",
        "reference": "minimax_vl.kernels.attention.reference:forward",
    },
    "softmax_attention_rounded": {
        "triton": "minimax_vl.kernels.attention.triton_attention:forward",
        "bf16": "minimax_vl.kernels.attention.torch_bf16:forward",
        "torch": "minimax_vl.kernels.attention.torch_sdpa:forward",
        "reference": "minimax_vl.kernels.attention.reference:forward",
    },
    "route_tokens": {
        "triton": "minimax_vl.kernels.experts.triton_router:forward",
        "torch": "minimax_vl.kernels.experts.torch_router:forward",
        "reference": "minimax_vl.kernels.experts.reference:route",
    },
    "expert_mlp": {
        "triton": "minimax_vl.kernels.experts.triton_experts:forward",
        "torch": "minimax_vl.kernels.experts.torch_grouped:forward",
        "dense": "minimax_vl.kernels.experts.torch_dense:forward",
        "reference": "minimax_vl.kernels.experts.reference:forward",
    },
    "expert_mlp_quantised": {
        "triton": "minimax_vl.kernels.experts.triton_experts:forward_quantised",
        "bf16": "minimax_vl.kernels.experts.torch_bf16:forward",
        "torch": "minimax_vl.kernels.experts.torch_quantised:forward",
        "reference": "minimax_vl.kernels.experts.reference:forward_quantised",
    },
    "linear_quantised": {
        "triton": "minimax_vl.kernels.quantised.triton_linear:forward",
        "bf16": "minimax_vl.kernels.quantised.torch_bf16:forward",
        "torch": "minimax_vl.kernels.quantised.torch_linear:forward",
        "reference": "minimax_vl.kernels.quantised.reference:forward",
    },
    "whole": {
        "triton": "minimax_vl.kernels.unsummed.triton_sum:forward",
        "torch": "minimax_vl.kernels.unsummed.reference:forward",
        "reference": "minimax_vl.kernels.unsummed.reference:forward",
    },
    "rms_norm": {
        "triton": "minimax_vl.kernels.norm.triton_norm:forward",
        "torch": "minimax_vl.kernels.norm.torch_norm:forward",
        "reference": "minimax_vl.kernels.norm.reference:forward",
    },
    "residual_norm": {
        "triton": "minimax_vl.kernels.norm.triton_norm:residual",
        "torch": "minimax_vl.kernels.norm.torch_norm:residual",
        "reference": "minimax_vl.kernels.norm.reference:residual",
    },
    "gated_norm": {
        "triton": "minimax_vl.kernels.norm.triton_norm:gated",
        "torch": "minimax_vl.kernels.norm.torch_norm:gated",
        "reference": "minimax_vl.kernels.norm.reference:gated",
    },
    "biased_gelu": {
        "triton": "minimax_vl.kernels.gelu.triton_gelu:forward",
        "torch": "minimax_vl.kernels.gelu.torch_gelu:forward",
        "reference": "minimax_vl.kernels.gelu.reference:forward",
    },
    "part_of_norm": {
        "triton": "minimax_vl.kernels.shared_norm.triton_shared_norm:part",
        "torch": "minimax_vl.kernels.shared_norm.reference:part",
        "reference": "minimax_vl.kernels.shared_norm.reference:part",
    },
    "norm_of_parts": {
        "triton": "minimax_vl.kernels.shared_norm.triton_shared_norm:together",
        "torch": "minimax_vl.kernels.shared_norm.reference:together",
        "reference": "minimax_vl.kernels.shared_norm.reference:together",
    },
    "rotary": {
        "triton": "minimax_vl.kernels.rotary.triton_rotary:forward",
        "torch": "minimax_vl.kernels.rotary.torch_rotary:forward",
        "reference": "minimax_vl.kernels.rotary.reference:forward",
    },
    "rotary_store": {
        "triton": "minimax_vl.kernels.rotary.triton_rotary:store",
        "torch": "minimax_vl.kernels.rotary.torch_rotary:store",
        "reference": "minimax_vl.kernels.rotary.reference:store",
    },
}
VARIABLE = "MINIMAX_VL_KERNELS"
_chosen: dict[str, str] = {}  # op -> backend asked for by `use_backend`
# device -> op -> function. Plain dicts: a compiled layer can look an op up without a break.
_resolved: dict[str, dict[str, Callable[..., Any]]] = {}


class Row(NamedTuple):
    """One line of `report`: which backend an op resolves to, out of which, and why."""

    op: str
    backend: str
    available: tuple[str, ...]
    reason: str


def resolve(op: str, device: str | None = None) -> Callable[..., Any]:
    """The function that runs `op` now on a kind of device: `x.device.type`; None for the best that is here."""
    device = device or default_device()
    functions = _resolved.get(device)
    if functions is None or op not in functions:
        functions = _resolved.setdefault(device, {})
        functions[op] = _load(op, backend_of(op, device))
    return functions[op]


def backend_of(op: str, device: str) -> str:
    """The name of the row that `resolve` takes. Raises InvalidRequest for one that was asked for and cannot run."""
    asked = _chosen.get(op) or os.environ.get(VARIABLE)
    if asked:
        _check(op, asked)
        if not runs_on(asked, device):
            raise InvalidRequest(
                found=f"backend {asked!r} for {op} on {device}",
                expected=f"one of {', '.join(_usable(op, device))}",
                cause="Triton compiles for CUDA devices only, or is not installed",
                next_step="choose another backend, or set TRITON_INTERPRET=1 to try the kernels slowly on a CPU",
            )
        return asked
    return _usable(op, device)[0]


def runs_on(backend: str, device: str) -> bool:
    """Whether rows of this name can run there; Triton's interpreter is only ever asked for, never chosen."""
    if backend == "bf16":  # made of operations that PyTorch has for CPUs
        return device == "cpu"
    return backend != "triton" or ((device == "cuda" or INTERPRET) and _has_triton())


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


def report(device: str | None = None) -> list[Row]:
    """What every op resolves to on a kind of device; `minimax-vl doctor` prints it."""
    device, asked = device or default_device(), os.environ.get(VARIABLE)
    rows = []
    for op in TABLE:
        reason = f"first row for {device}"
        if op in _chosen:
            reason = "asked for by use_backend"
        elif asked:
            reason = f"{VARIABLE}={asked}"
        rows.append(Row(op, backend_of(op, device), _usable(op, device), reason))
    return rows


@lru_cache
def default_device() -> str:
    """`cuda` where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def _usable(op: str, device: str) -> tuple[str, ...]:
    """Rows that can run, those that a device would choose by itself first."""
    rows = [backend for backend in TABLE[op] if runs_on(backend, device)]
    return tuple(sorted(rows, key=lambda backend: backend == "triton" and device != "cuda"))


@lru_cache
def _has_triton() -> bool:
    return find_spec("triton") is not None


def _load(op: str, backend: str) -> Callable[..., Any]:
    module, function = TABLE[op][backend].split(":")
    run = getattr(import_module(module), function)
    # PyTorch's own operations find the device by themselves, and where there is one GPU it is the current one.
    return beside(run) if backend == "triton" and torch.cuda.device_count() > 1 else run


def beside(run: Callable[..., Any]) -> Callable[..., Any]:
    """`run` with the GPU of its first tensor as the current one: Triton launches there, whatever it is given.

    In another GPU's queue a kernel would even work, through that GPU's reach into this one's memory, but not wait for
    what has been asked of this one before.
    """

    @wraps(run)
    def there(*args: Any) -> Any:
        if torch.compiler.is_compiling():  # in training: one GPU to a process
            return run(*args)
        with on_device_of(next(x for x in args if isinstance(x, torch.Tensor))):
            return run(*args)

    return there


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
