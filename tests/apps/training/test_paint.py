"""What the paint head is asked for, against a slow definition; and that colour can be learned from it."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.apps.training.paint import CELL, SPREAD, PaintHead, coarse_blocks, places, together


def test_cells_of_a_block_are_means_of_its_own_pixels():
    torch.manual_seed(0)
    block, pixels = 28, torch.rand(2, 3, 84, 84)
    got = coarse_blocks(pixels, block)
    side, cells = 84 // block, block // CELL
    assert got.shape == (2, side * side, 3 * cells * cells)
    for n, row, column, channel, y, x in ((0, 0, 0, 0, 0, 0), (1, 2, 1, 2, 3, 2), (0, 1, 2, 1, 2, 3)):
        top, left = row * block + y * CELL, column * block + x * CELL
        mean = pixels[n, channel, top : top + CELL, left : left + CELL].mean()
        torch.testing.assert_close(got[n, row * side + column, channel * cells**2 + y * cells + x], mean)


def test_places_run_row_by_row_and_vary_as_colours_do():
    got = places(12, torch.zeros(1)).view(12, 12, 2)
    assert got[3, 0].tolist() == pytest.approx([-SPREAD, -SPREAD + 2 * SPREAD * 3 / 11])
    assert got[0, 11, 0] == pytest.approx(SPREAD) and (got[:, 5, 0] == got[0, 5, 0]).all()
    assert got.var().item() == pytest.approx(1, abs=0.25)


def test_features_that_hold_the_colour_lose_nothing_and_others_do():
    torch.manual_seed(0)
    colours = torch.randn(64, 3)
    pixels = colours[:, :, None, None].expand(64, 3, 28, 28)
    where = places(2, colours).expand(64, 4, 2)
    features = torch.cat((colours[:, None].expand(64, 4, 3), where), dim=-1)
    losses = {}
    for name, given in (("seen", features), ("blind", torch.randn(64, 4, 5))):
        head = PaintHead(5, 14, 3)
        optimiser = torch.optim.Adam(head.parameters(), lr=0.05)
        for _ in range(150):
            optimiser.zero_grad()
            loss = head(given, pixels)
            loss.backward()
            optimiser.step()
        losses[name] = loss.item()
    assert losses["seen"] < 1e-3 and losses["blind"] > 0.2


def test_maps_in_one_product_give_what_they_give_alone():
    torch.manual_seed(0)
    maps, x = (torch.nn.Linear(5, 9), torch.nn.Linear(5, 3)), torch.randn(2, 7, 5)
    for one, got in zip(maps, together(x, *maps), strict=True):
        torch.testing.assert_close(got, one(x))
