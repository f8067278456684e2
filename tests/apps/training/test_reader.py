"""What is learned from a batch: the answers, where they stand, and nothing behind them."""

from __future__ import annotations

import multiprocessing

import pytest
import torch

from minimax_vl.apps.training.batches import PageBatches
from minimax_vl.apps.training.reader import (
    Reader,
    exact_answers,
    fresh_model,
    live_tokens,
    load_balance,
    located,
    pixels_of,
    worn_pages,
)
from minimax_vl.apps.training.recipe import BUCKETS, Stage
from minimax_vl.apps.training.testing import SMALL
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.tokenizer import Tokenizer


def stream(progress=1.0, seed=0, split="train"):
    value = multiprocessing.Value("d", progress)
    return PageBatches(SMALL, PACKAGED / "nano", None, value, tiles=4, seed=seed, stage=Stage(), split=split)


@pytest.fixture(scope="module")
def batch():
    return located(next(iter(stream(progress=0.0))))


def test_answers_are_predicted_from_the_position_before(batch):
    target, positions = batch["target"], batch["positions"]
    ids = batch["ids"].flatten()
    assert torch.equal(ids[positions + 1], target)
    assert batch["learned"].flatten()[positions + 1].all() and len(target) == batch["learned"].sum()


def test_places_of_a_fixed_number_change_no_loss(batch):
    reader = Reader(fresh_model(SMALL, seed=0))
    count = len(batch["target"])
    more, fewer = located(batch, count + 7), located(batch, count - 5)
    assert (
        more["target"].shape == more["positions"].shape == (count + 7,) and len(fewer["target"]) == count - 5
    )
    torch.testing.assert_close(reader(more).answer, reader(batch).answer)
    assert exact_answers(reader, more) == exact_answers(reader, batch)


def test_worn_pages_stand_where_they_stood_and_others_are_as_they_were():
    torch.manual_seed(0)
    shades = torch.arange(10, 250, 12, dtype=torch.uint8)  # of twenty pages, each of one shade
    tiles = shades[:, None, None, None, None].expand(-1, 2, 28, 28, 3)
    given = (tiles, torch.tensor([0.4, 0.5, 0.6]), torch.tensor([0.2, 0.25, 0.3]), torch.float32)
    pages, place = worn_pages(*given)
    plain = pixels_of(*given).view(20, 2, 3, 28, 28)
    got = pixels_of(*given, (pages, place)).view_as(plain)
    assert len(pages) == 7
    for page in range(20):
        torch.testing.assert_close(got[page], pages[place[page]] if place[page] < 7 else plain[page])
    torch.testing.assert_close(plain[3, 1, 2, 5, 7], (shades[3] / 255 - 0.6) / 0.3)


@pytest.mark.parametrize("name", ["glyph", "paint", "landmark"])
def test_fresh_heads_can_be_kept_from_the_vit(batch, name):
    def gradient(feed):
        reader = Reader(fresh_model(SMALL, seed=0))
        getattr(reader(batch, feed=torch.tensor(feed)), name).backward()
        head = {
            "glyph": reader.glyph_head.read,
            "paint": reader.paint_head.paint,
            "landmark": reader.landmark_head.name,
        }[name]
        assert head.weight.grad.abs().sum() > 0
        return (
            reader.model.vision_tower.vision_model.embeddings.patch_embedding.weight.grad.abs().sum().item()
        )

    assert gradient(0.0) == 0.0 and gradient(1.0) > 0.0


def test_learned_ids_are_the_pages_answers(batch):
    tokenizer = Tokenizer.read(PACKAGED / "nano")
    row = batch["ids"][0][batch["learned"][0]]
    assert (row == tokenizer.eos).sum() >= 3, "every answer ends with the end-of-sentence id"
    assert tokenizer.image not in row and tokenizer.pad not in row


def test_image_slots_are_filled_in_the_order_of_the_plan(batch):
    image = batch["ids"] == SMALL.image_token_index
    slots = batch["slots"][image].view(len(image), -1)
    assert slots.max() == 2 * SMALL.tiling.side**2, "the newline comes after the features of both tiles"
    assert (batch["slots"][~image] == 0).all()


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda b: f"{b.rows}x{b.columns}")
def test_every_bucket_has_room_for_its_largest_image_and_some_turns(bucket):
    side = SMALL.tiling.side
    image = side**2 * bucket.tiles + side * bucket.rows
    assert bucket.length - image >= 200


def test_batches_are_deterministic_and_differ_by_seed():
    one, same, other = (next(iter(stream(seed=s))) for s in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["ids"], other["ids"])


def test_padding_reaches_no_loss(batch):
    reader = Reader(fresh_model(SMALL, seed=0))
    before = reader(batch)
    changed = dict(batch)
    live = live_tokens(batch)
    assert not live.all(), "the batch has padding"
    changed["ids"] = torch.where(live | (batch["ids"] == SMALL.image_token_index), batch["ids"], 99)
    after = reader(changed)
    for name in ("answer", "glyph", "paint", "landmark", "balance"):
        torch.testing.assert_close(getattr(before, name), getattr(after, name))


def test_load_balance_is_one_when_even_and_more_when_not():
    even = torch.eye(4).repeat(3, 1, 4, 1) * 8  # each token prefers another expert, in each of three layers
    live = torch.ones(1, 16, dtype=torch.bool)
    assert load_balance(even, live, 1)[0].item() == pytest.approx(1.0)
    assert load_balance(torch.tensor([9.0, 0, 0, 0]).expand(1, 1, 16, 4), live, 1)[0].item() > 3.5


def test_load_balance_counts_the_chosen_as_the_router_does():
    torch.manual_seed(0)
    logits, live = torch.randn(2, 3, 5, 8), torch.rand(3, 5) < 0.7
    chosen = torch.nn.functional.one_hot(logits.topk(3).indices, 8).sum(-2)[:, live].float()
    share, probability = chosen.mean(1) / 3, logits.softmax(-1)[:, live].mean(1)
    balance, shares = load_balance(logits, live, 3)
    torch.testing.assert_close(balance, (8 * share * probability).sum(-1).mean())
    torch.testing.assert_close(shares, share)


def test_exact_answers_counts_whole_answers(batch):
    reader = Reader(fresh_model(SMALL, seed=0))
    right, total = exact_answers(reader, batch)
    starts = batch["learned"][:, 1:] & ~batch["learned"][:, :-1]
    assert (right, total) == (0, int(starts.sum()))


def test_a_page_is_learned_by_heart():
    torch.manual_seed(0)
    reader = Reader(fresh_model(SMALL, seed=0))
    batch = located({name: value[:1] for name, value in next(iter(stream(progress=0.0))).items()})
    optimiser = torch.optim.Adam(reader.parameters(), lr=1e-2)
    first = reader(batch).answer.item()
    for _ in range(25):
        loss = reader(batch).answer
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.5 * first
