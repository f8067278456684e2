"""What the tuner tries for the expert MLP beside the configurations that ship."""

from __future__ import annotations

from collections.abc import Sequence

Config = dict[str, int]


def few_of(tokens: int) -> str:
    return "grouped" if tokens > 1024 else f"N{next(n for n in (1, 16, 64, 1024) if tokens <= n)}"


def variants(base: Config, *changes: Config) -> tuple[Config, ...]:
    return tuple(base | change for change in changes)


# What the tuner tries beside the defaults. For 16 bits: operands as they come or swapped (then Hopper's wide matrix
# unit reads the weights from shared memory), by descriptor or pointer, and how many bytes are on their way.
STREAM = {"BM": 16, "BN": 32, "BK": 128, "GROUP": 8, "SWAP": 0, "TMA": 0, "num_warps": 4, "num_stages": 5}
SWAPPED = STREAM | {"SWAP": 1, "BN": 64, "num_stages": 4}


def stream_candidates(few: str) -> tuple[Config, ...]:
    rows = {"N1": 16, "N16": 16, "N64": 16, "N1024": 32}[few]
    return (
        *variants(
            STREAM | {"BM": rows},
            {"TMA": 1},
            {"num_stages": 7},
            {"BN": 16, "num_stages": 7},
            {"BN": 64, "TMA": 1, "num_stages": 3},
            {"BK": 256, "num_stages": 3},
        ),
        *variants(
            SWAPPED | {"BM": rows},
            {},
            {"TMA": 1},
            {"TMA": 1, "num_stages": 3},
            {"TMA": 1, "BK": 64, "num_stages": 6},
            {"TMA": 1, "BN": 128, "BK": 64, "num_stages": 4},
            {"TMA": 1, "BM": 2 * rows},
            {"TMA": 1, "BM": max(rows // 2, 8)},
        ),
    )


def down_candidates(few: str) -> tuple[Config, ...]:
    splits = {"N1": (3, 6, 8), "N16": (1, 2, 3), "N64": (1, 2), "N1024": (1, 2)}[few]
    rows = {"N1": 16, "N16": 16, "N64": 16, "N1024": 32}[few]
    return tuple(
        base | {"BM": rows, "SPLIT": split}
        for split in splits
        for base in (
            STREAM | {"BN": 64},
            STREAM | {"BN": 64, "TMA": 1},
            SWAPPED | {"TMA": 1},
            SWAPPED | {"TMA": 1, "BN": 128, "num_stages": 3},
        )
    )


BYTE = STREAM | {"BN": 64, "SWAP": 1, "ASM": 1}


def byte_candidates(splits: Sequence[int]) -> tuple[Config, ...]:
    """For 8 and 4 bits: in depth for the first half, which has no split, and a few for each split of the second."""
    few = variants(
        BYTE, {"TMA": 1}, {"BM": 8}, {"num_stages": 3}, {"SWAP": 0, "BN": 32}, {"BN": 128, "num_warps": 8}
    )
    if splits:
        return tuple(config | {"SPLIT": split} for split in splits for config in few)
    return few + variants(
        BYTE,
        {"ASM": 0},
        {"num_stages": 8},
        {"TMA": 1, "BM": 8},
        {"TMA": 1, "num_stages": 3},
        {"SWAP": 0, "TMA": 1},
    )


GROUPED = {"BM": 128, "BN": 128, "BK": 64, "GROUP": 8, "num_warps": 8, "num_stages": 3}
GROUPED_UP = variants(
    GROUPED,
    {"num_stages": 4},
    {"GROUP": 4},
    {"GROUP": 16},
    {"BN": 64, "num_warps": 4, "num_stages": 4},
    {"BN": 64, "num_stages": 4},
    {"BM": 64, "num_warps": 4, "num_stages": 3},
)
GROUPED_DOWN = variants(
    GROUPED | {"BN": 256},
    {"num_stages": 4},
    {"GROUP": 4},
    {"GROUP": 16},
    {"BN": 128, "num_stages": 4},
    {"BN": 128, "num_warps": 4, "num_stages": 4},
    {"BM": 256, "BN": 128},
    {"BM": 64, "num_warps": 4, "num_stages": 4},
)


def up_candidates_of(tokens: int, bits: int) -> tuple[Config, ...]:
    few = few_of(tokens)
    if bits != 16:
        return byte_candidates(())
    return GROUPED_UP if few == "grouped" else stream_candidates(few)


def down_candidates_of(tokens: int, bits: int) -> tuple[Config, ...]:
    few = few_of(tokens)
    if bits != 16:
        return byte_candidates({"N1": (3, 6), "N16": (1, 2), "N64": (1, 2)}[few])
    return GROUPED_DOWN if few == "grouped" else down_candidates(few)
