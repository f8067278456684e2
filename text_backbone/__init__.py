"""The hybrid text backbone of MiniMax-Text-01: lightning and softmax attention, experts, one cache for both."""

from __future__ import annotations

from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.model import TextBackbone

__all__ = ["HybridCache", "TextBackbone", "TextConfig"]
