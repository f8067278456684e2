"""Ctrl-C while PyTorch is imported: numpy's import from C++ would lose it, or abort."""

from __future__ import annotations

import os
import signal
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any


class _TorchFinder:
    """Finds torch as Python does, and guards its first import, wherever a command comes to that."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def guarded(module: types.ModuleType) -> None:
            with _interrupts_end_us():
                execute(module)

        spec.loader.exec_module = guarded
        return spec


@contextmanager
def guarding_torch() -> Iterator[None]:
    """Within the block, Ctrl-C during the first import of torch ends the process."""
    finder = _TorchFinder()
    if "torch" not in sys.modules:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


@contextmanager
def _interrupts_end_us() -> Iterator[None]:
    """Only Python's own handler is replaced, and only in the main thread, which alone may do that."""
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
