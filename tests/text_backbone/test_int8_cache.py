"""Keys and values in eight bits: half the memory, an error of one rounding, and every law of the cache."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.errors import InvalidRequest
from minimax_vl.pipeline import load
from minimax_vl.text_backbone import HybridCache, TextBackbone
from minimax_vl.text_backbone.cache import Int8KeyValues, KeyValues, pack_int8, unpack_int8
from minimax_vl.text_backbone.joining import fork, held_bytes, join
from minimax_vl.text_backbone.testing import assert_snapshot_replays, randomise, toy_config

CONFIG = toy_config()
SOFTMAX_LAYER = 1
pytestmark = pytest.mark.usefixtures("no_gradients")


@pytest.fixture
def no_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def model() -> TextBackbone:
    text = randomise(TextBackbone(CONFIG))
    text.kv_cache = "int8"
    return text


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def filled(model: TextBackbone, tokens: int, batch: int = 1) -> HybridCache:
    cache = model.new_cache()
    model(random(batch, tokens, 20, seed=tokens), cache)
    return cache


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_unpacked_is_close_and_packs_to_the_same_bits(dtype: torch.dtype) -> None:
    x = (random(3, 50, 2, 12) * torch.logspace(-6, 6, 50)[None, :, None, None]).to(dtype)
    x[0, 0] = 0
    packed = pack_int8(x)
    assert packed.shape == (3, 50, 2, 14) and packed.dtype == torch.int8
    back = unpack_int8(packed, torch.float32)
    step = x.float().abs().amax(-1, keepdim=True) / 127
    assert ((back - x.float()).abs() <= 0.75 * step).all(), "more than half a step, and a scale's rounding"
    assert (back[0, 0] == 0).all()
    assert torch.equal(pack_int8(back), packed)


def test_a_scale_at_an_odd_byte_is_read() -> None:
    x = random(1, 1, 1, 33)
    packed = pack_int8(x)
    assert torch.equal(pack_int8(unpack_int8(packed, torch.float32)), packed)


def test_memory_is_that_of_eight_bits_and_a_scale(model: TextBackbone) -> None:
    cache, plain = filled(model, 30), HybridCache(CONFIG)
    model(random(1, 30, 20, seed=30), plain)
    mine, other = cache.layers[SOFTMAX_LAYER], plain.layers[SOFTMAX_LAYER]
    assert isinstance(mine, Int8KeyValues) and isinstance(other, KeyValues)
    assert mine.used / other.used == pytest.approx(14 / (4 * 12))
    assert held_bytes(fork(cache, CONFIG)) == held_bytes(cache) < held_bytes(plain)


def test_error_of_the_logits_is_small_and_not_nothing(model: TextBackbone) -> None:
    x = random(2, 60, 20)
    whole = model(x, logits="all")
    cache = model.new_cache()
    parts = torch.cat([model(piece, cache, logits="all") for piece in x.split([25, 34, 1], dim=1)], dim=1)
    errors = (parts - whole).norm(dim=-1) / whole.norm(dim=-1)  # [B, T]
    # The middle of all positions: at a few, a router between near-equal experts takes the other one.
    assert 1e-4 < float(errors.median()) < 0.01


def test_snapshots_replay_to_the_bit(model: TextBackbone) -> None:
    assert_snapshot_replays(model, filled(model, 9), random(1, 3, 20), other=random(1, 30, 20, seed=2))


def test_a_fork_holds_the_same_bits_and_goes_on_alone(model: TextBackbone) -> None:
    cache, x = filled(model, 17), random(1, 4, 20)
    copy = fork(cache, CONFIG)
    assert all(
        torch.equal(a, b)
        for a, b in zip(cache.layers[SOFTMAX_LAYER].held(), copy.layers[SOFTMAX_LAYER].held())
    )
    want = model(x, copy, logits="all")
    assert torch.equal(want, model(x, cache, logits="all"))


def test_rows_that_join_go_on_as_alone(model: TextBackbone) -> None:
    one, other, x = filled(model, 12), filled(model, 20), random(2, 3, 20)
    alone = [model(x[i : i + 1], fork(cache, CONFIG), logits="all") for i, cache in enumerate((one, other))]
    join(one, other, CONFIG)
    together = model(x, one, logits="all")
    want = torch.cat(alone)
    assert float((together - want).norm() / want.norm()) < 0.03, "a turned key is rounded once more"


def test_nano_answers_and_other_formats_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="fp4"):
        load(kv_cache="fp4")
    with torch.inference_mode(False):
        pipeline = load(device="cpu", kv_cache="int8")
    assert isinstance(pipeline.model.new_cache().layers[7], Int8KeyValues)
