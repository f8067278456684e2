"""Names and shapes of the published text tensors, and which parameter of ours holds each of them.

Source: the tensor table of the released checkpoint. Only the experts differ: published one by one, stacked here.
"""

from __future__ import annotations

import re
from math import prod

from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX, TextConfig

EXPERT = re.compile(r"(.+\.block_sparse_moe\.experts\.)(\d+)\.(w[123])\.weight")

# Matrices that survive eight bits. The router decides between near-equal experts, the embedding is looked up, norms
# are vectors: those stay as they are.
HEAD = "language_model.lm_head.weight"
QUANTISABLE = re.compile(
    r"language_model\.model\.layers\.\d+\."
    r"(block_sparse_moe\.experts\.\d+\.w[123]|self_attn\.(qkv_proj|output_gate|out_proj|[qkvo]_proj))\.weight"
)
# And those of them that do not survive four: softmax layers, few and small, pick single tokens out of many.
EIGHT = re.compile(r"language_model\.(lm_head|model\.layers\.\d+\.self_attn\.[qkvo]_proj)\.weight")


def published_keys(config: TextConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every text tensor in a checkpoint of this config."""
    C, F, inner = config.hidden_size, config.intermediate_size, config.inner_size
    kv = config.num_key_value_heads * config.head_dim
    mixers = {
        LIGHTNING: {
            "qkv_proj": (3 * inner, C),
            "output_gate": (inner, C),
            "norm": (inner,),
            "out_proj": (C, inner),
        },
        SOFTMAX: {"q_proj": (inner, C), "k_proj": (kv, C), "v_proj": (kv, C), "o_proj": (C, inner)},
    }
    keys: dict[str, tuple[int, ...]] = {
        HEAD: (config.vocab_size, C),
        "language_model.model.embed_tokens.weight": (config.vocab_size, C),
        "language_model.model.norm.weight": (C,),
    }
    for layer, kind in enumerate(config.attn_type_list):
        at = f"language_model.model.layers.{layer}"
        keys[f"{at}.input_layernorm.weight"] = (C,)
        keys[f"{at}.post_attention_layernorm.weight"] = (C,)
        keys |= {f"{at}.self_attn.{name}.weight": shape for name, shape in mixers[kind].items()}
        keys[f"{at}.block_sparse_moe.gate.weight"] = (config.num_local_experts, C)
        for expert in range(config.num_local_experts):
            for name, shape in {"w1": (F, C), "w2": (C, F), "w3": (F, C)}.items():
                keys[f"{at}.block_sparse_moe.experts.{expert}.{name}.weight"] = shape
    return keys


def expert_place(key: str, config: TextConfig) -> tuple[str, int, int] | None:
    """(stacked parameter, expert, first row in it) of an expert's tensor; None for every other name.

    `experts.w13` is [X, 2F, C], the rows of w1 before those of w3; `experts.w2` is [X, C, F].
    """
    match = EXPERT.fullmatch(key)
    if match is None:
        return None
    stem, expert, name = match[1], int(match[2]), match[3]
    if name == "w2":
        return f"{stem}w2", expert, 0
    return f"{stem}w13", expert, 0 if name == "w1" else config.intermediate_size


def active_parameters(config: TextConfig) -> int:
    """Parameters that one token meets in the layers: experts by top-k; embeddings and head left out.

    This is how the release counts its "45.9B activated".
    """
    idle = config.num_local_experts - config.num_experts_per_tok
    expert = 3 * config.hidden_size * config.intermediate_size
    outside = 2 * config.vocab_size * config.hidden_size
    total = sum(prod(shape) for shape in published_keys(config).values())
    return total - outside - config.num_hidden_layers * idle * expert
