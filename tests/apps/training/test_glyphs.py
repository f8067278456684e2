"""Glyph labels against a slow loop; the head's loss asks for what can be read and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from minimax_vl.apps.training.glyphs import CLASSES, LEGIBLE, SLOTS, UNREADABLE, GlyphHead, glyph_labels
from minimax_vl.presets import NANO
from minimax_vl.vision.tiling import plan_tiles

TILING = NANO.tiling


def slow_labels(glyphs, size, plan):
    side = TILING.tile // TILING.patch
    rows, columns = plan.grid
    labels = np.zeros((rows * columns, side * side, SLOTS), dtype=np.uint8)
    for x, y, height, code in glyphs.tolist():
        x = x * plan.resized[1] / size[1] + plan.offset[1]
        height = height * plan.resized[0] / size[0]
        y = y * plan.resized[0] / size[0] + plan.offset[0]
        column, row = int(x // TILING.patch), int(y // TILING.patch)
        tile = (row // side) * columns + column // side
        patch = (row % side) * side + column % side
        free = np.flatnonzero(labels[tile, patch] == 0)
        if len(free):
            labels[tile, patch, free[0]] = UNREADABLE if height < LEGIBLE else int(code) - 32
    return labels


@pytest.mark.parametrize("size", [(336, 336), (672, 672), (600, 672), (1344, 900), (1008, 600)], ids=str)
def test_labels_equal_the_slow_loop(size):
    rng = np.random.default_rng(0)
    plan = plan_tiles(*size, TILING)
    n = 400
    glyphs = np.stack(
        [
            rng.uniform(0, size[1] - 1, n),
            rng.uniform(0, size[0] - 1, n),
            rng.uniform(5, 30, n),
            rng.integers(33, 127, n),
        ],
        axis=1,
    )
    got = glyph_labels(glyphs, size, plan, TILING)
    assert got.shape == (plan.tiles - 1, 24 * 24, SLOTS)
    np.testing.assert_array_equal(got, slow_labels(glyphs, size, plan))
    assert (got == UNREADABLE).any(), "the case holds print too small to be read"


def test_a_page_without_print_has_no_labels():
    plan = plan_tiles(336, 336, TILING)
    assert not glyph_labels(np.zeros((0, 4), dtype=np.float32), (336, 336), plan, TILING).any()


def test_unreadable_print_gives_no_loss_and_no_gradient():
    torch.manual_seed(0)
    head = GlyphHead(8)
    features = torch.randn(2, 5, 8, requires_grad=True)
    labels = torch.full((2, 5, SLOTS), UNREADABLE)
    labels[0, 0, 0] = 33
    loss, _ = head(features, labels)
    loss.backward()
    assert loss > 0
    assert features.grad is not None and features.grad[0, 0].abs().sum() > 0
    assert features.grad[0, 1:].abs().sum() == 0 and features.grad[1].abs().sum() == 0


def test_share_read_right_counts_characters_only():
    head = GlyphHead(4)
    with torch.no_grad():
        head.read.weight.zero_()
        head.read.bias.zero_()
        head.read.bias.view(SLOTS, CLASSES)[:, 7] = 10.0  # always says character 7
    labels = torch.zeros(1, 4, SLOTS, dtype=torch.long)
    labels[0, 0, 0], labels[0, 1, 0], labels[0, 2, 0] = 7, 8, UNREADABLE
    _, right = head(torch.zeros(1, 4, 4), labels)
    assert right.item() == pytest.approx(0.5)
