"""A nano with next to nothing behind its tiles and vocabulary, for tests of training."""

from __future__ import annotations

import dataclasses

from minimax_vl.presets import NANO

SMALL = dataclasses.replace(
    NANO,
    vision=dataclasses.replace(NANO.vision, hidden_size=32, intermediate_size=48, num_hidden_layers=1),
    text=dataclasses.replace(
        NANO.text, hidden_size=32, head_dim=16, rotary_dim=8, intermediate_size=24, attn_type_list=(0, 1)
    ),
)
