"""Cards of the GELU behind a bias, at the size of the ViT in nano's training: 420 tiles of 577 tokens."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.kernels import biased_gelu
from minimax_vl.kernels.testing import relative_rms

ROWS, COLUMNS = 420 * 577, 1024
TILES = ((1, 1024), (2, 1024), (4, 1024), (4, 256), (2, 512))  # rows and columns
FORWARD = tuple({"BR": r, "BC": c, "num_warps": w} for (r, c), w in product(TILES, (4, 8)))
BACKWARD = tuple(sizes | {"PROGRAMS": n} for sizes, n in product(FORWARD, (4, 8, 16)))
Op = Callable[[Tensor, Tensor], Tensor]


def plain(x: Tensor, bias: Tensor) -> Tensor:
    return F.gelu(x + bias)


def inputs(rows: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """x, the bias, and a gradient of what is made of them."""
    x, dout = (torch.randn(rows, COLUMNS, device=device).bfloat16() for _ in range(2))
    bias = torch.randn(COLUMNS, device=device).bfloat16()
    return x.requires_grad_(), bias.requires_grad_(), dout


def forward(device: torch.device) -> dict[str, Job]:
    x, bias, _ = inputs(ROWS, device)
    x, bias = x.detach(), bias.detach()
    made: dict[str, Job] = {"ours": lambda: biased_gelu(x, bias), "torch": lambda: plain(x, bias)}
    if device.type == "cuda":
        compiled = torch.compile(plain, dynamic=False)
        made["torch.compile"] = lambda: compiled(x, bias)
    return made


def both(device: torch.device) -> dict[str, Job]:
    """Forward, and both gradients."""
    x, bias, dout = inputs(ROWS, device)

    def job(run: Op) -> Job:
        return lambda: torch.autograd.grad(run(x, bias), (x, bias), dout)

    made = {"ours": job(biased_gelu), "torch": job(plain)}
    if device.type == "cuda":
        made["torch.compile"] = job(torch.compile(plain, dynamic=False))
    return made


def check(device: torch.device) -> dict[str, float]:
    """The largest error of the value and both gradients, on 613 rows."""
    x, bias, dout = inputs(613, device)
    wide = (x.detach().double().requires_grad_(), bias.detach().double().requires_grad_())
    got, want = biased_gelu(x, bias), plain(*wide)
    errors = [relative_rms(want.detach(), got.detach())]
    for exact, ours in zip(
        torch.autograd.grad(want, wide, dout.double()),
        torch.autograd.grad(got, (x, bias), dout),
        strict=True,
    ):
        errors.append(relative_rms(exact, ours))
    return {"ours": max(errors)}


def _card(op: str, build: Callable[[torch.device], dict[str, Job]], tensors: int, slot: str) -> Card:
    """tensors: read and written, of bf16."""
    return Card(
        op=op,
        shape=f"{ROWS}x{COLUMNS}",
        bytes=2 * tensors * ROWS * COLUMNS,
        flops=0,
        build=build,
        check=check,
        slot=slot,
        candidates=BACKWARD if build is both else FORWARD,
        backward=build is both,
    )


CARDS = [
    _card("gelu_forward", forward, 2, "gelu.forward"),
    _card("gelu_both", both, 5, "gelu.backward"),
]
