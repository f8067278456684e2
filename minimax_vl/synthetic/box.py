"""Rectangles of a page."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom in pixels, from the page's top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1

    def inset(self, across: float, down: float | None = None) -> Box:
        """The box without a border, the same on all sides where `down` is not given."""
        down = across if down is None else down
        return Box(self.x0 + across, self.y0 + down, self.x1 - across, self.y1 - down)

    def to(self, **sides: float) -> Box:
        """The box with other sides: to(y0=120)."""
        return replace(self, **sides)

    def split(self, down: float) -> tuple[Box, Box]:
        """The upper `down` pixels and what is left below them; a negative `down` counts from the lower edge."""
        y = self.y0 + down if down >= 0 else self.y1 + down
        return self.to(y1=y), self.to(y0=y)

    def cut(self, across: float) -> tuple[Box, Box]:
        """The left `across` pixels and what is right of them; a negative `across` counts from the right edge."""
        x = self.x0 + across if across >= 0 else self.x1 + across
        return self.to(x1=x), self.to(x0=x)

    def columns(self, count: int, gap: float = 0) -> list[Box]:
        """`count` boxes side by side."""
        wide = (self.width - gap * (count - 1)) / count
        lefts = [self.x0 + i * (wide + gap) for i in range(count)]
        return [self.to(x0=left, x1=left + wide) for left in lefts]

    def rows(self, count: int, gap: float = 0) -> list[Box]:
        """`count` boxes one below the other."""
        tall = (self.height - gap * (count - 1)) / count
        tops = [self.y0 + i * (tall + gap) for i in range(count)]
        return [self.to(y0=top, y1=top + tall) for top in tops]
