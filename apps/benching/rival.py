"""transformers' eager MiniMax text model with our weights: the same work by another implementation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.clock import Spread, taking_turns
from minimax_vl.apps.benching.stages import decoder, ids, prefiller
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise
from minimax_vl.quantised import weights_of
from minimax_vl.text_backbone.config import SOFTMAX, TextConfig
from minimax_vl.text_backbone.model import TextBackbone

PREFILL, CONTEXT, STEPS = 4096, 576, 32


def compare(ours: TextBackbone, repeat: int) -> list[tuple[str, Spread, Spread]]:
    """(what, ours, theirs): a prefill of 4,096 tokens, and one token of decode after a context of 576.

    Theirs in fp32, as it computes on a CPU by default, then in bf16.
    """
    prompt, context = ids(ours, PREFILL), ids(ours, CONTEXT)
    named = {"fp32": rival_of(ours), "bf16": rival_of(ours).bfloat16()}
    prefills = [prefiller(ours, prompt), *(their_prefiller(theirs, prompt) for theirs in named.values())]
    decodes = [decoder(ours, CONTEXT, STEPS), *(their_decoder(theirs, context) for theirs in named.values())]
    rows = []
    for what, jobs, steps in ((f"prefill {PREFILL}", prefills, 1), ("one token", decodes, STEPS)):
        spreads = [Spread(tuple(s / steps for s in spread.seconds)) for spread in taking_turns(jobs, repeat)]
        rows += [
            (f"{what}, {name}", spreads[0], other) for name, other in zip(named, spreads[1:], strict=True)
        ]
    return rows


def rival_of(ours: TextBackbone) -> Any:
    """Their model with our weights. It rotates the whole head where ours may rotate a part: equal in speed only."""
    from transformers import MiniMaxConfig, MiniMaxForCausalLM

    theirs = MiniMaxForCausalLM(MiniMaxConfig(**their_config(ours.config))).eval()
    weights = {}
    for name, held in weights_of(ours).items():
        name = name.replace("block_sparse_moe.experts.w13", "mlp.experts.gate_up_proj")
        name = name.replace("block_sparse_moe.experts.w2", "mlp.experts.down_proj")
        value = dequantise(held) if isinstance(held, QuantisedWeight) else held
        weights[name.replace("block_sparse_moe", "mlp")] = value
    missing, surplus = theirs.load_state_dict(weights, strict=False)
    # Their decay tables are computed, not loaded.
    assert not surplus and not any(name.endswith(".weight") for name in missing), (
        f"transformers renamed its MiniMax weights: {[*surplus, *missing][:3]}"
    )
    return theirs


def their_prefiller(theirs: Any, prompt: Tensor) -> Callable[[], None]:
    """A job: prompt [1, T] into a fresh cache, logits of the last position."""

    @torch.inference_mode()
    def prefill() -> None:
        theirs(prompt, use_cache=True, logits_to_keep=1)

    return prefill


def their_decoder(theirs: Any, prompt: Tensor) -> Callable[[], None]:
    """A job: STEPS tokens greedily. The cache goes on growing from run to run: it cannot be set back."""
    with torch.inference_mode():
        begun = theirs(prompt, use_cache=True, logits_to_keep=1)
    past, first = begun.past_key_values, begun.logits[:, -1].argmax(-1)  # [1]

    @torch.inference_mode()
    def decode() -> None:
        last = first
        for _ in range(STEPS):
            last = theirs(last[None], past_key_values=past, use_cache=True).logits[:, -1].argmax(-1)

    return decode


def their_config(config: TextConfig) -> dict[str, Any]:
    """Every field that has a namesake, and the rest translated; block size and attention are their defaults."""
    return {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "intermediate_size": config.intermediate_size,
        "num_hidden_layers": config.num_hidden_layers,
        "num_attention_heads": config.num_attention_heads,
        "num_key_value_heads": config.num_key_value_heads,
        "head_dim": config.head_dim,
        "num_local_experts": config.num_local_experts,
        "num_experts_per_tok": config.num_experts_per_tok,
        "rms_norm_eps": config.rms_norm_eps,
        "max_position_embeddings": config.max_position_embeddings,
        "layer_types": [
            "full_attention" if kind == SOFTMAX else "linear_attention" for kind in config.attn_type_list
        ],
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        "full_attn_alpha_factor": config.layernorm_full_attention_alpha,
        "full_attn_beta_factor": config.layernorm_full_attention_beta,
        "linear_attn_alpha_factor": config.layernorm_linear_attention_alpha,
        "linear_attn_beta_factor": config.layernorm_linear_attention_beta,
        "mlp_alpha_factor": config.layernorm_mlp_alpha,
        "mlp_beta_factor": config.layernorm_mlp_beta,
        "attn_implementation": "eager",
    }
