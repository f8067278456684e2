"""Launch configurations of the rotary kernel."""

from __future__ import annotations

CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "rotary.turn": {"default": {"num_warps": 4, "num_stages": 1}},
}
