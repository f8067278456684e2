"""Landmarks of figures: where they are drawn, which block is asked for them, and what is not asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from minimax_vl.apps.training.landmarks import CLASSES, UNKNOWN, LandmarkHead, landmark_labels
from minimax_vl.apps.training.paint import BETA, SPREAD
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
    within = np.zeros((plan.tiles, side, side, 2), dtype=np.uint8)
    for x, y, _, code in glyphs.tolist():
        if code < LANDMARK:
            continue
        name = int(code) - LANDMARK + 1
        across, down = x * side / size[1], y * side / size[0]
        labels[0, int(down), int(across)] = name
        within[0, int(down), int(across)] = round(across % 1 * 255), round(down % 1 * 255)
        across = (x * plan.resized[1] / size[1] + plan.offset[1]) / block
        down = (y * plan.resized[0] / size[0] + plan.offset[0]) / block
        row, column = int(down), int(across)
        place = 1 + (row // side) * columns + column // side, row % side, column % side
        labels[place], within[place] = name, (round(across % 1 * 255), round(down % 1 * 255))
    return labels.reshape(plan.tiles, side * side), within.reshape(plan.tiles, side * side, 2)


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
    names, within = landmark_labels(glyphs, size, plan, TILING)
    slow_names, slow_within = slow_labels(glyphs, size, plan)
    assert names.shape == (plan.tiles, TILING.side**2) and within.shape == (*names.shape, 2)
    np.testing.assert_array_equal(names, slow_names)
    assert np.abs(within.astype(int) - slow_within).max() <= 1  # products in another order
    assert not any(part.any() for part in landmark_labels(glyphs[:0], size, plan, TILING))


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
    labels, within = torch.full((2, 5), UNKNOWN), torch.zeros(2, 5, 2, dtype=torch.uint8)
    assert head(tokens, labels, within)[0] == 0, "a batch of which nothing is known is no number else"
    labels[0, 0] = 3
    loss, _ = head(tokens, labels, within)
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
    within = torch.zeros(1, 4, 2, dtype=torch.uint8)
    assert head(torch.zeros(1, 4, 4), labels, within)[1].item() == pytest.approx(0.5)


def test_places_are_asked_of_blocks_with_a_landmark_alone():
    head, tokens = LandmarkHead(4), torch.zeros(1, 3, 4)
    with torch.no_grad():
        head.place.weight.zero_()
        head.place.bias.copy_(torch.tensor([0.2, -1.0]) * SPREAD)
    labels = torch.tensor([[0, 5, UNKNOWN]])
    losses = [
        head(tokens, labels, torch.tensor([[[200, 9], at, [7, 7]]], dtype=torch.uint8))[0].item()
        for at in ((153, 0), (153, 255))  # 153 of 255 is a fifth of the way from the middle to the edge
    ]
    assert losses[1] - losses[0] == pytest.approx((2 * SPREAD - BETA / 2) / 2, abs=1e-5)


def test_ticks_of_an_axis_stand_where_its_numbers_do():
    """Equal steps along one line, as many as the axis has numbers."""
    import random

    from minimax_vl.synthetic.charts.bars import bars
    from minimax_vl.synthetic.sheet import Sheet

    tick = LANDMARK + LANDMARKS.index("tick")
    drawn = 0
    for seed in range(10):
        sheet = Sheet((448, 560), FONTS["train"], random.Random(seed), 1.0)
        if not bars(sheet, (10, 10, 550, 438)):  # its names found no room
            continue
        drawn += 1
        places = np.array([mark[:2] for mark in sheet.canvas.landmarks if mark[3] == tick])
        assert len(places) > 2
        steps = np.abs(np.diff(places, axis=0))
        assert np.ptp(steps, axis=0).max() < 0.01 and (steps.max(0) > 1).sum() == 1
    assert drawn > 7
