"""What a page looks like after the wear that is drawn on the device."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from minimax_vl.apps.training.augment import TAPS, _blur, augment


def test_most_pages_stay_and_some_change():
    torch.manual_seed(0)
    tiles = torch.rand(60, 2, 3, 28, 28).clamp(0.01, 0.99)
    worn = augment(tiles)
    same = [torch.allclose(a, b, atol=1e-5) for a, b in zip(tiles, worn, strict=True)]
    assert worn.shape == tiles.shape and worn.min() >= 0 and worn.max() <= 1
    assert 25 <= sum(same) <= 50, "about a third is worn"


def test_what_is_light_stays_lighter_than_what_is_dark():
    """An inverted page would call its colours by their opposites."""
    torch.manual_seed(0)
    tiles = torch.full((300, 1, 3, 28, 28), 0.1)
    tiles[..., 14:] = 0.9
    worn = augment(tiles)
    assert (worn[..., 16:].mean((1, 2, 3, 4)) > worn[..., :12].mean((1, 2, 3, 4))).all()


def test_the_blur_is_binomial_in_both_directions():
    tiles = torch.rand(2, 1, 3, 9, 11)
    taps = torch.tensor(TAPS)
    kernel = (taps[:, None] * taps).expand(3, 1, 5, 5)
    padded = F.pad(tiles[:, 0], (2, 2, 2, 2), mode="replicate")
    torch.testing.assert_close(_blur(tiles)[:, 0], F.conv2d(padded, kernel, groups=3))
