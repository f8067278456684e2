"""Laws of the backbone: chunks, caches, batches and dtypes change how it is computed, never what."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from minimax_vl.text_backbone import HybridCache, TextBackbone
from minimax_vl.text_backbone.decay import decay_rates
from minimax_vl.text_backbone.lightning_mixer import LightningMixer
from minimax_vl.text_backbone.testing import (
    assert_batch_equals_single,
    assert_chunks_equal_whole,
    assert_same,
    randomise,
    toy_config,
)

CONFIG = toy_config()
WIRINGS = {"postnorm": CONFIG, "prenorm residual": toy_config(postnorm=False)}


def new_cache() -> HybridCache:
    return HybridCache(CONFIG)


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def model() -> TextBackbone:
    return randomise(TextBackbone(CONFIG))


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize(
    "sizes",
    [(1, 69), (69, 1), (31, 32, 7), (64, 6), (65, 5), (2, 1, 1, 66)],
    ids=lambda s: "-".join(map(str, s)),
)
def test_chunks_equal_the_whole(sizes: tuple[int, ...], wiring: str) -> None:
    assert_chunks_equal_whole(randomise(TextBackbone(WIRINGS[wiring])), new_cache, random(2, 70, 20), sizes)


def test_token_by_token_equals_the_whole(model: TextBackbone) -> None:
    assert_chunks_equal_whole(model, new_cache, random(1, 70, 20), [1] * 70)


def test_reserved_room_changes_nothing(model: TextBackbone) -> None:
    assert_chunks_equal_whole(model, lambda: HybridCache(CONFIG, capacity=64), random(1, 70, 20), [3, 60, 7])


@pytest.mark.parametrize("lengths", [(9, 40, 1), (70, 70), (66, 65, 2)], ids=str)
def test_a_padded_batch_equals_single_runs(lengths: tuple[int, ...], model: TextBackbone) -> None:
    rows = [random(n, 20, seed=n) for n in lengths]
    assert_batch_equals_single(model, new_cache, rows, steps=random(len(rows), 5, 20, seed=9))


@torch.inference_mode()
@pytest.mark.parametrize("split", [3, 11, 13, 20])
def test_padding_may_reach_over_several_chunks(split: int, model: TextBackbone) -> None:
    x, pad = random(2, 40, 20), torch.tensor([0, 13])
    whole = model(x, pad=pad, logits="all")
    cache = new_cache()
    parts = [model(x[:, :split], cache, pad=pad, logits="all"), model(x[:, split:], cache, logits="all")]
    live = torch.arange(40) >= pad[:, None]
    assert_same(
        "padded chunks", whole[live], torch.cat(parts, dim=1)[live], "padding forgotten after the first chunk"
    )


@torch.inference_mode()
@pytest.mark.parametrize("pad", [[1], [1, 0, 0]], ids=str)
def test_padding_of_another_number_of_rows_is_refused(pad: list[int], model: TextBackbone) -> None:
    with pytest.raises(ValueError, match="x has 2 rows"):
        model(random(2, 4, 20), pad=torch.tensor(pad))


def test_padding_is_for_the_first_chunk_alone(model: TextBackbone) -> None:
    cache, x = new_cache(), random(1, 4, 20)
    model(x, cache)
    with pytest.raises(ValueError, match="at position 4"):
        model(x, cache, pad=torch.tensor([1]))


@torch.inference_mode()
def test_last_is_the_last_of_all(model: TextBackbone) -> None:
    x = random(2, 17, 20)
    every, last = model(x, logits="all"), model(x)
    assert every.shape == (2, 17, 97) and last.shape == (2, 97)
    assert_same("last", every[:, -1], last, "the head of another position")
    assert_same("head", every, model.head(model.hidden_states(x)), "a second norm before the head")


@torch.inference_mode()
def test_the_future_does_not_reach_back(model: TextBackbone) -> None:
    x, y = random(1, 20, 20), random(1, 20, 20, seed=2)
    y[:, :12] = x[:, :12]
    assert_same("past", model(x, logits="all")[:, :12], model(y, logits="all")[:, :12], "a mask one off")


@torch.inference_mode()
def test_the_backbone_counts_positions_even_without_a_softmax_layer() -> None:
    """Caches that ask their first layer for the length break here: it has none."""
    config = toy_config(attn_type_list=(0, 0))
    model, cache = randomise(TextBackbone(config)), HybridCache(config)
    for count, position in [(5, 5), (1, 6), (1, 7), (64, 71)]:
        model(random(1, count, 20), cache)
        assert cache.position == position


@torch.inference_mode()
def test_router_logits_of_every_layer(model: TextBackbone) -> None:
    seen: list[Tensor] = []
    model(random(2, 7, 20), router_logits=seen)
    assert [tuple(r.shape) for r in seen] == [(2, 7, 5)] * 5
    assert len({r.sum().item() for r in seen}) == 5, "the same layer was collected five times"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@torch.inference_mode()
def test_a_rounded_model_keeps_its_sensitive_parts_in_fp32(dtype: torch.dtype) -> None:
    whole = randomise(TextBackbone(CONFIG))
    rounded = randomise(TextBackbone(CONFIG)).to(dtype)
    routing: list[Tensor] = []
    cache, x = new_cache(), random(1, 30, 20)
    logits = rounded(x[:, :-1].to(dtype), cache, router_logits=routing)
    logits = torch.stack([logits, rounded(x[:, -1:].to(dtype), cache)])  # prefill and decode
    assert logits.dtype == torch.float32
    assert all(r.dtype == torch.float32 for r in routing)
    assert {state.dtype for state in cache.snapshot().states if state is not None} == {torch.float32}
    # fp32 values that merely were cast back from 16 bits would be as bad.
    assert not torch.equal(logits, logits.to(dtype).float())
    assert not torch.equal(routing[0], routing[0].to(dtype).float())
    states = [state for state in cache.snapshot().states if state is not None]
    assert not any(torch.equal(state, state.to(dtype).float()) for state in states)
    assert_rates_are_exact(rounded)
    want = torch.stack([whole(x[:, :-1]), whole(x)])
    assert torch.nn.functional.cosine_similarity(want, logits, dim=-1).min() > 0.98


@torch.inference_mode()
def test_sums_of_lightning_attention_pass_the_range_of_fp16() -> None:
    whole, rounded = (randomise(TextBackbone(CONFIG)) for _ in range(2))
    for model in (whole, rounded):
        for name, weight in model.named_parameters():
            if "qkv_proj" in name:
                weight.mul_(40)  # q, k and v of some hundreds: their products are millions
    x = random(1, 30, 20)
    want, got = whole(x, logits="all"), rounded.half()(x.half(), logits="all")
    assert torch.nn.functional.cosine_similarity(want, got, dim=-1).min() > 0.99


def assert_rates_are_exact(model: TextBackbone) -> None:
    mixers = [m for m in model.modules() if isinstance(m, LightningMixer)]
    assert mixers
    for m in mixers:
        want = decay_rates(m.index, m.config.num_hidden_layers, m.heads)
        assert m.decay.dtype == torch.float32 and torch.equal(m.decay.cpu(), want)


def test_rates_survive_every_way_to_move_a_model() -> None:
    for turn in ("bfloat16", "half", "double", "float"):
        assert_rates_are_exact(getattr(TextBackbone(CONFIG), turn)())
    assert_rates_are_exact(TextBackbone(CONFIG).bfloat16().float())
    with torch.device("meta"):
        model = TextBackbone(CONFIG)
    assert_rates_are_exact(model.to_empty(device="cpu"))
    with torch.device("meta"):
        model = TextBackbone(CONFIG).to(torch.bfloat16)
    assert_rates_are_exact(model.to_empty(device="cpu"))
    assert not any("decay" in name for name in model.state_dict()), "rates are computed, never stored"


def test_gradients_reach_every_parameter() -> None:
    model = randomise(TextBackbone(CONFIG)).train()
    ids = torch.arange(97)[None]
    model(model.model.embed_tokens(ids), logits="all").logsumexp(-1).sum().backward()
    dead = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead
    assert all(p.grad.isfinite().all() for p in model.parameters())
