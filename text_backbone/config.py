"""The shape of the text backbone, in the field names of the released `config.json`."""

from __future__ import annotations

from dataclasses import dataclass

LIGHTNING, SOFTMAX = 0, 1  # the codes of `attn_type_list`


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Decides the shape of the text backbone and nothing else: no paths, devices or batch sizes.

    Source of names and values: the released config of MiniMax-Text-01 and MiniMax-VL-01.
    """

    hidden_size: int
    attn_type_list: tuple[int, ...]  # one per layer: 0 lightning, 1 softmax
    num_attention_heads: int  # both kinds of attention
    num_key_value_heads: int  # softmax layers only
    head_dim: int
    rotary_dim: int  # leading channels of a head that rotate
    rope_theta: float
    intermediate_size: int  # of one expert
    num_local_experts: int
    num_experts_per_tok: int
    layernorm_full_attention_alpha: float
    layernorm_full_attention_beta: float
    layernorm_linear_attention_alpha: float
    layernorm_linear_attention_beta: float
    layernorm_mlp_alpha: float
    layernorm_mlp_beta: float
    postnorm: bool  # the residual carries the norm's output (release) or its input
    rms_norm_eps: float
    vocab_size: int
    max_position_embeddings: int

    def __post_init__(self) -> None:
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads={self.num_attention_heads} must be a multiple of"
                f" num_key_value_heads={self.num_key_value_heads}"
            )
        if not 1 <= self.num_experts_per_tok <= self.num_local_experts:
            raise ValueError(
                f"num_experts_per_tok={self.num_experts_per_tok} must lie in"
                f" 1..{self.num_local_experts}, the number of experts"
            )
        if self.rotary_dim % 2 or not 0 <= self.rotary_dim <= self.head_dim:
            raise ValueError(
                f"rotary_dim={self.rotary_dim} must be even and at most head_dim={self.head_dim}"
            )
        if not self.attn_type_list or set(self.attn_type_list) - {LIGHTNING, SOFTMAX}:
            raise ValueError(
                f"attn_type_list={self.attn_type_list} must hold 0 (lightning) and 1 (softmax) only"
            )

    @property
    def num_hidden_layers(self) -> int:
        return len(self.attn_type_list)

    @property
    def inner_size(self) -> int:
        """Heads times head width: 8192 in the release, wider than `hidden_size`."""
        return self.num_attention_heads * self.head_dim

    def residual(self, layer: int) -> tuple[float, float]:
        """(alpha, beta) of the attention half of a layer."""
        if self.attn_type_list[layer] == SOFTMAX:
            return self.layernorm_full_attention_alpha, self.layernorm_full_attention_beta
        return self.layernorm_linear_attention_alpha, self.layernorm_linear_attention_beta
