"""Launch configurations of the GELU's passes, tuned on an H200 at nano's width."""

from __future__ import annotations

# BR rows and BC columns at a time. The backward pass is PROGRAMS programs on each multiprocessor, which walk over rows
# and add up the bias's gradient.
CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "gelu.forward": {"default": {"BR": 2, "BC": 1024, "num_warps": 4}},
    "gelu.backward": {"default": {"BR": 1, "BC": 1024, "PROGRAMS": 16, "num_warps": 8}},
}
