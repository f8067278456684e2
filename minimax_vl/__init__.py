"""Public names of the toolkit, each imported on first use: this package alone loads neither torch nor Pillow.

Every folder of the project is a subpackage of this one, so this file runs before any of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig
    from minimax_vl.errors import MiniMaxVLError
    from minimax_vl.loading.placement import plan_memory
    from minimax_vl.pipeline import Pipeline, ask, caption, load
    from minimax_vl.presets import PRESETS
    from minimax_vl.reply import Reply

__version__ = "0.1.0"

__all__ = [
    "MiniMaxVLError",
    "ModelConfig",
    "PRESETS",
    "Pipeline",
    "Reply",
    "__version__",
    "ask",
    "caption",
    "load",
    "plan_memory",
]

# name -> the module that defines it
HOMES = {
    "MiniMaxVLError": "minimax_vl.errors",
    "ModelConfig": "minimax_vl.config",
    "PRESETS": "minimax_vl.presets",
    "Pipeline": "minimax_vl.pipeline",
    "Reply": "minimax_vl.reply",
    "ask": "minimax_vl.pipeline",
    "caption": "minimax_vl.pipeline",
    "load": "minimax_vl.pipeline",
    "plan_memory": "minimax_vl.loading.placement",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module 'minimax_vl' has no attribute {name!r}; it offers {', '.join(__all__)}")
    value = getattr(import_module(HOMES[name]), name)
    globals()[name] = value  # the next access is a plain lookup
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
