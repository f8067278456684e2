"""The ViT: equal to CLIP at toy size on carried-over weights, tiles independent, nothing after the last block."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor

from minimax_vl.presets import PRESETS
from minimax_vl.vision.config import VisionConfig
from minimax_vl.vision.encoder import VisionTower

CONFIG = dataclasses.replace(
    PRESETS["debug"].vision, hidden_size=48, num_attention_heads=3, intermediate_size=80, num_hidden_layers=3
)


@pytest.fixture(scope="module")
def tower() -> VisionTower:
    make = torch.Generator().manual_seed(0)
    tower = VisionTower(CONFIG).eval()
    with torch.no_grad():
        for name, p in sorted(tower.named_parameters()):
            scale = 0.3 if p.dim() == 1 else p[0].numel() ** -0.5
            p.copy_(
                scale * torch.randn(p.shape, generator=make) + ("norm" in name and name.endswith("weight"))
            )
    return tower


def pixels(tiles: int) -> Tensor:
    return torch.randn(tiles, 3, 56, 56, generator=torch.Generator().manual_seed(tiles))


@pytest.mark.parity
@pytest.mark.parametrize("tiles", [1, 3])
@torch.inference_mode()
def test_equals_clip_on_the_same_weights(tower: VisionTower, tiles: int) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.CLIPVisionModel(
        transformers.CLIPVisionConfig(
            **{f.name: getattr(CONFIG, f.name) for f in dataclasses.fields(VisionConfig)},
            attn_implementation="eager",
        )
    ).eval()
    ours = tower.vision_model.state_dict()
    names = theirs.state_dict()
    prefix = "vision_model." if any(name.startswith("vision_model.") for name in names) else ""
    missing, surplus = theirs.load_state_dict({prefix + name: x for name, x in ours.items()}, strict=False)
    assert not surplus
    assert {name.removeprefix(prefix) for name in missing} <= {
        "post_layernorm.weight",
        "post_layernorm.bias",
        "embeddings.position_ids",
    }
    want = theirs(pixels(tiles), output_hidden_states=True).hidden_states[-1][:, 1:]
    got = tower(pixels(tiles))
    assert want.abs().mean() > 0.5, "features near zero would make the comparison empty"
    assert got.shape == (tiles, 16, 48)
    assert (want - got).abs().max() < 1e-5 * want.abs().max()


@torch.inference_mode()
def test_tiles_do_not_see_each_other(tower: VisionTower) -> None:
    batch = pixels(3)
    alone = torch.cat([tower(tile[None]) for tile in batch])
    assert (tower(batch) - alone).abs().max() < 1e-5 * alone.abs().max()


@torch.inference_mode()
def test_features_follow_the_patches_row_by_row(tower: VisionTower) -> None:
    """With attention switched off, a pixel reaches the feature of its own patch and no other."""
    lonely = VisionTower(CONFIG).eval()
    lonely.load_state_dict(tower.state_dict())
    for layer in lonely.vision_model.encoder.layers:
        layer.self_attn.out_proj.weight.zero_()
    plain = pixels(1)
    for row, column in [(0, 0), (0, 3), (2, 1), (3, 3)]:
        touched = plain.clone()
        touched[0, 1, 14 * row + 5, 14 * column + 9] += 1
        moved = (lonely(touched) - lonely(plain))[0].abs().amax(-1) > 1e-6
        assert moved.nonzero().flatten().tolist() == [4 * row + column]


@torch.inference_mode()
def test_the_order_of_pixels_in_memory_does_not_matter(tower: VisionTower) -> None:
    batch = pixels(2)
    assert torch.equal(tower(batch), tower(batch.to(memory_format=torch.channels_last)))


def test_the_quick_gelu_of_other_clips_is_refused() -> None:
    with pytest.raises(ValueError, match="quick_gelu"):
        dataclasses.replace(CONFIG, hidden_act="quick_gelu")
