"""Real pages in training: images packed by scripts/pack_real.py, cut, worn and asked about anew each time.

The released weights may learn only from sources whose licence allows it; the model card names them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from minimax_vl.apps.training.real_questions import questions
from minimax_vl.apps.training.real_refill import refilled
from minimax_vl.apps.training.real_rows import CUT, Row, Word
from minimax_vl.errors import InvalidRequest
from minimax_vl.synthetic import FontBook, Page
from minimax_vl.synthetic.degrade import worn
from minimax_vl.synthetic.tones import main_colors
from minimax_vl.vision.config import TilingConfig
from minimax_vl.vision.tiling import plan_tiles

# How often each source is drawn among those whose images fit a grid.
SHARES = {
    "forms_fara": 3.0,
    "invoices_fcc": 3.0,
    "photos_coco": 1.2,
    "shapes_nlvr": 0.8,
    "figures_physics": 0.4,
    "figures_economics": 0.4,
}
REFILLED = 0.75  # of the documents whose words are known get other values in their fields
DOCUMENTS = ("forms_fara", "invoices_fcc")
Box = tuple[int, int, int, int]  # left, top, right, bottom

EM = 0.78  # em height of a line's print to the height of its word boxes
UNKNOWN = 0.5  # em height that stands for "print that cannot be read": such labels are not learned
SURE = (9.0, 25.0)  # heights of boxes, at the stored size, that hold one line of print and no more
NARROW, WIDE = frozenset("iljtfI.,:;'|!()[]"), frozenset("mwMWQO@%")


class RealPages:
    """The packed pages; `page` is the counterpart of `minimax_vl.synthetic.sample`."""

    def __init__(self, folder: Path, tiling: TilingConfig, fonts: FontBook | None = None) -> None:
        """With `fonts`, most documents get new values. Raises InvalidRequest when the folder holds no pack."""
        path = folder / "rows.jsonl.gz"
        if not path.is_file():
            raise InvalidRequest(
                found=f"no rows.jsonl.gz in {folder}",
                expected="a folder written by scripts/pack_real.py",
                cause="a wrong path, or a pack that was never made",
                next_step="run scripts/pack_real.py, or train without real pages",
            )
        self.folder, self.tiling, self.fonts = folder, tiling, fonts
        with gzip.open(path, "rt", encoding="utf-8") as file:
            self.rows = [_row(json.loads(line)) for line in file]
        self._by_source = {
            source: [row for row in self.rows if row.source == source]
            for source in {r.source for r in self.rows}
        }

    def page(self, index: int, size: tuple[int, int], level: float = 1.0) -> Page | None:
        """A page for the grid that `size` (height, width) is cut into, or None when no image fits there.

        Depends on nothing but the pack and the arguments. Most documents are shown whole, some in part; on whole ones
        print that is not labelled is marked as not to be learned.
        """
        grid = plan_tiles(*size, self.tiling).grid
        room = grid[0] * self.tiling.tile, grid[1] * self.tiling.tile
        seed = hashlib.sha256(f"real/{index}/{size[0]}x{size[1]}".encode()).digest()
        rng = random.Random(int.from_bytes(seed[:8], "big"))
        sources = sorted(self._by_source)
        for _ in range(6):
            source = rng.choices(sources, [SHARES[name] for name in sources])[0]
            rows = self._by_source[source]
            row = rng.choices(rows, [3 if r.fields and r.words else 1 for r in rows])[0]
            part = _part(row, room, rng)
            if part is None:
                continue
            box, scale = part
            out = (max(1, round((box[3] - box[1]) * scale)), max(1, round((box[2] - box[0]) * scale)))
            if plan_tiles(*out, self.tiling).grid == grid and (page := self._cut(row, box, out, rng, level)):
                return page
        return None

    def _cut(self, row: Row, box: Box, out: tuple[int, int], rng: random.Random, level: float) -> Page | None:
        """The part `box` of an image, resampled to `out` (height, width), with its questions."""
        with Image.open(self.folder / row.image) as opened:
            stored = opened.convert("L" if row.source in DOCUMENTS else "RGB")
        if self.fonts and row.words and row.source in DOCUMENTS and rng.random() < REFILLED:
            row, page = refilled(row, np.asarray(stored), self.fonts, rng)
            stored = Image.fromarray(page)
        picture = stored.resize((out[1], out[0]), Image.Resampling.BICUBIC, box=box).convert("RGB")
        if row.source == "photos_coco" and rng.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        image = np.array(picture)
        if row.source == "photos_coco":
            row = replace(row, colors=tuple(main_colors(image)))
        scale = out[0] / (box[3] - box[1])
        words = [word.moved(box[0], box[1], scale) for word in row.words]
        words = [w for w in words if w.x1 > 0 and w.y1 > 0 and w.x0 < out[1] and w.y0 < out[0]]
        seen = [w if w.within(out) else replace(w, text=CUT) for w in words]
        whole = (box[3] - box[1]) * (box[2] - box[0]) > 0.85 * row.size[0] * row.size[1]
        turns = questions(
            row, seen, rng, 8 if row.source not in DOCUMENTS else rng.randint(7, 14), whole=whole
        )
        if not turns:
            return None
        glyphs = _glyphs(words, out, scale)
        image, glyphs = worn(
            image, glyphs, rng, mild=False, level=0.6 * level, coloured=row.source not in DOCUMENTS
        )
        if row.source not in ("photos_coco", "shapes_nlvr") and not row.words:
            glyphs = _everywhere(plan_tiles(*out, self.tiling).resized, out, self.tiling.patch)
        text = " ".join(word.text for word in seen if word.text != CUT)
        return Page(image, glyphs, turns, row.source, text)


def _glyphs(words: list[Word], out: tuple[int, int], scale: float) -> np.ndarray:
    """Labels as in `Page`, float32 [N, 4], of the characters inside a page of `out` (height, width)."""
    spots = [spot for word in words for spot in _characters(word, scale)]
    glyphs = np.array(spots, dtype=np.float32).reshape(-1, 4)
    x, y = glyphs[:, 0], glyphs[:, 1]
    return glyphs[(x > 2) & (x < out[1] - 2) & (y > 2) & (y < out[0] - 2)]


def _part(row: Row, room: tuple[int, int], rng: random.Random) -> tuple[Box, float] | None:
    """(left, top, right, bottom) of what is shown and its scale, to fit into `room`; None when it cannot."""
    height, width = row.size
    if row.source in DOCUMENTS and row.words and (rng.random() < 0.35 or max(room) < 1344):
        scale = rng.uniform(0.85, 1.35)
        h, w = min(height, round(room[0] / scale)), min(width, round(room[1] / scale))
        left, top = (
            rng.randint(0, width - w),
            round((height - h) * rng.random() ** 1.5),
        )  # heads have the fields
        return (left, top, left + w, top + h), min(room[0] / h, room[1] / w, scale)
    trim = 0.012 if row.source in DOCUMENTS else 0.05
    left, right = (round(rng.uniform(0, trim) * width) for _ in range(2))
    top, bottom = (round(rng.uniform(0, trim) * height) for _ in range(2))
    if row.source == "shapes_nlvr":
        left = right = top = bottom = 0
    box = (left, top, width - right, height - bottom)
    fit = min(room[0] / (box[3] - box[1]), room[1] / (box[2] - box[0]))
    if row.source in DOCUMENTS and fit < 0.88:
        return None  # too small to be read
    return box, fit * rng.uniform(0.93, 1.0)


def _characters(word: Word, scale: float) -> list[tuple[float, float, float, int]]:
    """(x, y, em, code) of a word's characters, spread over its box by rough widths; tiny where the box is not exact."""
    sure = SURE[0] <= word.height / scale <= SURE[1]
    widths = [0.55 if c in NARROW else 1.4 if c in WIDE else 1.15 if c.isupper() else 1.0 for c in word.text]
    unit, pen, y = (word.x1 - word.x0) / sum(widths), word.x0, (word.y0 + word.y1) / 2
    spots = []
    for character, width in zip(word.text, widths, strict=True):
        spots.append((pen + unit * width / 2, y, EM * word.height if sure else UNKNOWN, ord(character)))
        pen += unit * width
    return spots


def _everywhere(resized: tuple[int, int], out: tuple[int, int], patch: int) -> np.ndarray:
    """Three labels of an unknown character in every patch: there may be print anywhere, and none is learned."""
    ys, xs = (np.arange(patch / 2, side, patch) * o / side for side, o in zip(resized, out, strict=True))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).repeat(3, axis=0)
    return np.concatenate([grid, np.tile([UNKNOWN, 88.0], (len(grid), 1))], axis=1).astype(np.float32)


def _row(raw: dict[str, Any]) -> Row:
    return Row(
        image=raw["image"],
        source=raw["source"],
        size=(raw["size"][0], raw["size"][1]),
        words=tuple(Word(*word) for word in raw.get("words", ())),
        fields=tuple(tuple(f) for f in raw.get("fields", ())),
        captions=tuple(raw.get("captions", ())),
        kinds=tuple(raw.get("kinds", ())),
        objects=tuple(raw.get("objects", ())),
        statements=tuple(tuple(s) for s in raw.get("statements", ())),
        boxes=tuple(tuple(tuple(item) for item in box) for box in raw.get("boxes", ())),
    )
