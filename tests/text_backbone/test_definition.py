"""The backbone against our own slow definition: float64, one sequence, every pair of positions, no cache, no batch.

It shares no code with the model and covers what transformers' port gets wrong: partial rotary, other head counts
than powers of two, padding (by never having any).
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from minimax_vl.kernels.backends import use_backend
from minimax_vl.text_backbone import TextBackbone, TextConfig
from minimax_vl.text_backbone.testing import assert_same, randomise, toy_config

Weights = dict[str, Tensor]


def define(w: Weights, c: TextConfig, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """x [T, C] embeddings -> logits [T, V] and the router's logits [T, X] of each layer."""
    routing = []
    for layer, kind in enumerate(c.attn_type_list):
        at = f"model.layers.{layer}."
        h = norm(x, w[at + "input_layernorm.weight"], c.rms_norm_eps)
        if kind == 1:
            mixed = softmax(w, at + "self_attn.", c, h)
            alpha, beta = c.layernorm_full_attention_alpha, c.layernorm_full_attention_beta
        else:
            mixed = lightning(w, at + "self_attn.", c, h, layer)
            alpha, beta = c.layernorm_linear_attention_alpha, c.layernorm_linear_attention_beta
        x = alpha * (h if c.postnorm else x) + beta * mixed
        h = norm(x, w[at + "post_attention_layernorm.weight"], c.rms_norm_eps)
        routed, scores = experts(w, at + "block_sparse_moe.", c, h)
        x = c.layernorm_mlp_alpha * (h if c.postnorm else x) + c.layernorm_mlp_beta * routed
        routing.append(scores)
    return norm(x, w["model.norm.weight"], c.rms_norm_eps) @ w["lm_head.weight"].T, routing


def norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * weight


def silu(x: Tensor) -> Tensor:
    return x / (1 + torch.exp(-x))


def slope(head: int, heads: int) -> float:
    """ALiBi's slopes; past the last power of two, every other slope of twice that many heads."""
    power = 2 ** math.floor(math.log2(heads))
    if head < power:
        return 2.0 ** (-8 * (head + 1) / power)
    return 2.0 ** (-8 * (2 * (head - power) + 1) / (2 * power))


def lightning(w: Weights, at: str, c: TextConfig, h: Tensor, layer: int) -> Tensor:
    T, D = h.shape[0], c.head_dim
    qkv = silu(h @ w[at + "qkv_proj.weight"].T)  # [T, H*3*D], a head's q, k and v side by side
    factor = 1 - layer / max(c.num_hidden_layers - 1, 1) + 1e-5
    heads = []
    for head in range(c.num_attention_heads):
        q, k, v = (qkv[:, (3 * head + part) * D : (3 * head + part + 1) * D] for part in range(3))
        rate = slope(head, c.num_attention_heads) * factor
        weight = torch.zeros(T, T, dtype=h.dtype)
        for t in range(T):
            for j in range(t + 1):
                weight[t, j] = math.exp(-rate * (t - j))
        heads.append((q @ k.T * weight) @ v)
    y = norm(torch.cat(heads, dim=1), w[at + "norm.weight"], 1e-6)  # over all heads at once, then the gate
    gate = 1 / (1 + torch.exp(-h @ w[at + "output_gate.weight"].T))
    return (gate * y) @ w[at + "out_proj.weight"].T


