"""Launch configurations of the norm kernels."""

from __future__ import annotations

# ROWS of a program share its load of the weight. A row lies in registers whole, so warps follow its width:
# `num_warps` is for 4,096 channels and more, narrower rows take fewer.
CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "norm.rms": {"default": {"ROWS": 1, "num_warps": 8, "num_stages": 1}},
    "norm.residual": {"default": {"ROWS": 1, "num_warps": 8, "num_stages": 1}},
    # Rows, or gates, that come as several parts: what is to be read is many times as much, and asked for by more warps.
    "norm.unsummed": {"default": {"ROWS": 1, "num_warps": 32, "num_stages": 1}},
    "norm.gated": {"default": {"ROWS": 1, "num_warps": 8, "num_stages": 1}},
}
