from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.filling import cache_bytes
from minimax_vl.loading.machine import GIB, Devices, free_memory
from minimax_vl.loading.placement import FORMATS, plan_memory
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.cache import HybridCache, KeyValues
from minimax_vl.text_backbone.model import TextBackbone

RELEASE = "minimax-vl-01"


def fits(devices, **options):
    return {fit.format: fit for fit in plan_memory(RELEASE, devices, **options).fits}


def test_release_weights():
    bf16, int8, int4 = plan_memory(RELEASE, "8x80GB").weights
    assert bf16.total == 2 * 456_437_219_328
    assert [round(row.flat / 1e9) for row in (bf16, int8, int4)] == [913, 456, 228]
    # experts and attention shrink, the rest stays bf16, and each row of a matrix has an fp32 scale
    assert int8.total == int8.quantised + int8.dense + int8.scales
    assert 0 < int8.total - int8.flat < 0.01 * int8.flat
    assert int8.dense == int4.dense < 0.01 * bf16.total


def test_release_caches():
    plan = plan_memory(RELEASE, "8x80GB", context=1_048_576)
    assert plan.kv_per_token == 40_960
    assert plan.kv == 40 * GIB
    assert plan.state == 280 << 20
    assert plan_memory(RELEASE, "8x80GB", context=1).state == plan.state


def test_keys_and_values_in_eight_bits():
    plan = plan_memory(RELEASE, "8x80GB", context=1_048_576, kv_cache="int8")
    assert (plan.kv_cache, plan.kv_per_token) == ("int8", 20_800)
    assert "(20,800 bytes a token, int8)" in str(plan)
    assert plan.state == plan_memory(RELEASE, "8x80GB").state


@pytest.mark.parametrize("kv_cache", [None, "int8"])
def test_a_cache_takes_what_is_planned(kv_cache):
    config = PRESETS["debug"]
    cache = HybridCache(config.text, 50, kv_cache)
    with torch.inference_mode():
        text = TextBackbone(config.text).bfloat16()
        text.hidden_states(text.model.embed_tokens(torch.arange(9)[None]), cache)
    assert cache_bytes(config, 50, kv_cache) == [
        layer.nbytes if isinstance(layer, KeyValues) else layer.state.nbytes for layer in cache.layers
    ]


@pytest.mark.parametrize(
    ("devices", "on_devices", "on_cpu"),
    [("8x80GB", 53, 27), ("8x141GB", 80, 0), ("16x80GB", 80, 0)],
)
def test_release_layers_in_bf16(devices, on_devices, on_cpu):
    fit = fits(devices)["bf16"]
    assert (sum(fit.layers), fit.on_cpu) == (on_devices, on_cpu)


def test_what_fits_is_balanced():
    assert fits("8x141GB")["bf16"].layers == (10,) * 8


def test_fewest_devices():
    assert fits("16x80GB")["bf16"].fewest == 12
    assert fits("8x141GB")["int4"].fewest == 2
    assert all(fits("8x80GB")[name].on_cpu == 0 for name in ("int8", "int4"))


@pytest.mark.parametrize(
    "devices", ["8x80GB", "1x24GB", "8x96GB,cpu=256GB", "cpu=64GB", "3x1GB", "2x141GB,1x80GB"]
)
def test_every_layer_is_somewhere(devices):
    for fit in fits(devices).values():
        assert sum(fit.layers) + fit.on_cpu == 80
        assert (fit.cpu_bytes > 0) == (fit.on_cpu > 0)


def test_host_memory_is_judged():
    assert fits("8x80GB")["bf16"].cpu_fits is None
    assert fits("8x80GB,cpu=256GB")["bf16"].cpu_fits is False
    assert fits("8x80GB,cpu=512GB")["bf16"].cpu_fits is True


def test_a_long_context_costs_layers():
    assert sum(fits("8x80GB", context=4_194_304)["bf16"].layers) < 53


def test_caches_of_waiting_layers_stay_on_the_gpu():
    """Their weights visit, what they remember does not: a long context leaves fewer layers on the device."""
    short, long = (fits("1x80GB", context=tokens)["int4"] for tokens in (8192, 1_048_576))
    assert short.layers > long.layers
    layer = 2.9e9  # bytes; layers are whole
    assert abs((short.layers[0] - long.layers[0]) * layer - 40 * GIB) < layer
    assert long.cpu_bytes > short.cpu_bytes


def test_table_names_every_format_and_survives_json():
    plan = plan_memory(RELEASE, "8x80GB")
    assert all(name in str(plan) for name in FORMATS)
    assert "912.9 GB" in str(plan)
    assert json.loads(json.dumps(plan.to_dict()))["weights"][0]["total"] == 912_874_438_656


def test_folder_and_preset_agree(tmp_path):
    PRESETS["nano"].write(tmp_path)
    assert plan_memory(tmp_path, "1x8GB").weights == plan_memory("nano", "1x8GB").weights


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_may_be_written_from_home(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine").mkdir()
    PRESETS["nano"].write(tmp_path / "mine")
    assert plan_memory(kind("~/mine"), "1x8GB").weights == plan_memory("nano", "1x8GB").weights


def test_one_format_when_asked():
    assert [row.format for row in plan_memory("nano", "1x8GB", quantize="none").weights] == ["bf16"]


@pytest.mark.parametrize(
    "text", ["8x", "80", "8xGB", "x80GB", "gpu=80GB", "8x80GB;cpu=1GB", "-1x80GB", "8x80KB", ""]
)
def test_devices_that_make_no_sense(text):
    with pytest.raises(InvalidRequest):
        Devices.parse(text)


def test_devices_as_people_write_them():
    assert Devices.parse("2x141GB, cpu=256GB") == Devices((141 * GIB, 141 * GIB), 256 * GIB)
    assert Devices.parse("80gb") == Devices.parse("1x80GiB")


def test_bad_requests():
    wrong = [{"context": context} for context in (0, None, "8192", 8192.5)]
    for options in (*wrong, {"quantize": "int2"}, {"kv_cache": "fp8"}, {"devices": 8}):
        with pytest.raises(InvalidRequest):
            plan_memory(RELEASE, **{"devices": "8x80GB", **options})
    assert plan_memory("MiniMaxAI/MiniMax-VL-01", "8x80GB").parameters == 456_437_219_328
    with pytest.raises(InvalidRequest, match="minimax-vl-01, nano, debug"):
        plan_memory("minimax-vl-02", "8x80GB")


def test_free_memory_of_this_machine():
    free = free_memory("cpu")
    assert free is None or 0 < free < 1 << 50
