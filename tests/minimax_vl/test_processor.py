"""Slots, tiles and plans agree, whatever the images are and whoever encoded them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from minimax_vl.chat import assistant_turn, user_turn
from minimax_vl.errors import InvalidRequest, UnreadableImage
from minimax_vl.presets import PRESETS
from minimax_vl.processor import EncodedImage, Processor, at_most
from minimax_vl.testing import NANO
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.tiling import plan_tiles

TILING = PRESETS["nano"].tiling
PROCESSOR = Processor(Tokenizer.read(NANO), TILING)


def page(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 200, np.uint8)


@pytest.mark.parametrize(
    "sizes", [[(336, 336)], [(100, 700), (672, 500)], [(1, 1), (900, 300), (50, 60)]], ids=str
)
def test_slots_tiles_and_plans_agree(sizes):
    inputs = PROCESSOR([user_turn("Which?", len(sizes))], [page(*size) for size in sizes])
    assert inputs.plans == tuple(plan_tiles(*size, TILING) for size in sizes)
    assert int((inputs.ids == 4).sum()) == sum(plan.tokens for plan in inputs.plans)
    assert inputs.pixels.shape == (sum(plan.tiles for plan in inputs.plans), 3, 336, 336)


def test_each_image_fills_its_own_place():
    sizes = [(336, 336), (336, 672)]
    messages = [user_turn("First?", 1), assistant_turn("Yes."), user_turn("Second?", 1)]
    ids = PROCESSOR(messages, [page(*size) for size in sizes]).ids[0]
    slots = (ids == 4).int()
    edges = torch.diff(slots, prepend=torch.zeros(1, dtype=torch.int32))
    runs = (edges == -1).nonzero().flatten() - (edges == 1).nonzero().flatten()
    assert runs.tolist() == [plan_tiles(*size, TILING).tokens for size in sizes]


def test_no_image_is_a_text_prompt():
    inputs = PROCESSOR([user_turn("Hello?")])
    assert inputs.pixels is None
    assert inputs.ids.shape[0] == 1


def test_an_encoded_image_is_not_opened_again():
    plan = plan_tiles(336, 336, TILING)
    encoded = EncodedImage(plan, torch.zeros(plan.tokens, 256))
    inputs = PROCESSOR([user_turn("Both?", 2)], [encoded, page(336, 336)])
    assert inputs.images[0] is encoded
    assert inputs.pixels.shape[0] == plan.tiles  # the second image only


def test_max_tiles_bounds_the_grid():
    large = page(1000, 1000)
    tiles = [PROCESSOR.image(large, max_tiles=n).plan.tiles for n in (1, 2, 4, 100)]
    assert tiles[0] == 2  # one tile and the thumbnail
    assert tiles == sorted(tiles)
    assert tiles[-1] == PROCESSOR.image(large).plan.tiles
    with pytest.raises(InvalidRequest, match="max_tiles=0"):
        at_most(TILING, 0)


def test_a_bound_that_comes_too_late_is_said():
    cut = PROCESSOR.image(page(1000, 1000))
    tiles = cut.plan.tiles - 1
    assert PROCESSOR.image(cut, max_tiles=tiles) is cut
    with pytest.raises(InvalidRequest, match=f"(?s)cut into {tiles} tiles.*give max_tiles to encode"):
        PROCESSOR.image(cut, max_tiles=tiles - 1)


def test_counts_are_checked_and_bad_images_named(tmp_path):
    with pytest.raises(InvalidRequest, match="1 image parts in the messages, 2 images"):
        PROCESSOR([user_turn("Hi?", 1)], [page(9, 9)] * 2)
    (tmp_path / "notes.png").write_text("not an image")
    with pytest.raises(UnreadableImage):
        PROCESSOR([user_turn("Hi?", 1)], [tmp_path / "notes.png"])
