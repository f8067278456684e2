"""Checkpoints and machines that let one down: each refused by name, nothing half done, memory given back."""

from __future__ import annotations

import errno
import json
import os
import weakref
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from minimax_vl.apps.cli import main
from minimax_vl.errors import CheckpointError, MiniMaxVLError, OutOfMemory, SaveFailed
from minimax_vl.loading import load, load_model, memory, save, save_checkpoint
from minimax_vl.loading.index import read_index
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.pipeline import load as load_pipeline
from minimax_vl.presets import PRESETS

DEBUG = PRESETS["debug"]
INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize(
    "weight_map",
    [
        {},
        {"image_newline": "model-00009-of-00009.safetensors"},
        {"image_newline": "config.json"},
        {"image_newline": "x" * 300},
    ],
    ids=["empty", "nowhere", "another file", "longer than names are"],
)
def test_an_index_that_points_nowhere(folder, weight_map):
    (folder / INDEX).write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(CheckpointError):
        load_model(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", "null", '{"weight_map": {"a": ["b"]}}'], ids=len)
def test_an_index_that_is_none(folder, text):
    (folder / INDEX).write_text(text)
    with pytest.raises(CheckpointError, match=INDEX):
        load_model(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [float("inf")]},
        {"shape": [-48]},
        {"data_offsets": [4]},
        {"data_offsets": [192, 384]},
        {"dtype": "F32", "shape": [47]},
    ],
    ids=str,
)
def test_a_header_that_lies(tmp_path, change):
    write_stand_in(tmp_path, DEBUG)
    file = tmp_path / "model.safetensors"
    raw = file.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    header["image_newline"] |= change
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + length :])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: "):
        load_model(tmp_path)


def test_two_tensors_in_the_same_place(tmp_path):
    """Each of them is as long as it should be, and so is the file."""
    file = tmp_path / "model.safetensors"
    save_file({name: torch.zeros(4) for name in "abc"}, file)
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"[16,32]", b"[0,16] "))
    assert file.read_bytes() != whole
    with pytest.raises(CheckpointError, match="what lies before it ends at 16"):
        read_index(tmp_path)


def test_a_shard_of_another_user(folder, monkeypatch):
    opened = Path.open

    def open_(self, *args, **options):
        if self.suffix == ".safetensors":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", open_)  # root, who may run this, is refused nothing
    with pytest.raises(CheckpointError, match=r"safetensors cannot be read \(Permission denied\)"):
        load_model(folder)


def test_a_tokenizer_that_does_not_fit_is_found_before_the_weights_are_read(tmp_path, monkeypatch):
    write_stand_in(tmp_path, DEBUG)
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text())
    tokenizer["added_tokens"][0]["id"] = 5000
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    monkeypatch.setattr(load, "run_plan", None)
    with pytest.raises(CheckpointError, match="ids up to 5000 for a vocabulary of 2048"):
        load_pipeline(tmp_path)


def test_an_index_with_two_shards_exchanged_still_finds_every_tensor(model, folder):
    """The headers say what lies where; the index only says which files there are."""
    index = json.loads((folder / INDEX).read_text())
    one, other = sorted(set(index["weight_map"].values()))[:2]
    swap = {one: other, other: one}
    index["weight_map"] = {key: swap.get(file, file) for key, file in index["weight_map"].items()}
    (folder / INDEX).write_text(json.dumps(index))
    loaded = dict(load_model(folder).named_parameters())
    assert all(torch.equal(weight, loaded[name]) for name, weight in model.named_parameters())


def test_a_shard_of_another_checkpoint(folder, tmp_path):
    """Its tensors are in their own shard already, or are missing here."""
    shards = sorted(folder.glob("*.safetensors"))
    shards[1].write_bytes(shards[0].read_bytes())
    with pytest.raises(CheckpointError, match=f"in both {shards[0].name} and {shards[1].name}"):
        load_model(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "minimax_text_01", "architectures": ["MiniMaxText01ForCausalLM"]},
        {"model_type": "minimax_m1", "architectures": ["MiniMaxM1ForCausalLM"]},
        {"model_type": "minimax", "architectures": ["MiniMaxForCausalLM"]},
    ],
    ids=lambda changes: changes["model_type"],
)
def test_another_model_of_the_same_makers(folder, changes):
    config = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=f"model_type '{changes['model_type']}'"):
        load_model(folder)


