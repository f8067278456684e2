from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import torch

from minimax_vl.errors import CheckpointError
from minimax_vl.loading.index import Entry
from minimax_vl.loading.load import Uninitialised
from minimax_vl.loading.names import published_keys, quantised_keys
from minimax_vl.loading.plan import plan_load, scale_key
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS

DEBUG, RELEASE = PRESETS["debug"], PRESETS["minimax-vl-01"]


def index_of(config, *, shards=1, int8=()):
    index = {}
    for number, (key, shape) in enumerate(published_keys(config).items()):
        file = Path(f"model-{number % shards:05d}.safetensors")
        index[key] = Entry(file, "I8" if key in int8 else "BF16", shape)
        if key in int8:
            index[scale_key(key)] = Entry(file, "F32", shape[:1])
    return index


def intervals(jobs):
    """Parameter and expert -> sorted (first row, last row + 1) that the jobs write."""
    written = defaultdict(list)
    for job in jobs:
        *lead, rows = job.at
        written[(job.into, *lead)].append((rows.start, rows.stop))
        assert rows.stop - rows.start == job.take.stop - job.take.start
    return {where: sorted(spans) for where, spans in written.items()}


@pytest.mark.parametrize(
    ("config", "slice_bytes"),
    [(RELEASE, 256 << 20), (RELEASE, 10**12), (DEBUG, 1), (DEBUG, 1000)],
    ids=["release", "release-whole", "row-by-row", "small"],
)
def test_every_row_of_every_parameter_is_written_once(config, slice_bytes):
    jobs = plan_load(
        index_of(config, shards=414), config, device="cpu", dtype="bfloat16", slice_bytes=slice_bytes
    )
    written = intervals(jobs)
    with torch.device("meta"), Uninitialised():
        model = VLModel(config)
    for name, parameter in model.named_parameters():
        shape, stacked = parameter.shape, ".experts." in name
        for where in [(name, x) for x in range(shape[0])] if stacked else [(name,)]:
            spans = written.pop(where)
            assert spans[0][0] == 0
            assert spans[-1][1] == shape[1 if stacked else 0]
            assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert not written


def test_every_row_on_disk_is_read_once_and_each_file_opened_once():
    index = index_of(RELEASE, shards=414)
    jobs = plan_load(index, RELEASE, device="cpu", dtype="bfloat16")
    rows = Counter()
    for job in jobs:
        rows[job.key] += job.take.stop - job.take.start
    assert rows == {key: entry.shape[0] for key, entry in index.items()}
    runs = [file for file, _ in groupby(jobs, key=lambda job: job.file)]
    assert len(runs) == len(set(runs)) == 414


def test_no_job_holds_more_than_a_slice():
    jobs = plan_load(index_of(RELEASE), RELEASE, device="cpu", dtype="bfloat16", slice_bytes=64 << 20)
    assert max(job.nbytes for job in jobs) <= 64 << 20


def test_int8_is_dequantised_on_the_way():
    int8 = quantised_keys(DEBUG, 8)
    index = index_of(DEBUG, int8=int8)
    jobs = plan_load(index, DEBUG, device="cpu", dtype="float32")
    assert {job.key for job in jobs if job.scale} == int8.keys()
    assert {job.scale for job in jobs if job.scale} == {index[scale_key(key)] for key in int8}


def test_one_error_lists_missing_surplus_and_misshapen():
    index = index_of(DEBUG)
    file = index["image_newline"].file
    del index["language_model.model.norm.weight"]
    index["language_model.model.layers.9.input_layernorm.weight"] = Entry(file, "BF16", (48,))
    index["image_newline"] = Entry(file, "BF16", (47,))
    with pytest.raises(CheckpointError) as caught:
        plan_load(index, DEBUG, device="cpu", dtype="float32")
    assert "1 missing (language_model.model.norm.weight)" in caught.value.found
    assert "1 surplus (language_model.model.layers.9.input_layernorm.weight)" in caught.value.found
    assert "1 misshapen (image_newline is BF16 [47], not [48])" in caught.value.found


def test_long_lists_are_cut_with_their_count():
    with pytest.raises(CheckpointError, match=r"^found: 8637 missing \((\S+, ){5}\.\.\.\)"):
        plan_load({}, RELEASE, device="cpu", dtype="float32")


def test_the_unused_norm_is_tolerated():
    index = index_of(DEBUG)
    stem = "vision_tower.vision_model"
    for key in (
        f"{stem}.post_layernorm.weight",
        f"{stem}.post_layernorm.bias",
        f"{stem}.embeddings.position_ids",
    ):
        index[key] = Entry(Path("x"), "BF16", (32,))
    jobs = plan_load(index, DEBUG, device="cpu", dtype="float32")
    assert not [job for job in jobs if "post_layernorm" in job.key]


@pytest.mark.parametrize("change", ["no scale", "half the rows", "another file"])
def test_int8_without_its_scales_is_refused(change):
    index = index_of(DEBUG, int8=quantised_keys(DEBUG, 8))
    name = scale_key("language_model.model.layers.0.self_attn.qkv_proj.weight")
    scale = index.pop(name)
    if change == "half the rows":
        index[name] = Entry(scale.file, "F32", (scale.shape[0] // 2,))
    elif change == "another file":
        index[name] = Entry(Path("other.safetensors"), "F32", scale.shape)
    with pytest.raises(CheckpointError, match="1 (missing|misshapen).*qkv_proj.weight_scale"):
        plan_load(index, DEBUG, device="cpu", dtype="float32")
