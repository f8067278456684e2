"""PRESETS: every size we name, as a literal config. Adding a size is adding a literal here."""

from __future__ import annotations

from minimax_vl.config import CLIP_MEAN, CLIP_STD, ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.vision.config import TilingConfig, VisionConfig

PERIOD = (0, 0, 0, 0, 0, 0, 0, 1)  # seven lightning layers, then one of softmax


def _grids(*sides: tuple[int, tuple[int, ...]]) -> tuple[tuple[int, int], ...]:
    """(columns, allowed rows) in tiles of 336 pixels -> (width, height) pairs in pixels."""
    return tuple((336 * columns, 336 * rows) for columns, allowed in sides for rows in allowed)


RELEASED_GRIDS = _grids(
    (1, (1, 2, 3, 4, 5, 6)),
    (2, (1, 2, 3, 4, 5, 6)),
    (3, (1, 2, 3, 4, 5, 6)),
    (4, (1, 2, 3, 4)),
    (5, (1, 2, 3)),
    (6, (1, 2, 3)),
)
# Receipts come out at about 512 x 1008, letter pages at 1008 x 1344: print of 10 pixels and more.
NANO_GRIDS = _grids((1, (1, 2)), (2, (1, 2, 3, 4)), (3, (2, 3, 4)), (4, (3,)))

MINIMAX_VL_01 = ModelConfig(
    vision=VisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=336,
        patch_size=14,
        num_channels=3,
        hidden_act="gelu",
        layer_norm_eps=1e-5,
    ),
    tiling=TilingConfig(
        tile=336, patch=14, merge=1, pinpoints=RELEASED_GRIDS, image_mean=CLIP_MEAN, image_std=CLIP_STD
    ),
    text=TextConfig(
        hidden_size=6144,
        attn_type_list=PERIOD * 10,
        num_attention_heads=64,
        num_key_value_heads=8,
        head_dim=128,
        rotary_dim=64,
        rope_theta=10_000_000.0,
        intermediate_size=9216,
        num_local_experts=32,
        num_experts_per_tok=2,
        layernorm_full_attention_alpha=3.5565588200778455,
        layernorm_full_attention_beta=1.0,
        layernorm_linear_attention_alpha=3.5565588200778455,
        layernorm_linear_attention_beta=1.0,
        layernorm_mlp_alpha=3.5565588200778455,
        layernorm_mlp_beta=1.0,
        postnorm=True,
        rms_norm_eps=1e-5,
        vocab_size=200064,
        max_position_embeddings=8192,
    ),
    image_token_index=200025,
)

# alpha = (2 * layers) ** (1/4), as in the release.
NANO = ModelConfig(
    vision=VisionConfig(
        hidden_size=256,
        intermediate_size=1024,
        num_hidden_layers=10,
        num_attention_heads=4,
        image_size=336,
        patch_size=14,
        num_channels=3,
        hidden_act="gelu",
        layer_norm_eps=1e-5,
    ),
    tiling=TilingConfig(
        tile=336,
        patch=14,
        merge=2,
        pinpoints=NANO_GRIDS,
        image_mean=CLIP_MEAN,
        image_std=CLIP_STD,
        crop_ink=True,
        line_height=16.0,
    ),
    text=TextConfig(
        hidden_size=256,
        attn_type_list=PERIOD * 2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        rotary_dim=32,
        rope_theta=10_000.0,
        intermediate_size=384,
        num_local_experts=4,
        num_experts_per_tok=2,
        layernorm_full_attention_alpha=2.378414230005442,
        layernorm_full_attention_beta=1.0,
        layernorm_linear_attention_alpha=2.378414230005442,
        layernorm_linear_attention_beta=1.0,
        layernorm_mlp_alpha=2.378414230005442,
        layernorm_mlp_beta=1.0,
        postnorm=True,
        rms_norm_eps=1e-5,
        vocab_size=2048,
        max_position_embeddings=16384,
    ),
    image_token_index=4,
)

DEBUG = ModelConfig(
    vision=VisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        num_channels=3,
        hidden_act="gelu",
        layer_norm_eps=1e-5,
    ),
    tiling=TilingConfig(
        tile=56,
        patch=14,
        merge=2,
        pinpoints=((56, 56), (112, 56), (56, 112), (112, 112)),
        image_mean=CLIP_MEAN,
        image_std=CLIP_STD,
    ),
    text=TextConfig(
        hidden_size=48,
        attn_type_list=(0, 0, 1, 0),
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        rotary_dim=8,
        rope_theta=10_000.0,
        intermediate_size=40,
        num_local_experts=4,
        num_experts_per_tok=2,
        layernorm_full_attention_alpha=1.7,
        layernorm_full_attention_beta=0.9,
        layernorm_linear_attention_alpha=1.6,
        layernorm_linear_attention_beta=1.1,
        layernorm_mlp_alpha=1.5,
        layernorm_mlp_beta=0.8,
        postnorm=True,
        rms_norm_eps=1e-5,
        vocab_size=2048,
        max_position_embeddings=16384,
    ),
    image_token_index=4,
)

PRESETS: dict[str, ModelConfig] = {"minimax-vl-01": MINIMAX_VL_01, "nano": NANO, "debug": DEBUG}


def preset(name: str) -> ModelConfig:
    """The config of an exact preset name. Raises InvalidRequest, which lists the known ones, for any other."""
    if name not in PRESETS:
        raise InvalidRequest(
            found=f"preset {name!r}",
            expected=f"one of {', '.join(PRESETS)}",
            cause="a typing error, or a checkpoint folder that does not exist",
            next_step="use one of the names above, or give the path of a checkpoint folder",
        )
    return PRESETS[name]
