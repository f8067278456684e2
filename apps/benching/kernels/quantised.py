"""Cards of the quantised linear map: the release's fused projection, 6144 to 24576, for one token and for sixteen."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.apps.benching.kernels.expert_candidates import (
    BYTE,
    LIMBS,
    LIMBS_TWO,
    TWO_WARPS,
    Config,
    variants,
)
from minimax_vl.apps.benching.kernels.experts import BYTES, NAMES, random_packed
from minimax_vl.kernels.quantised.pack import dequantise, quantise
from minimax_vl.kernels.testing import relative_rms
from minimax_vl.kernels.unsummed import whole

DEPTH, ROWS = 6144, 24576
COPIES = 4  # of the matrix, taken in turn: one of 75 MB would in part stay in the cache between calls


def build(tokens: int, bits: int) -> Callable[[torch.device], dict[str, Job]]:
    def make(device: torch.device) -> dict[str, Job]:
        from minimax_vl.kernels.quantised import triton_linear

        x = torch.empty(tokens, DEPTH, dtype=torch.bfloat16, device=device).normal_()
        packed = [random_packed(device, bits, ROWS, DEPTH) for _ in range(COPIES)]
        dense = [
            torch.empty(ROWS, DEPTH, dtype=torch.bfloat16, device=device).normal_() for _ in range(COPIES)
        ]
        turn = {"ours": 0, "bf16": 0, "int8pack_mm": 0}

        def next_of(name: str) -> int:
            turn[name] = (turn[name] + 1) % COPIES
            return turn[name]

        jobs: dict[str, Job] = {
            "ours": lambda: whole(triton_linear.forward(x, packed[next_of("ours")])),
            "bf16": lambda: F.linear(x, dense[next_of("bf16")]),
        }
        if bits == 8 and hasattr(torch, "_weight_int8pack_mm"):
            scale = packed[0].scale.to(torch.bfloat16)
            jobs["int8pack_mm"] = lambda: torch._weight_int8pack_mm(
                x, packed[next_of("int8pack_mm")].data, scale
            )
        return jobs

    return make


def check(tokens: int, bits: int) -> Callable[[torch.device], dict[str, float]]:
    def measure(device: torch.device) -> dict[str, float]:
        from minimax_vl.kernels.quantised import triton_linear

        make = torch.Generator().manual_seed(tokens)
        x = torch.randn(tokens, 1024, generator=make).to(device, torch.bfloat16)
        q = quantise(torch.randn(1000, 1024, generator=make).to(device), bits)
        exact = x.double() @ dequantise(q).double().T
        return {"ours": relative_rms(exact, whole(triton_linear.forward(x, q)))}

    return measure


def candidates(tokens: int) -> tuple[Config, ...]:
    if tokens <= 8:
        limbs = {"BM": 4 if tokens <= 4 else 8}
        return (
            *variants(LIMBS | limbs | {"num_stages": 5}, {"SPLIT": 1}, {"SPLIT": 2}, {"SPLIT": 2, "TMA": 1}),
            *variants(LIMBS_TWO | limbs | {"num_stages": 6}, {"SPLIT": 1}, {"SPLIT": 2}),
            *variants(BYTE, {"SPLIT": 2}, {"SPLIT": 1, "num_stages": 4}, {"SPLIT": 3}, {"SPLIT": 4}),
            *variants(BYTE | {"BN": 128}, {"SPLIT": 4}, {"SPLIT": 2, "num_stages": 4}),
            *variants(TWO_WARPS | {"num_stages": 5}, {"SPLIT": 1}, {"SPLIT": 2}),
            *variants(BYTE | {"SPLIT": 2}, {"TMA": 1}, {"num_stages": 6}),
        )
    if tokens <= 16:
        wide = TWO_WARPS | {"BM": 16}
        return (
            *variants(
                LIMBS | {"BM": 16, "num_stages": 4}, {"SPLIT": 1}, {"SPLIT": 2}, {"SPLIT": 2, "TMA": 1}
            ),
            *variants(LIMBS_TWO | {"BM": 16, "num_stages": 5}, {"SPLIT": 1}, {"SPLIT": 2}),
            LIMBS | {"BM": 16, "BN": 32, "num_warps": 2, "num_stages": 6, "SPLIT": 1},
            *variants(wide, {"SPLIT": 2}, {"SPLIT": 1, "num_stages": 5}, {"SPLIT": 3}, {"SPLIT": 4}),
            *variants(wide | {"BN": 64}, {"SPLIT": 4}, {"SPLIT": 2}),
            *variants(BYTE | {"SPLIT": 2}, {"BM": 16, "SWAP": 0}, {}, {"BM": 16, "SWAP": 0, "SPLIT": 1}),
        )
    straight = BYTE | {"BM": 64, "SWAP": 0}  # weights unpacked to shared memory, for the wide matrix unit
    return (
        *variants(straight, {"SPLIT": 1}, {"SPLIT": 2}, {"SPLIT": 1, "BN": 128}, {"SPLIT": 1, "TMA": 1}),
        *variants(BYTE | {"BM": 64, "TMA": 1, "num_stages": 5}, {"SPLIT": 1}, {"SPLIT": 2}),
        BYTE | {"BM": 64, "BN": 128, "SPLIT": 2, "num_warps": 8, "num_stages": 4},
    )


def card(tokens: int, bits: int) -> Card:
    return Card(
        op=f"linear_{NAMES[bits]}",
        shape=f"{DEPTH}x{ROWS} M{tokens}",
        bytes=int(DEPTH * ROWS * BYTES[bits] + 2 * tokens * (DEPTH + ROWS)),
        flops=2 * tokens * DEPTH * ROWS,
        build=build(tokens, bits),
        check=check(tokens, bits),
        slot=f"quantised.int{bits}.{next(f'N{n}' for n in (8, 16, 64) if tokens <= n)}",
        candidates=candidates(tokens),
        graph=True,
    )


CARDS: list[Card] = [card(tokens, bits) for bits in (8, 4) for tokens in (1, 16, 64)]
