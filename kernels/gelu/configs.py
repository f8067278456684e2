"""Launch configurations of the GELU's passes."""

from __future__ import annotations

# BR rows and BC columns at a time. The backward pass is PROGRAMS programs of rows on each multiprocessor, which walk and
# add up the bias's gradient on their way.
CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "gelu.forward": {"default": {"BR": 4, "BC": 1024, "num_warps": 8}},
    "gelu.backward": {"default": {"BR": 4, "BC": 1024, "PROGRAMS": 4, "num_warps": 8}},
}
