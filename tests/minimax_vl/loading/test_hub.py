from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError

from minimax_vl.errors import InvalidRequest, MiniMaxVLError, ModelMissing
from minimax_vl.loading.hub import resolve
from minimax_vl.loading.placement import plan_memory
from minimax_vl.pipeline import load as load_pipeline

COMMIT = "3" * 40


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("name", ["minimax-vl-01", "someone/some-model"])
def test_offline_answers_at_once(name, empty_cache, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    begin = time.monotonic()
    with pytest.raises(ModelMissing, match="HF_HUB_OFFLINE is set"):
        resolve(name)
    assert time.monotonic() - begin < 3


@pytest.mark.parametrize("name", ["runs/lr--3", "runs/nano.", "runs/größe", "runs/.hidden", "a/" + "x" * 97])
@pytest.mark.parametrize("revision", [None, "v2"])
def test_what_no_hub_can_have_is_a_folder_that_is_not_there(name, revision, empty_cache, monkeypatch):
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: pytest.fail("asked the hub"))
    with pytest.raises(ModelMissing, match=f"no folder '{name}'"):
        resolve(name, revision=revision)


def test_no_network_answers_at_once(empty_cache, monkeypatch):
    def unreachable(self, *_args, **_options):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    begin = time.monotonic()
    with pytest.raises(ModelMissing, match="Name or service not known"):
        resolve("minimax-vl-01")
    assert time.monotonic() - begin < 3


def test_an_earlier_download_serves_offline(empty_cache, monkeypatch):
    snapshot = empty_cache / "models--someone--some-model" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert resolve("someone/some-model") == snapshot
    with pytest.raises(ModelMissing):
        resolve("someone/some-model", revision="v2")


def test_a_download_is_pinned_to_one_commit(empty_cache, monkeypatch):
    asked = {}

    def model_info(self, repo, *, revision, timeout, token):
        asked.update(branch=revision, tokens=[token])
        return SimpleNamespace(sha=COMMIT)

    def snapshot_download(repo, *, revision, allow_patterns, token):
        asked.update(repo=repo, commit=revision, patterns=allow_patterns)
        asked["tokens"].append(token)
        return f"/snapshots/{revision}"

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert resolve("minimax-vl-01", revision="v1", token="hf_ours").name == COMMIT
    assert asked["tokens"] == ["hf_ours", "hf_ours"]
    assert (asked["repo"], asked["branch"], asked["commit"]) == ("MiniMaxAI/MiniMax-VL-01", "v1", COMMIT)
    assert not any("bin" in pattern or "pt" in pattern for pattern in asked["patterns"])


def test_paths(tmp_path):
    assert resolve(tmp_path) == tmp_path
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelMissing, match="is a file"):
        resolve(tmp_path / "model.safetensors")
    with pytest.raises(ModelMissing, match="no folder"):
        resolve(tmp_path / "absent")


def test_a_path_is_a_folder_and_never_a_preset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelMissing, match="no folder 'nano'"):
        resolve(Path("nano"))
    (tmp_path / "nano").mkdir()
    (tmp_path / "minimax-vl-01").mkdir()
    assert resolve("./nano") == resolve(Path("nano")) == Path("nano")
    assert resolve("nano") != Path("nano")
    for load in (plan_memory, load_pipeline):
        with pytest.raises(ModelMissing, match=r"no config\.json in minimax-vl-01"):
            load(Path("minimax-vl-01"))


def test_a_closed_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root, who may run this, is refused nothing
    with pytest.raises(ModelMissing, match="may not open"):
        resolve(tmp_path)


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b"], ids=["empty", "long", "zero"])
def test_names_that_no_file_can_have(name):
    with pytest.raises(MiniMaxVLError) as caught:
        resolve(name)
    assert caught.value.next_step


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_that_cannot_answer_now_is_no_refusal(status, empty_cache, monkeypatch):
    def busy(self, *_args, **_options):
        raise HfHubHTTPError("busy", response=SimpleNamespace(status_code=status, headers={}, request=None))

    snapshot = empty_cache / "models--someone--some-model" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", busy)
    assert resolve("someone/some-model") == snapshot
    with pytest.raises(ModelMissing, match=f"answers with status {status}"):
        resolve("someone/other")


def test_names():
    with pytest.raises(InvalidRequest, match="minimax-vl-01, nano, debug"):
        resolve("nana")
    with pytest.raises(ModelMissing) as caught:
        resolve("debug")
    assert caught.value.next_step == "minimax-vl make-checkpoint DIR --preset debug, then --model DIR"
    assert "assets" not in str(caught.value)


def test_a_preset_whose_weights_are_lost_is_installed_again(tmp_path, monkeypatch):
    monkeypatch.setattr("minimax_vl.loading.hub.PACKAGED", tmp_path)
    with pytest.raises(ModelMissing, match="without its assets"):
        resolve("nano")


def test_what_is_on_no_hub_has_no_revisions(tmp_path):
    for name in ("nano", tmp_path, str(tmp_path)):
        with pytest.raises(InvalidRequest, match="revision 'abc' of"):
            resolve(name, revision="abc")


def test_a_download_that_breaks_says_so_and_goes_on_with_the_same_commit(empty_cache, monkeypatch):
    asked = []

    def snapshot_download(repo, *, revision, allow_patterns, token):
        asked.append(revision)
        if len(asked) == 1:
            raise ConnectionError("connection reset after 300 of 414 files")
        return f"/snapshots/{revision}"

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        huggingface_hub.HfApi, "model_info", lambda self, repo, **_options: SimpleNamespace(sha=COMMIT)
    )
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    with pytest.raises(ModelMissing, match="300 of 414 files") as caught:
        resolve("minimax-vl-01")
    assert "finished files are kept" in caught.value.next_step
    assert resolve("minimax-vl-01").name == COMMIT
    assert asked == [COMMIT, COMMIT]
