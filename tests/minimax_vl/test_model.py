"""The whole model: published names and size at 456 billion parameters, images into slots, laws end to end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.testing import (
    assert_batch_equals_single,
    assert_chunks_equal_whole,
    assert_same,
    assert_snapshot_replays,
    randomise,
)
from minimax_vl.vision.tiling import plan_tiles

CONFIG = PRESETS["debug"]
IMAGE = CONFIG.image_token_index
# SHA-256 of the sorted names.
RELEASED_NAMES = "d0caf1b714cdfc4caa65b56cbec591668d77b0e2a5d6cf3b5af169531311c886"


@pytest.fixture(scope="module")
def model() -> VLModel:
    return randomise(VLModel(CONFIG))


@pytest.fixture(scope="module")
def release() -> VLModel:
    with torch.device("meta"):
        return VLModel(PRESETS["minimax-vl-01"])


def unstacked(model: VLModel) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes as published: one tensor for each expert's w1, w2, w3."""
    for name, p in model.state_dict().items():
        stem, _, kind = name.rpartition(".")
        if kind == "w13":
            experts, rows, columns = p.shape
            for e in range(experts):
                yield f"{stem}.{e}.w1.weight", (rows // 2, columns)
                yield f"{stem}.{e}.w3.weight", (rows // 2, columns)
        elif kind == "w2":
            yield from ((f"{stem}.{e}.w2.weight", tuple(p.shape[1:])) for e in range(p.shape[0]))
        else:
            yield name, tuple(p.shape)


def test_the_release_has_its_published_size(release: VLModel) -> None:
    count = {name: p.numel() for name, p in release.named_parameters()}
    assert sum(count.values()) == 456_437_219_328
    assert sum(n for name, n in count.items() if name.startswith("vision_tower")) == 303_505_408
    assert sum(n for name, n in count.items() if name.startswith("multi_modal_projector")) == 44_052_480


def test_the_release_has_its_published_names(release: VLModel) -> None:
    names = sorted(name for name, _ in unstacked(release))
    assert len(names) == 8_637
    assert hashlib.sha256("\n".join(names).encode()).hexdigest() == RELEASED_NAMES


def test_shapes_of_the_release(release: VLModel) -> None:
    shapes = dict(unstacked(release))
    layers = "language_model.model.layers."
    assert shapes[f"{layers}0.self_attn.qkv_proj.weight"] == (24576, 6144)
    assert shapes[f"{layers}6.self_attn.norm.weight"] == (8192,)
    assert shapes[f"{layers}7.self_attn.k_proj.weight"] == (1024, 6144)
    assert shapes[f"{layers}79.self_attn.o_proj.weight"] == (6144, 8192)
    assert shapes[f"{layers}40.block_sparse_moe.experts.31.w2.weight"] == (6144, 9216)
    assert shapes["vision_tower.vision_model.embeddings.position_embedding.weight"] == (577, 1024)
    assert shapes["language_model.lm_head.weight"] == (200064, 6144)


def test_nano_is_small() -> None:
    with torch.device("meta"):
        nano = VLModel(PRESETS["nano"])
    assert 25e6 < sum(p.numel() for p in nano.parameters()) < 40e6


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plans_and_pixels() -> tuple[list, Tensor]:
    """A wide, a small and a tall image."""
    plans = [plan_tiles(height, width, CONFIG.tiling) for height, width in [(50, 90), (30, 30), (100, 60)]]
    return plans, random(sum(plan.tiles for plan in plans), 3, 56, 56)


@torch.inference_mode()
def test_images_end_to_end(model: VLModel) -> None:
    """Two prompts of unequal length with three images: as a batch, and each prompt alone."""
    plans, pixels = plans_and_pixels()
    features = model.encode_images(pixels, plans)
    assert [tuple(f.shape) for f in features] == [(plan.tokens, 48) for plan in plans]
    slots = [[IMAGE] * plan.tokens for plan in plans]
    rows = [torch.tensor(ids) for ids in ([7, *slots[0], 9, *slots[1], 11, 12], [8, *slots[2], 9])]
    longest = max(len(row) for row in rows)
    pad = torch.tensor([longest - len(row) for row in rows])
    ids = torch.stack([torch.cat([torch.zeros(int(p), dtype=torch.long), row]) for p, row in zip(pad, rows)])
    together = model(model.embed(ids, torch.cat(features)), model.new_cache(), pad=pad)
    first = model(model.embed(rows[0][None], torch.cat(features[:2])))
    second = model(model.embed(rows[1][None], features[2]))
    assert_same(
        "batch with images", torch.cat([first, second]), together, "features given to another row's slots"
    )
    swapped = model(model.embed(rows[0][None], torch.cat(features[:2]).flip(0)))
    assert (swapped - first).abs().max() > 0.1, "the answer does not depend on the order of the features"


@torch.inference_mode()
def test_images_in_one_call_equal_one_by_one(model: VLModel) -> None:
    plans, pixels = plans_and_pixels()
    tiles = [plan.tiles for plan in plans]
    together = model.encode_images(pixels, plans)
    for plan, part, got in zip(plans, pixels.split(tiles), together):
        (want,) = model.encode_images(part, [plan])
        assert_same("image", want, got, "tiles split between the wrong images")


@torch.inference_mode()
def test_features_land_in_their_slots_and_nowhere_else(model: VLModel) -> None:
    ids = torch.tensor([[5, IMAGE, 6, IMAGE], [IMAGE, 7, 8, 9]])
    features = random(3, 48)
    got = model.embed(ids, features)
    want = model.embed(torch.where(ids == IMAGE, 0, ids)).clone()
    want[0, 1], want[0, 3], want[1, 0] = features
    assert torch.equal(got, want)


def test_wrong_counts_name_both_numbers(model: VLModel) -> None:
    plans, pixels = plans_and_pixels()
    with pytest.raises(ValueError, match=rf"{len(pixels)} in all, and the pixels hold {len(pixels) - 1}"):
        model.encode_images(pixels[1:], plans)
    ids = torch.tensor([[IMAGE, 5, IMAGE]])
    with pytest.raises(ValueError, match=r"holds 2 image slots \(token id 4\).*gave 5 embeddings"):
        model.embed(ids, random(5, 48))
    with pytest.raises(ValueError, match=r"holds 2 image slots.*gave 0 embeddings"):
        model.embed(ids)
    with pytest.raises(ValueError, match=r"holds 0 image slots.*gave 1 embeddings"):
        model.embed(torch.tensor([[5]]), random(1, 48))


def test_the_laws_hold_for_the_whole_model(model: VLModel) -> None:
    assert_chunks_equal_whole(model, model.new_cache, random(2, 80, 48), [5, 66, 8, 1])
    assert_batch_equals_single(
        model, model.new_cache, [random(9, 48), random(70, 48)], random(2, 3, 48, seed=3)
    )
    assert_snapshot_replays(model, model.new_cache(), random(1, 20, 48), other=random(1, 25, 48, seed=4))


@torch.inference_mode()
def test_a_bf16_model_takes_fp32_pixels_and_answers_in_fp32() -> None:
    whole, rounded = randomise(VLModel(CONFIG)), randomise(VLModel(CONFIG)).to(torch.bfloat16)
    plans, pixels = plans_and_pixels()
    ids = torch.tensor([[7] + [IMAGE] * sum(plan.tokens for plan in plans) + [9]])
    logits = [m(m.embed(ids, torch.cat(m.encode_images(pixels, plans)))) for m in (whole, rounded)]
    assert rounded.dtype == torch.bfloat16 and logits[1].dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(*logits, dim=-1).item() > 0.95


def test_gradients_reach_every_parameter() -> None:
    """All are used, also in a process that answered before: a tensor kept from inference mode cannot be trained on."""
    model = randomise(VLModel(CONFIG)).train()
    plans, pixels = plans_and_pixels()
    with torch.inference_mode():
        model.encode_images(pixels, plans)
    features = torch.cat(model.encode_images(pixels, plans))
    text = torch.randint(5, 2048, (1, 40), generator=torch.Generator().manual_seed(0))
    ids = torch.cat([torch.full((1, len(features)), IMAGE), text], dim=1)
    model(model.embed(ids, features), logits="all").logsumexp(-1).sum().backward()
    dead = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead
    assert all(p.grad.isfinite().all() for p in model.parameters())
