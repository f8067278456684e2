"""One packed image and what its source says about it; boxes in pixels."""

from __future__ import annotations

from dataclasses import dataclass

CUT = "\0"  # the text of a word that lies partly outside: what it belongs to is not asked about


@dataclass(frozen=True)
class Word:
    """One word of a page and its box in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def within(self, size: tuple[int, int]) -> bool:
        """Whether all of it lies on a page of `size` (height, width)."""
        return self.x0 >= 0 and self.y0 >= 0 and self.x1 <= size[1] and self.y1 <= size[0]

    def moved(self, left: float, top: float, scale: float) -> Word:
        """The word on a part of the page that begins at (left, top), resampled by `scale`."""
        x0, y0, x1, y1 = self.x0 - left, self.y0 - top, self.x1 - left, self.y1 - top
        return Word(x0 * scale, y0 * scale, x1 * scale, y1 * scale, self.text)


@dataclass(frozen=True)
class Row:
    """One packed image and all that its source says about it (scripts/pack_real.py)."""

    image: str
    source: str
    size: tuple[int, int]  # height, width
    words: tuple[Word, ...] = ()
    fields: tuple[tuple[str, str, str], ...] = ()  # name of the field, question, answer
    captions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()  # of what is shown of a photograph, largest first
    statements: tuple[tuple[str, bool], ...] = ()
    boxes: tuple[tuple[tuple[str, str, int], ...], ...] = ()  # colour, shape and size of its items
