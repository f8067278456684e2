"""The hybrid text backbone of MiniMax-Text-01: lightning and softmax attention, experts, one cache for both."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minimax_vl.text_backbone.cache import HybridCache
    from minimax_vl.text_backbone.config import TextConfig
    from minimax_vl.text_backbone.model import TextBackbone

__all__ = ["HybridCache", "TextBackbone", "TextConfig"]

# On first use: reading a config passes through here and must not wait for torch.
HOMES = {"HybridCache": "cache", "TextBackbone": "model", "TextConfig": "config"}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
