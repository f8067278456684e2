"""The hybrid cache: snapshots replay or are refused, rows are selected, memory is counted, spare room never read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from minimax_vl.text_backbone import HybridCache, TextBackbone
from minimax_vl.text_backbone.cache import KvCache
from minimax_vl.text_backbone.joining import fork
from minimax_vl.text_backbone.testing import (
    assert_chunks_equal_whole,
    assert_same,
    assert_snapshot_replays,
    randomise,
    toy_config,
)

CONFIG = toy_config()
pytestmark = pytest.mark.usefixtures("no_gradients")


@pytest.fixture
def no_gradients():
    with torch.inference_mode():
        yield


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def model() -> TextBackbone:
    return randomise(TextBackbone(CONFIG))


def filled(model: TextBackbone, tokens: int, batch: int = 1, **options: object) -> HybridCache:
    cache = HybridCache(CONFIG)
    model(random(batch, tokens, 20, seed=tokens), cache, **options)
    return cache


@pytest.mark.parametrize("count", [1, 2, 70])
def test_a_snapshot_replays(count: int, model: TextBackbone) -> None:
    assert_snapshot_replays(model, filled(model, 9), random(1, count, 20), other=random(1, 30, 20, seed=2))


def test_a_snapshot_of_nothing_replays_even_with_other_padding(model: TextBackbone) -> None:
    cache = HybridCache(CONFIG)
    empty, x = cache.snapshot(), random(2, 12, 20)
    model(x, cache, pad=torch.tensor([0, 5]))
    cache.restore(empty)
    assert_same("fresh start", model(x), model(x, cache), "padding that outlived the restore")


@pytest.mark.parametrize("kv_cache", [None, "int8"])
@pytest.mark.parametrize("rows", [1, 3])
def test_an_emptied_cache_takes_another_number_of_rows(
    rows: int, kv_cache: KvCache | None, model: TextBackbone
) -> None:
    cache, x = HybridCache(CONFIG, kv_cache=kv_cache), random(rows, 9, 20)
    empty = cache.snapshot()
    for back in (lambda: cache.restore(empty), cache.clear):
        model(random(2, 9, 20), cache)
        back()
        assert torch.equal(model(x, cache), model(x, HybridCache(CONFIG, kv_cache=kv_cache)))
        back()


def test_a_padded_snapshot_replays(model: TextBackbone) -> None:
    cache = filled(model, 9, batch=2, pad=torch.tensor([4, 0]))
    assert_snapshot_replays(model, cache, random(2, 3, 20), other=random(2, 2, 20, seed=2))


def test_going_back_twice_and_forward_again(model: TextBackbone) -> None:
    cache = filled(model, 4)
    early = cache.snapshot()
    want = [model(x, cache) for x in random(1, 3, 20).split(1, dim=1)]
    late = cache.snapshot()
    after = model(random(1, 1, 20, seed=3), cache)
    cache.restore(late)  # later moment first, then the earlier one: both still stand
    assert torch.equal(after, model(random(1, 1, 20, seed=3), cache))
    cache.restore(early)
    assert torch.equal(
        torch.cat(want), torch.cat([model(x, cache) for x in random(1, 3, 20).split(1, dim=1)])
    )


def test_an_overwritten_snapshot_is_refused(model: TextBackbone) -> None:
    cache = filled(model, 4)
    early = cache.snapshot()
    model(random(1, 6, 20), cache)
    late = cache.snapshot()
    cache.restore(early)
    model(random(1, 20, 20, seed=2), cache)  # longer than `late` was: lengths alone would not show it
    before = cache.position
    with pytest.raises(ValueError, match=r"position 10.*after position 4"):
        cache.restore(late)
    assert cache.position == before, "a refused restore must change nothing"
    cache.restore(early)
    assert cache.position == 4


@pytest.mark.parametrize("layer", range(len(CONFIG.attn_type_list)))
def test_a_call_that_failed_is_not_gone_on_from(layer: int, model: TextBackbone) -> None:
    """Layers before the one that failed are ahead by a chunk, which nothing else would show."""

    def fail(*_: object) -> None:
        raise MemoryError

    cache, x = filled(model, 9), random(1, 3, 20)
    moment, want = cache.snapshot(), model(x, filled(model, 9))
    hook = model.model.layers[layer].block_sparse_moe.register_forward_pre_hook(fail)
    with pytest.raises(MemoryError):
        model(x, cache)
    hook.remove()
    for use in (lambda: model(x, cache), lambda: model(x, fork(cache, CONFIG)), cache.snapshot):
        with pytest.raises(ValueError, match="only some layers"):
            use()
    cache.restore(moment)
    assert torch.equal(want, model(x, cache))
    cache.halfway = True
    cache.clear()
    assert torch.equal(model(x), model(x, cache))


def test_select_keeps_reorders_and_repeats_rows(model: TextBackbone) -> None:
    x, steps, pad = random(3, 9, 20), random(3, 4, 20, seed=2), torch.tensor([2, 0, 7])
    rows = torch.tensor([2, 0, 2])
    whole, some = HybridCache(CONFIG), HybridCache(CONFIG)
    model(x, whole, pad=pad)
    model(x, some, pad=pad)
    before = some.snapshot()
    some.select(rows)
    for step in steps.split(1, dim=1):
        assert_same(
            "rows",
            model(step, whole)[rows],
            model(step[rows], some),
            "a layer or the padding left unselected",
        )
    with pytest.raises(ValueError, match="position 9"):
        some.restore(before)


def test_memory_is_what_the_tensors_hold(model: TextBackbone) -> None:
    cache = HybridCache(CONFIG, capacity=100)
    assert cache.nbytes == 0
    model(random(2, 10, 20), cache)
    states = 3 * 2 * 6 * 12 * 12 * 4  # lightning layers, rows, heads, D x D, fp32
    keys_values = 2 * 2 * 2 * 100 * 2 * 12 * 4  # softmax layers, K and V, rows, capacity, heads, D, fp32
    assert cache.nbytes == states + keys_values
    model(random(2, 90, 20), cache)
    assert cache.nbytes == states + keys_values
    model(random(2, 1, 20), cache)
    assert cache.nbytes == states + 2 * keys_values, "room doubles, so that appending stays cheap"


def test_room_that_was_never_written_is_never_read(
    model: TextBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    make: Callable[..., Tensor] = Tensor.new_empty
    monkeypatch.setattr(
        Tensor, "new_empty", lambda x, *shape, **kw: make(x, *shape, **kw).fill_(float("nan"))
    )
    assert_chunks_equal_whole(
        model, lambda: HybridCache(CONFIG, capacity=33), random(2, 70, 20), [7, 1, 40, 22]
    )


def test_a_settled_cache_has_no_way_back(model: TextBackbone) -> None:
    """A captured step writes over the states, which a snapshot would hold by reference."""
    cache = filled(model, 5)
    moment = cache.snapshot()
    states = [torch.zeros_like(state) for state in moment.states if state is not None]
    cache.settle(torch.zeros(1, dtype=torch.long), torch.zeros(1, dtype=torch.long), states)
    with pytest.raises(ValueError, match="before"):
        cache.snapshot()
    with pytest.raises(ValueError, match="before"):
        cache.restore(moment)
    cache.clear()
    assert cache.snapshot().position == 0


@pytest.mark.parametrize("kv_cache", [None, "int8"])
@pytest.mark.parametrize("gradients", [False, True])
def test_a_cache_of_inference_mode_goes_on_outside_it(
    gradients: bool, kv_cache: KvCache | None, model: TextBackbone
) -> None:
    cache, again = (HybridCache(CONFIG, capacity=40, kv_cache=kv_cache) for _ in range(2))
    pad, first, more = torch.tensor([0, 3]), random(2, 9, 20), random(2, 4, 20, seed=2)
    for each in (cache, again):
        model(first, each, pad=pad)
    moment = cache.snapshot()
    wanted = model(more, again)
    with torch.inference_mode(False), torch.set_grad_enabled(gradients):
        # A snapshot leads back to the states of inference mode; gradients would go through both rounds.
        for _ in range(1 if gradients else 2):
            x = random(2, 4, 20, seed=2).requires_grad_(gradients)
            found = model(x, cache)
            assert_same("the next chunk", wanted, found.detach(), "room of inference mode copied in part")
            if gradients and kv_cache is None:
                found.sum().backward()
                assert x.grad is not None and bool(x.grad.any())
            cache.restore(moment)
