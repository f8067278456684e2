"""The faces pages are drawn with, and a cache that renders each glyph of a face and size once."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from minimax_vl.errors import InvalidRequest

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SPLITS = ("train", "heldout")
# The faces of offices: the Helvetica and Times of every printer, and their kin.
OFFICE = (
    "Nimbus",
    "TeX Gyre Heros",
    "TeX Gyre Termes",
    "Free",
    "Arimo",
    "Tinos",
    "Roboto",
    "Caladea",
    "Carlito",
)
# Faces like a hand's: no page is set in them, forms are filled in with them. The held-out split has none.
HAND = ("Breip", "Comic Neue", "Dancing Script", "Kaushan Script", "Klee One", "Rufscript", "Steve")
NARROWED = 0.88  # width of raster letters in the pitch of the face
KEPT = 5000  # prints with their glyphs, some 150 MB
DARK = 0.38  # of a letter's darkest square: where a dot is set
BUNDLED = Path(__file__).parent.parent / "assets" / "fonts"


@dataclass(frozen=True)
class Glyph:
    """One character as ink: coverage 0..255, where it sits relative to the pen, and how far the pen moves."""

    mask: np.ndarray  # uint8 [h, w]; empty for a space
    left: int  # pixels from the pen to the mask's left edge
    top: int  # pixels from the baseline to the mask's top edge, negative is above
    advance: float


class Print:
    """One face at one size, in pixels of em height, and each of its glyphs once."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size, self.stretch, self.dots = path, size, 1.0, 0
        self.font: FreeTypeFont = _open(path, size)
        ascent, descent = self.font.getmetrics()
        # Some faces state an ascent or descent far beyond their ink, which would tear the lines apart.
        self.ascent = min(ascent, round(1.05 * size))
        self.height = self.ascent + min(descent, round(0.32 * size))
        self.glyphs: dict[str, Glyph] = {}
        self.advances: dict[str, float] = {}

    def glyph(self, character: str) -> Glyph:
        found = self.glyphs.get(character)
        if found is None:
            found = self.glyphs[character] = self._render(character)
        return found

    def width(self, text: str) -> float:
        """Length of a line of text in pixels, without kerning."""
        total = 0.0
        for character in text:  # measured far more often than drawn, so not through the glyph
            total += self.advances.get(character) or self.advance(character)
        return total

    def advance(self, character: str) -> float:
        """How far the pen moves."""
        found = self.advances[character] = self._advance(character)
        return found

    def _advance(self, character: str) -> float:
        return self.font.getlength(character)

    def _render(self, character: str) -> Glyph:
        """The ink alone, cut out of the face's own bitmap: its centre is the character's."""
        core: Any  # Pillow's bitmap, which has bytes and a box but no public type
        core, (left, top) = self.font.getmask2(character, "L", anchor="ls")
        x0, y0, x1, y1 = core.getbbox() or (0, 0, 0, 0)
        mask = np.frombuffer(bytes(core), dtype=np.uint8).reshape(core.size[::-1])[y0:y1, x0:x1].copy()
        return Glyph(mask, left + x0, top + y0, self.advances.get(character) or self.advance(character))


class TillPrint(Print):
    """A print `stretch` times as wide; with `dots`, raster print, so many dots to an em, narrow in its pitch."""

    def __init__(self, plain: Print, stretch: float, dots: int) -> None:
        self.plain, self.path, self.size = plain, plain.path, plain.size
        self.stretch, self.dots = stretch, dots
        self.font, self.ascent, self.height = plain.font, plain.ascent, plain.height
        self.glyphs, self.advances = {}, {}

    def _advance(self, character: str) -> float:
        return (self.plain.advances.get(character) or self.plain.advance(character)) * self.stretch

    def _render(self, character: str) -> Glyph:
        from PIL import Image

        plain = self.plain.glyph(character)
        advance = self.advances.get(character) or self.advance(character)
        height, width = plain.mask.shape
        if not plain.mask.size:
            return Glyph(plain.mask, 0, 0, advance)
        wide = self.stretch * (NARROWED if self.dots else 1.0)
        page, width = Image.frombytes("L", (width, height), plain.mask.tobytes()), max(round(width * wide), 1)
        if self.dots:
            share = self.dots / self.size
            size = max(round(width * share), 1), max(round(height * share), 1)
            page = page.resize(size, Image.Resampling.BOX)
            darkest = cast("tuple[int, int]", page.getextrema())[1]
            page = page.point(_steps(math.ceil(DARK * darkest)))
        ink = np.frombuffer(page.resize((width, height)).tobytes(), dtype=np.uint8).reshape(height, width)
        place = plain.left * wide + 0.5 * (self.stretch - wide) * plain.advance
        return Glyph(ink, round(place), plain.top, advance)


