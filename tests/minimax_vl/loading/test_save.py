from __future__ import annotations

import errno
import json
import os
import shutil

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from minimax_vl.errors import CheckpointError, InvalidRequest, ModelMissing, SaveFailed
from minimax_vl.loading import save
from minimax_vl.loading.aside import in_use, written_aside
from minimax_vl.loading.load import load_model
from minimax_vl.loading.names import published_keys
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS

SHARD = 400_000  # bytes; one tensor is never cut, and the largest has 393,216


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def other() -> VLModel:
    torch.manual_seed(5)
    return VLModel(PRESETS["debug"])


def test_saving_a_loaded_folder_gives_the_same_bytes(folder, tmp_path):
    save.save_checkpoint(load_model(folder), tmp_path / "again", max_shard_bytes=SHARD)
    assert contents(tmp_path / "again") == contents(folder)


def test_names_and_shapes_are_the_published_ones(folder):
    tensors = {}
    for path in folder.glob("*.safetensors"):
        assert path.stat().st_size < SHARD + 20_000  # plus the header
        tensors |= load_file(path)
    assert {key: tuple(t.shape) for key, t in tensors.items()} == published_keys(PRESETS["debug"])
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    assert index["weight_map"].keys() == tensors.keys()
    assert index["metadata"]["total_size"] == sum(t.nbytes for t in tensors.values())


