"""cos and sin of the rotated channels, computed for the positions asked for and nothing more."""

from __future__ import annotations

import torch
from torch import Tensor

from minimax_vl.text_backbone.config import TextConfig


def rotary_angles(
    config: TextConfig, start: int | Tensor, count: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """(cos, sin), each [count, rotary_dim/2] fp32, for positions start .. start+count-1.

    Position and frequency are multiplied in fp32 as the released model does: at a million tokens the phase error
    is 0.02 rad, and parity needs the same one. (A table for all 10 million positions would take 52 GB.)
    `start` may be [1] int64 on the device.
    """
    step = torch.arange(0, config.rotary_dim, 2, dtype=torch.float32, device=device) / config.rotary_dim
    frequency = 1.0 / config.rope_theta**step  # [R/2]
    if isinstance(start, Tensor):
        position = (start + torch.arange(count, device=device)).float()
    else:
        position = torch.arange(start, start + count, dtype=torch.float32, device=device)
    angle = position[:, None] * frequency  # [T, R/2]
    return angle.cos(), angle.sin()
