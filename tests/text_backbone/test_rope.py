"""Rotary angles: the released frequencies, any stretch of positions alike, fp32 far out."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.rope import rotary_angles

RELEASE, CPU = PRESETS["minimax-vl-01"].text, torch.device("cpu")


def test_the_released_frequencies() -> None:
    cos, sin = rotary_angles(RELEASE, 1, 1, CPU)
    angle = torch.atan2(sin, cos)[0]  # at position 1 the angle is the frequency
    assert angle.shape == (32,) and cos.dtype == torch.float32
    assert [angle[0].item(), angle[1].item()] == pytest.approx([1.0, 0.60429639], rel=1e-6)
    assert sin[0, 31].item() == pytest.approx(1.6548171e-7, rel=1e-5)


def test_a_stretch_is_a_slice_of_the_whole() -> None:
    whole = rotary_angles(RELEASE, 0, 50, CPU)
    part = rotary_angles(RELEASE, 17, 20, CPU)
    for all_of_it, some in zip(whole, part):
        assert torch.equal(all_of_it[17:37], some)


def test_a_million_tokens_out_the_phase_is_the_fp32_one() -> None:
    """Off by up to 0.02 rad from float64, as the release is; ten times that would be bf16 or a wrong exponent."""
    position = 1_048_575
    cos, sin = rotary_angles(RELEASE, position, 1, CPU)
    exact = position * RELEASE.rope_theta ** (-torch.arange(0, 64, 2, dtype=torch.float64) / 64)
    error = torch.atan2(sin[0].double(), cos[0].double()) - exact
    assert torch.remainder(error + torch.pi, 2 * torch.pi).sub(torch.pi).abs().max() < 0.05
