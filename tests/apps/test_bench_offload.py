"""The bench of offloading runs, and refuses to time two models that say different things."""

from __future__ import annotations

import pytest
import torch

from minimax_vl.apps.benching import offload
from minimax_vl.presets import PRESETS

pytestmark = pytest.mark.filterwarnings("ignore:The following device_map keys")


@pytest.mark.parametrize("quantize", [None, "int4"])
def test_accelerates_hooks_and_ours_say_the_same(quantize, monkeypatch):
    monkeypatch.setattr(offload, "REPEAT", 1)
    result = offload.measure(PRESETS["debug"], "cpu", quantize, prompt=5, tokens=2)
    assert result["times_faster"] == result["accelerate_s"] / result["ours_s"]


def test_a_narrow_relative_of_the_release(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(offload, "measure", lambda config, *_: asked.append(config) or {})
    monkeypatch.setattr("sys.argv", ["offload", "--layers", "8", "--narrow", "4"])
    offload.main()
    text = asked[0].text
    assert (text.hidden_size, text.intermediate_size, text.num_local_experts) == (1536, 2304, 32)
    assert (text.num_attention_heads, text.num_key_value_heads, text.head_dim) == (16, 2, 128)
    assert text.num_hidden_layers == 8 and '"narrow": 4' in capsys.readouterr().out


def test_different_answers_are_not_compared(monkeypatch):
    write = offload._writer
    monkeypatch.setattr(
        offload, "_writer", lambda model, *sizes: lambda: write(model, *sizes)() * torch.rand(2048)
    )
    with pytest.raises(RuntimeError, match="nothing to compare"):
        offload.measure(PRESETS["debug"], "cpu", None, prompt=5, tokens=1)
