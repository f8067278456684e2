"""One launch before a sum over processes and one after it, where plain PyTorch takes a dozen."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.shared_norm import reference
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import on_device_of, rows_dense, wants_gradient
from minimax_vl.kernels.unsummed import Unsummed
from minimax_vl.kernels.unsummed.triton_sum import add_up

WIDEST = 16384  # channels of a row that still fit a program's registers


@triton.jit
def part_kernel(
    product,
    x,
    message,
    rows,
    pieces,
    C,
    W,
    split,
    product_row,
    x_row,
    eps,
    SPLIT: tl.constexpr,
    WIDE: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """BLOCK products of a row, times what its norm divided by; the first program of a row adds the mean square.

    A product is the sum of SPLIT numbers, `split` apart.
    """
    row = (tl.program_id(0) // pieces).to(tl.int64)
    piece = tl.program_id(0) % pieces
    wide = tl.arange(0, WIDE)
    y = tl.load(x + row * x_row + wide, mask=wide < W, other=0.0).to(tl.float32)
    square = tl.sum(y * y, 0) / W
    col = piece * BLOCK + tl.arange(0, BLOCK)
    live = col < C
    made = add_up(product + row * product_row + col, split, live, SPLIT)
    tl.store(message + row * C + col, made * tl.sqrt(square + eps), mask=live)
    tl.store(message + tl.cast(rows, tl.int64) * C + row, square, mask=piece == 0)


@triton.jit
def together_kernel(total, out, rows, pieces, C, parts, eps, BLOCK: tl.constexpr):
    """BLOCK products of a row, normed by the mean of the parts' mean squares."""
    row = (tl.program_id(0) // pieces).to(tl.int64)
    square = tl.load(total + tl.cast(rows, tl.int64) * C + row) / parts
    col = tl.program_id(0) % pieces * BLOCK + tl.arange(0, BLOCK)
    live = col < C
    y = tl.load(total + row * C + col, mask=live, other=0.0) * tl.rsqrt(square + eps)
    tl.store(out + row * C + col, y.to(out.dtype.element_ty), mask=live)


def part(product: Tensor | Unsummed, x: Tensor, eps: float) -> Tensor:
    """Shapes as in `part_of_norm`."""
    C, W, rows = product.shape[-1], x.shape[-1], x.shape[:-1].numel()
    parts = product.parts if isinstance(product, Unsummed) else product
    if torch.compiler.is_compiling() or W > WIDEST or wants_gradient(parts, x):
        return reference.part(product, x, eps)
    message = torch.empty(rows * C + rows, dtype=torch.float32, device=x.device)
    if not message.numel():
        return message
    parts, x = rows_dense(parts.reshape(-1, rows, C)), rows_dense(x.reshape(rows, W))  # [S, N, C], [N, W]
    config, BLOCK, pieces = _cut("shared_norm.part", C)
    with on_device_of(x):
        part_kernel[(rows * pieces,)](
            parts,
            x,
            message,
            rows,
            pieces,
            C,
            W,
            parts.stride(0),
            parts.stride(1),
            x.stride(0),
            eps,
            SPLIT=parts.shape[0],
            WIDE=next_power_of_2(W),
            BLOCK=BLOCK,
            num_warps=config["num_warps"],
            num_stages=config["num_stages"],
        )
    return message


def together(total: Tensor, parts: int, eps: float, like: Tensor | Unsummed) -> Tensor:
    """Shapes as in `norm_of_parts`."""
    if torch.compiler.is_compiling() or wants_gradient(total):
        return reference.together(total, parts, eps, like)
    C, rows = like.shape[-1], like.shape[:-1].numel()
    out = torch.empty(like.shape, dtype=like.dtype, device=total.device)
    if not out.numel():
        return out
    config, BLOCK, pieces = _cut("shared_norm.together", C)
    with on_device_of(total):
        together_kernel[(rows * pieces,)](
            total.contiguous(),
            out,
            rows,
            pieces,
            C,
            parts,
            eps,
            BLOCK=BLOCK,
            num_warps=config["num_warps"],
            num_stages=config["num_stages"],
        )
    return out


def _cut(slot: str, C: int) -> tuple[dict[str, int], int, int]:
    """(configuration, products of a program, programs of a row)."""
    config = config_of(slot)
    BLOCK = min(config["BLOCK"], next_power_of_2(C))
    return config, BLOCK, cdiv(C, BLOCK)
