"""Several pages in one conversation: a row keeps its shape, every page its features, every question its one answer."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from minimax_vl.apps.training.batches import _row, conversation, several_buckets
from minimax_vl.apps.training.glyphs import UNREADABLE
from minimax_vl.apps.training.recipe import BUCKETS, MANY
from minimax_vl.apps.training.several import COUNT, Turn, layouts, pairs_about, talk, together
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.presets import NANO
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.facts import NOT_THERE, only_there
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.packing import pack
from minimax_vl.vision.tiling import plan_tiles

FONTS = FontBook.load(None, "train")


def drawn(text: str, *turns: tuple[str, str]) -> Page:
    return Page(np.zeros((336, 336, 3), np.uint8), np.zeros((0, 4), np.float32), list(turns), "table", text)


@pytest.mark.parametrize("tiles", range(2, 20))
def test_layouts_fill_the_tiles_with_two_pages_or_more(tiles):
    for ones, twos, large in layouts(tiles):
        assert 2 * ones + 3 * twos + 5 * large == tiles and ones + twos + large >= 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bucket", [*(b for b in BUCKETS if b.tiles > 4), *MANY], ids=str)
def test_a_row_of_several_pages_has_the_shapes_of_its_bucket_and_the_features_of_its_pages(bucket, seed):
    buckets = several_buckets(bucket, np.random.default_rng(0))
    assert len(buckets) > 1
    pages = [
        sample("train", i, (336 * b.rows, 336 * b.columns), FONTS, level=0.5) for i, b in enumerate(buckets)
    ]
    row = _row(
        pages,
        talk(pages, random.Random(seed), 12),
        NANO,
        Tokenizer.read(PACKAGED / "nano"),
        buckets,
        bucket.length,
    )
    per_tile, plans = NANO.tiling.side**2, [plan_tiles(*p.image.shape[:2], NANO.tiling) for p in pages]
    assert row["ids"].shape == row["slots"].shape == (bucket.length,)
    assert row["tiles"].shape[0] == bucket.tiles and row["glyphs"].shape[0] == bucket.tiles - 1

    features, newline = torch.arange(bucket.tiles * per_tile)[:, None], torch.tensor([-1])
    parts = features.split([plan.tiles * per_tile for plan in plans])
    expected = torch.cat([pack(part, newline, plan) for part, plan in zip(parts, plans, strict=True)])
    source = torch.cat((features, newline[None]))
    seen = row["slots"][row["ids"] == NANO.image_token_index]
    assert torch.equal(source[torch.from_numpy(seen)], expected)

    thumbnails = np.cumsum([plan.tiles for plan in plans])[:-1] - 1
    assert (row["glyphs"][thumbnails] == UNREADABLE).all()
    assert row["learned"].sum() > 10, "there is room for questions beside the pages"


def test_questions_name_the_page_unless_it_is_the_only_one():
    one = drawn("Receipt 7731 Total 5.00 Cashier Ann", ("What is the total?", "5.00"), ("Cashier?", "Ann"))
    other = drawn("Invoice 4402 Total 9.00", ("What is the total?", "9.00"), ("Tell me the fax.", NOT_THERE))
    found: dict[str, set[str]] = {}
    for seed in range(200):
        for question, answer in pairs_about([one, other], random.Random(seed), 8):
            found.setdefault(question, set()).add(answer)
    assert all(len(answers) == 1 for answers in found.values())
    assert "What is the total?" not in found and "Tell me the fax." not in found
    assert found["Cashier?"] == {"Ann"}
    assert found["On page 2, what is the total?"] == {"9.00"}
    assert found["On which page is '5.00'?"] == {"page 1"}
    assert found[COUNT[0]] == {"2"}


def test_pages_come_in_order_and_the_newest_is_asked_about_plainly():
    one = drawn("Receipt 7731 Total 5.00 Cashier Ann", ("What is the total?", "5.00"), ("Cashier?", "Ann"))
    other = drawn("Invoice 4402 Total 9.00", ("What is the total?", "9.00"))
    seen: set[tuple[int, str]] = set()
    for seed in range(200):
        turns = talk([one, other], random.Random(seed), 8)
        assert sum(turn.images for turn in turns) == 2 and turns[0].images
        known = 0
        for question, answer, images, _ in turns:
            known += images
            assert question != COUNT[0] or answer == str(known)
            assert "page 2" not in question.lower() + answer or known == 2, "it has not come yet"
            if question == "What is the total?":
                seen.add((known, answer))
    assert seen == {(1, "5.00"), (2, "9.00")}


def test_the_newest_page_is_asked_again_what_the_first_was_asked():
    one, other = (
        drawn(text, ("What is the total?", total), *((f"{name}?", text) for name in "abcdefgh"[at : at + 4]))
        for text, total, at in (("Receipt", "5.00", 0), ("Invoice", "9.00", 4))
    )
    again = 0
    for seed in range(200):
        turns = talk([one, other], random.Random(seed), 8)
        later = next((i for i, turn in enumerate(turns) if turn.images and i), None)
        if later is not None:
            answers = [turn.answer for turn in turns if turn.question == "What is the total?"]
            again += answers == ["5.00", "9.00"]
    assert again > 40, (
        "half of the talks have a later page, six in ten of them ask about it as if it were alone"
    )


def test_a_turn_that_brings_a_page_is_never_left_out():
    tokenizer, plan = Tokenizer.read(PACKAGED / "nano"), plan_tiles(336, 336, NANO.tiling)
    turns = [
        Turn("First?", "a", 1),
        *(Turn("Which?", "word " * 30),) * 20,
        Turn("And this?", "b", 1),
    ]
    ids, learned = conversation(turns, [plan, plan], tokenizer, 2 * plan.tokens + 200)
    text = tokenizer.decode(ids[ids != NANO.image_token_index].tolist())
    assert (ids == NANO.image_token_index).sum() == 2 * plan.tokens
    assert text.index("First?") < text.index("Which?") < text.index("And this?")
    assert text.count("Which?") < 20 and learned.any()
    assert together([("q", "a"), ("r", "b")], 3) == [Turn("q", "a", 3), Turn("r", "b", 0)]


def test_a_question_needs_no_number_only_when_its_words_are_on_one_page():
    assert only_there("What is the invoice number?", "Invoice No 5", "Receipt")
    assert not only_there("What is the total amount?", "Total Amount 5", "Total 9")
    assert not only_there("What is the telephone?", "Tel 55", "Tel 66")