@lru_cache
def _steps(limit: int) -> list[int]:
    """A table for `Image.point`: full ink from `limit` on."""
    return [0] * limit + [255] * (256 - limit)


@lru_cache(maxsize=1024)
def _open(path: Path, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True)
class Face:
    """One style of one family. `mono` faces share one advance, as typewriters and receipt printers do."""

    path: Path
    family: str
    style: str
    mono: bool

    @property
    def bold(self) -> bool:
        return any(word in self.style.lower() for word in ("bold", "demi", "semi"))

    @property
    def slanted(self) -> bool:
        return any(word in self.style.lower() for word in ("italic", "oblique"))


class FontBook:
    """The faces of one split. Families of the held-out split are never in the training one."""

    def __init__(self, faces: list[Face], split: str) -> None:
        by_name = sorted(faces, key=lambda face: (face.family, face.style))
        self.hand = tuple(face for face in by_name if face.family in HAND)
        self.faces = tuple(face for face in by_name if face.family not in HAND)
        self.split = split
        self.upright = tuple(face for face in self.faces if not face.slanted)
        self.mono = tuple(face for face in self.upright if face.mono)
        self.office = (
            tuple(f for f in self.upright if f.family.startswith(OFFICE) and not f.mono) or self.upright
        )
        self._prints: dict[tuple[Path, int, float, int], Print] = {}
        self._bolder = {
            face: next((b for b in by_name if b.family == face.family and b.bold and not b.slanted), face)
            for face in by_name
        }

    @classmethod
    def load(cls, folder: Path | str | None, split: str) -> FontBook:
        """Read the faces (.ttf, .otf) of `folder`, or the few that ship with the package when it is None.

        The held-out split takes the bundled faces only: `folder` is where training faces lie, and any held-out
        family among them is left out. Raises InvalidRequest for an unknown split or a folder without a face.
        """
        if split not in SPLITS:
            raise InvalidRequest(f"split {split!r}", f"one of {', '.join(SPLITS)}")
        held_out = _read(BUNDLED / "heldout")
        if split == "heldout":
            return cls(held_out, split)
        families = {face.family for face in held_out}
        faces = [face for face in _read(Path(folder or BUNDLED / "train")) if face.family not in families]
        if all(face.family in HAND for face in faces):
            raise InvalidRequest(
                f"no training face in {folder}",
                "a folder with .ttf or .otf files",
                cause="a wrong path, or nothing but hands' faces and held-out families, which training must not see",
                next_step="run scripts/get_fonts.py --out FOLDER, or pass None for the bundled faces",
            )
        return cls(faces, split)

    def print(self, face: Face, size: int, stretch: float = 1.0, dots: int = 0) -> Print:
        """The face at a size in pixels, `stretch` times as wide as it is cut, with its glyph cache."""
        return self._print(face.path, size, stretch, dots)

    def sized(self, print_: Print, size: int) -> Print:
        """The face of a print at another size."""
        return self._print(print_.path, size, print_.stretch, print_.dots)

    def _print(self, path: Path, size: int, stretch: float, dots: int) -> Print:
        plain = self._kept((path, size, 1.0, 0), lambda: Print(path, size))
        if stretch == 1.0 and not dots:
            return plain
        return self._kept((path, size, stretch, dots), lambda: TillPrint(plain, stretch, dots))

    def _kept(self, key: tuple[Path, int, float, int], make: Callable[[], Print]) -> Print:
        if key not in self._prints:
            if len(self._prints) >= KEPT:
                self._prints.clear()
            self._prints[key] = make()
        return self._prints[key]

    def bolder(self, face: Face) -> Face:
        """The bold style of the same family, or the face itself where there is none."""
        return self._bolder[face]

    def pick(self, rng: random.Random, *, mono: float = 0.15, slanted: float = 0.05) -> Face:
        """A random face, monospaced or slanted with the given probability."""
        draw = rng.random()
        faces = self.mono if draw < mono else self.faces if draw < mono + slanted else self.upright
        return rng.choice(faces or self.faces)


def _read(folder: Path) -> list[Face]:
    faces = []
    for path in sorted([*folder.glob("*.ttf"), *folder.glob("*.otf")]):
        font = _open(path, 32)
        family, style = font.getname()
        mono = abs(font.getlength("i") - font.getlength("W")) < 0.5
        faces.append(Face(path, family or path.stem, style or "Regular", mono))
    return faces