def softmax(w: Weights, at: str, c: TextConfig, h: Tensor) -> Tensor:
    T, D, G = h.shape[0], c.head_dim, c.num_key_value_heads
    q = (h @ w[at + "q_proj.weight"].T).view(T, -1, D)
    k = rotate((h @ w[at + "k_proj.weight"].T).view(T, G, D), c)
    v = (h @ w[at + "v_proj.weight"].T).view(T, G, D)
    q, group = rotate(q, c), c.num_attention_heads // G
    out = torch.zeros_like(q)
    for t in range(T):
        for head in range(c.num_attention_heads):
            score = k[: t + 1, head // group] @ q[t, head] / math.sqrt(D)
            score = torch.exp(score - score.max())
            out[t, head] = score / score.sum() @ v[: t + 1, head // group]
    return out.flatten(1) @ w[at + "o_proj.weight"].T


def rotate(x: Tensor, c: TextConfig) -> Tensor:
    """Channel j turns with channel j + rotary_dim/2 by position * theta^(-2j / rotary_dim); the rest stays."""
    out, half = x.clone(), c.rotary_dim // 2
    for t in range(x.shape[0]):
        for j in range(half):
            angle = t * c.rope_theta ** (-2 * j / c.rotary_dim)
            out[t, :, j] = x[t, :, j] * math.cos(angle) - x[t, :, j + half] * math.sin(angle)
            out[t, :, j + half] = x[t, :, j + half] * math.cos(angle) + x[t, :, j] * math.sin(angle)
    return out


def experts(w: Weights, at: str, c: TextConfig, h: Tensor) -> tuple[Tensor, Tensor]:
    scores = h @ w[at + "gate.weight"].T  # [T, X]
    share = torch.softmax(scores, -1)
    out = torch.zeros_like(h)
    for t in range(h.shape[0]):
        best = share[t].argsort(descending=True)[: c.num_experts_per_tok]
        for e in best:
            w1, w3 = w[at + "experts.w13"][e].chunk(2)
            inner = silu(w1 @ h[t]) * (w3 @ h[t])
            out[t] += share[t, e] / share[t, best].sum() * (w[at + "experts.w2"][e] @ inner)
    return out, scores


CONFIGS = {
    "released wiring": toy_config(),
    "residual of the norm's input": toy_config(postnorm=False),
    "whole head rotates": toy_config(rotary_dim=12),
    "nothing rotates": toy_config(rotary_dim=0),
    "a key for every head": toy_config(num_key_value_heads=6),
    "one key for all heads": toy_config(num_key_value_heads=1),
    "one layer, lightning": toy_config(attn_type_list=(0,)),
    "one layer, softmax": toy_config(attn_type_list=(1,), postnorm=False),
    "one head": toy_config(num_attention_heads=1, num_key_value_heads=1),
    "every expert": toy_config(num_experts_per_tok=5),
    "one expert of five": toy_config(num_experts_per_tok=1),
    "one expert": toy_config(num_local_experts=1, num_experts_per_tok=1),
    "top 3 of 5": toy_config(num_experts_per_tok=3),
    "softmax only": toy_config(attn_type_list=(1, 1)),
    "lightning only": toy_config(attn_type_list=(0, 0, 0)),
    "eight heads": toy_config(num_attention_heads=8, num_key_value_heads=4),
}


@pytest.mark.parametrize("name", CONFIGS)
@torch.inference_mode()
def test_logits_equal_the_slow_definition(name: str) -> None:
    config = CONFIGS[name]
    model = randomise(TextBackbone(config))
    x = torch.randn(3, 41, config.hidden_size, generator=torch.Generator().manual_seed(1))
    routing: list[Tensor] = []
    got = model(x, logits="all", router_logits=routing)
    exact = {key: value.double() for key, value in model.state_dict().items()}
    for b in range(x.shape[0]):
        want, scores = define(exact, config, x[b].double())
        assert_same(
            f"{name}, row {b}", want, got[b].double(), "residual wiring, head layout of qkv, or rotary width"
        )
        assert_same(
            "router", torch.stack(scores), torch.stack(routing)[:, b].double(), "the norm before the router"
        )


@pytest.mark.parametrize("seed", range(3))
@torch.inference_mode()
def test_the_slow_backends_equal_it_too(seed: int) -> None:
    config = toy_config()
    model = randomise(TextBackbone(config), seed)
    x = torch.randn(1, 23, config.hidden_size, generator=torch.Generator().manual_seed(seed))
    want, _ = define(
        {key: value.double() for key, value in model.state_dict().items()}, config, x[0].double()
    )
    with use_backend("reference"):
        got = model(x, logits="all")
    assert_same("reference", want, got[0].double(), "an op whose definition differs from the paper's")
