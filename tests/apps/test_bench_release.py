"""The release bench at toy size: its parts, its random weights, its floors, and the same placement as `load`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch

from minimax_vl.apps.benching.parts import Bench
from minimax_vl.apps.benching.placed import planned
from minimax_vl.apps.benching.random_model import HIGHEST, SPREAD, held_bytes, random_model
from minimax_vl.apps.benching.release import judge
from minimax_vl.apps.benching.step import experts_by_chance, experts_met, one_by_one, step_bytes, steps_of
from minimax_vl.apps.benching.timeline import Panel, Span, draw
from minimax_vl.apps.cli import main
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise
from minimax_vl.kernels.quantised.pack import integers
from minimax_vl.loading import plan_memory
from minimax_vl.loading.filling import sizes_of
from minimax_vl.loading.homes import everything_on, spread
from minimax_vl.presets import DEBUG, preset
from minimax_vl.quantised import weights_of
from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX
from minimax_vl.text_backbone.decay import decay_rates

ON_CPU = everything_on("cpu", DEBUG)
SIZES = ["--preset", "debug", "--new-tokens", "4", "--batch", "2", "--minutes", "2"]


def test_parts_json_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minimax_vl.apps.benching.release.REPEAT", 1)
    asked = [*SIZES, "--devices", "cpu", "--layers", "3", "--out", str(tmp_path)]
    assert main(["bench", "release", *asked]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result == json.loads((tmp_path / "release.json").read_text())
    assert not [name for name, part in result.items() if isinstance(part, dict) and "failed" in part]
    assert result["held, of the plan"]["cpu"] == pytest.approx(1, rel=1e-3)
    assert result["first_ask"]["tokens"] > 1 and result["first_ask"]["tiles"]
    assert result["ask"]["decode_ms"] > 0 and result["batch"]["rows"] == 2
    assert result["bars"]["memory, off the plan"]["met"] is True
    assert result["bars"]["batch, times the tokens/s of one"]["at least"] == 3
    assert ElementTree.parse(tmp_path / "timeline.svg").getroot().tag.endswith("svg")


def test_bars_are_judged_without_the_parts_that_failed() -> None:
    bench = Bench("toy", None, 1)
    bench.result = {
        "ask": {"decode_ms": 10.0, "tokens_per_s": 100.0},
        "floor_1": {"quantised_ms": 5.4, "ms": 6.0},
        "step_1": {"ms": 10.0},
        "step_8": {"ms": 15.0, "experts_met": 2.1, "experts_by_chance": 12.9},
        "batch": {"failed": "out of memory"},
        "held, of the plan": {"cuda:0": 1.001, "cuda:1": 0.96},
    }
    judge(bench, 8)
    met = {name: row.get("met") for name, row in bench.result["bars"].items()}
    assert met == {
        "decode, of the floor of its active quantised weights": False,
        "decode, of the floor of all it must move": None,
        "unrelated rows, 8 beside one": None,
        "experts that unrelated rows meet, of those by chance": False,
        "memory, off the plan": False,
    }


def test_kernels_that_wait_for_others_add_up() -> None:
    """One that has begun early, one within another, and a second device."""
    spans = [
        Span("a", 0.0, 4.0),
        Span("b", 1.0, 5.0),
        Span("c", 2.0, 3.0),
        Span("d", 6.0, 7.0),
        Span("e", 0.5, 1.0),
    ]
    devices = ["cuda:0"] * 4 + ["cuda:1"]
    apart = one_by_one(zip(devices, spans, strict=True))
    times = {span.name: (span.start, span.end) for _, span in apart}
    assert times == {"a": (0, 4), "e": (0.5, 1), "b": (4, 5), "c": (5, 5), "d": (6, 7)}
    assert [device for device, span in apart if span.name == "e"] == ["cuda:1"]


def test_a_model_that_does_not_fit_is_refused_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minimax_vl.apps.benching.placed.free_memory", lambda device: 10_000)
    assert main(["bench", "release", *SIZES, "--devices", "cpu"]) == 1
    shown = capsys.readouterr()
    assert "OutOfMemory" in json.loads(shown.out.splitlines()[-1])["plan"]["failed"]
    assert shown.err.startswith("plan: OutOfMemory\nfound: ") and "next step: " in shown.err


@torch.no_grad()
@pytest.mark.parametrize("bits", [None, 8, 4])
def test_random_weights_are_whole_and_keep_sizes(bits: int | None) -> None:
    model = random_model(DEBUG, ON_CPU, dtype="float32", bits=bits, seed=1)
    for name, weight in weights_of(model).items():
        values = dequantise(weight) if isinstance(weight, QuantisedWeight) else weight
        assert torch.isfinite(values).all(), name
        if name.endswith("experts.w13"):
            kept = values.square().mean() * values.shape[-1]  # of the mean square of what passes through
            assert 0.8 < float(kept) < 1.3
    layers, heads = DEBUG.text.num_hidden_layers, DEBUG.text.num_attention_heads
    assert torch.equal(model.language_model.model.layers[0].self_attn.decay, decay_rates(0, layers, heads))
    again = random_model(DEBUG, ON_CPU, dtype="float32", bits=bits, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(model.buffers(), again.buffers()))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters()))
    assert held_bytes(model) == held_bytes(again)


@torch.no_grad()
@pytest.mark.parametrize("bits", [8, 4])
def test_integers_are_equally_likely_on_both_sides_of_zero(bits: int) -> None:
    model = random_model(DEBUG, ON_CPU, dtype="float32", bits=bits, seed=1)
    held = [w for w in weights_of(model).values() if isinstance(w, QuantisedWeight) and w.bits == bits]
    values = torch.cat([integers(weight).flatten() for weight in held])
    assert values.unique().numel() == 2 * HIGHEST[bits] + 1
    assert -values.min() == values.max() == HIGHEST[bits]
    assert abs(float(values.double().mean())) < 0.02 * SPREAD[bits]
    assert float(values.double().square().mean().sqrt()) == pytest.approx(SPREAD[bits], rel=1e-2)


@torch.inference_mode()
@pytest.mark.parametrize("bits", [None, 8, 4])
def test_unrelated_rows_stay_apart_through_all_layers(bits: int | None) -> None:
    """Where they became one, a batch would read the experts of a single row, and be too fast."""
    wide = replace(DEBUG.text, hidden_size=512, attn_type_list=(LIGHTNING, LIGHTNING, SOFTMAX, LIGHTNING) * 2)
    config = replace(DEBUG, text=wide)
    model = random_model(config, everything_on("cpu", config), dtype="float32", bits=bits, seed=0)
    assert experts_met(model, 4) == pytest.approx(experts_by_chance(config, 4), rel=0.2)


def test_two_devices_get_what_the_plan_says() -> None:
    """The whole release in int4 over two of 141 GB, from its config alone."""
    config = preset("minimax-vl-01")
    plan = plan_memory("minimax-vl-01", "2x141GB", quantize="int4")
    room = dict.fromkeys(("cuda:0", "cuda:1"), int(0.93 * (141 << 30)))
    homes = spread(sizes_of(config, 4, 2, 8192), room)
    assert homes is not None
    shares = planned(config, 4, 2, homes)
    assert tuple(share["layers"] for share in shares.values()) == plan.fits[0].layers
    assert sum(share["weights"] for share in shares.values()) == plan.weights[0].total


def test_floor_of_the_release_in_int4() -> None:
    """45.9B active parameters at half a byte and a 64th for scales, 1.1B of them, softmax attention, at a byte.

    Eight unrelated rows meet many more experts.
    """
    config = preset("minimax-vl-01")
    one = step_bytes(config, 4, 2, experts=2, rows=1, context=0)
    assert one["quantised"] / 1e9 == pytest.approx((45.9 - 1.1) / 2 * (1 + 1 / 32) + 1.1, rel=5e-3)
    softmax = 10 * 2 * 6144 * (8192 + 1024)  # q and o, k and v: in int8
    head = 200064 * 6144  # in int8
    assert one["dense"] / 1e9 == pytest.approx(head / 1e9, rel=0.03)
    half = step_bytes(config, None, 2, experts=2, rows=1, context=0)
    assert half["dense"] - one["dense"] == pytest.approx(head, rel=0.001)
    fewest = half["quantised"] / 2 - softmax
    assert one["quantised"] == pytest.approx(fewest / 2 * (1 + 1 / 32) + softmax, rel=1e-3)
    eight = step_bytes(config, 4, 2, experts=13, rows=8, context=0)
    assert eight["quantised"] > 3.5 * one["quantised"] and eight["states"] == 8 * one["states"]


@torch.inference_mode()
def test_a_step_is_ready_and_counts_its_experts() -> None:
    model = random_model(DEBUG, ON_CPU, dtype="float32", bits=4, seed=0)
    step, ids = steps_of(model, 3)
    assert torch.isfinite(step(ids)).all() and step.cache.position == 65
    assert experts_met(model, 1) == DEBUG.text.num_experts_per_tok
    assert 2 < experts_met(model, 16) <= DEBUG.text.num_local_experts


def test_a_picture_shows_every_span() -> None:
    rows = [("cuda:0", [Span("a & b", 0.0, 1.0)]), ("cuda:1", [Span("c", 1.0, 4.0)])]
    root = ElementTree.fromstring(draw([Panel("one", "ms", rows)]))
    titles = [found.text for found in root.iter() if found.tag.endswith("title")]
    assert titles == ["a & b 1 ms", "c 3 ms"]


def test_no_name_is_cut_off_at_the_edge_of_a_picture() -> None:
    spans = [Span(f"a kernel of a long name {i}", float(i), i + 1.0) for i in range(9)]
    root = ElementTree.fromstring(draw([Panel("one", "ms", [("cuda:0", spans)])]))
    names = [found for found in root.iter() if (found.text or "").startswith("a kernel") and found.get("x")]
    ends = [float(found.attrib["x"]) + 7.5 * len(found.text or "") for found in names]
    assert len(ends) == 9 and max(ends) < float(root.attrib["width"])
    assert max(float(found.attrib["y"]) for found in names) < float(root.attrib["height"])
