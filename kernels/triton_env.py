"""Triton without a GPU: whether its interpreter runs the kernels, and bfloat16 for an interpreter that lacks it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

# Triton reads the variable when it is imported and when a kernel is decorated: set it before either.
INTERPRET = os.environ.get("TRITON_INTERPRET") == "1"

# Everything that computes with the numbers themselves; loads, stores and reshapes move bits and need no help.
_ARITHMETIC = (
    "binary_op",
    "unary_op",
    "ternary_op",
    "create_dot",
    "create_fma",
    "create_rsqrt",
    "create_erf",
)
_taught = False


def teach_bfloat16() -> None:
    """Make the interpreter compute bfloat16 in float32 and round each result to nearest even, as the GPU does.

    It keeps bfloat16 as raw 16-bit integers, and multiplies those (github.com/triton-lang/triton/issues/11584).
    """
    global _taught
    if _taught:
        return
    _taught = True
    from triton.runtime import interpreter

    builder = interpreter.InterpreterBuilder
    for name in _ARITHMETIC:
        setattr(builder, name, _in_float32(getattr(builder, name)))
    builder.cast_impl = _cast(builder.cast_impl)
    builder.create_fp_to_fp = _cast(builder.create_fp_to_fp)
    builder.get_bf16 = lambda self, value: _narrow(self.get_fp32(value))  # absent before 3.9
    for ops in (interpreter.ReduceOps, interpreter.ScanOps):
        ops.apply_impl = _reduce_in_float32(ops.apply_impl)


def _in_float32(method: Callable[..., Any]) -> Callable[..., Any]:
    """`method` of the builder with its bfloat16 operands widened; a result of nothing but those is narrowed again."""
    from triton import language as tl

    def run(self: Any, *args: Any) -> Any:
        if not any(map(_is_bfloat16, args)):
            return method(self, *args)
        out = method(self, *map(_widen, args))
        # A product may add to a float32 accumulator: then float32 is what the kernel asked for.
        keeps = any(getattr(x, "dtype", None) == tl.float32 for x in args)
        # Comparisons carry their operands' type and boolean data.
        return out if keeps or out.data.dtype.kind != "f" else _narrow(out)

    return run


def _cast(method: Callable[..., Any]) -> Callable[..., Any]:
    from triton import language as tl

    def run(self: Any, source: Any, target: Any, *rest: Any) -> Any:
        source, wanted = _widen(source), target.scalar
        if wanted != tl.bfloat16:
            return source if source.dtype.scalar == wanted else method(self, source, target, *rest)
        if source.dtype.scalar != tl.float32:
            source = self.cast_impl(source, tl.float32)
        return _narrow(source)

    return run


def _reduce_in_float32(method: Callable[..., Any]) -> Callable[..., Any]:
    from triton import language as tl

    def run(self: Any, inputs: Any) -> Any:
        many = isinstance(inputs, tuple)
        parts = inputs if many else (inputs,)
        if not any(_is_bfloat16(x.handle) for x in parts):
            return method(self, inputs)
        wide = tuple(
            self.to_tensor(_widen(x.handle).data, tl.float32) if _is_bfloat16(x.handle) else x for x in parts
        )
        out = method(self, wide if many else wide[0])
        if not isinstance(out, (tuple, list)):
            return _narrow_tensor(self, out)
        return [_narrow_tensor(self, x) for x in out]

    return run


def _narrow_tensor(ops: Any, x: Any) -> Any:
    from triton import language as tl

    return ops.to_tensor(_narrow(x.handle).data, tl.bfloat16) if x.dtype == tl.float32 else x


def _is_bfloat16(x: Any) -> bool:
    from triton import language as tl

    # A pointer's `scalar` is the pointer itself, so pointers to bfloat16 pass by.
    return hasattr(x, "data") and hasattr(x, "dtype") and x.dtype.scalar == tl.bfloat16


def _widen(x: Any) -> Any:
    """A bfloat16 handle as float32, exactly: its bits are the upper half of the float32."""
    import numpy as np
    from triton import language as tl
    from triton.runtime.interpreter import TensorHandle

    if not _is_bfloat16(x):
        return x
    return TensorHandle((x.data.astype(np.uint32) << np.uint32(16)).view(np.float32), tl.float32)


def _narrow(x: Any) -> Any:
    """A float32 handle as bfloat16, ties to even; NaN stays NaN, for adding could carry it over into infinity."""
    import numpy as np
    from triton import language as tl
    from triton.runtime.interpreter import TensorHandle

    number = np.ascontiguousarray(x.data, dtype=np.float32).reshape(np.shape(x.data))
    bits = number.view(np.uint32)
    half = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    rounded = ((bits + half) >> np.uint32(16)).astype(np.uint16)
    return TensorHandle(np.where(np.isnan(number), np.uint16(0x7FC0), rounded), tl.bfloat16)
