"""Ops of the model: each a folder with its slow fp32 definition and its backends, chosen by one table."""

from __future__ import annotations

from minimax_vl.kernels.attention import softmax_attention
from minimax_vl.kernels.experts import (
    expert_mlp,
    expert_mlp_quantised,
    expert_mlp_quantised_unsummed,
    expert_mlp_unsummed,
    route_tokens,
)
from minimax_vl.kernels.gelu import biased_gelu
from minimax_vl.kernels.lightning import lightning_attention, lightning_attention_varlen, lightning_step
from minimax_vl.kernels.norm import gated_norm, residual_norm, rms_norm
from minimax_vl.kernels.quantised import linear_operand, linear_quantised, linear_rounds, linear_unsummed
from minimax_vl.kernels.rotary import apply_rotary, rotary_store
from minimax_vl.kernels.shared_norm import norm_of_parts, part_of_norm
from minimax_vl.kernels.unsummed import Unsummed, whole

__all__ = [
    "Unsummed",
    "apply_rotary",
    "biased_gelu",
    "expert_mlp",
    "expert_mlp_quantised",
    "expert_mlp_quantised_unsummed",
    "expert_mlp_unsummed",
    "gated_norm",
    "lightning_attention",
    "lightning_attention_varlen",
    "lightning_step",
    "linear_operand",
    "linear_quantised",
    "linear_rounds",
    "linear_unsummed",
    "norm_of_parts",
    "part_of_norm",
    "residual_norm",
    "rms_norm",
    "rotary_store",
    "route_tokens",
    "softmax_attention",
    "whole",
]
