"""Cards of the expert MLP: 32 experts, two for each token, 6144 wide and 9216 deep, in bf16, int8 and int4."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.apps.benching.kernels.card import Card, Job
from minimax_vl.apps.benching.kernels.expert_candidates import (
    down_candidates_of,
    few_of,
    up_candidates_of,
    variants,
)
from minimax_vl.kernels.experts import torch_grouped, torch_router
from minimax_vl.kernels.experts.cases import Case
from minimax_vl.kernels.quantised.pack import GROUP, QuantisedWeight, dequantise, quantise
from minimax_vl.kernels.testing import relative_rms
from minimax_vl.kernels.unsummed import Unsummed, whole

C, D, X, K = 6144, 9216, 32, 2  # width, depth of an expert, experts, of which a token takes K
WEIGHTS = 3 * C * D  # of one expert
BYTES = {16: 2.0, 8: 1.0, 4: 0.5 + 2 / GROUP}
NAMES = {16: "bf16", 8: "int8", 4: "int4"}


def prefix(bits: int) -> str:
    return "" if bits == 16 else f"{NAMES[bits]}."


def floor_bytes(tokens: int, bits: int, share: float = 1.0) -> int:
    """The experts that random routing hits, on average, and x in and out; `share` of the weights."""
    hit = X * (1 - (1 - K / X) ** tokens)
    return int(hit * WEIGHTS * share * BYTES[bits] + 4 * tokens * C)


@lru_cache(maxsize=1)
def matrices(device: torch.device) -> tuple[Tensor, Tensor]:
    """Random bf16 weights, 10.9 GB, made once for all cards."""
    up, down = (
        torch.empty(shape, dtype=torch.bfloat16, device=device).normal_(std=0.02)
        for shape in ((X, 2 * D, C), (X, C, D))
    )
    return up, down


@lru_cache(maxsize=2)
def packed_matrices(device: torch.device, bits: int) -> tuple[QuantisedWeight, QuantisedWeight]:
    """Random integers: the time does not depend on where they come from."""
    return random_packed(device, bits, X, 2 * D, C), random_packed(device, bits, X, C, D)


def random_packed(device: torch.device, bits: int, *shape: int) -> QuantisedWeight:
    """A quantised matrix [..., R, K] with K a multiple of 256."""
    *lead, rows, depth = shape
    if bits == 8:
        data = torch.randint(-127, 128, shape, dtype=torch.int8, device=device)
        scale = torch.full((*lead, rows), 0.02 / 64, device=device)
        return QuantisedWeight(data, scale, 8, depth, shape)
    # Nibbles 1..15, as quantised weights have them.
    data = torch.randint(1, 16, (*lead, rows, depth // 2), dtype=torch.uint8, device=device)
    scale = torch.full((*lead, depth // GROUP, rows), 0.02 / 4, dtype=torch.bfloat16, device=device)
    return QuantisedWeight(data | (data << 4), scale, 4, GROUP, shape)


def tokens_and_gate(tokens: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and a router's weight; random both, so that every expert is as likely as another."""
    x = torch.empty(tokens, C, dtype=torch.bfloat16, device=device).normal_()
    return x, torch.empty(X, C, dtype=torch.bfloat16, device=device).normal_(std=C**-0.5)


def build(tokens: int, bits: int) -> Callable[[torch.device], dict[str, Job]]:
    def make(device: torch.device) -> dict[str, Job]:
        from minimax_vl.kernels.experts import triton_experts, triton_router

        x, gate = tokens_and_gate(tokens, device)

        def ours(run: Callable[..., Tensor | Unsummed], weights: tuple) -> Job:
            return lambda: whole(run(x, *triton_router.forward(x, gate, K)[1:], *weights))

        if bits != 16:
            return {"ours": ours(triton_experts.forward_quantised, packed_matrices(device, bits))}
        dense = matrices(device)
        jobs = {"ours": ours(triton_experts.forward, dense)}
        if tokens > 64:  # reads the routing on the host: a graph cannot capture it
            jobs["torch_loop"] = lambda: torch_grouped.forward(
                x, *torch_router.forward(x, gate, K)[1:], *dense
            )
        if hasattr(F, "grouped_mm"):
            jobs["grouped_mm"] = lambda: with_grouped_mm(x, *torch_router.forward(x, gate, K)[1:], *dense)
        return jobs

    return make


