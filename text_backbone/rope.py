"""cos and sin of the rotated channels, computed for the positions asked for and nothing more."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.text_backbone.config import TextConfig


def rotary_angles(config: TextConfig, start: int, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """(cos, sin), each [count, rotary_dim/2] fp32, for positions start .. start+count-1.

    Position and frequency are multiplied in fp32 as the released model does: at a million tokens the phase error
    is 0.02 rad, and parity needs the same one. (A table for all 10 million positions would take 52 GB.)
    """
    step = torch.arange(0, config.rotary_dim, 2, dtype=torch.float32, device=device) / config.rotary_dim
    frequency = 1.0 / config.rope_theta**step  # [R/2]
    position = torch.arange(start, start + count, dtype=torch.float32, device=device)
    angle = position[:, None] * frequency  # [T, R/2]
    return angle.cos(), angle.sin()
