"""Launch configurations of the attention kernels."""

from __future__ import annotations

CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    # PROGRAMS: how many should stream keys at once; LEAST: keys that repay a program of their own.
    "attention.decode": {
        "default": {"BLOCK": 64, "PROGRAMS": 512, "LEAST": 128, "num_warps": 4, "num_stages": 3},
        # As tuned on an H200 from 16 thousand to a million keys: one program to a multiprocessor.
        "sm_90": {"BLOCK": 128, "PROGRAMS": 128, "LEAST": 128, "num_warps": 8, "num_stages": 3},
    },
    "attention.combine": {"default": {"num_warps": 4, "num_stages": 1}},
    "attention.prefill": {
        "default": {"ROWS": 64, "BLOCK": 64, "num_warps": 4, "num_stages": 2},
        "sm_90": {"ROWS": 128, "BLOCK": 64, "num_warps": 8, "num_stages": 3},
    },
}
