"""Router in Triton: logits in fp32, the best experts of each token and their softmax, in two launches or one."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from minimax_vl.kernels.configs import config_of
from minimax_vl.kernels.early import early
from minimax_vl.kernels.experts import torch_router
from minimax_vl.kernels.sizes import cdiv, next_power_of_2
from minimax_vl.kernels.tensors import wants_gradient
from minimax_vl.kernels.triton_early import begin

FEW = 64  # tokens up to which the depth is split over programs: one alone would read the whole gate


def forward(x: Tensor, gate: Tensor, top_k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Shapes as in `route_tokens`. Gradients and mixed dtypes are left to the plain PyTorch row."""
    if wants_gradient(x, gate) or x.dtype != gate.dtype:
        return torch_router.forward(x, gate, top_k)
    x, gate = x.contiguous(), gate.contiguous()
    (N, C), X = x.shape, gate.shape[0]
    config = config_of("experts.router.few" if N <= FEW else "experts.router.many")
    split, BM, wide = config["SPLIT"], config["BM"], max(16, next_power_of_2(X))
    logits = torch.empty(N, X, dtype=torch.float32, device=x.device)
    ids = torch.empty(N, top_k, dtype=torch.int64, device=x.device)
    weights = torch.empty(N, top_k, dtype=torch.float32, device=x.device)
    parts = logits if split == 1 else torch.empty(split, N, X, dtype=torch.float32, device=x.device)
    _product[(cdiv(N, BM), split)](
        x, gate, parts, ids, weights, N, C, X,
        K=top_k, XP=wide, KP=next_power_of_2(top_k), **config, **early(),
    )  # fmt: skip
    if split > 1:
        _choose[(N,)](
            parts, logits, ids, weights, N, X, K=top_k, XP=wide, KP=next_power_of_2(top_k),
            SPLIT=split, SP=next_power_of_2(split), num_warps=1, **early(),
        )  # fmt: skip
    return logits, ids, weights


@triton.jit
def _product(
    x, gate, logits, ids, weights, N, C, X,
    K: tl.constexpr, XP: tl.constexpr, KP: tl.constexpr, BM: tl.constexpr, BK: tl.constexpr, SPLIT: tl.constexpr,
    EARLY: tl.constexpr,
):  # fmt: skip
    """logits [SPLIT, N, X] of one part of the depth; with a single part the choice too."""
    begin(EARLY)
    part = tl.program_id(1)
    n = tl.program_id(0).to(tl.int64) * BM + tl.arange(0, BM)
    e = tl.arange(0, XP)
    ks = tl.arange(0, BK)
    acc = tl.zeros([BM, XP], tl.float32)
    each = ((C + BK - 1) // BK + SPLIT - 1) // SPLIT * BK
    for k in range(part * each, tl.minimum(C, (part + 1) * each), BK):
        deep = (k + ks < C)[None, :]
        a = tl.load(x + n[:, None] * C + k + ks[None, :], mask=(n < N)[:, None] & deep, other=0.0)
        b = tl.load(gate + e[:, None] * C + k + ks[None, :], mask=(e < X)[:, None] & deep, other=0.0)
        acc = tl.dot(a, tl.trans(b), acc, input_precision="ieee")
    mask = (n < N)[:, None] & (e < X)[None, :]
    tl.store(logits + (part.to(tl.int64) * N + n[:, None]) * X + e[None, :], acc, mask=mask)
    if SPLIT == 1:
        _best(acc, ids, weights, n, N, X, K, XP, KP, BM)


@triton.jit
def _choose(
    parts, logits, ids, weights, N, X,
    K: tl.constexpr, XP: tl.constexpr, KP: tl.constexpr, SPLIT: tl.constexpr, SP: tl.constexpr,
    EARLY: tl.constexpr,
):  # fmt: skip
    """Sum the parts of one token and choose."""
    begin(EARLY)
    row = tl.program_id(0).to(tl.int64)
    p, e = tl.arange(0, SP), tl.arange(0, XP)
    at = parts + (p[:, None] * N + row) * X + e[None, :]
    total = tl.sum(tl.load(at, mask=(p < SPLIT)[:, None] & (e < X)[None, :], other=0.0), 0)  # [XP]
    tl.store(logits + row * X + e, total, mask=e < X)
    _best(total[None, :], ids, weights, row + tl.arange(0, 1), N, X, K, XP, KP, 1)


@triton.jit
def _best(
    score, ids, weights, n, N, X, K: tl.constexpr, XP: tl.constexpr, KP: tl.constexpr, BM: tl.constexpr
):
    """The K largest of score [BM, XP], largest first, the lower index among equals, and their softmax."""
    e = tl.arange(0, XP)
    ks = tl.arange(0, KP)
    # A maximum passes over NaN, and would then find no expert at all: an id to read far outside of the weights with.
    score = tl.where(score != score, float("inf"), score)
    score = tl.where((e < X)[None, :], score, float("-inf"))
    chosen = tl.full([BM, KP], float("-inf"), tl.float32)
    for k in tl.static_range(K):
        best = tl.argmax(score, 1)  # [BM]
        chosen = tl.where((ks == k)[None, :], tl.max(score, 1)[:, None], chosen)
        score = tl.where(e[None, :] == best[:, None], float("-inf"), score)
        tl.store(ids + n * K + k, best.to(tl.int64), mask=n < N)
    share = tl.exp(chosen - tl.max(chosen, 1)[:, None])
    share = share / tl.sum(share, 1)[:, None]
    mask = (n < N)[:, None] & (ks < K)[None, :]
    tl.store(weights + n[:, None] * K + ks[None, :], share, mask=mask)
