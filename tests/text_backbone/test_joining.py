"""Rows that join and leave a batch are written as if each were alone."""

import pytest
import torch

from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.joining import DRIFT, ROOM, fork, join, leave, turn
from minimax_vl.text_backbone.model import TextBackbone
from minimax_vl.text_backbone.testing import assert_snapshot_replays, randomise

CONFIG = PRESETS["debug"].text


@pytest.fixture(scope="module")
def backbone():
    return randomise(TextBackbone(CONFIG))


def prompts(*lengths):
    make = torch.Generator().manual_seed(1)
    return [torch.randn(1, n, CONFIG.hidden_size, generator=make) for n in lengths]


@torch.inference_mode()
def prefilled(backbone, x):
    cache = HybridCache(CONFIG)
    backbone(x, cache)
    return cache


@torch.inference_mode()
def alone(backbone, prompt, following):
    cache = prefilled(backbone, prompt)
    return torch.cat([backbone(x, cache) for x in following.split(1, dim=1)])  # [steps, V]


@pytest.mark.parametrize("lengths", [(5, 9), (9, 5), (7, 7), (1, 40), (40, 1, 17)])
@torch.inference_mode()
def test_joined_rows_equal_single_ones(backbone, lengths):
    starts, after = prompts(*lengths), prompts(*[4] * len(lengths))
    batch = prefilled(backbone, starts[0])
    for start in starts[1:]:
        join(batch, prefilled(backbone, start), CONFIG)
    got = [backbone(torch.cat([x[:, t : t + 1] for x in after]), batch) for t in range(4)]
    for row, (start, following) in enumerate(zip(starts, after, strict=True)):
        want = alone(backbone, start, following)
        torch.testing.assert_close(torch.stack([step[row] for step in got]), want, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_rows_join_in_the_middle_and_leave(backbone):
    (a, b), (after_a, after_b) = prompts(30, 6), prompts(8, 8)
    batch = prefilled(backbone, a)
    for t in range(3):  # the first row has moved on when the second joins
        backbone(after_a[:, t : t + 1], batch)
    join(batch, prefilled(backbone, b), CONFIG)
    both = backbone(torch.cat((after_a[:, 3:4], after_b[:, :1])), batch)
    torch.testing.assert_close(both[0], alone(backbone, a, after_a)[3], rtol=1e-4, atol=1e-4)
    leave(batch, torch.tensor([1]), CONFIG)
    rest = torch.cat([backbone(after_b[:, t : t + 1], batch) for t in range(1, 8)])
    torch.testing.assert_close(rest, alone(backbone, b, after_b)[1:], rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_padding_that_all_rows_share_is_dropped(backbone):
    (long, short, third), (after,) = prompts(2 * ROOM, 3, 4), prompts(5)
    batch = prefilled(backbone, long)
    for start in (short, third):
        join(batch, prefilled(backbone, start), CONFIG)
    before = batch.nbytes
    leave(batch, torch.tensor([1]), CONFIG)
    assert batch.nbytes < before / 2
    got = torch.cat([backbone(x, batch) for x in after.split(1, dim=1)])
    torch.testing.assert_close(got, alone(backbone, short, after), rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_a_batch_that_never_empties_is_turned_back(backbone):
    (start,), (after,) = prompts(12), prompts(5)
    batch = prefilled(backbone, start)
    join(batch, prefilled(backbone, start), CONFIG)
    turn(batch, DRIFT + 5, CONFIG)
    leave(batch, torch.tensor([0]), CONFIG)
    assert batch.position == 12
    got = torch.cat([backbone(x, batch) for x in after.split(1, dim=1)])
    torch.testing.assert_close(got, alone(backbone, start, after), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("by", [5, -3])
@torch.inference_mode()
def test_a_turn_makes_snapshots_void(backbone, by):
    cache = prefilled(backbone, *prompts(12))
    moment = cache.snapshot()
    turn(cache, 0, CONFIG)
    cache.restore(moment)  # nothing has changed
    turn(cache, by, CONFIG)
    with pytest.raises(ValueError, match="snapshot"):
        cache.restore(moment)
    cache.restore(cache.snapshot())


@pytest.mark.parametrize("kv_cache", [None, "int8"])
@pytest.mark.parametrize("by", [5, -3])
@torch.inference_mode()
def test_a_snapshot_taken_after_a_turn_replays(backbone, by, kv_cache):
    """Position and stored keys are then no longer the same number."""
    (start, x, detour) = prompts(12, 3, 20)
    cache = HybridCache(CONFIG, kv_cache=kv_cache)
    backbone(start, cache)
    turn(cache, by, CONFIG)
    assert_snapshot_replays(backbone, cache, x, detour)


@torch.inference_mode()
def test_a_padded_batch_may_be_turned_back(backbone):
    start, after = (torch.cat(prompts(n, n)) for n in (12, 1))
    here, there = HybridCache(CONFIG), HybridCache(CONFIG)
    for cache in (here, there):
        backbone(start, cache, pad=torch.tensor([0, 8]))
    turn(there, -6, CONFIG)  # the position is then less than the padding was
    torch.testing.assert_close(backbone(after, there), backbone(after, here), rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_a_row_leaves_a_batch_without_padding(backbone):
    start, after = prompts(9, 9), prompts(4, 4)
    batch = prefilled(backbone, torch.cat(start))
    leave(batch, torch.tensor([1]), CONFIG)
    got = torch.cat([backbone(x, batch) for x in after[1].split(1, dim=1)])
    torch.testing.assert_close(got, alone(backbone, start[1], after[1]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("lengths", [(9, 9), (9, 5)])
@torch.inference_mode()
def test_a_row_that_joins_makes_snapshots_void(backbone, lengths):
    batch, row = (prefilled(backbone, x) for x in prompts(*lengths))
    moment = batch.snapshot()
    join(batch, row, CONFIG)
    with pytest.raises(ValueError, match="snapshot"):
        batch.restore(moment)


@torch.inference_mode()
def test_a_fork_goes_on_alone(backbone):
    (start,), (left, right) = prompts(11), prompts(4, 4)
    cache = prefilled(backbone, start)
    copy = fork(cache, CONFIG)
    assert copy.nbytes > 0
    got_left = torch.cat([backbone(x, cache) for x in left.split(1, dim=1)])
    got_right = torch.cat([backbone(x, copy) for x in right.split(1, dim=1)])
    torch.testing.assert_close(got_left, alone(backbone, start, left))
    torch.testing.assert_close(got_right, alone(backbone, start, right))
