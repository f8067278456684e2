"""Batches: buckets that share compiled code have equal shapes, and questions come in benchmarks' words too."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from minimax_vl.apps.training.batches import (
    BRIEFLY,
    briefly,
    british,
    page_size,
    rows_of,
    trimmed,
)
from minimax_vl.apps.training.recipe import BUCKETS, MANY, Stage
from minimax_vl.apps.training.several import Turn
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.presets import NANO
from minimax_vl.synthetic import FontBook, sample
from minimax_vl.synthetic.facts import DESCRIBE
from minimax_vl.vision.tiling import plan_tiles


def test_buckets_of_one_length_have_equal_batches_within_the_tiles():
    for _, group in groupby(sorted((*BUCKETS, *MANY), key=lambda b: b.length), key=lambda b: b.length):
        same = list(group)
        assert len({rows_of(b, 210) for b in same}) == 1
        assert max(rows_of(b, 210) * b.tiles for b in same) <= 210


def test_every_grid_of_nano_is_trained_on():
    assert {(b.rows, b.columns) for b in BUCKETS} == {(h // 336, w // 336) for w, h in NANO.tiling.pinpoints}


def test_pages_of_one_tile_can_be_all_there_is():
    rng, only = np.random.default_rng(0), Stage(one_tile_until=2.0)
    assert {only.bucket(progress, rng) for progress in (0.0, 0.5, 1.0)} == {BUCKETS[0]}
    assert len({Stage().bucket(1.0, rng) for _ in range(40)}) > 3


def test_many_pages_come_only_where_asked_for_and_after_several():
    rng, half = np.random.default_rng(0), Stage(many_share=0.5)
    assert not {half.bucket(half.several_from - 0.01, rng) for _ in range(60)} & set(MANY)
    drawn = [half.bucket(1.0, rng) for _ in range(400)]
    assert set(MANY) < set(drawn) and 160 < sum(bucket in MANY for bucket in drawn) < 240
    assert not {Stage().bucket(1.0, rng) for _ in range(400)} & set(MANY)


def test_pages_of_a_bucket_mostly_land_on_its_grid():
    rng = np.random.default_rng(0)
    for bucket in BUCKETS:
        sizes = [page_size(bucket, 336, rng) for _ in range(60)]
        hits = sum(plan_tiles(*size, NANO.tiling).grid == (bucket.rows, bucket.columns) for size in sizes)
        assert hits > 36, f"{bucket}: {hits} of 60"


def test_a_benchmarks_words_are_appended_to_short_questions_only():
    assert DOCVQA.styles["direct"].after == BRIEFLY
    assert briefly(Turn("Total?", "5.00", 1)) == Turn("Total?" + BRIEFLY, "5.00", 1)
    for pair in ((DESCRIBE[0], "A page."), ("Which?\nA. x\nB. y", "A"), ("Read the text.", "one\ntwo")):
        assert briefly(Turn(*pair)) == Turn(*pair)


def test_a_question_may_be_spelled_as_in_britain_but_not_what_it_quotes():
    assert british("What color is 'color' in the center?") == "What colour is 'color' in the centre?"
    choice = "Which color is it?\nA. gray\nB. red"
    assert british(choice) == choice.replace("color", "colour")


def test_a_trimmed_page_keeps_its_print_and_its_grid():
    fonts, cut = FontBook.load(None, "train"), 0
    for index in range(20):
        page = sample("train", index, (336, 336), fonts, kinds=("lookup", "scene"))
        less = trimmed(page, NANO.tiling, 0.02)
        assert plan_tiles(*less.image.shape[:2], NANO.tiling).grid == (1, 1)
        assert len(less.glyphs) == len(page.glyphs) and less.turns == page.turns
        if less is page:
            continue
        cut += 1
        assert page.kind == "lookup" and less.image.size < page.image.size
        left, top = (page.glyphs - less.glyphs)[0, :2].astype(int)
        height, width = less.image.shape[:2]
        assert np.array_equal(less.image, page.image[top : top + height, left : left + width])
        reach = less.glyphs[:, 2] / 2
        assert (less.glyphs[:, 0] >= reach / 2).all() and (less.glyphs[:, 0] <= width - reach / 2).all()
    assert cut > 3
