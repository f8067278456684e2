"""GELU behind a bias, one pass each way; the backward one adds up the bias's gradient as it goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.sizes import cdiv, next_power_of_2


@triton.jit
def _normal(y):
    """Share of a normal distribution below y, and its density there times sqrt(2 pi).

    Abramowitz and Stegun 7.1.26, off by less than 1e-7: one exponential for both, where the library's erf would be most
    of a pass.
    """
    density = tl.exp(-0.5 * y * y)
    t = 1.0 / (1.0 + 0.23164189 * tl.abs(y))
    t = t * (0.127414796 + t * (-0.142248368 + t * (0.710706871 + t * (-0.7265760135 + t * 0.5307027145))))
    beyond = t * density  # |y|
    return tl.where(y < 0, beyond, 1.0 - beyond), density


@triton.jit
def forward_kernel(x, bias, out, rows, C, BR: tl.constexpr, BC: tl.constexpr):
    """out = gelu(x + bias), BR rows and BC columns a program."""
    c = tl.program_id(1) * BC + tl.arange(0, BC)
    r = tl.program_id(0).to(tl.int64) * BR + tl.arange(0, BR)
    at = r[:, None] * C + c[None, :]
    live = (r < rows)[:, None] & (c < C)[None, :]
    added = tl.load(bias + c, mask=c < C, other=0.0).to(tl.float32)
    y = tl.load(x + at, mask=live, other=0.0).to(tl.float32) + added[None, :]
    below, _ = _normal(y)
    tl.store(out + at, (y * below).to(out.dtype.element_ty), mask=live)


@triton.jit
def backward_kernel(dout, x, bias, dx, sums, rows, C, EACH, BR: tl.constexpr, BC: tl.constexpr):
    """dx = dout * gelu'(x + bias), and its sum over EACH rows, for each program one of sums [programs, C]."""
    c = tl.program_id(1) * BC + tl.arange(0, BC)
    added = tl.load(bias + c, mask=c < C, other=0.0).to(tl.float32)
    total = tl.zeros([BR, BC], tl.float32)
    first = tl.program_id(0).to(tl.int64) * EACH
    last = tl.minimum(first + EACH, rows)
    for start in range(first, last, BR):
        r = start + tl.arange(0, BR)
        at = r[:, None] * C + c[None, :]
        live = (r < last)[:, None] & (c < C)[None, :]
        y = tl.load(x + at, mask=live, other=0.0).to(tl.float32) + added[None, :]
        below, density = _normal(y)
        given = tl.load(dout + at, mask=live, other=0.0).to(tl.float32)
        made = given * (below + 0.3989422804 * y * density)
        total += made
        tl.store(dx + at, made.to(dx.dtype.element_ty), mask=live)
    tl.store(sums + tl.program_id(0) * C + c, tl.sum(total, 0), mask=c < C)


def forward(x: Tensor, bias: Tensor) -> Tensor:
    """Shapes as in `biased_gelu`."""
    return _gelu(x, bias) if torch.compiler.is_compiling() else _Gelu.apply(x, bias)  # pyright: ignore


def _forward(x: Tensor, bias: Tensor) -> Tensor:
    x, bias, C = x.contiguous(), bias.contiguous(), x.shape[-1]
    out = torch.empty_like(x)
    rows = x.numel() // C if C else 0
    if rows:
        config = _fitting("gelu.forward", C)
        grid = (cdiv(rows, config["BR"]), cdiv(C, config["BC"]))
        forward_kernel[grid](x, bias, out, rows, C, **config)
    return out


def _backward(dout: Tensor, x: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    dout, x, bias, C = dout.contiguous(), x.contiguous(), bias.contiguous(), x.shape[-1]
    dx = torch.empty_like(x)
    rows = x.numel() // C if C else 0
    if not rows:
        return dx, torch.zeros_like(bias)
    config = _fitting("gelu.backward", C)
    programs = config.pop("PROGRAMS") * _multiprocessors(x)
    each = cdiv(cdiv(rows, programs), config["BR"]) * config["BR"]
    sums = torch.empty(cdiv(rows, each), C, dtype=torch.float32, device=x.device)
    backward_kernel[(len(sums), cdiv(C, config["BC"]))](dout, x, bias, dx, sums, rows, C, each, **config)
    return dx, sums.sum(0).to(bias.dtype)


# For compilers. Outside of them autograd's own form is cheaper.
_gelu = torch.library.custom_op("minimax_vl::biased_gelu", _forward, mutates_args=())
_gelu_backward = torch.library.custom_op("minimax_vl::biased_gelu_backward", _backward, mutates_args=())


@_gelu.register_fake
def _(x: Tensor, bias: Tensor) -> Tensor:
    return x.new_empty(x.shape)


@_gelu_backward.register_fake
def _(dout: Tensor, x: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    return x.new_empty(x.shape), bias.new_empty(bias.shape)


def _keep(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
    ctx.save_for_backward(*inputs)


def _gradients(ctx: Any, dout: Tensor, run: Callable[..., tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    return run(dout, *ctx.saved_tensors)


_gelu.register_autograd(partial(_gradients, run=_gelu_backward), setup_context=_keep)


class _Gelu(torch.autograd.Function):
    """The same op for eager autograd."""

    forward = staticmethod(_forward)
    setup_context = staticmethod(_keep)
    backward = staticmethod(partial(_gradients, run=_backward))


def _fitting(slot: str, columns: int) -> dict[str, int]:
    """The slot's configuration, no wider than the rows are."""
    config = dict(config_of(slot))
    config["BC"] = min(config["BC"], max(16, next_power_of_2(columns)))
    return config


def _multiprocessors(x: Tensor) -> int:
    """An H200's where there is no GPU."""
    return torch.cuda.get_device_properties(x.device).multi_processor_count if x.is_cuda else 132
