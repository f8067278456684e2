"""Launch configurations of the kernels before and after a sum over processes."""

from __future__ import annotations

# BLOCK products a program. Every program of a row reads the whole row whose mean square it needs, so wide blocks read
# less, and narrow ones let a single row be taken up by several programs.
CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "shared_norm.part": {"default": {"BLOCK": 2048, "num_warps": 8, "num_stages": 1}},
    "shared_norm.together": {"default": {"BLOCK": 2048, "num_warps": 4, "num_stages": 1}},
}
