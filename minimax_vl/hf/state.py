"""`HybridCache` as transformers' `generate` sees a cache."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.errors import InvalidRequest
from minimax_vl.text_backbone.cache import HybridCache


class GenerationState:
    """What the layers remember; a recurrent state has no length, so the cache's own position is the length."""

    is_compileable = False
    is_croppable = False  # a lightning state cannot be cut back to an earlier token

    def __init__(self, hybrid: HybridCache) -> None:
        self.hybrid = hybrid

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens so far, left padding included; the same for every layer."""
        return self.hybrid.position

    def get_max_cache_shape(self, layer_idx: int = 0) -> int:
        """-1: it grows with the answer."""
        return -1

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Rows [M] in a new order, states of lightning layers included: one step of beam search."""
        self.hybrid.select(beam_idx)

    def crop(self, max_length: int) -> None:
        """Refused."""
        raise InvalidRequest(
            found=f"a cache to be cut back to {max_length} tokens",
            expected="a cache that only grows",
            cause="assisted generation or an edited conversation; seven layers in eight keep one running state",
            next_step="generate without an assistant, and begin a changed conversation with a new cache",
        )
