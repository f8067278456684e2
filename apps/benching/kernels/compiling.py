"""Compiling without launching: every configuration at once on a GPU machine, or for sm_90 where there is no GPU."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch


@dataclass(frozen=True)
class Compiled:
    """One compiled kernel: registers a thread, spilled registers' loads and stores, shared memory in bytes."""

    kernel: str
    warps: int
    registers: int
    spills: int
    shared: int


_described: dict[str, Compiled] = {}  # by the hash that Triton gives a kernel


@contextmanager
def launching_nothing(threads: int = 1) -> Iterator[list[tuple[str, Any]]]:
    """Inside the block a launch compiles its kernel and does not run it; yields the (name, kernel) so far.

    With more threads the kernels compile side by side, and are ready when the block ends. A kernel that does not
    compile then stays silent: its next launch outside the block says why.
    """
    import triton
    from triton.runtime.jit import JITFunction

    found: list[tuple[str, Any]] = []
    launch = JITFunction.run

    def compile_only(self: Any, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> Any:
        kernel = launch(self, *args, grid=grid, warmup=True, **kwargs)
        found.append((self.fn.__name__, kernel))
        return kernel

    with ExitStack() as stack:
        # Autograd runs a backward in its own thread, which would not see the mode of this one.
        stack.enter_context(torch.autograd.set_multithreading_enabled(False))
        if threads > 1:
            pool = stack.enter_context(ThreadPoolExecutor(threads))
            stack.enter_context(triton.AsyncCompileMode(pool, ignore_errors=True))
        JITFunction.run = compile_only
        try:
            yield found
        finally:
            JITFunction.run = launch


@contextmanager
def autotuning_in_parallel(threads: int) -> Iterator[None]:
    """Inside the block an autotuner of a peer compiles its configurations side by side before it times them."""
    import triton
    from triton.runtime.autotuner import Autotuner

    prune = Autotuner.prune_configs

    def compile_all(self: Any, kwargs: dict[str, Any]) -> list[Any]:
        configs = prune(self, kwargs)
        with ThreadPoolExecutor(threads) as pool, triton.AsyncCompileMode(pool, ignore_errors=True):
            for config in configs:
                try:
                    self.fn.run(*self.nargs.values(), **(kwargs | config.all_kwargs() | {"warmup": True}))
                except Exception:  # the tuner meets it again, and has its own way with it
                    continue
        return configs

    Autotuner.prune_configs = compile_all
    try:
        yield
    finally:
        Autotuner.prune_configs = prune


@contextmanager
def pretending_sm_90() -> Iterator[None]:
    """Triton believes in a Hopper GPU, and our tables of backends and configurations too, for whatever device the
    tensors are on. For `launching_nothing` only.
    """
    from triton.backends.compiler import GPUTarget
    from triton.runtime import driver

    from minimax_vl.kernels import backends, configs

    class NoGpu:
        get_current_target = staticmethod(lambda: GPUTarget("cuda", 90, 32))
        get_current_device = staticmethod(lambda: 0)
        get_current_stream = staticmethod(lambda device: 0)

    architecture, runs_on = configs.architecture, backends.runs_on
    pretended, unknown = cast(Any, NoGpu()), cast(Any, None)
    driver.set_active(pretended)
    configs.architecture = lambda: "sm_90"
    backends.runs_on = lambda backend, device: True
    try:
        yield
    finally:
        configs.architecture, backends.runs_on = architecture, runs_on
        driver.set_active(unknown)  # looked for at the next use; `reset_active` would look now, and find none


def describe(name: str, kernel: Any) -> Compiled:
    """Read the machine code of a compiled kernel with the `cuobjdump` that Triton carries."""
    if kernel.hash in _described:
        return _described[kernel.hash]
    import triton

    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin", delete=False) as file:
        file.write(kernel.asm["cubin"])
    try:
        usage = _output_of(tool, "--dump-resource-usage", file.name)
        code = _output_of(tool, "--dump-sass", file.name)
    finally:
        os.unlink(file.name)
    registers = re.search(r"REG:(\d+)", usage)
    _described[kernel.hash] = Compiled(
        kernel=name,
        warps=kernel.metadata.num_warps,
        registers=int(registers.group(1)) if registers else 0,
        spills=len(re.findall(r"\b(?:STL|LDL)\b", code)),
        shared=kernel.metadata.shared,
    )
    return _described[kernel.hash]


def _output_of(*command: str | Path) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
