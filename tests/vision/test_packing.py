"""Packing against a slow double loop and against LLaVA-NeXT's own code."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
import torch

from minimax_vl.errors import InvalidRequest
from minimax_vl.presets import PRESETS
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.packing import pack, pack_index
from minimax_vl.vision.tiling import TilePlan, plan_tiles

TOY = TilingConfig(  # three features a side, so that odd counts occur
    tile=6,
    patch=2,
    merge=1,
    pinpoints=((6, 6), (12, 6), (6, 12), (12, 12), (18, 6), (6, 18)),
    image_mean=(0.5, 0.5, 0.5),
    image_std=(0.5, 0.5, 0.5),
)
SIZES = [
    (6, 6),
    (5, 9),
    (9, 5),
    (12, 11),
    (7, 18),
    (17, 6),
    (2, 18),
    (31, 30),
    (3, 4),
    (1, 6),
]  # height, width


def packed_slowly(features: torch.Tensor, newline: torch.Tensor, plan: TilePlan) -> torch.Tensor:
    """Token by token: which tile, which place in it."""
    side = plan.side
    (top, bottom), (left, right) = plan.kept
    tokens = [features[i] for i in range(side * side)]
    for y in range(top, bottom):
        for x in range(left, right):
            tile = 1 + (y // side) * plan.grid[1] + x // side
            tokens.append(features[tile * side * side + (y % side) * side + x % side])
        tokens.append(newline)
    return torch.stack(tokens)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_equals_the_double_loop(size):
    plan = plan_tiles(*size, TOY)
    features, newline = torch.randn(plan.tiles * plan.side**2, 4), torch.randn(4)
    assert torch.equal(pack(features, newline, plan), packed_slowly(features, newline, plan))


@pytest.mark.parametrize(("preset", "size"), [("nano", (672, 650)), ("minimax-vl-01", (700, 2000))], ids=str)
def test_equals_the_double_loop_for_real_grids(preset, size):
    plan = plan_tiles(*size, PRESETS[preset].tiling)
    features, newline = torch.randn(plan.tiles * plan.side**2, 2), torch.randn(2)
    assert torch.equal(pack(features, newline, plan), packed_slowly(features, newline, plan))


@pytest.mark.parity
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_equals_llava_next(size):
    modeling = pytest.importorskip("transformers.models.llava_next.modeling_llava_next", exc_type=ImportError)
    plan = plan_tiles(*size, TOY)
    features, newline = torch.randn(plan.tiles, plan.side**2, 4), torch.randn(4)
    shape = SimpleNamespace(image_size=TOY.tile, patch_size=TOY.patch)
    config = SimpleNamespace(vision_config=shape, image_grid_pinpoints=[(h, w) for w, h in TOY.pinpoints])
    theirs, lengths = modeling.LlavaNextModel.pack_image_features(
        SimpleNamespace(config=config), [features], torch.tensor([size]), "default", newline
    )
    assert lengths.tolist() == [plan.tokens]
    assert torch.equal(pack(features.flatten(0, 1), newline, plan), theirs[0])


def test_every_kept_feature_is_taken_once_and_gradients_return_to_it():
    plan = plan_tiles(500, 900, PRESETS["nano"].tiling)
    count = plan.tiles * plan.side**2
    features, newline = torch.zeros(count, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    pack(features, newline, plan).sum().backward()
    index = pack_index(plan)
    rows = plan.kept[0][1] - plan.kept[0][0]
    assert newline.grad.item() == rows == int((index == count).sum())
    assert features.grad.max() == 1
    assert features.grad.sum() == plan.tokens - rows


def test_features_of_another_plan_are_refused():
    plan = plan_tiles(6, 12, TOY)
    with pytest.raises(
        InvalidRequest, match=r"(?s)found: 18 tile features.*expected: 27: 3 tiles of 3 x 3.*next step"
    ):
        pack(torch.zeros(18, 4), torch.zeros(4), plan)


def as_the_release_counts(width: int, height: int, side: int) -> tuple[tuple[int, ...], list[int]]:
    """Grid, resized picture and offset in the order (w, h), and for every slot its feature, -1 for a newline.

    Written from the released processor's arithmetic, floats included, and without our plan.
    """
    best: tuple[float, ...] = ()
    for a, b in PRESETS["minimax-vl-01"].tiling.pinpoints:
        scale = min(a / width, b / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        if not best or shown > best[0] or (shown == best[0] and a * b - shown < best[1]):
            best = shown, a * b - shown, a, b
    bw, bh = map(int, best[2:])
    flat = width / height > bw / bh
    w, h = (bw, int(bw * height / width)) if flat else (int(bh * width / height), bh)
    columns, rows = side * bw // 336, side * bh // 336
    cut = (rows - height * columns // width) // 2 if flat else (columns - width * rows // height) // 2
    slots = list(range(side**2))
    for y in range(cut, rows - cut) if flat else range(rows):
        for x in range(columns) if flat else range(cut, columns - cut):
            tile = 1 + y // side * (bw // 336) + x // side
            slots.append(tile * side**2 + y % side * side + x % side)
        slots.append(-1)
    return (bw // 336, bh // 336, w, h, (bw - w) // 2, (bh - h) // 2), slots


def test_a_thousand_sizes_are_packed_as_the_release_packs_them() -> None:
    draw, tiling = Random(5), PRESETS["minimax-vl-01"].tiling
    for _ in range(1000):
        largest = draw.choice((60, 400, 1500, 6000))
        width, height = draw.randint(1, largest), draw.randint(1, largest)
        if max(width, height) > 300 * min(width, height):
            continue
        plan = plan_tiles(height, width, tiling)
        (rows, columns), (h, w), (top, left) = plan.grid, plan.resized, plan.offset
        numbers = torch.arange(plan.tiles * plan.side**2, dtype=torch.float64)[:, None]
        packed = pack(numbers, torch.tensor([-1.0]), plan)[:, 0].long().tolist()
        found = (columns, rows, w, h, left, top), packed
        assert found == as_the_release_counts(width, height, plan.side), (width, height)
