"""How ops are judged: one scale of error, one tolerance per dtype, outputs and gradients alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from minimax_vl.kernels.backends import TABLE, default_device

# Relative RMS error by the dtype of the inputs. bf16 keeps eight bits: each rounding costs 1e-3, a short sum cancels.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 3e-6, torch.bfloat16: 2e-2}


def relative_rms(want: Tensor, got: Tensor) -> float:
    """rms(got - want) / rms(want) in float64; infinite when only `want` is zero everywhere, NaN for NaN."""
    want, got = want.detach().double(), got.detach().double()
    error, size = float((got - want).pow(2).mean().sqrt()), float(want.pow(2).mean().sqrt())
    return error / size if size else (0.0 if error == 0 else float("inf") if error == error else error)


def assert_close(name: str, want: Tensor, got: Tensor, tolerance: float | None = None) -> None:
    """Same shape, finite, and within `tolerance` (default: that of got's dtype) on the scale of `relative_rms`."""
    assert want.shape == got.shape, f"{name}: expected {tuple(want.shape)}, got {tuple(got.shape)}"
    limit = TOLERANCE[got.dtype] if tolerance is None else tolerance
    error = relative_rms(want, got)
    # Written so that NaN fails: every comparison with it is false.
    assert error <= limit, (
        f"{name}: relative RMS error {error:.2e} over {limit:.0e}; largest difference"
        f" {float((got.double() - want.double()).abs().max()):.2e}"
        + ("; NaN points to memory that was read before it was written" if error != error else "")
    )


def backends_of(op: str) -> tuple[str, ...]:
    """Every row of the table for this op that runs at full speed here: a new row is tested without touching a test."""
    # Triton's interpreter has tests of its own, with shapes that it finishes in time.
    return tuple(b for b in TABLE[op] if b != "triton" or default_device() == "cuda")


def run_with_gradients(
    run: Callable[..., Any],
    inputs: Mapping[str, Any],
    differentiate: Iterable[str],
    dtype: torch.dtype | None = None,
) -> dict[str, Tensor]:
    """Outputs of `run(**inputs)` by name, and the gradient of each input named in `differentiate`.

    `run` returns a dict of tensors. What flows back into them is random but the same on every call. `dtype` turns
    all floating-point inputs first: float64 for an exact definition.
    """
    mine = {name: _leaf(x, name in differentiate, dtype) for name, x in inputs.items()}
    outputs = run(**mine)
    upstream = torch.Generator().manual_seed(7)
    total: Any = 0.0
    for out in outputs.values():
        # Summed in float64, so that no rounding of ours lies between the op and its upstream gradient.
        weight = torch.randn(out.shape, generator=upstream).to(out.device)
        total = total + (out.double() * weight).sum()
    total.backward()
    return outputs | {f"d{name}": mine[name].grad for name in differentiate if mine[name] is not None}


def assert_agree(want: Mapping[str, Tensor], got: Mapping[str, Tensor], dtype: torch.dtype) -> None:
    """Two results of `run_with_gradients`, for inputs of `dtype`, hold the same names and close values."""
    assert want.keys() == got.keys()
    for name in want:
        assert got[name] is not None, f"{name} is None: this backend does not differentiate that input"
        assert_close(name, want[name], got[name], TOLERANCE[dtype])


def _leaf(x: Any, wants_gradient: bool, dtype: torch.dtype | None) -> Any:
    if not isinstance(x, Tensor) or not x.is_floating_point():
        return x
    return x.detach().to(dtype or x.dtype).clone().requires_grad_(wants_gradient)
