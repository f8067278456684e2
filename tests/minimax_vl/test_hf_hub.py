"""What transformers' `from_pretrained` asks of the hub, and as whom; nothing here is asked over a network."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest

from minimax_vl.errors import ModelMissing

hf = pytest.importorskip("minimax_vl.hf")
KINDS = [hf.MiniMaxVL01ForConditionalGeneration, hf.MiniMaxVL01Processor]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_local_files_only_asks_no_hub(kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: pytest.fail("asked the hub"))
    with pytest.raises(ModelMissing, match="local files only"):
        kind.from_pretrained("someone/some-model", local_files_only=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hub_is_asked_with_the_token(kind, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = []

    def model_info(self, repo, *, token, **_options):
        tokens.append(token)
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    with pytest.raises(ModelMissing):
        kind.from_pretrained("someone/some-model", token="hf_ours")
    assert tokens == ["hf_ours"]
