from __future__ import annotations

import hashlib
import re

import pytest
import torch

from minimax_vl.loading.names import count_parameters, place, published_keys, quantised_keys
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.checkpoint_keys import active_parameters
from minimax_vl.text_backbone.config import SOFTMAX

RELEASE = PRESETS["minimax-vl-01"]
DIGEST = "d0caf1b714cdfc4caa65b56cbec591668d77b0e2a5d6cf3b5af169531311c886"  # of the released index


def test_names_are_those_of_the_released_index():
    names = sorted(published_keys(RELEASE))
    assert len(names) == 8637
    assert hashlib.sha256("\n".join(names).encode()).hexdigest() == DIGEST


def test_release_counts():
    assert count_parameters(RELEASE) == 456_437_219_328
    assert active_parameters(RELEASE.text) == 45_944_920_064


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_are_those_of_the_model(name):
    with torch.device("meta"):
        model = VLModel(PRESETS[name])
    parameters, config = dict(model.named_parameters()), PRESETS[name]
    assert parameters.keys() == {place(key, config).into for key in published_keys(config)}
    assert sum(p.numel() for p in parameters.values()) == count_parameters(config)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("bits", [8, 4])
def test_router_embeddings_and_norms_are_never_quantised(name, bits):
    chosen = quantised_keys(PRESETS[name], bits)
    kept = ("block_sparse_moe.gate", "embed", "norm", "newline", ".bias")
    assert [key for key in chosen if any(word in key for word in kept)] == []
    eight = {key for key in chosen if re.match(r"language_model.*(lm_head|self_attn\.[qkvo]_proj)", key)}
    softmax_layers = PRESETS[name].text.attn_type_list.count(SOFTMAX)
    assert len(eight) == 1 + 4 * softmax_layers
    assert {chosen.pop(key) for key in eight} == {8}
    assert set(chosen.values()) == {bits}


def test_vision_is_quantised_only_where_it_weighs_something():
    assert any(key.startswith("vision_tower.") for key in quantised_keys(PRESETS["nano"], 8))
    assert not any(key.startswith(("vision", "multi_modal")) for key in quantised_keys(RELEASE, 8))
