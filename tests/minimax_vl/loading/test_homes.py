"""Where the parts of a model go: maps filled by memory or given by hand, and what is refused before any reading."""

from __future__ import annotations

import pytest
import torch
from accelerate import infer_auto_device_map
from accelerate.utils import check_device_map
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, lists, sampled_from

from minimax_vl.errors import InvalidRequest, OutOfMemory, SaveFailed
from minimax_vl.loading import load_model, plan_memory, room
from minimax_vl.loading.filling import Sizes, sizes_of
from minimax_vl.loading.homes import HOST, Homes, everything_on, read_map, spread, weight_bytes
from minimax_vl.loading.names import place, published_keys
from minimax_vl.loading.placement import FORMATS, USABLE
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS

DEBUG, RELEASE = PRESETS["debug"], PRESETS["minimax-vl-01"]
GIB = 1 << 30
LAYER = "language_model.model.layers"


@settings(max_examples=200, deadline=None)
@given(
    layers=lists(integers(1, 9), min_size=1, max_size=12),
    gpus=lists(integers(0, 40), max_size=4),
    cpu=integers(0, 60),
    disk=integers(0, 60),
    even=booleans(),
)
def test_a_spread_keeps_the_order_and_the_room(layers, gpus, cpu, disk, even):
    sizes = Sizes(layers, [1 + i % 2 for i in range(len(layers))], first=3, last=2)
    have = {f"cuda:{i}": size for i, size in enumerate(gpus)} | {"cpu": cpu, "disk": disk}
    homes = spread(sizes, have, even=even)
    order = list(have)
    if homes is None:
        return
    assert len(homes.layers) == len(layers)
    assert [order.index(home) for home in homes.layers] == sorted(order.index(home) for home in homes.layers)
    used = dict.fromkeys(have, 0)
    for weights, cache, home in zip(sizes.weights, sizes.caches, homes.layers):
        used[home] += weights
        used[homes.main if home in HOST else home] += cache
    used[homes.main] += sizes.first
    used[homes.last] += sizes.last
    visitors = [size for i, size in enumerate(layers) if homes.visits(i)]
    used[homes.main] += max(visitors, default=0)
    assert all(used[name] <= have[name] for name in have)
    assert homes.main not in HOST or not gpus


@pytest.mark.parametrize("devices", ["8x141GB", "2x141GB", "8x80GB,cpu=512GB", "16x80GB"])
@pytest.mark.parametrize("quantize", ["none", "int8", "int4"])
def test_loading_places_as_many_layers_as_the_plan_says(devices, quantize):
    plan = plan_memory("minimax-vl-01", devices, quantize=quantize)
    (fit,) = plan.fits
    have = {f"cuda:{i}": int(USABLE * size) for i, size in enumerate(plan.devices.gpus)}
    have["cpu"] = int(USABLE * (plan.devices.cpu or 0))
    homes = spread(sizes_of(RELEASE, FORMATS[fit.format], 2, plan.context), have)
    if homes is None:
        assert fit.on_cpu
    else:
        assert tuple(homes.layers.count(name) for name in list(have)[:-1]) == fit.layers
        assert homes.layers.count("cpu") == fit.on_cpu


def test_two_h200_hold_the_release_in_int4():
    have = dict.fromkeys(("cuda:0", "cuda:1"), int(USABLE * 141 * GIB))
    homes = spread(sizes_of(RELEASE, 4, 2, 8192), have)
    assert homes is not None
    used = weight_bytes(RELEASE, 4, 2, homes)
    assert used.keys() == have.keys()
    assert abs(used["cuda:0"] - used["cuda:1"]) < 4e9  # a layer is 2.9 GB
    assert homes.layers == tuple(sorted(homes.layers))


@pytest.mark.parametrize("bits", [None, 8, 4])
def test_weight_bytes_are_the_plan_s_total(bits):
    total = weight_bytes(RELEASE, bits, 2, everything_on("cpu", RELEASE))
    (row,) = plan_memory(
        "minimax-vl-01", "8x80GB", quantize={None: "none", 8: "int8", 4: "int4"}[bits]
    ).weights
    assert total == {"cpu": row.total}


