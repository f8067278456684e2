"""The bench command end to end at toy size, and the laws of its clock and of its operation counts."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from minimax_vl.apps import bench
from minimax_vl.apps.benching.clock import Spread, taking_turns
from minimax_vl.apps.benching.rival import rival_of
from minimax_vl.apps.benching.stages import decoder, ids, page, pipeline_of, prefill_flops, vision_flops
from minimax_vl.apps.cli import main
from minimax_vl.errors import OutOfMemory
from minimax_vl.kernels.backends import use_backend
from minimax_vl.loading.stand_in import cut
from minimax_vl.presets import DEBUG
from minimax_vl.quantised import hold_quantised
from minimax_vl.text_backbone import HybridCache, TextBackbone
from minimax_vl.text_backbone.checkpoint_keys import QUANTISABLE
from minimax_vl.vision.encoder import VisionModel
from minimax_vl.vision.ink import inked_area

TOY = [
    "bench",
    "model",
    "--model",
    "debug",
    "--random",
    "--page",
    "112x112",
    "--new-tokens",
    "2",
    "--repeat",
    "1",
]


def test_rows_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TOY, "--lengths", "16", "48"]) == 0
    out = capsys.readouterr().out
    result = json.loads(out.splitlines()[-1])
    assert set(result["stages"]) == {
        *("preprocess", "vision", "prefill", "decode"),
        *("answer, warm", "decode, steady"),
    }
    assert all(spread["best_s"] > 0 for spread in result["stages"].values())
    assert result["tokens"]["decode, steady"] == 2 and result["tiles"] == 5
    assert list(result["lengths"]) == ["16", "48"]
    assert result["peak_memory_mb"] > 50
    assert "of matmul rate" in out and "of the first" in out


@pytest.mark.parametrize("what", ["kernels", "slice"])
def test_a_device_that_is_not_there_is_said_before_anything_is_timed(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", what, "--device", "nope"]) == 2
    shown = capsys.readouterr()
    assert "found: device 'nope'" in shown.err and not shown.out


@pytest.mark.parametrize("what", ["kernels", "slice", "release", "length", "serve"])
@pytest.mark.parametrize("value", ["nan", "-1", "0", "ten"])
def test_a_time_that_is_none_is_refused(what: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", what, f"--minutes={value}"]) == 2
    assert f"'{value}' is not a number of minutes above 0" in capsys.readouterr().err


def test_against_transformers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    monkeypatch.setattr("minimax_vl.apps.benching.rival.PREFILL", 32)
    assert main([*TOY, "--against", "transformers"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(result["against"]) == {
        *("prefill 32, fp32", "prefill 32, bf16"),
        *("one token, fp32", "one token, bf16"),
    }


@pytest.mark.parametrize("bits", [None, 8])
def test_rival_computes_what_we_compute(bits: int | None) -> None:
    """Where transformers rotates as we do, so that a time compared is the time of the same work."""
    pytest.importorskip("transformers")
    ours = TextBackbone(dataclasses.replace(DEBUG.text, rotary_dim=DEBUG.text.head_dim)).eval()
    if bits:
        names = [name for name in ours.state_dict() if QUANTISABLE.fullmatch(f"language_model.{name}")]
        experts = [name for name in ours.state_dict() if name.endswith(("experts.w13", "experts.w2"))]
        hold_quantised(ours, dict.fromkeys((*names, *experts, "lm_head.weight"), bits))
    prompt = ids(ours, 40)
    with torch.inference_mode(), use_backend("torch"):
        want = rival_of(ours)(prompt, logits_to_keep=1).logits[:, -1]
        assert (want - ours(ours.model.embed_tokens(prompt))).abs().max() < 1e-5


def test_jobs_take_turns_and_the_first_round_is_not_timed() -> None:
    order: list[str] = []
    spreads = taking_turns([lambda: order.append("a"), lambda: order.append("b")], 3)
    assert order == ["a", "b"] * 4
    assert [len(spread.seconds) for spread in spreads] == [3, 3]


def test_spread() -> None:
    spread = Spread((3.0, 1.0, 2.5))
    assert (spread.best, spread.median) == (1.0, 2.5)


def test_decode_starts_from_the_same_moment_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A steady decode is one job repeated: it must not run into an ever longer context."""
    text, seen = TextBackbone(DEBUG.text).eval(), []
    job = decoder(text, 12, 3)
    forward = TextBackbone.forward
    monkeypatch.setattr(
        TextBackbone,
        "forward",
        lambda self, x, cache: seen.append(cache.position) or forward(self, x, cache),
    )
    job()
    job()
    assert seen == [12, 13, 14] * 2


