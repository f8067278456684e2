"""What a page looks like after the wear that is drawn on the device."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from minimax_vl.apps.training.augment import TAPS, _blur, some, worn


@pytest.mark.parametrize(("pages", "number"), [(1, 1), (2, 1), (60, 21), (84, 30)])
def test_a_third_of_the_pages_is_worn_each_in_its_own_way(pages, number):
    torch.manual_seed(0)
    chosen, place = some(pages, torch.device("cpu"))
    assert len(set(chosen.tolist())) == number and set(chosen.tolist()) <= set(range(pages))
    assert place[chosen].tolist() == [*range(number)] and sorted(place.tolist()) == [*range(pages)]
    tiles = torch.rand(1, 2, 3, 28, 28).clamp(0.01, 0.99).expand(number, -1, -1, -1, -1)
    seen = worn(tiles)
    assert seen.shape == tiles.shape and seen.min() >= 0 and seen.max() <= 1
    assert len({page.double().sum().item() for page in seen}) == number


def test_what_is_light_stays_lighter_than_what_is_dark():
    """An inverted page would call its colours by their opposites."""
    torch.manual_seed(0)
    tiles = torch.full((300, 1, 3, 28, 28), 0.1)
    tiles[..., 14:] = 0.9
    seen = worn(tiles)
    assert (seen[..., 16:].mean((1, 2, 3, 4)) > seen[..., :12].mean((1, 2, 3, 4))).all()


def test_the_blur_is_binomial_in_both_directions():
    tiles = torch.rand(2, 1, 3, 9, 11)
    taps = torch.tensor(TAPS)
    kernel = (taps[:, None] * taps).expand(3, 1, 5, 5)
    padded = F.pad(tiles[:, 0], (2, 2, 2, 2), mode="replicate")
    torch.testing.assert_close(_blur(tiles)[:, 0], F.conv2d(padded, kernel, groups=3))
