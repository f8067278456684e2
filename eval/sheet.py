"""Contact sheet: answers right and wrong beside the pictures they were read from, as one picture."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from minimax_vl.eval.drawn import Result
from minimax_vl.eval.folder import Result as FolderResult
from minimax_vl.eval.photos import Result as PhotoResult
from minimax_vl.synthetic import FontBook, sample
from minimax_vl.vision.pixels import to_rgb

CELL, MARGIN, TEXT = 336, 12, 118
RIGHT, WRONG, INK = (20, 110, 50), (170, 30, 30), (30, 30, 30)


@dataclass(frozen=True)
class Cell:
    """One question, what became of it, and how its picture is had; `answer` is shown under a wrong reply."""

    source: Hashable  # of the picture: one cell of each is shown
    picture: Callable[[], Image.Image]
    question: str
    reply: str
    answer: str
    right: bool


def drawn_cells(result: Result) -> list[Cell]:
    """Of a suite on drawn pages, which are drawn again when they are shown."""
    fonts = FontBook.load(None, "heldout")

    def drawn(page: int, size: tuple[int, int]) -> Callable[[], Image.Image]:
        return lambda: Image.fromarray(
            sample("heldout", page, size, fonts, level=1.0, kinds=result.alone).image
        )

    return [
        Cell(r.page, drawn(r.page, r.size), r.question, r.reply, r.answer, r.right) for r in result.records
    ]


def folder_cells(result: FolderResult, folder: Path) -> list[Cell]:
    """Of a suite on images of a folder; those that cannot be read are left out."""
    return [
        Cell(r.image, _opened(folder / r.image), r.question, r.reply, r.answers[0], r.exact)
        for r in result.records
        if r.error is None
    ]


def photo_cells(result: PhotoResult, folder: Path) -> list[Cell]:
    """Of captions: green where a thing that is there is named and no word of pages is used."""
    return [
        Cell(
            r.image,
            _opened(folder / r.image),
            Path(r.image).stem,
            r.caption,
            ", ".join(r.there),
            bool(r.true) and not r.page,
        )
        for r in result.records
        if r.error is None
    ]


def _opened(path: Path) -> Callable[[], Image.Image]:
    return lambda: to_rgb(Image.open(path))


def contact_sheet(cells: Sequence[Cell], columns: int = 4, rows: int = 2, seed: int = 0) -> Image.Image:
    """`rows` rows of wrong answers, then `rows` rows of right ones, chosen at random, one a picture."""
    rng = random.Random(seed)
    groups = [_one_each([c for c in cells if c.right is right], rng) for right in (False, True)]
    return laid_out([group[: columns * rows] for group in groups], columns)


def laid_out(groups: Sequence[Sequence[Cell]], columns: int) -> Image.Image:
    """All cells, each group from a new row on."""
    lines = sum(-(-len(group) // columns) for group in groups)
    sheet = Image.new(
        "RGB", (columns * (CELL + MARGIN) + MARGIN, max(1, lines) * (CELL + TEXT + MARGIN) + MARGIN), "white"
    )
    place = 0
    for group in groups:
        for cell in group:
            row, column = divmod(place, columns)
            _paste(sheet, (MARGIN + column * (CELL + MARGIN), MARGIN + row * (CELL + TEXT + MARGIN)), cell)
            place += 1
        place = -(-place // columns) * columns
    return sheet


def _one_each(cells: list[Cell], rng: random.Random) -> list[Cell]:
    return list({cell.source: cell for cell in rng.sample(cells, len(cells))}.values())


def _paste(sheet: Image.Image, corner: tuple[int, int], cell: Cell) -> None:
    picture = cell.picture()
    picture.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    sheet.paste(picture, corner)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    x, y = corner[0], corner[1] + CELL + 4
    pairs = [("Q ", cell.question, INK), ("read ", cell.reply, RIGHT if cell.right else WRONG)]
    if not cell.right:
        pairs.append(("is ", cell.answer, INK))
    for label, text, colour in pairs:
        for line in textwrap.wrap(label + text.replace("\n", " / "), 44)[:3]:
            draw.text((x, y), line, fill=colour, font=font)
            y += 17