def with_grouped_mm(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """The expert MLP around torch's grouped product, as model code writes it: sort, two products, weigh, add up."""
    order = ids.flatten().argsort(stable=True)
    experts = torch.arange(w13.shape[0], device=ids.device)
    ends = (
        (ids.flatten()[:, None] == experts).sum(0).cumsum(0).to(torch.int32)
    )  # no host read, unlike bincount
    token = order // ids.shape[1]
    gate, up = F.grouped_mm(x[token], w13.mT, offs=ends).chunk(2, dim=-1)
    made = F.grouped_mm(F.silu(gate) * up, w2.mT, offs=ends) * weights.flatten()[order, None].to(x.dtype)
    rows = torch.empty_like(made)
    rows[order] = made
    return rows.view(*ids.shape, -1).sum(1)


def build_down(tokens: int, bits: int) -> Callable[[torch.device], dict[str, Job]]:
    """The second half alone, from the rows that the first leaves behind to the weighted sum."""

    def make(device: torch.device) -> dict[str, Job]:
        from minimax_vl.kernels.experts import triton_experts as t
        from minimax_vl.kernels.experts import triton_router

        x, gate = tokens_and_gate(tokens, device)
        _, ids, weights = triton_router.forward(x, gate, K)
        if bits == 16:
            up, low = (t.dense(w) for w in matrices(device))
        else:
            up, low = (t.packed(w) for w in packed_matrices(device, bits))
        few = few_of(tokens)
        if few == "grouped":
            h, routing = t.grouped_up(x, ids, up)
            return {"ours": lambda: whole(t.grouped_down(h, ids, weights, routing, low))}
        h, routing = t.streamed_up(x, ids, up, prefix(bits) + few)
        return {"ours": lambda: whole(t.streamed_down(h, ids, weights, routing, low, prefix(bits) + few))}

    return make


def check(tokens: int, bits: int) -> Callable[[torch.device], dict[str, float]]:
    """Ours at a small width that takes the same path, so that a candidate is what runs."""

    def measure(device: torch.device) -> dict[str, float]:
        from minimax_vl.kernels.experts import triton_experts

        # Few experts for many rows: whole tiles of them, and a last one that is not.
        rows = tokens if tokens <= 64 else 100 if tokens <= 1024 else 1030
        case = Case(rows, X=8, K=K, C=512, F=768, dtype=torch.bfloat16)
        x = case.inputs(str(device))
        w13, w2 = x.pop("w13"), x.pop("w2")
        if bits == 16:
            exact = in_float64(**x, w13=w13.double(), w2=w2.double())
            return {"ours": relative_rms(exact, whole(triton_experts.forward(**x, w13=w13, w2=w2)))}
        packed = quantise(w13, bits), quantise(w2, bits)
        exact = in_float64(**x, w13=dequantise(packed[0]).double(), w2=dequantise(packed[1]).double())
        got = whole(triton_experts.forward_quantised(**x, w13=packed[0], w2=packed[1]))
        return {"ours": relative_rms(exact, got)}

    return measure


def in_float64(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    return torch_grouped.forward(x.double(), ids, weights.double(), w13, w2)


def card(tokens: int, bits: int, part: str = "") -> Card:
    """Router to weighted sum; part "_down" is its second half alone, there to be tuned."""
    share = 1 / 3 if part else 1.0
    few = "many" if bits < 16 and tokens > 1024 else few_of(tokens)
    slot = f"experts.{'down' if part else 'gate_up'}.{prefix(bits)}{few}"
    return Card(
        op=f"moe_{NAMES[bits]}{part}",
        shape=f"T{tokens}",
        bytes=floor_bytes(tokens, bits, share),
        flops=int(2 * tokens * K * WEIGHTS * share),
        build=(build_down if part else build)(tokens, bits),
        check=check(tokens, bits),
        slot=slot,
        candidates=(down_candidates_of if part else up_candidates_of)(tokens, bits),
        graph=tokens <= 64,
    )


def router_card(tokens: int) -> Card:
    """The router alone."""

    def build(device: torch.device) -> dict[str, Job]:
        from minimax_vl.kernels.experts import triton_router

        x, gate = tokens_and_gate(tokens, device)
        return {
            "ours": lambda: triton_router.forward(x, gate, K),
            "torch": lambda: torch_router.forward(x, gate, K),
        }

    def check(device: torch.device) -> dict[str, float]:
        from minimax_vl.kernels.experts import triton_router

        x, gate = tokens_and_gate(tokens, device)
        logits, ids, weights = triton_router.forward(x, gate, K)
        exact = x.double() @ gate.double().T
        # By the ids that ours chose: two logits that are equal in fp32 may change places.
        # Clamped: while candidates compile nothing is launched, and ids hold whatever was there before.
        share = exact.gather(1, ids.clamp(0, X - 1)).softmax(-1)
        return {"ours": max(relative_rms(exact, logits), relative_rms(share, weights))}

    few = tokens <= 64
    base = {"BM": 16 if few else 64, "BK": 128, "SPLIT": 24 if few else 1, "num_warps": 4, "num_stages": 3}
    return Card(
        op="router",
        shape=f"T{tokens}",
        bytes=2 * C * (tokens + X) + 8 * tokens * X,
        flops=2 * tokens * C * X,
        build=build,
        check=check,
        slot=f"experts.router.{'few' if few else 'many'}",
        candidates=variants(base, {"SPLIT": 48}, {"SPLIT": 12}, {"BK": 256, "num_stages": 2})
        if few
        else variants(base, {"BM": 32}, {"BM": 32, "num_stages": 5}, {"BM": 128, "num_warps": 8}, {"BM": 16}),
        graph=few,
    )


CARDS: list[Card] = (
    [router_card(tokens) for tokens in (1, 16, 4096)]
    + [
        card(tokens, bits, part)
        for bits, sizes in ((16, (1, 16, 64, 256, 4096, 16384)), (8, (1, 16, 64)), (4, (1, 16, 64)))
        for tokens in sizes
        for part in ("", "_down")
    ]
    + [card(4096, bits) for bits in (8, 4)]
)