def test_a_map_as_people_write_it():
    homes = read_map({"": 0, f"{LAYER}.2": "cuda:1", f"{LAYER}.3": "cpu", "language_model.lm_head": 0}, DEBUG)
    assert (homes.main, homes.last) == ("cuda:0", "cuda:0")
    assert homes.layers == ("cuda:0", "cuda:0", "cuda:1", "cpu")
    assert [homes.visits(i) for i in range(4)] == [False, False, False, True]
    assert homes.of(f"{LAYER}.2.input_layernorm.weight") == "cuda:1"
    assert {homes.of(place(key, DEBUG).into) for key in published_keys(DEBUG)} == {"cuda:0", "cuda:1", "cpu"}
    assert read_map({"": "cuda"}, DEBUG) == everything_on("cuda:0", DEBUG)
    assert read_map({"": "cpu:0"}, DEBUG) == everything_on("cpu", DEBUG)


def test_entries_below_a_part_count_where_they_agree():
    """As maps are that other programs wrote, entry by entry."""
    below = {"vision_tower.vision_model": 0, f"{LAYER}.1.self_attn": 0, "language_model.lm_head.weight": 0}
    assert read_map({"": "cuda:0", **below}, DEBUG) == everything_on("cuda:0", DEBUG)
    names = dict.fromkeys((place(key, DEBUG).into for key in published_keys(DEBUG)), "cpu")
    assert read_map(names, DEBUG) == everything_on("cpu", DEBUG)
    moved = dict.fromkeys(("language_model.lm_head.weight", "language_model.model.norm.weight"), "disk")
    assert read_map({"": "cpu", **moved}, DEBUG).last == "disk"


@pytest.mark.parametrize(
    ("device_map", "why"),
    [
        ({"": 0, "language_modell": 1}, "no parameter begins with"),
        ({"": 0, f"{LAYER}.9": 1}, "no parameter begins with"),
        ({"": 0, f"{LAYER}.1.self_attn": 1}, "a part of a layer"),
        ({"": 0, "vision_tower": 1}, "belong together"),
        ({"": 0, "language_model.lm_head": 1}, "belong together"),
        ({"": 0, "language_model.lm_head.weight": "disk"}, "'language_model.lm_head.weight' on disk"),
        ({"": 0, "language_model.model.norm.weight": "cuda:3"}, "norm.weight' on cuda:3"),
        ({"": 0, "vision_tower.vision_model.encoder.layers.0": "cpu"}, "encoder.layers.0' on cpu"),
        ({"": 0, f"{LAYER}.1.input_layernorm.weight": "cpu"}, "input_layernorm.weight' on cpu"),
        ({"": "disk"}, "nothing is left to compute on"),
        ({"language_model": 0}, "no device for image_newline"),
        ({f"{LAYER}.0": 0}, f"no device for {LAYER}.1"),
    ],
)
def test_maps_that_cannot_be(device_map, why):
    with pytest.raises(InvalidRequest, match=why):
        read_map(device_map, DEBUG)


@given(lists(sampled_from(["cuda:0", "cuda:1", "cpu", "disk"]), min_size=6, max_size=6))
def test_a_map_written_out_is_read_back(homes):
    main, last, *layers = homes
    if main != "disk":
        given = Homes(main, tuple(layers), last)
        assert read_map(given.device_map(), DEBUG) == given


# accelerate looks for modules only, and the newline is a parameter
@pytest.mark.filterwarnings("ignore:The following device_map keys")
@pytest.mark.parametrize("cpu", ["1.1MB", "1.3MB", "2MB"])
def test_accelerate_and_we_understand_each_others_maps(folder, tmp_path, cpu):
    with torch.device("meta"):
        bare = VLModel(DEBUG)
    check_device_map(bare, Homes("cpu", ("cpu", "disk", "cpu", "disk"), "cpu").device_map())
    theirs = infer_auto_device_map(
        bare, {"cpu": cpu, "disk": "1GB"}, no_split_module_classes=["DecoderLayer"]
    )
    homes = read_map(theirs, DEBUG)
    assert homes.main == "cpu"
    assert ("disk" in homes.layers) == (cpu != "2MB")
    model = load_model(folder, device_map=theirs, offload_folder=tmp_path / "weights")
    assert model(torch.randn(1, 3, 48)).isfinite().all()


