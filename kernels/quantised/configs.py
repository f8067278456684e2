"""Launch configurations of the quantised linear map by its rows, tuned on an H200; fields as in the experts' table."""

from __future__ import annotations

BYTES = {"GROUP": 8, "SWAP": 1, "TMA": 0, "ASM": 1, "BK": 128, "num_warps": 4}
EIGHT = {"BM": 8, "BN": 64, **BYTES}
SIXTEEN = {"BM": 16, "BN": 64, "SPLIT": 1, "LIMBS": 1, **BYTES}

CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "quantised.int8.N8": {"default": EIGHT | {"SPLIT": 1, "num_stages": 5, "AHEAD": 2}},
    "quantised.int8.N16": {"default": SIXTEEN | {"num_stages": 4}},
    "quantised.int8.N64": {"default": {"BM": 64, "BN": 64, "SPLIT": 1, **BYTES, "TMA": 1, "num_stages": 5}},
    "quantised.int4.N8": {"default": EIGHT | {"SPLIT": 1, "TMA": 1, "num_stages": 3, "AHEAD": 2}},
    "quantised.int4.N16": {"default": SIXTEEN | {"TMA": 1, "num_stages": 4, "AHEAD": 2}},
    "quantised.int4.N64": {
        "default": {"BM": 64, "BN": 128, "SPLIT": 2, **BYTES, "num_warps": 8, "num_stages": 4}
    },
}
