"""The recipe: what is learned at which moment of a campaign, what a batch is made of, how rates and losses go.

A moment is `progress`, 0..1 of the campaign's time, which may be cut into several runs (`minimax-vl train --begin`,
`--until`). The kinds of drawn pages and their shares are `KINDS` and `STUDIED` in synthetic/pages.py; learning rates
and weights of losses are options of the command.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REAL_SHARE = 0.12  # of the pages, where a pack of real ones is given
BRIEFLY_SHARE = 0.1  # of the rows are asked in the words of a benchmark
BRITISH_SHARE = 0.12  # of the rows ask in British spelling
SEVERAL_SHARE, TURNS = 0.16, 14  # of the rows with room hold several smaller pages; questions about them
ALIKE = 0.4  # of those rows have drawn pages of one kind, which are asked the same questions
DRILLED_SHARE = 0.5  # of the rows end with reckoning that needs no picture
# Shares of pages that lose blank margins before they are cut, as at inference: those of one tile, and larger ones,
# whose resampling takes longer.
TRIMMED_SHARES = 0.7, 0.25


@dataclass(frozen=True)
class Bucket:
    """Pages of one grid of tiles; every batch of a bucket has the same shapes."""

    rows: int
    columns: int
    length: int  # tokens of a row; buckets of one length have equal batches and share compiled code
    weight: float  # share of the batches after the first stage

    @property
    def tiles(self) -> int:
        return self.rows * self.columns + 1


# One-tile pages come first alone: three times the pages a second, and letters are learned from them. A row has room
# for its image and some 540 tokens of questions, which nine pages in ten stay below; one tile holds less to ask.
BUCKETS = (
    Bucket(1, 1, 640, 0.10),
    Bucket(1, 2, 1280, 0.04),
    Bucket(2, 1, 1280, 0.04),
    Bucket(2, 2, 1280, 0.26),
    Bucket(3, 2, 1600, 0.12),
    Bucket(2, 3, 1600, 0.07),
    Bucket(4, 2, 2048, 0.13),  # receipts
    Bucket(3, 3, 2048, 0.05),
    Bucket(4, 3, 2496, 0.12),  # letter pages
    Bucket(3, 4, 2496, 0.07),
)
# Rows of 8 to 52 small pages, which together have as many tiles: a value is found only among as much as was trained on.
MANY = (Bucket(23, 1, 4096, 0.5), Bucket(103, 1, 16_640, 0.5))


@dataclass(frozen=True)
class Stage:
    """What is drawn at a moment of the campaign."""

    one_tile_until: float = 0.22  # pages of one tile alone, up to here
    full_level_at: float = 0.4  # print shrinks and pages fill up, up to here
    several_from: float = 0.35  # several pages in one conversation from here on
    many_share: float = 0.0  # of the batches from there on: rows of `MANY` pages

    def level(self, progress: float) -> float:
        """How small and how full pages are drawn, 0..1."""
        return min(1.0, progress / self.full_level_at)

    def bucket(self, progress: float, rng: np.random.Generator) -> Bucket:
        """The next batch's."""
        if progress < self.one_tile_until:
            return BUCKETS[0]
        many = progress >= self.several_from and self.many_share and rng.random() < self.many_share
        buckets = MANY if many else BUCKETS
        weights = np.array([b.weight for b in buckets])
        return buckets[int(rng.choice(len(buckets), p=weights / weights.sum()))]


def rate(step: int, progress: float, *, warmup: int, decay_from: float) -> float:
    """What both learning rates are multiplied by: warm-up over steps, a linear fall to 2 % by progress.

    No fall where `decay_from` is 1: the mean of many steps' weights takes the place of small steps (`--average`).
    """
    held = progress < decay_from or decay_from >= 1
    fall = 1.0 if held else (1 - progress) / (1 - decay_from)
    return min(1.0, (step + 1) / warmup) * max(0.02, fall)


def dense(progress: float) -> float:
    """What the losses that look at every part of a page are multiplied by: the answers have the last word."""
    return 1.0 if progress < 0.75 else 0.3
