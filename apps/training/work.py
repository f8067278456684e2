"""How much arithmetic a training step is: to say what share of the matrix units' rate it reaches."""

from __future__ import annotations

from minimax_vl.apps.training import glyphs, landmarks, paint
from minimax_vl.apps.training.step import ROOM
from minimax_vl.config import ModelConfig
from minimax_vl.text_backbone.config import SOFTMAX


def step_flops(config: ModelConfig, rows: int, tiles: int, tokens: int) -> float:
    """Of matrix products, forward and backward, for `rows` pages of `tiles` ViT tiles and `tokens` positions each.

    As they are executed: every expert on every token, the whole square of the ViT's attention, half of the causal
    one, the heads that training throws away, `ROOM` positions of a row in the decoder's. The backward pass counts
    twice; what it computes again does not count, nor all that is element-wise, nor the optimiser.
    """
    vision, text = config.vision, config.text
    C, patches = vision.hidden_size, vision.patches_per_side**2
    vit = 4 * C * C + 2 * C * vision.intermediate_size + 2 * C * (patches + 1)  # a layer's products, a token
    seen = vision.num_hidden_layers * vit * (patches + 1)
    seen += patches * C * (vision.num_channels * vision.patch_size**2 + glyphs.SLOTS * glyphs.CLASSES)
    blocks, width, merged = config.tiling.side**2, text.hidden_size, config.tiling.merge**2
    painted = vision.num_channels * (vision.patch_size * config.tiling.merge // paint.CELL) ** 2 + 2
    seen += blocks * width * (merged * C + width + painted + landmarks.CLASSES + 2)
    experts = 3 * text.num_local_experts * text.hidden_size * text.intermediate_size
    softmax = text.attn_type_list.count(SOFTMAX)
    lightning = text.num_hidden_layers - softmax
    inner, keys = text.inner_size, text.num_key_value_heads * text.head_dim
    read = text.num_hidden_layers * experts
    read += lightning * (5 * text.hidden_size * inner + 2 * inner * text.head_dim)
    read += softmax * (2 * text.hidden_size * (inner + keys) + inner * tokens)
    answered = ROOM * text.hidden_size * text.vocab_size
    return 3 * 2.0 * rows * (tiles * seen + tokens * read + answered)
