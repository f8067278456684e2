"""Synthetic pages -> batches of static shape: tiles, ids, where image features go, what is learned, glyph labels."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from minimax_vl.apps.training import several
from minimax_vl.apps.training.glyphs import UNREADABLE, glyph_labels
from minimax_vl.apps.training.landmarks import UNKNOWN, landmark_labels
from minimax_vl.apps.training.real import RealPages
from minimax_vl.apps.training.recipe import (
    ALIKE,
    BRIEFLY_SHARE,
    BRITISH_SHARE,
    BUCKETS,
    DRILLED_SHARE,
    MANY,
    REAL_SHARE,
    SEVERAL_SHARE,
    TRIMMED_SHARES,
    TURNS,
    Bucket,
    Stage,
)
from minimax_vl.apps.training.several import Turn
from minimax_vl.apps.training.wordings import reworded
from minimax_vl.chat import assistant_turn, encode, render, user_turn
from minimax_vl.config import ModelConfig
from minimax_vl.synthetic import FontBook, Page, sample
from minimax_vl.synthetic.drills import drills
from minimax_vl.synthetic.facts import FREE
from minimax_vl.synthetic.pages import KINDS, PICTURES
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.packing import pack_index
from minimax_vl.vision.pixels import cut_tiles
from minimax_vl.vision.tiling import TilePlan, plan_tiles

Batch = dict[str, Tensor]
# What benchmarks append to a question (eval/tasks/docvqa.py); a reader that never saw it stumbles over it.
BRIEFLY = "\nAnswer the question using a single word or phrase."
BRITISH = {"color": "colour", "gray": "grey", "center": "centre"}


class PageBatches(IterableDataset[Batch]):
    """Endless batches; `progress` is shared with the workers, which read it before they draw."""

    def __init__(
        self,
        config: ModelConfig,
        tokenizer: Path,
        fonts: Path | None,
        progress: Synchronized[float],
        *,
        tiles: int,
        seed: int,
        stage: Stage,
        split: str = "train",
        part: tuple[int, int] = (0, 1),
        real: Path | None = None,
    ) -> None:
        """`part` is (rank, ranks): every rank draws pages of its own. `real`: a pack of scripts/pack_real.py."""
        self.split, self.part, self.real = split, part, real
        self.config, self.tokenizer_folder, self.fonts = config, tokenizer, fonts
        self.progress, self.tiles, self.seed, self.stage = progress, tiles, seed, stage

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        info = get_worker_info()
        if info:
            os.nice(10)  # drawing must not hold up the process that steps and compiles
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        rank, ranks = self.part
        worker, workers = rank * workers + worker, ranks * workers
        rng = np.random.default_rng([self.seed, worker])
        tokenizer = Tokenizer.read(self.tokenizer_folder)
        fonts = FontBook.load(self.fonts, self.split)
        real = RealPages(self.real, self.config.tiling, fonts) if self.real else None
        index = self.seed * 1_000_000_000 + worker
        while True:
            progress = self.progress.value
            bucket = self.stage.bucket(progress, rng)
            rows = []
            for _ in range(rows_of(bucket, self.tiles)):
                buckets = [bucket]
                if bucket in MANY or (progress >= self.stage.several_from and rng.random() < SEVERAL_SHARE):
                    buckets = several_buckets(bucket, rng)
                level, pages = self.stage.level(progress), []
                alike = len(buckets) > 1 and rng.random() < ALIKE
                for part in buckets:
                    size = page_size(part, self.config.tiling.tile, rng)
                    page = real.page(index, size, level) if real and rng.random() < REAL_SHARE else None
                    kinds = (pages[0].kind,) if alike and pages and pages[0].kind in KINDS else tuple(KINDS)
                    page = page or sample(self.split, index, size, fonts, level=level, kinds=kinds)
                    if rng.random() < TRIMMED_SHARES[part.tiles > 2]:
                        page = trimmed(page, self.config.tiling, rng.uniform(0, 0.04))
                    pages.append(page)
                    index += workers
                turns = several.together(pages[0].turns, 1, pages[0].thoughts)
                if len(pages) > 1:
                    turns = several.talk(pages, random.Random(index), TURNS)
                turns = reworded(turns, rng)
                if rng.random() < BRIEFLY_SHARE:
                    turns = [briefly(turn) for turn in turns]
                if rng.random() < BRITISH_SHARE:
                    turns = [turn._replace(question=british(turn.question)) for turn in turns]
                if self.split == "train" and rng.random() < DRILLED_SHARE:
                    asked = drills(fonts, random.Random(index))
                    turns += [Turn(one.question, one.answer, thought=one.thought) for one in asked]
                rows.append(_row(pages, turns, self.config, tokenizer, buckets, bucket.length))
            yield {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}


def briefly(turn: Turn) -> Turn:
    """The turn in the words of a benchmark, where it asks for a short answer and for none of given choices."""
    question, answer = turn.question, turn.answer
    short = "\n" not in question + answer and question not in FREE and len(answer) < 60
    return turn._replace(question=question + BRIEFLY) if short else turn


def british(question: str) -> str:
    """The question as many people write it; what it quotes from the page, options and answers stay as they are."""
    asked, newline, options = question.partition("\n")
    parts = asked.split("'")
    for american, other in BRITISH.items():
        parts[::2] = [part.replace(american, other) for part in parts[::2]]
    return "'".join(parts) + newline + options


def trimmed(page: Page, tiling: TilingConfig, margin: float) -> Page:
    """The page cut to its print and `margin` of its longer side around it, if that still goes to the same grid.

    Small tables then fill their tile; receipts and letters end where their print ends.
    """
    if page.kind in PICTURES | {"screen"} or page.kind not in KINDS or not len(page.glyphs):
        return page  # what matters there is not the print alone
    height, width = page.image.shape[:2]
    reach = page.glyphs[:, 2] * 0.9 + margin * max(height, width)  # [N], pixels around each character
    left, top = (int(max((page.glyphs[:, axis] - reach).min(), 0)) for axis in (0, 1))
    right, bottom = (
        int(min((page.glyphs[:, axis] + reach).max() + 1, side)) for axis, side in ((0, width), (1, height))
    )
    if plan_tiles(bottom - top, right - left, tiling).grid != plan_tiles(height, width, tiling).grid:
        return page
    glyphs = page.glyphs - np.array([left, top, 0, 0], dtype=np.float32)
    return replace(page, image=np.ascontiguousarray(page.image[top:bottom, left:right]), glyphs=glyphs)


def rows_of(bucket: Bucket, tiles: int) -> int:
    """Pages in a batch of at most `tiles` tiles: as many for every bucket of one length."""
    return max(1, tiles // max(b.tiles for b in (*BUCKETS, *MANY) if b.length == bucket.length))


def page_size(bucket: Bucket, tile: int, rng: np.random.Generator) -> tuple[int, int]:
    """(height, width) of a page that lands in this bucket: mostly the grid itself, else shorter, or scaled."""
    height, width = bucket.rows * tile, bucket.columns * tile
    kind = rng.random()
    if kind < 0.25:  # one side falls short, so that there is padding to drop; receipts are narrow
        low = 0.55 if height > 1.4 * width else 0.8
        share = rng.uniform(low, 1.0)
        return (
            (height, int(width * share)) if low < 0.8 or rng.random() < 0.5 else (int(height * share), width)
        )
    if (
        kind < 0.55
    ):  # resampled on the way in, as every scan is, and small print more than that (vision/legible.py)
        scale = rng.uniform(0.62, 1.2)
        return int(height * scale), int(width * scale)
    return height, width


def several_buckets(bucket: Bucket, rng: np.random.Generator) -> list[Bucket]:
    """Buckets of smaller pages that together have the tiles of this one, so that the batch keeps its shape."""
    choice = several.layouts(bucket.tiles) if bucket.tiles > 4 else []
    if not choice:
        return [bucket]
    ones, twos, large = choice[int(rng.integers(len(choice)))]
    parts = (
        [BUCKETS[0]] * ones + [BUCKETS[int(rng.integers(1, 3))] for _ in range(twos)] + [BUCKETS[3]] * large
    )
    return [parts[i] for i in rng.permutation(len(parts))]


def _row(
    pages: list[Page],
    turns: list[Turn],
    config: ModelConfig,
    tokenizer: Tokenizer,
    buckets: list[Bucket],
    length: int,
) -> dict[str, np.ndarray]:
    """One conversation about one page or several, each in its bucket."""
    plans, tiles, glyphs, landmarks, within, slots, per_tile = [], [], [], [], [], [], config.tiling.side**2
    newline = sum(bucket.tiles for bucket in buckets) * per_tile
    for page, bucket in zip(pages, buckets, strict=True):
        height, width = page.image.shape[:2]
        image, tile = Image.fromarray(page.image), config.tiling.tile
        plan = plan_tiles(height, width, config.tiling)
        if plan.grid != (bucket.rows, bucket.columns):
            # Near the border of two grids: stretch it to the grid itself.
            image = image.resize((bucket.columns * tile, bucket.rows * tile), Image.Resampling.BICUBIC)
            plan = plan_tiles(image.height, image.width, config.tiling)
        index, first = pack_index(plan).numpy(), sum(p.tiles for p in plans) * per_tile
        slots.append(np.where(index == plan.tiles * per_tile, newline, index + first))
        plans.append(plan)
        tiles.append(cut_tiles(image, plan, config.tiling))
        labels = glyph_labels(page.glyphs, (height, width), plan, config.tiling)
        # The first thumbnail has no labels; further ones are marked as not to be read.
        glyphs += [labels] if len(plans) == 1 else [np.full_like(labels[:1], UNREADABLE), labels]
        marks, places = landmark_labels(page.glyphs, (height, width), plan, config.tiling)
        landmarks.append(marks if page.kind in KINDS else np.full_like(marks, UNKNOWN))
        within.append(places)
    ids, learned = conversation(turns, plans, tokenizer, length)
    is_image = ids == config.image_token_index
    sources = np.zeros(length, dtype=np.int64)
    sources[is_image] = np.concatenate(slots)
    return {
        "tiles": np.concatenate(tiles),
        "glyphs": np.concatenate(glyphs),
        "landmarks": np.concatenate(landmarks),
        "within": np.concatenate(within),
        "ids": ids,
        "learned": learned,
        "slots": sources,
    }


def conversation(
    turns: list[Turn], plans: list[TilePlan], tokenizer: Tokenizer, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Turns about some pages as ids [length] and which of them are learned; those that do not fit are left out."""
    coming, parts = iter(plans), []
    for question, answer, images, thought in turns:
        messages = [user_turn(question, images=images), assistant_turn(answer, thought)]
        slots = [next(coming).tokens for _ in range(images)]
        parts.append(encode(render(messages, generation_prompt=False), tokenizer, slots))
    # Turns that bring pages stay, whatever comes before them.
    room = length - sum(len(new) for (new, _), turn in zip(parts, turns, strict=True) if turn.images)
    ids: list[int] = []
    learned: list[bool] = []
    for (new, mask), turn in zip(parts, turns, strict=True):
        if not turn.images:
            if len(new) > room:
                continue
            room -= len(new)
        ids += new
        learned += mask
    padding = length - len(ids)
    return np.array(ids + [tokenizer.pad] * padding), np.array(learned + [False] * padding)
