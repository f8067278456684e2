"""The length bench at toy size: every chunk timed, attention as by its definition, a planted key found."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from minimax_vl.apps.benching import planted
from minimax_vl.apps.benching.planted import attention, check_last_query, find_planted, watching
from minimax_vl.apps.benching.random_model import random_model
from minimax_vl.apps.cli import main
from minimax_vl.loading.homes import everything_on
from minimax_vl.presets import DEBUG

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def test_chunks_checks_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--layers", "4", "--tokens", "200", "--chunk", "64", "--minutes", "2", "--device", "cpu"]
    assert main(["bench", "length", "--preset", "debug", *sizes, "--out", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result == json.loads((tmp_path / "length.json").read_text())
    for name in ("hybrid", "softmax"):
        found = result[name]
        assert found["tokens"] == 200 and len(found["seconds"]) == 4
        assert max(found["last query, error against the definition"].values()) < 1e-5
        assert all(
            one["found"] and one["distance"] < 1e-5 and one["error"] < 1e-5 for one in found["planted"]
        )
    assert result["softmax"]["cache"]["held"] > result["hybrid"]["cache"]["held"]


def test_when_the_time_is_over_what_was_read_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--layers", "4", "--tokens", "200", "--chunk", "64", "--minutes", "1e-9", "--device", "cpu"]
    assert main(["bench", "length", "--preset", "debug", *sizes]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["hybrid"] == result["softmax"] == {"failed": "the time was over"}


def test_attention_in_pieces_is_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planted, "PIECE", 7)
    query, (keys, values) = torch.randn(6, 16), torch.randn(2, 40, 2, 16)
    every = (x.repeat_interleave(3, dim=1).transpose(0, 1).double() for x in (keys, values))  # [H, S, D]
    want = F.scaled_dot_product_attention(query[:, None].double(), *every)[:, 0]
    assert torch.allclose(attention(query, keys, values), want)


@torch.inference_mode()
def test_checks_can_fail_and_leave_the_cache_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    text = random_model(DEBUG, everything_on("cpu", DEBUG), dtype="float32", bits=None, seed=0).language_model
    cache = planted.HybridCache(DEBUG.text, 41)
    with watching(text) as seen:
        text.hidden_states(text.model.embed_tokens(torch.arange(5, 45)[None]), cache)
        layer = cache.layers[2]
        before = [x.clone() for x in layer.held()]
        assert max(check_last_query(text, cache, seen).values()) < 1e-5
        assert len(find_planted(text, cache, seen)) == len(planted.DEPTHS)
        assert cache.position == 40 and all(map(torch.equal, before, layer.held()))
        monkeypatch.setattr(planted, "SCORE", 0.1)  # a key that is one among many
        assert not any(one["found"] for one in find_planted(text, cache, seen))
        text.hidden_states(text.model.embed_tokens(torch.tensor([[7]])), cache)
        layer.held()[1][0, :20] += 1.0  # values that attention has read and the definition will not
        assert check_last_query(text, cache, seen)["last_chunk"] > 1e-2


def test_the_plot_reads_lengths_that_double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(SCRIPTS), *sys.path])
    spec = importlib.util.spec_from_file_location("plot_length", SCRIPTS / "plot_length.py")
    assert spec and spec.loader
    plot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plot)
    result = {"asked": {"chunk": 10}, "hybrid": {"tokens": 45, "seconds": [1, 2, 3, 4, 5]}}
    assert plot.read(result, whole=True) == {"ours": {10: 1, 20: 3, 40: 10}}
    assert plot.read(result, whole=False) == {"ours": {10: 1, 20: 2, 40: 4}}
    assert plot.draw(plot.read(result, whole=True), "toy").size[0] > 100
