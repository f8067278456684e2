"""The cut of a model is data: checked for the release from its names alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from math import prod

import pytest
import torch

from minimax_vl.errors import InvalidRequest
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.quantised import dequantise, quantise
from minimax_vl.loading.homes import everything_on, weight_bytes
from minimax_vl.loading.load import Uninitialised, choose_homes
from minimax_vl.loading.names import place, published_keys
from minimax_vl.loading.save import save_checkpoint
from minimax_vl.parallel.connect import KnownExperts, build_part
from minimax_vl.parallel.split import WHOLE, Split, held_shapes, read_experts
from minimax_vl.presets import PRESETS
from minimax_vl.quantised import columns_of, weights_of
from minimax_vl.text_backbone.experts import Experts

DEBUG, RELEASE = PRESETS["debug"], PRESETS["minimax-vl-01"]
SLICE = replace(RELEASE, text=replace(RELEASE.text, attn_type_list=(0, 1)))  # both kinds of layer
EXPERTS = pytest.mark.parametrize("experts", ["slices", "whole"])


@EXPERTS
@pytest.mark.parametrize("size", [1, 2, 8, 16])
def test_every_element_is_held_as_often_as_it_should_be(size, experts):
    """Once, or by all; and each key/value head by the processes whose query heads read it."""
    shapes, pieces = published_keys(SLICE), defaultdict(list)
    for rank in range(size):
        for key, share in Split(rank, size, experts).shares(SLICE).items():
            columns = share.columns or slice(0, (*shapes[key], 1)[1])
            pieces[key].append((share.rows.start, share.rows.stop, columns.start, columns.stop))
    for key, shape in shapes.items():
        rows, columns = (*shape, 1)[:2]
        distinct = sorted(set(pieces[key]))
        for before, after in pairwise(distinct):  # one below the other, or side by side
            below = before[1] == after[0] and before[2:] == after[2:]
            beside = before[3] == after[2] and before[:2] == after[:2]
            assert below or beside, key
        assert distinct[0][::2] == (0, 0) and distinct[-1][1::2] == (rows, columns), key
        times, cut = len(pieces[key]) / len(distinct), len(distinct) > 1
        if key.startswith("language_model") and re.search(r"\.[kv]_proj", key):
            assert times == max(1, size / 8), key
        else:
            assert times == (1 if cut or ".experts." in key else size), key


@EXPERTS
@pytest.mark.parametrize("size", [2, 8, 16, 32])
def test_query_heads_find_the_key_head_that_they_read(size, experts):
    text = SLICE.text
    each = text.num_attention_heads // text.num_key_value_heads
    for rank in range(size):
        split = Split(rank, size, experts)
        mine = split.text(text)
        keys = split.shares(SLICE)["language_model.model.layers.1.self_attn.k_proj.weight"].rows
        for head in range(mine.num_attention_heads):
            wanted = (rank * mine.num_attention_heads + head) // each
            local = head // (mine.num_attention_heads // mine.num_key_value_heads)
            assert keys.start // text.head_dim + local == wanted


@EXPERTS
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_part_has_the_parameters_that_the_cut_says(size, experts):
    for rank in range(size):
        split = Split(rank, size, experts)
        with torch.device("meta"), Uninitialised():
            part = build_part(DEBUG, split)
        shapes = {name: tuple(p.shape) for name, p in weights_of(part).items()}
        held = held_shapes(DEBUG, split)
        assert sum(p.numel() for p in part.parameters()) == sum(map(prod, held.values()))
        assert shapes.keys() == {place(key, DEBUG).into for key in published_keys(DEBUG)}
        assert all(shapes[key] == shape for key, shape in held.items() if key in shapes)
        assert part.config == DEBUG


def test_processes_share_the_bytes():
    """Of the release in int4 each of two takes half, but for the vision side and the embedding: 1.4 GB each."""
    homes = everything_on("cpu", RELEASE)
    whole = weight_bytes(RELEASE, 4, 2, homes, WHOLE)["cpu"]
    for experts in ("slices", "whole"):
        part = weight_bytes(RELEASE, 4, 2, homes, Split(1, 2, experts))["cpu"]
        assert whole / 2 < part < whole / 2 + 2e9


@pytest.mark.parametrize(
    ("size", "changes", "named"),
    [
        (3, {}, "num_attention_heads=4, vocab_size=2048, intermediate_size=40, num_key_value_heads=2"),
        (2, {"intermediate_size": 41}, "intermediate_size=41"),
        (4, {"num_attention_heads": 12, "num_key_value_heads": 3}, "num_key_value_heads=3"),
    ],
    ids=["three", "width", "key heads"],
)
def test_a_model_that_cannot_be_cut_so(size, changes, named):
    config = replace(DEBUG, text=replace(DEBUG.text, **changes))
    with pytest.raises(InvalidRequest, match=f"{size} processes for {named}"):
        Split(0, size, "slices").check(config)


def test_unknown_ways_to_divide_experts():
    with pytest.raises(InvalidRequest, match="'slices', 'whole'"):
        read_experts("halves")


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize(
    "columns", [slice(0, 300), slice(256, 512), slice(128, 384), slice(20, 40), slice(512, 600)], ids=str
)
def test_columns_of_a_packed_matrix_keep_their_numbers(columns, bits):
    whole = quantise(torch.randn(7, 600), bits)
    part = columns_of(whole, columns)
    assert torch.equal(dequantise(part), dequantise(whole)[:, columns])
    again = quantise(dequantise(part), bits)
    assert (part.data.shape, part.scale.shape, part.group) == (
        again.data.shape,
        again.scale.shape,
        again.group,
    )


def test_columns_that_cut_a_group_are_rounded_once_more():
    whole = quantise(torch.randn(7, 600), 4)
    part, wanted = columns_of(whole, slice(60, 360)), dequantise(whole)[:, 60:360]
    assert not torch.equal(dequantise(part), wanted)
    assert (dequantise(part) - wanted).norm() < 0.1 * wanted.norm()


def test_a_part_is_not_saved_as_if_it_were_the_model(tmp_path):
    with pytest.raises(InvalidRequest, match="this process holds a part"):
        save_checkpoint(build_part(DEBUG, Split(0, 2, "slices")), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_slices_and_devices_are_not_both_possible():
    split = Split(0, 2, "slices")
    with pytest.raises(InvalidRequest, match="one of the two"):
        choose_homes(DEBUG, device_map="auto", split=split)


@pytest.mark.parametrize("few", [0, 64], ids=["left out", "computed for nothing"])
@pytest.mark.parametrize("tokens", [1, 5, 40])
@torch.inference_mode()
def test_what_known_experts_add_is_the_whole(tokens, few):
    """Also where a process knows none of the experts that were chosen."""
    whole = Experts(DEBUG.text)
    ids = torch.stack([torch.randperm(4)[:2] for _ in range(tokens)])
    x, weights, parts = torch.randn(tokens, DEBUG.text.hidden_size), torch.rand(tokens, 2), []
    for first in range(4):
        part = Experts(replace(DEBUG.text, num_local_experts=1, num_experts_per_tok=1))
        part.w13.copy_(whole.w13[first : first + 1])
        part.w2.copy_(whole.w2[first : first + 1])
        with use_backend("reference"):  # the CPU's own backends count on different experts for a token
            parts.append(KnownExperts(part, range(first, first + 1), few)(x, ids, weights))
    assert torch.allclose(sum(parts), whole(x, ids, weights), atol=1e-5)
