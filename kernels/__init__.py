"""Ops of the model: each a folder with its slow fp32 definition and its backends, chosen by one table."""

from __future__ import annotations

from minimax_vl.kernels.attention import softmax_attention
from minimax_vl.kernels.experts import expert_mlp
from minimax_vl.kernels.lightning import lightning_attention
from minimax_vl.kernels.norm import rms_norm
from minimax_vl.kernels.rotary import apply_rotary

__all__ = ["apply_rotary", "expert_mlp", "lightning_attention", "rms_norm", "softmax_attention"]
