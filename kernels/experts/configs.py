"""Launch configurations of the expert kernels, as tuned on an H200: tile, split of its depth, pipelining.

Slots: `stream` reads each weight once for few rows per expert, by the number of tokens; `grouped` is for many rows.
"""

from __future__ import annotations

# BM rows (tokens), BN columns, BK depth; SPLIT: programs that share the depth of one tile; GROUP: row tiles that
# run next to each other so that a weight tile stays in L2; SWAP: weights as the left operand of the product; TMA:
# weights through tensor descriptors; ASM: unpack by hand-written instructions; LIMBS: x as two bytes a number, which
# the integer matrix unit takes (a launch more; BM 4 is then eight rows of an operand). AHEAD: lines of 128 bytes that
# a program asks for of each of its rows of weights while the kernel before it still runs. STAY, of `grouped` alone:
# that many programs on each multiprocessor take tile after tile, where without it each tile is a program. UNPACK, of
# `many` for gate and up: all weights in x's dtype first, then the grouped products.
STREAM = {"GROUP": 8, "SWAP": 0, "TMA": 0, "num_warps": 4}
# Weights of a byte or less are the left operand, sixteen rows a warp, and eight tokens the right one: the small matrix
# instruction, whose operand is unpacked in the registers that it was loaded to. The wide one (BM of 16 and more with
# four warps) would have it loaded two bytes at a time. Few stages leave room for many programs to hide their unpacking.
BYTES = {"GROUP": 8, "SWAP": 1, "TMA": 0, "ASM": 1, "BK": 128, "num_warps": 4}
EIGHT = {"BM": 8, "BN": 64, **BYTES, "num_stages": 3}
# Small programs: few rows are shared out more evenly over the multiprocessors.
ONE = EIGHT | {"BN": 32, "num_warps": 2}
LIMBS = EIGHT | {"LIMBS": 1, "num_stages": 4}

CONFIGS: dict[str, dict[str, dict[str, int]]] = {
    "experts.router.few": {"default": {"BM": 16, "BK": 128, "SPLIT": 24, "num_warps": 4, "num_stages": 3}},
    "experts.router.many": {"default": {"BM": 32, "BK": 128, "SPLIT": 1, "num_warps": 4, "num_stages": 5}},
    "experts.gate_up.N1": {"default": {"BM": 16, "BN": 32, "BK": 128, **STREAM, "num_stages": 5}},
    "experts.gate_up.N16": {"default": {"BM": 16, "BN": 32, "BK": 128, **STREAM, "num_stages": 5}},
    "experts.gate_up.N64": {"default": {"BM": 16, "BN": 64, "BK": 128, **STREAM, "num_stages": 4}},
    "experts.gate_up.N1024": {"default": {"BM": 32, "BN": 64, "BK": 128, **STREAM, "num_stages": 4}},
    "experts.down.N1": {"default": {"BM": 16, "BN": 64, "BK": 128, "SPLIT": 4, **STREAM, "num_stages": 5}},
    "experts.down.N16": {"default": {"BM": 16, "BN": 64, "BK": 128, "SPLIT": 1, **STREAM, "num_stages": 5}},
    "experts.down.N64": {"default": {"BM": 16, "BN": 64, "BK": 128, "SPLIT": 1, **STREAM, "num_stages": 5}},
    "experts.down.N1024": {
        "default": {"BM": 32, "BN": 128, "BK": 128, "SPLIT": 1, **STREAM, "num_stages": 4}
    },
    # Any width, alignment and dtype; fp32 tiles are twice as large.
    "experts.gate_up.any": {"default": {"BM": 16, "BN": 32, "BK": 64, **STREAM, "num_stages": 2}},
    "experts.down.any": {"default": {"BM": 16, "BN": 32, "BK": 64, "SPLIT": 1, **STREAM, "num_stages": 2}},
    "experts.gate_up.grouped": {
        "default": {"BM": 128, "BN": 128, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 4},
        "sm_90": {"BM": 128, "BN": 128, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 4, "STAY": 1},
    },
    "experts.down.grouped": {
        "default": {"BM": 128, "BN": 256, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 3},
        "sm_90": {"BM": 128, "BN": 256, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 3, "STAY": 1},
    },
    "experts.gate_up.int8.N1": {"default": ONE | {"LIMBS": 1, "BM": 4, "AHEAD": 2}},
    "experts.gate_up.int8.N16": {"default": LIMBS},
    "experts.gate_up.int8.N64": {"default": LIMBS},
    "experts.gate_up.int8.any": {"default": {"BM": 64, "BN": 64, **BYTES, "num_stages": 3}},
    "experts.gate_up.int8.many": {"default": {"BM": 64, "BN": 64, **BYTES, "num_stages": 3}},
    "experts.down.int8.N1": {"default": ONE | {"SPLIT": 2, "num_stages": 4, "AHEAD": 2}},
    "experts.down.int8.N16": {"default": EIGHT | {"SPLIT": 1, "num_stages": 5}},
    "experts.down.int8.N64": {"default": EIGHT | {"SPLIT": 1, "num_stages": 5}},
    "experts.down.int8.any": {"default": {"BM": 64, "BN": 64, "SPLIT": 1, **BYTES, "num_stages": 3}},
    "experts.down.int8.many": {"default": {"BM": 64, "BN": 64, "SPLIT": 1, **BYTES, "num_stages": 3}},
    "experts.gate_up.int4.N1": {"default": ONE | {"LIMBS": 1, "BM": 4, "AHEAD": 2}},
    "experts.gate_up.int4.N16": {"default": LIMBS | {"BM": 4, "TMA": 1}},
    "experts.gate_up.int4.N64": {"default": LIMBS | {"num_stages": 3}},
    "experts.gate_up.int4.any": {"default": {"BM": 32, "BN": 64, **BYTES, "num_stages": 3}},
    "experts.gate_up.int4.many": {
        "default": {"BM": 32, "BN": 64, **BYTES, "num_stages": 3},
        "sm_90": {"BM": 32, "BN": 64, **BYTES, "num_stages": 3, "UNPACK": 1},
    },
    "experts.down.int4.N1": {
        "default": ONE | {"LIMBS": 1, "BM": 4, "SPLIT": 4, "TMA": 1, "AHEAD": 2},
    },
    "experts.down.int4.N16": {"default": LIMBS | {"BM": 4, "SPLIT": 1, "num_stages": 5}},
    "experts.down.int4.N64": {"default": LIMBS | {"BM": 4, "SPLIT": 1, "TMA": 1}},
    "experts.down.int4.any": {"default": {"BM": 64, "BN": 64, "SPLIT": 1, **BYTES, "num_stages": 3}},
    "experts.down.int4.many": {"default": {"BM": 64, "BN": 64, "SPLIT": 1, **BYTES, "num_stages": 3}},
}
