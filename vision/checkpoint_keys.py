"""Names and shapes of the published vision tensors: ViT, projector, newline. Our parameters have the same names.

Source: the tensor table of the released checkpoint; `pre_layrnorm` is spelt as published.
"""

from __future__ import annotations

import re

from minimax_vl.vision.config import VisionConfig

# Written by some exporters and used by no one: the feature is the last block's output, before this norm.
UNUSED = re.compile(r"vision_tower\.vision_model\.(post_layernorm\..+|embeddings\.position_ids)")
QUANTISABLE = re.compile(
    r"vision_tower\.vision_model\.encoder\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|mlp\.fc[12])\.weight"
    r"|multi_modal_projector\.linear_[12]\.weight"
)


def published_keys(config: VisionConfig, *, merge: int, text_width: int) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every vision tensor; merge = patches along one side of a feature, text_width = projector out."""
    C, F = config.hidden_size, config.intermediate_size
    stem = "vision_tower.vision_model"
    keys: dict[str, tuple[int, ...]] = {
        f"{stem}.embeddings.class_embedding": (C,),
        f"{stem}.embeddings.patch_embedding.weight": (
            C,
            config.num_channels,
            config.patch_size,
            config.patch_size,
        ),
        f"{stem}.embeddings.position_embedding.weight": (config.patches_per_side**2 + 1, C),
        "image_newline": (text_width,),
    }
    linears = {
        "multi_modal_projector.linear_1": (text_width, C * merge**2),
        "multi_modal_projector.linear_2": (text_width, text_width),
    }
    norms = [f"{stem}.pre_layrnorm"]
    for layer in range(config.num_hidden_layers):
        at = f"{stem}.encoder.layers.{layer}"
        linears |= {f"{at}.self_attn.{name}_proj": (C, C) for name in ("q", "k", "v", "out")}
        linears |= {f"{at}.mlp.fc1": (F, C), f"{at}.mlp.fc2": (C, F)}
        norms += [f"{at}.layer_norm1", f"{at}.layer_norm2"]
    for name, (rows, columns) in linears.items():
        keys |= {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}
    for name in norms:
        keys |= {f"{name}.weight": (C,), f"{name}.bias": (C,)}
    return keys
