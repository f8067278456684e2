"""Expert MLPs: every token through its chosen experts, weighted and summed."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve
from minimax_vl.kernels.quantised.pack import QuantisedWeight
from minimax_vl.kernels.unsummed import Unsummed, whole


def route_tokens(x: Tensor, gate: Tensor, top_k: int) -> tuple[Tensor, Tensor, Tensor]:
    """x [N, C] and the router's weight [X, C] -> (logits [N, X] fp32, ids [N, top_k] long, weights [N, top_k] fp32).

    The experts with the largest logits, largest first, and the softmax over those alone, which equals the softmax
    over all of them cut to the top and renormalised. Sums are fp32 whatever the dtype: rounded to bf16, near-equal
    logits would choose other experts.
    """
    if x.ndim != 2 or gate.ndim != 2 or x.shape[1] != gate.shape[1] or not 1 <= top_k <= gate.shape[0]:
        raise ValueError(
            f"x {tuple(x.shape)}, gate {tuple(gate.shape)} and top_k={top_k} do not fit: expected [N, C], [X, C]"
            " and 1 to X experts a token"
        )
    return resolve("route_tokens", x.device.type)(x, gate, top_k)


def expert_mlp(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """sum over k of weights[n, k] * w2[e] (silu(w1[e] x_n) * (w3[e] x_n)) with e = ids[n, k].

    x [N, C], N may be 0   ids [N, K] long   weights [N, K] fp32   w13 [X, 2F, C], w1's rows before w3's   w2 [X, C, F]
    Returns [N, C] in x's dtype. Nothing is dropped, whatever the load of an expert. The Triton row reads the routing
    on the device, so that a CUDA graph can hold it, and adds in the same order every time.
    """
    return whole(expert_mlp_unsummed(x, ids, weights, w13, w2))


def expert_mlp_unsummed(
    x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor
) -> Tensor | Unsummed:
    """`expert_mlp`, whose weighted sum a backend may leave to be made where it is read."""
    _check(x, ids, weights, tuple(w13.shape), tuple(w2.shape))
    if not x.shape[0]:
        return x.clone()
    return resolve("expert_mlp", x.device.type)(x, ids, weights, w13, w2)


def expert_mlp_quantised(
    x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight
) -> Tensor:
    """`expert_mlp` with weights of 8 or 4 bits, both the same. Not differentiable.

    w13 and w2 come from `quantise(weight, bits)` and keep the shapes [X, 2F, C] and [X, C, F].
    """
    return whole(expert_mlp_quantised_unsummed(x, ids, weights, w13, w2))


def expert_mlp_quantised_unsummed(
    x: Tensor, ids: Tensor, weights: Tensor, w13: QuantisedWeight, w2: QuantisedWeight
) -> Tensor | Unsummed:
    """`expert_mlp_quantised`, as `expert_mlp_unsummed`."""
    _check(x, ids, weights, w13.shape, w2.shape)
    if w13.bits != w2.bits:
        raise ValueError(f"w13 has {w13.bits} bits and w2 {w2.bits}; both must have the same")
    if not x.shape[0]:
        return x.clone()
    return resolve("expert_mlp_quantised", x.device.type)(x, ids, weights, w13, w2)


def _check(x: Tensor, ids: Tensor, weights: Tensor, w13: tuple[int, ...], w2: tuple[int, ...]) -> None:
    X, F2, C = w13
    fits = x.shape == (ids.shape[0], C) and w2 == (X, C, F2 // 2) and ids.ndim == 2
    if not fits or ids.shape != weights.shape:
        raise ValueError(
            f"x {tuple(x.shape)}, ids {tuple(ids.shape)}, weights {tuple(weights.shape)}, w13 {w13},"
            f" w2 {w2} do not fit: expected x [N, {C}], w2 [{X}, {C}, {F2 // 2}], ids and weights [N, K]"
        )
