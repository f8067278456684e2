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

WIDEST = 16384  # channels of a row that still fit a program's registers


@triton.jit
def part_kernel(
    product, x, message, rows, pieces, C, W, product_row, x_row, eps, WIDE: tl.constexpr, BLOCK: tl.constexpr
):
    """BLOCK products of a row, times what its norm divided by; the first program of a row adds the mean square."""
    row = (tl.program_id(0) // pieces).to(tl.int64)
    piece = tl.program_id(0) % pieces
    wide = tl.arange(0, WIDE)
    y = tl.load(x + row * x_row + wide, mask=wide < W, other=0.0).to(tl.float32)
    square = tl.sum(y * y, 0) / W
    col = piece * BLOCK + tl.arange(0, BLOCK)
    live = col < C
    made = tl.load(product + row * product_row + col, mask=live, other=0.0).to(tl.float32)
    tl.store(message + row * C + col, made * tl.sqrt(square + eps), mask=live)
    tl.store(message + tl.cast(rows, tl.int64) * C + row, square, mask=piece == 0)


@triton.jit
def whole_kernel(total, out, rows, pieces, C, parts, eps, BLOCK: tl.constexpr):
    """BLOCK products of a row, normed by the mean of the parts' mean squares."""
    row = (tl.program_id(0) // pieces).to(tl.int64)
    square = tl.load(total + tl.cast(rows, tl.int64) * C + row) / parts
    col = tl.program_id(0) % pieces * BLOCK + tl.arange(0, BLOCK)
    live = col < C
    y = tl.load(total + row * C + col, mask=live, other=0.0) * tl.rsqrt(square + eps)
    tl.store(out + row * C + col, y.to(out.dtype.element_ty), mask=live)


def part(product: Tensor, x: Tensor, eps: float) -> Tensor:
    """Shapes as in `part_of_norm`."""
    C, W = product.shape[-1], x.shape[-1]
    if torch.compiler.is_compiling() or W > WIDEST or wants_gradient(product, x):
        return reference.part(product, x, eps)
    rows = product.shape[:-1].numel()
    message = torch.empty(rows * C + rows, dtype=torch.float32, device=product.device)
    if not message.numel():
        return message
    product, x = rows_dense(product.reshape(rows, C)), rows_dense(x.reshape(rows, W))
    config, BLOCK, pieces = _cut("shared_norm.part", C)
    with on_device_of(product):
        part_kernel[(rows * pieces,)](
            product,
            x,
            message,
            rows,
            pieces,
            C,
            W,
            product.stride(0),
            x.stride(0),
            eps,
            WIDE=next_power_of_2(W),
            BLOCK=BLOCK,
            num_warps=config["num_warps"],
            num_stages=config["num_stages"],
        )
    return message


def whole(total: Tensor, parts: int, eps: float, like: Tensor) -> Tensor:
    """Shapes as in `norm_of_parts`."""
    if torch.compiler.is_compiling() or wants_gradient(total):
        return reference.whole(total, parts, eps, like)
    C, rows = like.shape[-1], like.shape[:-1].numel()
    out = torch.empty(like.shape, dtype=like.dtype, device=total.device)
    if not out.numel():
        return out
    config, BLOCK, pieces = _cut("shared_norm.whole", C)
    with on_device_of(total):
        whole_kernel[(rows * pieces,)](
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
