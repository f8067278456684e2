"""One decoder layer, from the norm that opens it to what it would add to the residual."""

from __future__ import annotations

from torch import Tensor, nn

from minimax_vl.kernels import Unsummed
from minimax_vl.text_backbone.cache import Chunk, KeyValues, LightningState
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.experts import SparseMoE
from minimax_vl.text_backbone.mixers import MIXERS
from minimax_vl.text_backbone.parts import RMSNorm


class DecoderLayer(nn.Module):
    """Norm, mix tokens, norm, mix channels. With `postnorm` the residual carries the *normed* input, times alpha."""

    def __init__(self, config: TextConfig, index: int) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = MIXERS[config.attn_type_list[index]](config, index)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.block_sparse_moe = SparseMoE(config)
        self.postnorm = config.postnorm
        self.attention_residual = config.residual(index)
        self.mlp_residual = (config.layernorm_mlp_alpha, config.layernorm_mlp_beta)

    def forward(
        self,
        added: Tensor | Unsummed,
        carried: Tensor | None,
        chunk: Chunk,
        cache: LightningState | KeyValues | None,
    ) -> tuple[Tensor | Unsummed, Tensor, Tensor]:
        """What the layer before added to what it carried, [B, T, C] each, and router logits [B, T, X] fp32 of this one.

        Before the first layer there is nothing carried. A sum is left to the norm that follows it, in the next
        layer or after the last: both then are one pass over memory. So may be the sum of what was added (`Unsummed`).
        [B, 1, ...] where only the last is read.
        """
        keep = not self.postnorm
        if carried is None:
            assert isinstance(added, Tensor)  # embeddings
            h, total = self.input_layernorm(added), added if keep else None
        else:
            h, total = self.input_layernorm.join(added, carried, self.mlp_residual, keep)
        mixed = self.self_attn(h, chunk, cache)
        carried = chunk.wanted(h if total is None else total)
        h, total = self.post_attention_layernorm.join(mixed, carried, self.attention_residual, keep)
        routed, logits = self.block_sparse_moe(h)
        return routed, h if total is None else total, logits
