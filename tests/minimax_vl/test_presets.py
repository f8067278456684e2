"""The presets: the release's pattern and grids, alpha from depth, sizes that follow each other."""

from __future__ import annotations

import pytest

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.presets import PRESETS, preset


def test_softmax_layers_of_the_release() -> None:
    kinds = PRESETS["minimax-vl-01"].text.attn_type_list
    assert len(kinds) == 80
    assert [i for i, kind in enumerate(kinds) if kind == 1] == [7, 15, 23, 31, 39, 47, 55, 63, 71, 79]


def test_grids_of_the_release() -> None:
    grids = PRESETS["minimax-vl-01"].tiling.pinpoints
    assert len(grids) == len(set(grids)) == 28
    assert {(h, w) for w, h in grids} == set(grids), "the list is closed under turning the image"
    assert max(w * h for w, h in grids) == 18 * 336**2
    assert (2016, 2016) not in grids


@pytest.mark.parametrize("name", ["minimax-vl-01", "nano"])
def test_alpha_is_the_fourth_root_of_twice_the_depth(name: str) -> None:
    text = PRESETS[name].text
    alpha = (2 * text.num_hidden_layers) ** 0.25
    for kind in ("full_attention", "linear_attention", "mlp"):
        assert getattr(text, f"layernorm_{kind}_alpha") == pytest.approx(alpha, rel=1e-15)
        assert getattr(text, f"layernorm_{kind}_beta") == 1.0


@pytest.mark.parametrize("name", PRESETS)
def test_parts_agree_with_each_other(name: str) -> None:
    config = PRESETS[name]
    assert config.tiling.tile == config.vision.image_size and config.tiling.patch == config.vision.patch_size
    assert config.image_token_index < config.text.vocab_size
    assert config.tiling.side * config.tiling.merge == config.vision.patches_per_side
    assert preset(name) is config


def test_debug_tells_every_residual_weight_apart() -> None:
    text = PRESETS["debug"].text
    kinds = ("full_attention", "linear_attention", "mlp")
    values = [getattr(text, f"layernorm_{kind}_{greek}") for kind in kinds for greek in ("alpha", "beta")]
    assert len(set(values)) == 6 and 0 < text.rotary_dim < text.head_dim


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(InvalidRequest) as error:
        preset("nanno")
    assert "'nanno'" in error.value.found and all(name in error.value.expected for name in PRESETS)


def test_the_shipped_checkpoint_is_the_preset() -> None:
    assert ModelConfig.read(PACKAGED / "nano") == PRESETS["nano"]
