"""Expert MLPs: every token through its chosen experts, weighted and summed."""

from __future__ import annotations

from torch import Tensor

from minimax_vl.kernels.backends import resolve


def expert_mlp(x: Tensor, ids: Tensor, weights: Tensor, w13: Tensor, w2: Tensor) -> Tensor:
    """sum over k of weights[n, k] * w2[e] (silu(w1[e] x_n) * (w3[e] x_n)) with e = ids[n, k].

    x [N, C]   ids [N, K] long   weights [N, K] fp32   w13 [X, 2F, C], w1's rows before w3's   w2 [X, C, F]
    Returns [N, C] in x's dtype. Nothing is dropped, whatever the load of an expert.
    """
    X, F2, C = w13.shape
    if x.shape[-1] != C or w2.shape != (X, C, F2 // 2) or ids.shape != weights.shape:
        raise ValueError(
            f"x {tuple(x.shape)}, ids {tuple(ids.shape)}, weights {tuple(weights.shape)}, w13 {tuple(w13.shape)},"
            f" w2 {tuple(w2.shape)} do not fit: expected x [N, {C}], w2 [{X}, {C}, {F2 // 2}], ids like weights"
        )
    return resolve("expert_mlp")(x, ids, weights, w13, w2)