@pytest.mark.parametrize(
    "options",
    [
        {"device_map": "balanced_low_0"},
        {"device_map": "cuda:0"},
        {"max_memory": {"cpu": "lots"}},
        {"max_memory": {"toaster": "1GB"}},
        {"max_memory": {7: "1GB"}},
        {"max_memory": {"cpu": 1e9}},
        {"max_memory": {"cpu": None}},
        {"max_memory": "10GiB"},
        {"device": None},
        {"quantize": ["int8"]},
        {"device_map": {0: "cpu"}},
        {"device_map": {"": "cpu", f"{LAYER}.1": "disk"}},
        {"device_map": {"": 5}},
        {"device_map": {"": "cpu", "vision_tower.vision_model.encoder.layers.0": "nonsense"}},
        {"device_map": {"": "cpu", "image_newline": "cpu:1"}},
        {"device_map": {"": "cpu"}, "max_memory": {"cpu": "1KB"}},
    ],
    ids=str,
)
def test_requests_that_cannot_be(folder, options):
    with pytest.raises(InvalidRequest):
        load_model(folder, **options)


def test_the_cpu_has_a_number_in_other_peoples_maps(folder, tmp_path):
    """And is one device for all of it: nothing is pinned where there is no GPU."""
    given = {"": "cpu:0", f"{LAYER}.1": "cpu", f"{LAYER}.2": "disk"}
    model = load_model(folder, device_map=given, offload_folder=tmp_path / "weights")
    assert model(torch.randn(1, 3, 48)).isfinite().all()


def test_a_gpu_that_is_not_there(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for options in ({"device_map": {"": 2}}, {"max_memory": {0: "1GB", 2: "1GB"}}):
        with pytest.raises(InvalidRequest, match="'cuda:2', and 2 GPUs"):
            load_model(folder, **options)


def test_what_is_free_is_asked_of_every_device(monkeypatch):
    free = {"cuda:0": 500_000, "cuda:1": 2_000_000, "cpu": 9_000_000}
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(room, "free_memory", free.get)
    homes = room.find_homes(DEBUG, 8, 2)
    assert (homes.main, homes.last) == ("cuda:0", "cuda:1")
    assert set(homes.layers) <= {"cuda:0", "cuda:1"}
    monkeypatch.setattr(room, "free_memory", {**free, "cuda:0": 1_560_000, "cuda:1": 140_000}.get)
    assert room.find_homes(DEBUG, 8, 2, "sequential").layers[-1] == "cpu"


@pytest.fixture
def nothing_is_read(monkeypatch):
    def fail(*_args):
        raise AssertionError("a weight was read")

    monkeypatch.setattr("minimax_vl.loading.load.run_plan", fail)
    monkeypatch.setattr("minimax_vl.loading.load.take_memory", fail)


@pytest.mark.parametrize(
    "max_memory", [{"cpu": 1000}, {"cpu": "300KB"}, {"cpu": "300KB", "disk": 1000}], ids=str
)
def test_what_cannot_fit_is_refused_with_the_table_before_reading(
    folder, tmp_path, max_memory, nothing_is_read
):
    options = {"offload_folder": tmp_path / "weights"} if "disk" in max_memory else {}
    with pytest.raises(OutOfMemory, match="all at this width") as caught:
        load_model(folder, max_memory=max_memory, **options)
    assert "device_map='auto'" in caught.value.next_step
    assert not (tmp_path / "weights").exists()


def test_a_map_on_too_small_a_device_is_refused(folder, monkeypatch, nothing_is_read):
    monkeypatch.setattr("minimax_vl.loading.placement.free_memory", lambda device: 1000)
    with pytest.raises(OutOfMemory, match="all at this width"):
        load_model(folder, device_map={"": "cpu"})


def test_a_disk_that_is_too_small_is_refused(folder, tmp_path, monkeypatch, nothing_is_read):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: room.shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(SaveFailed, match="weights on disk"):
        load_model(folder, device_map={"": "cpu", f"{LAYER}.1": "disk"}, offload_folder=tmp_path)


def test_an_offload_folder_that_is_a_file(folder, tmp_path, nothing_is_read):
    (tmp_path / "taken").write_text("x")
    for taken in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(SaveFailed, match="is a file"):
            load_model(folder, device_map={"": "cpu", f"{LAYER}.1": "disk"}, offload_folder=taken)


def test_a_tilde_is_the_home_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    load_model(folder, device_map={"": "cpu", f"{LAYER}.1": "disk"}, offload_folder="~/weights")
    assert (tmp_path / "home" / "weights").is_dir() and not (tmp_path / "~").exists()
