from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from minimax_vl.errors import CheckpointError, InvalidRequest, ModelMissing, OutOfMemory
from minimax_vl.loading import placement
from minimax_vl.loading.index import read_index
from minimax_vl.loading.load import load_model
from minimax_vl.loading.names import published_keys
from minimax_vl.loading.save import save_checkpoint
from minimax_vl.presets import PRESETS

DEBUG = PRESETS["debug"]
NEWLINE_SHARD = "model-00001"  # names are sorted, and image_newline is the first


def same(left, right):
    a, b = dict(left.named_parameters()), dict(right.named_parameters())
    buffers = zip(left.buffers(), right.buffers(), strict=True)
    return (
        a.keys() == b.keys()
        and all(torch.equal(a[k], b[k]) for k in a)
        and all(torch.equal(*p) for p in buffers)
    )


def rewrite(folder, change):
    """Apply `change(tensors)` to the first shard."""
    path = next(folder.glob(f"{NEWLINE_SHARD}*"))
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def test_load_of_save_is_the_same_model(model, folder):
    assert len(list(folder.glob("*.safetensors"))) > 2  # sharded indeed
    assert same(model, load_model(folder))


def test_shards_do_not_matter(model, folder, tmp_path):
    save_checkpoint(model, tmp_path / "one")
    assert not (tmp_path / "one" / "model.safetensors.index.json").exists()
    assert same(load_model(folder), load_model(tmp_path / "one"))


def test_released_layout_written_by_hand(tmp_path):
    """Experts one by one, as published: w1 above w3 in the stack. Written here without our own writer."""
    torch.manual_seed(1)
    tensors = {key: torch.randn(shape) for key, shape in published_keys(DEBUG).items()}
    save_file(tensors, tmp_path / "model.safetensors")
    DEBUG.write(tmp_path)
    loaded = dict(load_model(tmp_path).named_parameters())
    stem = "language_model.model.layers.2.block_sparse_moe.experts"
    half = DEBUG.text.intermediate_size
    assert torch.equal(loaded[f"{stem}.w13"][3, :half], tensors[f"{stem}.3.w1.weight"])
    assert torch.equal(loaded[f"{stem}.w13"][3, half:], tensors[f"{stem}.3.w3.weight"])
    assert torch.equal(loaded[f"{stem}.w2"][1], tensors[f"{stem}.1.w2.weight"])
    assert torch.equal(loaded["image_newline"], tensors["image_newline"])


def test_loading_does_not_wait_for_the_compiler(folder):
    """Random numbers on the meta device would import it: two seconds before the first answer."""
    code = (
        "import sys; from minimax_vl.loading import load_model; load_model(sys.argv[1]); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert "torch" in done.stdout.split()
    assert "torch._dynamo" not in done.stdout.split()


def test_dtype_is_the_stored_one_unless_asked(model, tmp_path):
    save_checkpoint(model, tmp_path, dtype=torch.bfloat16)
    assert load_model(tmp_path).dtype == torch.bfloat16
    widened = load_model(tmp_path, dtype="float32")
    assert {p.dtype for p in widened.parameters()} == {torch.float32}
    # decay rates belong to no dtype: rounding them would bend the recurrence
    assert all(torch.equal(a, b) for a, b in zip(model.buffers(), load_model(tmp_path).buffers()))
    with pytest.raises(InvalidRequest, match="int8"):
        load_model(tmp_path, dtype=torch.int8)


def test_int8_error_is_below_one_percent(model, tmp_path):
    errors = save_checkpoint(model, tmp_path, quantize="int8")
    assert errors
    assert max(errors.values()) < 0.01
    before, after = dict(model.named_parameters()), dict(load_model(tmp_path).named_parameters())
    for name, weight in before.items():
        assert (weight - after[name]).norm() <= 0.01 * weight.norm(), name
    assert json.loads((tmp_path / "config.json").read_text())["quantization_config"]["quant_method"]


def test_int8_twice_changes_nothing(model, tmp_path):
    save_checkpoint(model, tmp_path / "a", quantize="int8")
    save_checkpoint(load_model(tmp_path / "a"), tmp_path / "b", quantize="int8")
    a, b = load_file(tmp_path / "a" / "model.safetensors"), load_file(tmp_path / "b" / "model.safetensors")
    int8 = [key for key in a if a[key].dtype == torch.int8]
    assert int8
    assert all(torch.equal(a[key], b[key]) for key in int8)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_in_weights_is_named(folder, value):
    rewrite(folder, lambda tensors: tensors["image_newline"].__setitem__(7, value))
    with pytest.raises(CheckpointError, match="NaN or infinity in tensor image_newline"):
        load_model(folder)


@pytest.mark.parametrize("damage", ["cut", "grown", "garbage", "empty", "pointer", "header"])
def test_a_corrupt_shard_is_named(folder, damage):
    path = next(folder.glob(f"{NEWLINE_SHARD}*"))
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[:-100],
            "grown": whole + b"x",
            "garbage": b"\xff" * len(whole),
            "empty": b"",
            "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5000000000\n",
            "header": whole[:8] + b"[" + whole[9:],
        }[damage]
    )
    with pytest.raises(CheckpointError, match=path.name):
        load_model(folder)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_wrong_size_is_found_without_reading_tensors(folder, change):
    path = next(folder.glob(f"{NEWLINE_SHARD}*"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] if change < 0 else whole + b"x")
    with pytest.raises(CheckpointError, match=f"{path.name}: .* bytes where the header promises"):
        read_index(folder)


def test_an_absent_shard_is_named(folder):
    path = next(folder.glob(f"{NEWLINE_SHARD}*"))
    path.unlink()
    with pytest.raises(CheckpointError, match=f"1 of .* absent.*{path.name}"):
        load_model(folder)


def test_an_index_may_not_lead_out_of_the_folder(folder):
    index = {"weight_map": {"image_newline": "../../elsewhere.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="leads out of the folder"):
        load_model(folder)


def test_pickles_are_refused_unopened(tmp_path):
    DEBUG.write(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"not even a pickle")
    with pytest.raises(CheckpointError, match="only as pickle files"):
        load_model(tmp_path)


def test_no_weights_and_no_config(tmp_path):
    with pytest.raises(ModelMissing, match="no config.json"):
        load_model(tmp_path)
    DEBUG.write(tmp_path)
    with pytest.raises(ModelMissing, match="no weights"):
        load_model(tmp_path)


def test_config_of_another_architecture(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 64}))
    with pytest.raises(CheckpointError, match="model_type 'llama'"):
        load_model(folder)


def test_config_of_another_size(folder):
    PRESETS["nano"].write(folder)
    with pytest.raises(CheckpointError, match=r"missing.*misshapen"):
        load_model(folder)


def test_too_little_memory_is_said_before_reading(folder, monkeypatch):
    monkeypatch.setattr(placement, "free_memory", lambda device: 1000)
    with pytest.raises(OutOfMemory, match="all at this width"):
        load_model(folder)


@pytest.mark.parametrize("device", ["accelerator", "cuda:x", ""])
def test_a_device_that_does_not_exist(folder, device):
    with pytest.raises(InvalidRequest, match="device"):
        load_model(folder, device=device)


def test_cuda_without_cuda(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InvalidRequest, match="no CUDA device is usable"):
        load_model(folder, device="cuda")