def test_vision_operations_are_those_that_run() -> None:
    tower = VisionModel(DEBUG.vision)
    with (
        FlopCounterMode(display=False) as counter,
        torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH),
    ):
        tower(torch.zeros(3, 3, DEBUG.vision.image_size, DEBUG.vision.image_size))
    assert vision_flops(DEBUG.vision, 3) == counter.get_total_flops()


def test_prefill_operations_are_those_that_run() -> None:
    text, count = TextBackbone(DEBUG.text).eval(), 256
    x = text.model.embed_tokens(ids(text, count))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        text.hidden_states(x, HybridCache(DEBUG.text))
    # The chunked lightning form multiplies within chunks too, and attention runs whole: more than the definition.
    assert 1.0 < counter.get_total_flops() / prefill_flops(DEBUG, count) < 1.5


@pytest.mark.parametrize("layers", [3, 4], ids=["softmax last", "lightning last"])
def test_operations_that_the_last_layer_saves(layers: int) -> None:
    config = cut(DEBUG, layers)
    text, count, made = TextBackbone(config.text).eval(), 256, []
    x = text.model.embed_tokens(ids(text, count))
    for last_only in (False, True):
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            text.hidden_states(x, HybridCache(config.text), last_only=last_only)
        made.append(counter.get_total_flops())
    saved = prefill_flops(config, count) - prefill_flops(config, count, last_only=True)
    if layers == 3:  # the counter leaves out the CPU's fused attention
        saved -= (2 * count**2 - 4 * count) * config.text.inner_size
    assert made[0] - made[1] == pytest.approx(saved, rel=0.02)


@pytest.mark.parametrize("size", [(672, 672), (1654, 2339)])
def test_page_is_printed_to_its_edges(size: tuple[int, int]) -> None:
    """Cut to its print it is as large, so that what a page is said to cost is what its size costs."""
    image = page(*size)
    assert image.size == size and inked_area(image) == (0, 0, *size)


@pytest.mark.parametrize("text", ["672", "0x5", "axb", "5x-2"])
def test_a_size_that_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "model", "--page", text]) == 2
    assert "width and a height" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        *("model --repeat 0", "model --threads -1", "model --lengths -5", "model --lengths 16 0"),
        *("model --new-tokens -1", "model --new-tokens 0", "model --line 0", "slice --layers 0"),
        *(
            "slice --lengths 0",
            "slice --steps 0",
            "release --layers 0",
            "release --size 0 5",
            "release --batch 0",
        ),
        *("length --layers 0", "length --tokens 0", "length --chunk 0"),
        *("serve --pages 0", "serve --clients 0", "serve --new-tokens 0", "serve --kills -1"),
    ],
)
def test_a_bench_of_nothing_is_refused(
    asked: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "run", lambda args: pytest.fail("it began"))
    assert main(["bench", *asked.split()]) == 2
    assert "is not a whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "what",
    [
        *("kernels --op rms", "slice --preset debug", "slice --preset debug --mesh slices"),
        *("release --preset debug", "length --preset debug"),
    ],
)
def test_an_out_that_is_no_folder(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "file"
    out.write_text("kept")
    assert (
        main(
            ["bench", *what.split(), "--device" + "s" * what.startswith("release"), "cpu", "--out", str(out)]
        )
        == 1
    )
    shown = capsys.readouterr().err
    assert shown.startswith(f"minimax-vl bench: SaveFailed\nfound: {out} cannot be written")
    assert "next step: " in shown and out.read_text() == "kept"


def test_random_pipeline_needs_no_checkpoint() -> None:
    assert pipeline_of("debug", True).config == DEBUG


def test_a_random_model_that_cannot_fit_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minimax_vl.loading.placement.free_memory", lambda _: 1 << 30)
    monkeypatch.setattr("minimax_vl.apps.benching.stages.VLModel", lambda _: pytest.fail("it was begun"))
    with pytest.raises(OutOfMemory, match="minimax-vl-01|of weights"):
        pipeline_of("minimax-vl-01", random=True)


@pytest.mark.slow
def test_a_server_under_a_little_load(capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--clients", "2", "--minutes", "0.05", "--kills", "2", "--pages", "1", "--new-tokens", "4"]
    assert main(["bench", "serve", *few]) == 0
    out = capsys.readouterr().out
    result = json.loads(out.splitlines()[-1])
    assert (
        "warm: 24 answers, 0 errors" in out
    )  # four rounds of five questions about the page and one without it
    assert result["one"]["error_count"] == result["many"]["error_count"] == 0
    assert result["many"]["answers"] >= 2 and min(result["memory_mib"]) > 100
    assert result["killed"] == 2 and result["idle_after_kills"]
