"""What the tuner tries for the expert MLP beside the configurations that ship, the best founded first."""

from __future__ import annotations

Config = dict[str, int]


def few_of(tokens: int) -> str:
    return "grouped" if tokens > 1024 else f"N{next(n for n in (1, 16, 64, 1024) if tokens <= n)}"


def variants(base: Config, *changes: Config) -> tuple[Config, ...]:
    return tuple(base | change for change in changes)


# For 16 bits: operands as they come or swapped (then Hopper's wide matrix unit reads the weights from shared memory),
# by descriptor or pointer, and how many bytes are on their way.
STREAM = {"BM": 16, "BN": 32, "BK": 128, "GROUP": 8, "SWAP": 0, "TMA": 0, "num_warps": 4, "num_stages": 5}
SWAPPED = STREAM | {"SWAP": 1, "BN": 64, "TMA": 1, "num_stages": 4}


def stream_candidates(few: str) -> tuple[Config, ...]:
    rows = {"N1": 16, "N16": 16, "N64": 16, "N1024": 32}[few]
    swapped = variants(
        SWAPPED | {"BM": rows},
        {},
        {"num_stages": 3},
        {"BM": rows // 2},
        {"BK": 64, "num_stages": 6},
        {"BN": 128, "BK": 64, "num_stages": 4},
    )
    plain = variants(
        STREAM | {"BM": rows},
        {"BN": 64, "TMA": 1, "num_stages": 3},
        {"num_stages": 7},
        {"TMA": 1},
    )
    return swapped + plain


def down_candidates(few: str) -> tuple[Config, ...]:
    splits = {"N1": (6, 4, 8), "N16": (1, 2), "N64": (1, 2), "N1024": (1,)}[few]
    rows = {"N1": 16, "N16": 16, "N64": 16, "N1024": 32}[few]
    return tuple(
        base | {"BM": rows, "SPLIT": split}
        for split in splits
        for base in (SWAPPED, SWAPPED | {"BN": 128, "num_stages": 3}, STREAM | {"BN": 64})
    )


# For 8 and 4 bits time is instructions: how many warps a multiprocessor has to hide them (stages and rows take its
# memory and registers), and how evenly the programs fall on 132 of them.
BYTE = STREAM | {"BM": 8, "BN": 64, "SWAP": 1, "ASM": 1, "num_stages": 3}
TWO_WARPS = BYTE | {"BN": 32, "num_warps": 2}
ONE_WARP = BYTE | {"BN": 16, "num_warps": 1}
# Activations of two bytes: hardly any instructions left, so it is bytes on their way that count.
LIMBS = BYTE | {"BM": 4, "LIMBS": 1}
LIMBS_TWO = LIMBS | {"BN": 32, "num_warps": 2}
LIMBS_UP_ONE = (
    *variants(LIMBS_TWO, {"num_stages": 5}, {}, {"num_stages": 7}, {"TMA": 1, "num_stages": 5}),
    *variants(LIMBS, {"num_stages": 4}, {"num_stages": 6}),
)
LIMBS_UP = (
    *variants(
        LIMBS,
        {"num_stages": 4},
        {"BM": 8, "BN": 32, "num_warps": 2, "num_stages": 4},
        {"TMA": 1, "num_stages": 4},
    ),
    *variants(LIMBS_TWO, {"num_stages": 5}, {}),
    LIMBS | {"BM": 8, "num_stages": 4},
)
LIMBS_DOWN_ONE = (
    *variants(LIMBS | {"SPLIT": 4}, {"num_stages": 5}, {"TMA": 1, "num_stages": 4}, {}),
    *variants(LIMBS_TWO | {"num_stages": 6}, {"SPLIT": 3}, {"SPLIT": 2}),
    LIMBS | {"SPLIT": 6, "num_stages": 4},
)
LIMBS_DOWN = (
    *variants(LIMBS | {"SPLIT": 1}, {"num_stages": 5}, {"TMA": 1, "num_stages": 4}),
    *variants(LIMBS_TWO | {"SPLIT": 1}, {"num_stages": 6}, {"BM": 8, "num_stages": 5}),
)
BYTE_UP_ONE = (
    *LIMBS_UP_ONE,
    *variants(ONE_WARP, {"num_stages": 4}, {"num_stages": 6}),
    *variants(TWO_WARPS, {}, {"num_stages": 6}, {"TMA": 1, "num_stages": 4}),
    *variants(BYTE, {}, {"num_stages": 4}, {"num_stages": 5}),
)
BYTE_UP = (
    *LIMBS_UP,
    *variants(BYTE, {"num_stages": 4}, {"TMA": 1}, {"num_stages": 2}),
    *variants(TWO_WARPS, {}, {"num_stages": 4}, {"BM": 16}),
    *variants(BYTE, {"TMA": 1, "num_stages": 4}, {"BN": 128, "num_warps": 8}, {"num_stages": 5}),
)
BYTE_DOWN_ONE = (
    *LIMBS_DOWN_ONE,
    *variants(BYTE, {"SPLIT": 4}, {"SPLIT": 6}, {"SPLIT": 3, "num_stages": 4}, {"SPLIT": 8}),
    *variants(BYTE | {"SPLIT": 4}, {"TMA": 1}, {"BN": 128, "SPLIT": 8}),
    *variants(TWO_WARPS, {"SPLIT": 2, "num_stages": 4}, {"SPLIT": 3}),
    BYTE | {"SPLIT": 6, "num_stages": 5},
)
BYTE_DOWN = (
    *LIMBS_DOWN,
    *variants(BYTE | {"SPLIT": 1}, {"num_stages": 4}, {"TMA": 1}, {"num_stages": 2}, {"BN": 128}),
    *variants(TWO_WARPS | {"SPLIT": 1}, {}, {"num_stages": 5}),
    *variants(BYTE | {"SPLIT": 2}, {}, {"num_stages": 4}),
    BYTE | {"SPLIT": 1, "num_stages": 5},
)
# One program with a tile of 128 x 256 on each multiprocessor, which may stay for the next tile, or two with half of it:
# one computes while the other stores.
GROUPED = {"BM": 128, "BN": 128, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 3}
GROUPED_UP = variants(
    GROUPED,
    {"num_stages": 4, "STAY": 1},
    {"STAY": 1},
    {"num_stages": 4, "STAY": 1, "GROUP": 16},
    {"num_stages": 4},
    {"BN": 64, "num_warps": 4},
    {"GROUP": 16},
    {"BN": 64, "num_warps": 4, "GROUP": 16},
)
GROUPED_DOWN = variants(
    GROUPED | {"BN": 256},
    {"num_stages": 4, "STAY": 1},
    {"STAY": 1},
    {"num_stages": 4, "STAY": 1, "GROUP": 16},
    {"num_stages": 4},
    {"BN": 128, "num_warps": 4},
    {"GROUP": 16},
    {"BN": 128, "num_warps": 4, "GROUP": 16},
    {"BM": 256, "BN": 128},
)


# With hundreds of rows an expert, a product of packed weights unpacks them again for every 32 or 64 of those.
MANY = (BYTE | {"UNPACK": 1},)


def up_candidates_of(tokens: int, bits: int) -> tuple[Config, ...]:
    few = few_of(tokens)
    if bits != 16 and few == "grouped":
        return MANY
    if bits != 16:
        return BYTE_UP_ONE if few == "N1" else BYTE_UP
    return GROUPED_UP if few == "grouped" else stream_candidates(few)


def down_candidates_of(tokens: int, bits: int) -> tuple[Config, ...]:
    few = few_of(tokens)
    if bits != 16:
        return BYTE_DOWN_ONE if few == "N1" else BYTE_DOWN
    return GROUPED_DOWN if few == "grouped" else down_candidates(few)
