"""What the paint head is asked for, against a slow definition; and that colour can be learned from it."""

from __future__ import annotations

import torch

from minimax_vl.apps.training.paint import CELL, PaintHead, coarse_patches


def test_cells_of_a_patch_are_means_of_its_own_pixels():
    torch.manual_seed(0)
    patch, pixels = 14, torch.rand(2, 3, 42, 42)
    got = coarse_patches(pixels, patch)
    side, cells = 42 // patch, patch // CELL
    assert got.shape == (2, side * side, 3 * cells * cells)
    for n, row, column, channel, y, x in ((0, 0, 0, 0, 0, 0), (1, 2, 1, 2, 3, 6), (0, 1, 2, 1, 6, 0)):
        top, left = row * patch + y * CELL, column * patch + x * CELL
        mean = pixels[n, channel, top : top + CELL, left : left + CELL].mean()
        torch.testing.assert_close(got[n, row * side + column, channel * cells**2 + y * cells + x], mean)


def test_features_that_hold_the_colour_lose_nothing_and_others_do():
    torch.manual_seed(0)
    colours = torch.randn(64, 3)
    pixels = colours[:, :, None, None].expand(64, 3, 28, 28)
    features = colours[:, None].expand(64, 4, 3)
    losses = {}
    for name, given in (("seen", features), ("blind", torch.randn(64, 4, 3))):
        head = PaintHead(3, 14, 3)
        optimiser = torch.optim.Adam(head.parameters(), lr=0.05)
        for _ in range(150):
            optimiser.zero_grad()
            loss = head(given, pixels)
            loss.backward()
            optimiser.step()
        losses[name] = loss.item()
    assert losses["seen"] < 1e-3 and losses["blind"] > 0.2
