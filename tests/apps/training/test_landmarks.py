"""Landmarks of figures: where they are drawn, which block is asked for them, and what is not asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from minimax_vl.apps.training.landmarks import CLASSES, UNKNOWN, LandmarkHead, landmark_labels
from minimax_vl.presets import NANO
from minimax_vl.synthetic import FontBook, sample
from minimax_vl.synthetic.canvas import LANDMARK, LANDMARKS
from minimax_vl.synthetic.pages import PICTURES
from minimax_vl.vision.tiling import plan_tiles

TILING = NANO.tiling
FONTS = {split: FontBook.load(None, split) for split in ("train", "heldout")}


def slow_labels(glyphs, size, plan):
    side, block = TILING.side, TILING.tile // TILING.side
    rows, columns = plan.grid
    labels = np.zeros((plan.tiles, side, side), dtype=np.uint8)
    for x, y, _, code in glyphs.tolist():
        if code < LANDMARK:
            continue
        name = int(code) - LANDMARK + 1
        labels[0, int(y * side / size[0]), int(x * side / size[1])] = name
        column = int((x * plan.resized[1] / size[1] + plan.offset[1]) // block)
        row = int((y * plan.resized[0] / size[0] + plan.offset[0]) // block)
        labels[1 + (row // side) * columns + column // side, row % side, column % side] = name
    return labels.reshape(plan.tiles, side * side)


@pytest.mark.parametrize("size", [(336, 336), (600, 672), (1344, 900)], ids=str)
def test_labels_equal_the_slow_loop(size):
    rng, n = np.random.default_rng(0), 60
    plan = plan_tiles(*size, TILING)
    codes = np.where(
        rng.random(n) < 0.3, rng.integers(33, 127, n), LANDMARK + rng.integers(0, len(LANDMARKS), n)
    )
    glyphs = np.stack(
        [rng.uniform(0, size[1] - 1, n), rng.uniform(0, size[0] - 1, n), np.full(n, 24), codes], axis=1
    )
    got = landmark_labels(glyphs, size, plan, TILING)
    assert got.shape == (plan.tiles, TILING.side**2)
    np.testing.assert_array_equal(got, slow_labels(glyphs, size, plan))
    assert not landmark_labels(glyphs[:0], size, plan, TILING).any()


def test_training_figures_have_landmarks_and_other_pages_none():
    found: set[int] = set()
    for index in range(60):
        page = sample("train", index, (336, 336), FONTS["train"])
        codes = page.glyphs[page.glyphs[:, 3] >= LANDMARK, 3].astype(int)
        assert page.kind in PICTURES or not len(codes), page.kind
        found |= set(codes - LANDMARK)
        held = sample("heldout", index, (336, 336), FONTS["heldout"], kinds=("chart", "scene"))
        assert (held.glyphs[:, 3] < LANDMARK).all()
    assert len(found) >= 10 and max(found) < len(LANDMARKS)


def test_a_landmark_lies_on_its_shape():
    import random

    from minimax_vl.synthetic.scenes.shapes import shapes
    from minimax_vl.synthetic.sheet import Sheet

    for seed in range(8):
        sheet = Sheet((336, 336), FONTS["train"], random.Random(seed), 1.0)
        shapes(sheet)
        assert sheet.canvas.landmarks
        for x, y, *_ in sheet.canvas.landmarks:
            assert tuple(sheet.canvas.pixels[int(y), int(x)]) != tuple(sheet.paper)


def test_the_unknown_gives_no_loss_and_no_gradient():
    torch.manual_seed(0)
    head, tokens = LandmarkHead(8), torch.randn(2, 5, 8, requires_grad=True)
    labels = torch.full((2, 5), UNKNOWN)
    assert head(tokens, labels)[0] == 0, "a batch of which nothing is known is no number else"
    labels[0, 0] = 3
    loss, _ = head(tokens, labels)
    loss.backward()
    assert loss > 0 and tokens.grad is not None
    assert tokens.grad[0, 0].abs().sum() > 0
    assert tokens.grad[0, 1:].abs().sum() == 0 and tokens.grad[1].abs().sum() == 0


def test_share_named_right_counts_landmarks_only():
    head = LandmarkHead(4)
    with torch.no_grad():
        head.name.weight.zero_()
        head.name.bias.copy_(10.0 * torch.eye(CLASSES)[7])  # always says 7
    labels = torch.tensor([[7, 8, UNKNOWN, 0]])
    assert head(torch.zeros(1, 4, 4), labels)[1].item() == pytest.approx(0.5)
