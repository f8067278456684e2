"""The slice bench at toy size: its parts, its floors, and weights that never were on the host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from minimax_vl.apps.benching.parts import Bench
from minimax_vl.apps.benching.slice import (
    bytes_of_a_step,
    first_layers,
    prefill,
    random_text,
    token_ids,
)
from minimax_vl.apps.cli import main
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.presets import DEBUG, preset
from minimax_vl.text_backbone.decay import decay_rates

CPU = torch.device("cpu")


def test_parts_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("transformers")
    sizes = ["--lengths", "16", "48", "--layers", "3", "--steps", "2", "--minutes", "2", "--device", "cpu"]
    assert (
        main(
            [
                "bench",
                "slice",
                "--preset",
                "debug",
                *sizes,
                "--against",
                "transformers",
                "--all-positions",
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result == json.loads((tmp_path / "slice.json").read_text())
    measured = (
        "prefill_16_ms",
        "prefill_48_ms",
        "prefill_all_16_ms",
        "prefill_all_48_ms",
        "decode_eager_ms",
        "transformers_prefill_16_ms",
        "transformers_decode_ms",
    )
    assert all(result[name] > 0 for name in measured)
    assert all(value > 0 for value in result["ratios"].values())
    assert result["ratios"]["the same, as counted"] > 3.0, "the last layer's square is in it"


def test_a_bench_that_measured_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--lengths", "16", "--layers", "1", "--steps", "1", "--minutes", "0.000001", "--device", "cpu"]
    assert main(["bench", "slice", "--preset", "debug", *sizes]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["decode_eager_ms"] == {
        "failed": "the time was over"
    }


def test_a_failed_part_says_why_and_the_next_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench("toy", None, 1)
    assert bench.part("broken", lambda: 1 / 0) is None and bench.part("next", lambda: 2.0) == 2.0
    assert "division by zero" in bench.result["broken"]["failed"]
    late = Bench("toy", None, 0)
    assert late.part("late", lambda: 1.0) is None and late.result["late"] == {"failed": "the time was over"}


def test_a_part_says_all_of_an_error_of_ours_and_records_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused() -> None:
        raise InvalidRequest("f", "e", "c", "n")

    bench = Bench("toy", None, 1)
    assert bench.part("plan", refused) is None
    shown = capsys.readouterr()
    assert shown.err == f"plan: InvalidRequest\n{InvalidRequest('f', 'e', 'c', 'n')}\n"
    assert json.loads(shown.out.splitlines()[-1].removeprefix("plan: ")) == bench.result["plan"]
    assert "\n" not in bench.result["plan"]["failed"]


def test_a_result_that_cannot_be_written_ends_the_bench(tmp_path: Path) -> None:
    bench = Bench("toy", tmp_path / "out", 1)
    (tmp_path / "out" / "toy.json").mkdir()
    with pytest.raises(SaveFailed, match="toy.json cannot be written"):
        bench.part("part", lambda: 1.0)


def test_random_weights_are_whole() -> None:
    text = random_text(DEBUG.text, CPU, torch.float32)
    assert all(torch.isfinite(p).all() for p in text.parameters())
    assert (text.model.norm.weight == 1).all()
    layers, heads = DEBUG.text.num_hidden_layers, DEBUG.text.num_attention_heads
    assert torch.equal(text.model.layers[0].self_attn.decay, decay_rates(0, layers, heads))


def test_prefill_in_chunks_reads_every_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minimax_vl.apps.benching.slice.CHUNK", 16)
    text = random_text(DEBUG.text, CPU, torch.float32)
    assert prefill(text, token_ids(DEBUG.text, 40, CPU)).position == 40


def test_floor_of_the_release() -> None:
    """45.9B active parameters in 80 layers, two bytes each, and a head of 200,064 x 6144."""
    whole = preset("minimax-vl-01").text
    assert bytes_of_a_step(whole, 0) / 1e9 == pytest.approx(2 * 45.9 + 2.46 + 0.59, rel=5e-3)
    assert first_layers(whole, 8).attn_type_list == (0, 0, 0, 0, 0, 0, 0, 1)
