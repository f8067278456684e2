"""Wherever the layers of a model are, it says the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from minimax_vl.loading import load_model
from minimax_vl.loading.homes import Homes
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.offload import Carrier, ChosenExperts, connect
from minimax_vl.pipeline import load
from minimax_vl.presets import PRESETS

DEBUG = PRESETS["debug"]
LAYER = "language_model.model.layers"
IMAGE = np.full((70, 90, 3), 200, np.uint8)
HALF = {"cpu": "2.2MB"}  # room for one of four layers
FORMATS = pytest.mark.parametrize("quantize", [None, "int8", "int4"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint")
    write_stand_in(path, DEBUG)
    return path


@torch.inference_mode()
def logits(model):
    """Two chunks and a step, through a cache, with padding."""
    embeds = model.embed(torch.arange(10, 50).view(2, 20))
    cache, pad = model.new_cache(), torch.tensor([0, 3], device=embeds.device)
    parts = [model(embeds[:, :12], cache, pad=pad, logits="all")]
    parts += [model(part, cache, logits="all") for part in (embeds[:, 12:19], embeds[:, 19:])]
    return torch.cat(parts, dim=1)


@FORMATS
def test_layers_on_disk_say_the_same(folder, tmp_path, quantize):
    whole = load_model(folder, dtype="float32", quantize=quantize)
    parts = load_model(
        folder,
        dtype="float32",
        quantize=quantize,
        device_map={"": "cpu", f"{LAYER}.1": "disk", f"{LAYER}.3": "disk"},
        offload_folder=tmp_path / "weights",
    )
    assert torch.equal(logits(whole), logits(parts))
    assert list((tmp_path / "weights").iterdir()) == []  # mapped, and already without a name


def test_two_that_load_at_the_same_time_share_a_folder_and_no_weights(folder, tmp_path, monkeypatch):
    options = {"device_map": {"": "cpu", "language_model.model.layers.1": "disk"}, "offload_folder": tmp_path}
    map_file, others = torch.from_file, []

    def map_while_another_loads(*args, **kwargs):
        mapped = map_file(*args, **kwargs)
        if not others:
            others.append(None)
            others[0] = load_model(folder, **options)
        return mapped

    monkeypatch.setattr(torch, "from_file", map_while_another_loads)
    model = load_model(folder, **options)
    for weight in model.parameters():
        weight.data.zero_()
    assert all(bool(weight.any()) for weight in others[0].parameters())


def test_a_model_that_does_not_fit_answers_from_disk(folder, tmp_path):
    spread = load(folder, device="cpu", dtype="fp32", max_memory=HALF, offload_folder=tmp_path)
    whole = load(folder, device="cpu", dtype="fp32")
    asked = [one.ask(IMAGE, "Who?", max_new_tokens=6) for one in (whole, spread)]
    assert asked[0].tokens == asked[1].tokens


@pytest.fixture
def visiting(monkeypatch):
    """As if the model's first device were another: the weights of these layers are copied for each call."""
    monkeypatch.setattr(Homes, "visits", lambda self, layer: self.layers[layer] == "disk")


@FORMATS
@pytest.mark.parametrize("away", [(1,), (0, 2), (0, 1, 2, 3)], ids=str)
def test_weights_that_visit_change_nothing(folder, visiting, away, quantize):
    whole = load_model(folder, dtype="float32", quantize=quantize)
    guests = load_model(folder, dtype="float32", quantize=quantize)
    before = {name: tensor.data_ptr() for name, tensor in guests.state_dict().items()}
    connect(guests, Homes("cpu", tuple("disk" if i in away else "cpu" for i in range(4)), "cpu"))
    want = logits(whole)
    assert (want - logits(guests)).abs().max() < 1e-5 * want.abs().max()
    assert {name: tensor.data_ptr() for name, tensor in guests.state_dict().items()} == before


def test_weights_come_a_layer_ahead_and_only_once(folder, visiting, monkeypatch):
    model = load_model(folder, dtype="float32")
    copied = []
    copy = Carrier._copy
    monkeypatch.setattr(Carrier, "_copy", lambda self, guest: (copied.append(guest), copy(self, guest))[1])
    connect(model, Homes("cpu", ("disk", "cpu", "disk", "disk"), "cpu"))
    logits(model)  # three calls
    guests = copied[:3]
    assert len({id(guest) for guest in guests}) == 3
    guests[0].carrier._thread.shutdown()  # what was set out for the next call is on its way in a thread
    assert [guests.index(guest) for guest in copied] == [0, 1, 2] * 3 + [0]  # the last is for the next call


def test_only_chosen_experts_move(folder, visiting, monkeypatch):
    model = load_model(folder, dtype="float32")
    moved = []
    pick = ChosenExperts._pick
    monkeypatch.setattr(
        ChosenExperts, "_pick", lambda self, stack, rows: (moved.append(rows), pick(self, stack, rows))[1]
    )
    connect(model, Homes("cpu", ("disk",) * 4, "cpu"))
    with torch.inference_mode():
        cache = model.new_cache()
        model(model.embed(torch.tensor([[11]])), cache)
    assert len(moved) == 8  # w13 and w2 of four layers
    assert all(len(rows) == DEBUG.text.num_experts_per_tok for rows in moved)


def test_an_error_sends_the_guests_home(folder, visiting):
    model = load_model(folder, dtype="float32")
    before = {name: tensor.data_ptr() for name, tensor in model.state_dict().items()}
    connect(model, Homes("cpu", ("disk",) * 4, "cpu"))
    with pytest.raises(ValueError, match="last axis"), torch.inference_mode():
        model(torch.zeros(1, 3, 7))  # another width
    assert {name: tensor.data_ptr() for name, tensor in model.state_dict().items()} == before


@pytest.mark.gpu(2)
def test_layers_over_two_gpus_answer_a_batch(folder):
    half = {
        "": 0,
        f"{LAYER}.2": 1,
        f"{LAYER}.3": 1,
        "language_model.model.norm": 1,
        "language_model.lm_head": 1,
    }
    one = load(folder, device="cuda:0", dtype="fp32")
    two = load(folder, dtype="fp32", device_map=half)
    asked = [(IMAGE, "Who?"), (IMAGE, "What is written at the bottom?")]
    replies = [model.batch(asked, max_new_tokens=6) for model in (one, two)]
    assert [reply.tokens for reply in replies[0]] == [reply.tokens for reply in replies[1]]


@pytest.mark.gpu
@FORMATS
def test_weights_visit_a_gpu_from_the_host(folder, quantize):
    whole = load_model(folder, device="cuda", dtype="float32", quantize=quantize)
    guests = load_model(
        folder,
        dtype="float32",
        quantize=quantize,
        device_map={"": 0, f"{LAYER}.1": "cpu", f"{LAYER}.3": "cpu"},
    )
    assert guests.get_parameter(f"{LAYER}.1.input_layernorm.weight").is_pinned()
    want = logits(whole)
    assert (want - logits(guests)).abs().max() < 1e-3 * want.abs().max()
