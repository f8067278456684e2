"""Cards of the norms, alone and with what a layer does before and after them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import Unsummed, gated_norm, residual_norm, rms_norm, whole
from minimax_vl.kernels.testing import relative_rms

ALPHA, BETA, EPS = 3.5565588200778455, 1.0, 1e-5
HIDDEN, INNER = 6144, 8192
CANDIDATES = tuple(
    {"ROWS": rows, "num_warps": warps, "num_stages": 1} for rows in (1, 2, 4) for warps in (4, 8, 16)
)
Op = Callable[..., Tensor]  # (x, other, weight) -> normed


def alone(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    return rms_norm(x, weight, EPS)


def after_residual(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    added = x if x.dim() == other.dim() else Unsummed(x[None], None, x.dtype)
    return residual_norm(added, other, weight, ALPHA, BETA, EPS)[0]


def with_gate(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    return gated_norm(x, other, weight, EPS)


def plain_alone(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    return F.rms_norm(x, weight.shape, weight, EPS)


def plain_residual(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    added = x if x.dim() == other.dim() else x.sum(-2)
    return F.rms_norm(ALPHA * other + BETA * added, weight.shape, weight, EPS)


def plain_gate(x: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    return F.rms_norm(x, weight.shape, weight, EPS) * torch.sigmoid(other)


# op -> (slot, channels, parts of the sum, tensors read and written, ours, in plain PyTorch)
OPS: dict[str, tuple[str, int, int, int, Op, Op]] = {
    "rms_norm": ("norm.rms", HIDDEN, 1, 2, alone, plain_alone),
    "residual_norm": ("norm.residual", HIDDEN, 1, 3, after_residual, plain_residual),
    "combine_norm": ("norm.residual", HIDDEN, 2, 4, after_residual, plain_residual),
    "gated_norm": ("norm.gated", INNER, 1, 3, with_gate, plain_gate),
}


def inputs(op: str, rows: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """x [N, C] or [N, P, C], the residual or the gate [N, C], weight [C]."""
    _, C, parts, *_ = OPS[op]
    x = torch.randn(rows, *((parts, C) if parts > 1 else (C,)), device=device).to(dtype)
    other = torch.randn(rows, C, device=device).to(dtype)
    return x, other, (1 + torch.randn(C, device=device) / 4).to(dtype)


def build(op: str, rows: int) -> Callable[[torch.device], dict[str, Job]]:
    """Ours, PyTorch op by op, PyTorch compiled, and flash-linear-attention where it is installed."""
    *_, ours, plain = OPS[op]

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        given = inputs(op, rows, device, torch.bfloat16)
        made: dict[str, Job] = {"ours": lambda: ours(*given), "torch": lambda: plain(*given)}
        if device.type == "cuda":
            compiled = torch.compile(plain, dynamic=False)
            made["torch.compile"] = lambda: compiled(*given)
        return made | _fla(op, *given)

    return jobs


def check(op: str) -> Callable[[torch.device], dict[str, float]]:
    """Ours on rows of the card's width; 37 of them, so that no number of rows to a program divides it."""
    *_, ours, plain = OPS[op]

    @torch.no_grad()
    def errors(device: torch.device) -> dict[str, float]:
        given = inputs(op, 37, device, torch.bfloat16)
        return {"ours": relative_rms(plain(*(x.double() for x in given)), ours(*given))}

    return errors


def _fla(op: str, x: Tensor, other: Tensor, weight: Tensor) -> dict[str, Job]:
    try:
        if op == "rms_norm":
            norm = import_module("fla.modules.layernorm").rms_norm
            return {"fla": lambda: norm(x, weight, None, eps=EPS)}
        if op == "gated_norm":
            gated = import_module("fla.modules.fused_norm_gate").rms_norm_gated
            return {"fla": lambda: gated(x, other, weight, None, activation="sigmoid", eps=EPS)}
    except (ImportError, AttributeError):
        pass
    return {}


def _card(op: str, rows: int) -> Card:
    slot, C, parts, tensors, *_ = OPS[op]
    return Card(
        op=op,
        shape=f"T{rows}",
        bytes=2 * tensors * rows * C,
        flops=0,
        build=build(op, rows),
        check=check(op),
        slot=slot if parts == 1 and rows > 1 else None,
        candidates=CANDIDATES if parts == 1 and rows > 1 else (),
        graph=rows == 1,
    )


# What decode leaves to the next norm in int4: (parts of the depth, experts of a token).
LEFT = {"projection": (2, 1), "experts": (4, 2)}


def _left(name: str) -> Card:
    """One row whose last sum is the norm's, against the same in a launch of its own before the norm."""
    S, K = LEFT[name]

    def given(device: torch.device) -> tuple[Unsummed, Tensor, Tensor]:
        parts = torch.randn(S, 1, K, HIDDEN, device=device)
        weights = torch.rand(1, K, device=device) if K > 1 else None
        _, other, weight = inputs("residual_norm", 1, device, torch.bfloat16)
        return Unsummed(parts, weights, torch.bfloat16), other, weight

    def joined(x: Unsummed, other: Tensor, weight: Tensor) -> Tensor:
        return residual_norm(x, other, weight, ALPHA, BETA, EPS, keep=True)[0]

    def apart(x: Unsummed, other: Tensor, weight: Tensor) -> Tensor:
        return residual_norm(whole(x), other, weight, ALPHA, BETA, EPS, keep=True)[0]

    @torch.no_grad()
    def jobs(device: torch.device) -> dict[str, Job]:
        x = given(device)
        return {name: lambda run=run: run(*x) for name, run in runs.items()}

    @torch.no_grad()
    def errors(device: torch.device) -> dict[str, float]:
        x, other, weight = given(device)
        rows = x.parts.double().sum(0)
        added = (rows if x.weights is None else rows * x.weights[..., None].double()).sum(-2)
        exact = plain_residual(added, other.double(), weight.double())
        return {name: relative_rms(exact, run(x, other, weight)) for name, run in runs.items()}

    runs = {"ours": joined, "summed before": apart}
    return Card(
        op=f"norm_after_{name}",
        shape="T1",
        bytes=HIDDEN * (4 * S * K + 2 * 4),
        flops=0,
        build=jobs,
        check=errors,
        slot="norm.unsummed",
        candidates=tuple({"ROWS": 1, "num_warps": warps, "num_stages": 1} for warps in (8, 16, 32)),
        graph=True,
    )


CARDS = [_card(op, rows) for rows in (16384, 1) for op in OPS] + [_left(name) for name in LEFT]
