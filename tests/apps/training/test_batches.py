"""Batches: buckets that share compiled code have equal shapes, and questions come in benchmarks' words too."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from minimax_vl.apps.training.batches import BRIEFLY, BUCKETS, briefly, page_size, rows_of
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.presets import NANO
from minimax_vl.synthetic.facts import DESCRIBE
from minimax_vl.vision.tiling import plan_tiles


def test_buckets_of_one_length_have_equal_batches_within_the_tiles():
    for _, group in groupby(sorted(BUCKETS, key=lambda b: b.length), key=lambda b: b.length):
        same = list(group)
        assert len({rows_of(b, 210) for b in same}) == 1
        assert max(rows_of(b, 210) * b.tiles for b in same) <= 210


def test_every_grid_of_nano_is_trained_on():
    assert {(b.rows, b.columns) for b in BUCKETS} == {(h // 336, w // 336) for w, h in NANO.tiling.pinpoints}


def test_pages_of_a_bucket_mostly_land_on_its_grid():
    rng = np.random.default_rng(0)
    for bucket in BUCKETS:
        sizes = [page_size(bucket, 336, rng) for _ in range(60)]
        hits = sum(plan_tiles(*size, NANO.tiling).grid == (bucket.rows, bucket.columns) for size in sizes)
        assert hits > 36, f"{bucket}: {hits} of 60"


def test_a_benchmarks_words_are_appended_to_short_questions_only():
    assert DOCVQA.styles["direct"].after == BRIEFLY
    assert briefly("Total?", "5.00") == ("Total?" + BRIEFLY, "5.00")
    for turn in ((DESCRIBE[0], "A page."), ("Which?\nA. x\nB. y", "A"), ("Read the text.", "one\ntwo")):
        assert briefly(*turn) == turn