def test_a_home_is_the_one_that_it_is_read_from(other, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    save.save_checkpoint(other, "~/mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def out_of_space(call):
    """save_file that writes half a shard and then finds the disk full, at the `call`-th shard."""
    calls = []

    def write(tensors, path, metadata):
        calls.append(path)
        if len(calls) == call:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        from safetensors.torch import save_file

        save_file(tensors, path, metadata)

    return write


@pytest.mark.parametrize("call", [1, 3])
def test_a_full_disk_leaves_the_old_files_whole(folder, other, monkeypatch, call):
    before = contents(folder)
    monkeypatch.setattr(save, "save_file", out_of_space(call))
    with pytest.raises(SaveFailed, match="No space left on device"):
        save.save_checkpoint(other, folder, max_shard_bytes=SHARD)
    assert contents(folder) == before


def test_the_writers_own_error_is_a_failed_save_too(folder, other, monkeypatch):
    before = contents(folder)

    def write(*_args, **_options):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(save, "save_file", write)
    with pytest.raises(SaveFailed, match="No space left"):
        save.save_checkpoint(other, folder)
    assert contents(folder) == before


def test_too_little_space_is_said_before_writing(folder, other, monkeypatch):
    before = contents(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(SaveFailed, match="nothing was written"):
        save.save_checkpoint(other, folder)
    assert contents(folder) == before


def test_a_save_that_fails_leaves_no_new_folder(other, tmp_path, monkeypatch):
    monkeypatch.setattr(save, "save_file", out_of_space(1))
    with pytest.raises(SaveFailed):
        save.save_checkpoint(other, tmp_path / "new" / "folder")
    assert not (tmp_path / "new").exists()


def test_weights_that_diverged_do_not_replace_good_ones(folder, other):
    before = contents(folder)
    with torch.no_grad():
        other.image_newline[3] = float("nan")
    with pytest.raises(CheckpointError, match="image_newline"):
        save.save_checkpoint(other, folder)
    assert contents(folder) == before


def test_a_value_beyond_float16_is_refused(other, tmp_path):
    with torch.no_grad():
        other.image_newline[3] = 1e6
    with pytest.raises(CheckpointError, match="image_newline"):
        save.save_checkpoint(other, tmp_path, dtype=torch.float16)


@pytest.mark.parametrize("dtype", [torch.int8, torch.float8_e4m3fn, torch.float64, "fp64"], ids=str)
def test_a_dtype_that_would_not_load_is_not_written(folder, other, dtype):
    before = contents(folder)
    with pytest.raises(InvalidRequest, match=str(dtype).removeprefix("torch.")):
        save.save_checkpoint(other, folder, dtype=dtype)
    assert contents(folder) == before


def test_old_shards_go_and_other_files_stay(folder, other):
    (folder / "notes.txt").write_text("mine")
    save.save_checkpoint(other, folder)
    assert sorted(contents(folder)) == ["config.json", "model.safetensors", "notes.txt"]
    assert torch.equal(load_model(folder).image_newline, other.image_newline)


def test_weights_are_readable_by_whoever_may_read_the_config(folder):
    modes = {path.stat().st_mode for path in folder.iterdir()}
    assert len(modes) == 1


def test_a_target_that_is_a_file(other, tmp_path):
    (tmp_path / "taken").write_text("x")
    with pytest.raises(SaveFailed):
        save.save_checkpoint(other, tmp_path / "taken")


def test_the_tokenizer_travels_along(other, tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    save.save_checkpoint(other, tmp_path / "out", tokenizer=tmp_path / "tokenizer.json")
    assert (tmp_path / "out" / "tokenizer.json").read_text() == "{}"


def test_a_tokenizer_under_another_name_is_the_tokenizer(other, tmp_path):
    (tmp_path / "mine.json").write_text("{}")
    save.save_checkpoint(other, tmp_path / "out", tokenizer=str(tmp_path / "mine.json"))
    assert sorted(contents(tmp_path / "out")) == ["config.json", "model.safetensors", "tokenizer.json"]


@pytest.mark.parametrize("where", ["", "nope/tokenizer.json"], ids=["a folder", "nowhere"])
def test_a_tokenizer_that_is_no_file_is_said_before_writing(folder, other, tmp_path, monkeypatch, where):
    before = contents(folder)
    monkeypatch.setattr(save, "save_file", lambda *_args, **_options: pytest.fail("weights were written"))
    with pytest.raises(InvalidRequest, match="tokenizer="):
        save.save_checkpoint(other, folder, tokenizer=tmp_path / where)
    assert contents(folder) == before


@pytest.mark.parametrize("dtype", ["bfloat16", torch.bfloat16], ids=str)
def test_a_dtype_by_name_or_as_torchs(other, tmp_path, dtype):
    save.save_checkpoint(other, tmp_path, dtype=dtype)
    assert {tensor.dtype for tensor in load_file(tmp_path / "model.safetensors").values()} == {torch.bfloat16}


def test_a_crash_among_the_renames_leaves_no_mixture(folder, other, monkeypatch):
    moved = []
    replace = os.replace

    def move(source, target):
        if len(moved) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", move)
    with pytest.raises(SaveFailed, match="there is no checkpoint in it now"):
        save.save_checkpoint(other, folder, max_shard_bytes=SHARD)
    with pytest.raises(ModelMissing, match=r"no config\.json"):
        load_model(folder)


def test_what_a_killed_run_left_is_cleared_away(other, tmp_path):
    left = tmp_path / ".partial"
    left.mkdir()
    (left / "model-00001-of-00007.safetensors").write_bytes(b"half")
    (left / ".tmpAbc").write_bytes(b"the writer's own")
    assert not in_use(tmp_path)
    save.save_checkpoint(other, tmp_path)
    assert sorted(contents(tmp_path)) == ["config.json", "model.safetensors"]
    assert not left.exists() and in_use(tmp_path)


def test_one_process_at_a_time_writes_into_a_folder(other, folder):
    before = contents(folder)
    with written_aside(folder) as names:
        with pytest.raises(SaveFailed, match="another process is writing"):
            save.save_checkpoint(other, folder)
        names("config.json").write_bytes(before["config.json"])
    assert (folder / "config.json").read_bytes() == before["config.json"]


def test_hashes_of_the_weights_before_go_with_them(folder, other):
    names = [path.name for path in folder.glob("*.safetensors")]
    (folder / "SHA256SUMS").write_text("".join(f"{'0' * 64}  {name}\n" for name in names))
    save.save_checkpoint(other, folder, max_shard_bytes=SHARD)
    assert torch.equal(load_model(folder).image_newline, other.image_newline)
