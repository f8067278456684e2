"""Tile plans: the published table, the published choice of grid, and laws over random sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from minimax_vl.errors import UnreadableImage
from minimax_vl.presets import PRESETS
from minimax_vl.vision.packing import pack
from minimax_vl.vision.tiling import TilePlan, largest_image, plan_tiles

RELEASE, NANO = PRESETS["minimax-vl-01"].tiling, PRESETS["nano"].tiling

# width, height -> best width and height, resized width and height, kept columns and rows, tokens (spec 4.6)
PUBLISHED = [
    ((100, 100), (336, 336), (336, 336), (24, 24), 1176),
    ((224, 224), (336, 336), (336, 336), (24, 24), 1176),
    ((336, 336), (336, 336), (336, 336), (24, 24), 1176),
    ((300, 40), (336, 336), (336, 44), (24, 4), 676),
    ((672, 336), (672, 336), (672, 336), (48, 24), 1752),
    ((640, 480), (672, 672), (672, 504), (48, 36), 2340),
    ((480, 640), (672, 672), (504, 672), (36, 48), 2352),
    ((800, 600), (1008, 672), (896, 672), (64, 48), 3696),
    ((1000, 200), (1008, 336), (1008, 201), (72, 14), 1598),
    ((595, 842), (672, 1008), (672, 950), (48, 68), 3908),
    ((1000, 1000), (1008, 1008), (1008, 1008), (72, 72), 5832),
    ((1024, 768), (1344, 1008), (1344, 1008), (96, 72), 7560),
    ((1280, 720), (1344, 1008), (1344, 756), (96, 54), 5814),
    ((720, 1280), (1008, 1344), (756, 1344), (54, 96), 5856),
    ((1654, 2339), (1008, 1680), (1008, 1425), (72, 102), 8022),
    ((1920, 1080), (2016, 1008), (1792, 1008), (128, 72), 9864),
    ((2480, 2480), (1344, 1344), (1344, 1344), (96, 96), 9888),
    ((2016, 1008), (2016, 1008), (2016, 1008), (144, 72), 11016),
    ((1008, 2016), (1008, 2016), (1008, 2016), (72, 144), 11088),
]

# Sizes (width, height) at which a rounding changes the plan. The first four get another grid in exact
# arithmetic; at 161 x 184 a truncated float product is one below the integer quotient.
DELICATE = [(1413, 1885), (1348, 1798), (749, 2246), (1531, 2042), (161, 184), (184, 161), (1, 1), (1, 300)]


def in_words(plan: TilePlan) -> str:
    """One line per plan, so that a drift is one line of the diff."""
    (top, bottom), (left, right) = plan.kept
    return (
        f"grid {plan.grid[0]}x{plan.grid[1]} resized {plan.resized[0]}x{plan.resized[1]}"
        f" offset {plan.offset[0]},{plan.offset[1]} rows {top}:{bottom} columns {left}:{right}"
        f" side {plan.side} tokens {plan.tokens}"
    )


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: "x".join(map(str, row[0])))
def test_published_table(row):
    (width, height), best, resized, kept, tokens = row
    plan = plan_tiles(height, width, RELEASE)
    (top, bottom), (left, right) = plan.kept
    assert (plan.grid[1] * 336, plan.grid[0] * 336) == best
    assert (plan.resized[1], plan.resized[0]) == resized
    assert (right - left, bottom - top) == kept
    assert plan.tokens == tokens


@pytest.mark.parametrize("tiling", [RELEASE, NANO], ids=["release", "nano"])
@settings(max_examples=1000, deadline=None)
@given(height=st.integers(1, 6000), width=st.integers(1, 6000))
@example(height=1885, width=1413)
@example(height=10, width=336)  # so flat that no feature row is kept
def test_slots_features_and_plan_agree(tiling, height, width):
    assume(max(height, width) <= 336 * min(height, width))  # thinner ones have their own test below
    plan = plan_tiles(height, width, tiling)
    rows, columns = plan.grid
    features = torch.ones(plan.tiles * tiling.side**2, 1)
    packed = pack(features, torch.zeros(1), plan)
    newlines = int((packed == 0).sum())
    (top, bottom), (left, right) = plan.kept

    assert packed.shape[0] == plan.tokens
    assert newlines == bottom - top
    assert plan.tokens - newlines == tiling.side**2 + (bottom - top) * (right - left)
    assert (columns * tiling.tile, rows * tiling.tile) in tiling.pinpoints
    # The picture lies inside its canvas, touches it in one direction and is centred in the other.
    canvas = (rows * tiling.tile, columns * tiling.tile)
    spare = [canvas[d] - plan.resized[d] for d in (0, 1)]
    assert min(spare) == 0
    assert plan.offset == (spare[0] // 2, spare[1] // 2)
    # Nothing that shows image is cut off, and less than one feature of padding stays at either end.
    feature = tiling.patch * tiling.merge
    for d, (start, stop) in enumerate(plan.kept):
        assert start * feature <= plan.offset[d] + feature
        assert stop * feature >= plan.offset[d] + plan.resized[d] - feature
        assert plan.offset[d] - start * feature <= feature


@pytest.mark.parity
@settings(max_examples=1000, deadline=None)
@given(height=st.integers(1, 3000), width=st.integers(1, 3000))
@example(height=1885, width=1413)
@example(height=1798, width=1348)
def test_grid_is_the_one_llava_next_chooses(height, width):
    from transformers.image_processing_utils import select_best_resolution

    assume(max(height, width) <= 336 * min(height, width))
    theirs = select_best_resolution((height, width), [(h, w) for w, h in RELEASE.pinpoints])
    plan = plan_tiles(height, width, RELEASE)
    assert (plan.grid[0] * 336, plan.grid[1] * 336) == theirs


def test_first_pinpoint_wins_ties():
    wide, tall = (672, 336), (336, 672)
    assert plan_tiles(336, 336, replace(RELEASE, pinpoints=(wide, tall))).grid == (1, 2)
    assert plan_tiles(336, 336, replace(RELEASE, pinpoints=(tall, wide))).grid == (2, 1)


def test_equal_views_go_to_the_smaller_grid():
    backwards = replace(RELEASE, pinpoints=((672, 672), (336, 336)))
    assert plan_tiles(300, 300, backwards).grid == (1, 1)  # neither shows more than the image has


@pytest.mark.parametrize("preset", ["minimax-vl-01", "nano"])
def test_plans_have_not_drifted(preset, golden):
    sizes = [row[0] for row in PUBLISHED] + DELICATE
    tiling = PRESETS[preset].tiling
    golden(f"tile_plans_{preset}", {f"{w} x {h}": in_words(plan_tiles(h, w, tiling)) for w, h in sizes})


@pytest.mark.parametrize("size", [(1, 20000), (20000, 1), (2017, 1), (0, 5), (5, 0)], ids=str)
def test_sides_that_would_vanish_are_refused(size):
    with pytest.raises(UnreadableImage) as caught:
        plan_tiles(*size, RELEASE)
    assert f"{size[1]} pixels wide and {size[0]} high" in caught.value.found
    assert "2016 times" in caught.value.expected
    assert caught.value.cause
    assert "pad the short side" in caught.value.next_step


@pytest.mark.parametrize("size", [(1, 1), (1, 2016), (2016, 1)], ids=str)
def test_one_pixel_is_enough(size):
    assert min(plan_tiles(*size, RELEASE).resized) >= 1


def test_the_largest_image_is_the_releases_stated_maximum():
    assert largest_image(RELEASE) == 11088
