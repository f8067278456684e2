"""Launch configurations of the quantised linear map, by its rows; the fields are those of the experts' table."""

from __future__ import annotations

BYTES = {"GROUP": 8, "SWAP": 1, "TMA": 0, "ASM": 1, "BK": 128, "num_warps": 4}

CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "quantised.int8.N16": {"default": {"BM": 16, "BN": 64, "SPLIT": 2, **BYTES, "num_stages": 6}},
    "quantised.int8.N64": {"default": {"BM": 64, "BN": 64, "SPLIT": 2, **BYTES, "num_stages": 4}},
    "quantised.int4.N16": {"default": {"BM": 16, "BN": 64, "SPLIT": 2, **BYTES, "num_stages": 6}},
    "quantised.int4.N64": {"default": {"BM": 64, "BN": 64, "SPLIT": 2, **BYTES, "num_stages": 4}},
}
