"""Formats of weights by name: which integers lie where, in what shape and how many bytes. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING

from minimax_vl.errors import InvalidRequest

if TYPE_CHECKING:
    import torch

GROUP = 128  # int4 weights that share a scale
BLOCK = 2 * GROUP  # int4 rows are padded to whole blocks: one byte holds a weight of either half
DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}  # as users write them -> torch's name
DENSE = {"float32": 4, "bfloat16": 2, "float16": 2}  # torch's name -> bytes of a weight
BITS = {"int8": 8, "int4": 4}
STORED = {"I8": 8, "U8": 4}  # safetensors' dtype of a quantised matrix -> bits of a weight in it
SCALE_BYTES = {8: 4, 4: 2}  # fp32 for a row, bf16 for a group


def dtype_name(dtype: str | torch.dtype) -> str:
    """torch.bfloat16 or "bfloat16" -> "bfloat16". Raises InvalidRequest for anything we do not compute in."""
    name = str(dtype).removeprefix("torch.")
    if name not in DENSE:
        raise InvalidRequest(
            found=f"dtype {name!r}",
            expected=f"one of {', '.join(DENSE)}",
            cause="a storage type, or a spelling that torch does not use",
            next_step="choose one of the names above, or leave dtype out",
        )
    return name


def bits_of(quantize: str | None) -> int | None:
    """8 or 4 for "int8" or "int4"; None and "none" stay dense. Raises InvalidRequest for anything else."""
    if quantize is None or quantize == "none":
        return None
    if not isinstance(quantize, str) or quantize not in BITS:
        raise InvalidRequest(
            found=f"quantize={quantize!r}",
            expected=f"one of {', '.join(map(repr, BITS))}, or None for dense weights",
            cause="a typing error, or another library's format",
            next_step="use one of these; `minimax-vl plan` shows what each needs",
        )
    return BITS[quantize]


def stored_bits(dtypes: Iterable[str]) -> int | None:
    """Fewest bits of a weight in a checkpoint whose tensors have these dtypes of safetensors; None: all are dense."""
    return min((STORED[dtype] for dtype in dtypes if dtype in STORED), default=None)


def data_shape(shape: tuple[int, ...], bits: int) -> tuple[int, ...]:
    """Of the integers of a matrix [..., rows, columns], as kernels/quantised packs them."""
    return shape if bits == 8 else (*shape[:-1], _blocks(shape) * GROUP)


def scale_shape(shape: tuple[int, ...], bits: int) -> tuple[int, ...]:
    """Of the scales: one a row [..., rows], or one a group [..., groups, rows]."""
    return shape[:-1] if bits == 8 else (*shape[:-2], 2 * _blocks(shape), shape[-2])


def packed_bytes(shape: tuple[int, ...], bits: int) -> tuple[int, int]:
    """(integers, scales) of a matrix, in bytes, padding included."""
    return prod(data_shape(shape, bits)), SCALE_BYTES[bits] * prod(scale_shape(shape, bits))


def bytes_of(shape: tuple[int, ...], bits: int | None, width: int) -> int:
    """Of a weight in 8 or 4 bits, scales included, or for None of a dense one with `width` bytes an element."""
    return width * prod(shape) if bits is None else sum(packed_bytes(shape, bits))


def scale_key(key: str) -> str:
    """Where the scales of a quantised tensor lie, in the same file."""
    return f"{key}_scale"


def _blocks(shape: tuple[int, ...]) -> int:
    return -(-shape[-1] // BLOCK)