@pytest.mark.parametrize("quantize", [[], ["--quantize", "int4"]], ids=["dense", "int4"])
@pytest.mark.parametrize("call", [1, 3])
def test_a_disk_that_fills_up_while_converting_leaves_nothing_to_load(
    folder, tmp_path, monkeypatch, capsys, call, quantize
):
    calls = []

    def write(tensors, path, metadata):
        calls.append(path)
        save_file(tensors, path, metadata)
        if len(calls) == call:
            path.write_bytes(path.read_bytes()[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(save, "save_file", write)
    target = tmp_path / "target"
    assert main(["convert", str(folder), str(target), "--max-shard-size", "100KB", *quantize]) == 1
    assert len(calls) == call
    assert "No space left on device" in capsys.readouterr().err
    assert not target.exists()


class Stop(BaseException):
    """As Ctrl-C, or the machine's out-of-memory killer just missing."""


def test_an_interrupted_conversion_leaves_nothing_to_load(folder, tmp_path, monkeypatch):
    def write(tensors, path, metadata):
        path.write_bytes(b"half")
        raise Stop

    monkeypatch.setattr(save, "save_file", write)
    with pytest.raises(Stop):
        main(["convert", str(folder), str(tmp_path / "target")])
    with pytest.raises(MiniMaxVLError):
        load_model(tmp_path / "target")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("quantize", [None, "int4"])
def test_running_out_of_memory_while_loading_gives_it_back(folder, monkeypatch, error, quantize):
    taken = []

    def run_out(jobs, weights, quiet):
        taken.extend(weakref.ref(getattr(weight, "scale", weight)) for weight in weights.values())
        raise error

    monkeypatch.setattr(load, "run_plan", run_out)
    with pytest.raises(OutOfMemory, match="all at this width") as caught:
        load_model(folder, quantize=quantize)
    error.__traceback__ = None  # pytest's parameter outlives the call; a real error does not
    assert "loading ran out of memory" in caught.value.found
    assert taken
    assert not any(weight() is not None for weight in taken)


def test_another_error_while_loading_is_not_taken_for_it(folder, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("something else")

    monkeypatch.setattr(load, "run_plan", fail)
    with pytest.raises(RuntimeError, match="something else"):
        load_model(folder)


def test_a_disk_that_fills_up_under_an_offloaded_layer(folder, tmp_path, monkeypatch):
    def full(_file, _nbytes):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(memory, "_reserve", full)
    with pytest.raises(SaveFailed, match="No space left on device"):
        load_model(
            folder,
            device_map={"": "cpu", "language_model.model.layers.1": "disk"},
            offload_folder=tmp_path / "weights",
        )
    assert list((tmp_path / "weights").iterdir()) == []


def write_sums(folder):
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in folder.glob("*.safetensors")]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")


def test_a_shard_that_is_not_what_its_folder_says(folder, tmp_path, capsys):
    """One bit of one weight: nothing else could find that."""
    write_sums(folder)
    load_model(folder)
    shard = sorted(folder.glob("*.safetensors"))[1]
    data = bytearray(shard.read_bytes())
    data[-100] ^= 1
    shard.write_bytes(data)
    with pytest.raises(CheckpointError, match=f"{shard.name} has the SHA-256 {sha256(data).hexdigest()}"):
        load_model(folder)
    assert main(["convert", str(folder), str(tmp_path / "target")]) == 1
    assert shard.name in capsys.readouterr().err
    assert not (tmp_path / "target").exists()
    write_sums(folder)
    load_model(folder)


def test_hashes_in_another_format(folder):
    (folder / "SHA256SUMS").write_text("MD5 (model.safetensors) = 0123\n")
    with pytest.raises(CheckpointError, match="lines that are no hashes"):
        load_model(folder)


@pytest.mark.parametrize("name", ["minimax-vl-01", "MiniMaxAI/MiniMax-VL-01"])
@pytest.mark.parametrize("options", [{}, {"quantize": "int4"}, {"max_memory": {"cpu": "64GiB"}}], ids=str)
def test_the_release_is_refused_before_its_download_where_it_cannot_fit(name, options, monkeypatch):
    def download(*_args, **_options):
        raise AssertionError("asked the hub for 912 GB")

    monkeypatch.setattr("minimax_vl.loading.hub._snapshot", download)
    monkeypatch.setattr("minimax_vl.loading.placement.free_memory", lambda device: 100 << 30)
    with pytest.raises(OutOfMemory, match="912.9 GB"):
        load_pipeline(name, device="cpu", **options)


def test_saving_over_a_checkpoint_in_another_format(model, tmp_path):
    save_checkpoint(model, tmp_path, quantize="int4", max_shard_bytes=200_000)
    save_checkpoint(model, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]
    loaded = dict(load_model(tmp_path).named_parameters())
    assert all(torch.equal(weight, loaded[name]) for name, weight in model.named_parameters())
