"""What labels are put together from: lines, paragraphs, bands, rules, barcodes, marks, and two columns."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from minimax_vl.synthetic.facts import Facts
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import barcode, code_square, logo
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.tags.stock import Stock

Asked = tuple[str, tuple[str, ...]]  # an answer as printed, and ways to ask for it


def named(*names: str) -> tuple[str, ...]:
    """Ways to ask for what people call by these names; a name that starts with @ is somebody's."""
    forms = ("What is the {}?", "What is the {}?", "{}?", "Find the {}.", "Tell me the {}.")
    who = ("Who is the {}?", "Who is the {}?", "{}?", "What is the name of the {}?")
    return tuple(
        form.format(name.lstrip("@")) for name in names for form in (who if name[0] == "@" else forms)
    )


def put(facts: Facts, asked: Asked, *, wanted: bool = False) -> None:
    """Note one answer, in one of its wordings or in two."""
    answer, forms = asked
    facts.seen(answer)
    (facts.want if wanted else facts.ask)(answer, forms)
    if len(forms) > 2 and facts.rng.random() < 0.3:
        facts.ask(answer, forms)


@dataclass(kw_only=True)
class Block(ABC):
    """A part of a label as wide as the label; `lead` is the air above it, in base sizes."""

    lead: float = 0.3
    spare: bool = False  # whether the label is one without it, too

    @abstractmethod
    def height(self, stock: Stock, width: float) -> float:
        """Pixels that it takes at this width; infinity when it cannot be set there."""

    @abstractmethod
    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        """Between x0 and x1, from y down."""

    def shed(self) -> bool:
        """Do with a little less; False when there is nothing to leave out."""
        return False


@dataclass(kw_only=True)
class Text(Block):
    """One line. `band` sets it in light print on a filled bar; `align` is 0 left, 0.5 middle, 1 right."""

    text: str
    scale: float = 1.0
    weight: str = "plain"
    align: float = 0.0
    band: bool = False
    coloured: bool = False
    shrinks: bool = True  # whether it may be smaller than meant, to fit
    asks: Sequence[Asked] = ()
    wanted: bool = False

    def _print(self, stock: Stock, room: float) -> Print | None:
        if self.shrinks:
            return stock.fitted(self.text, room, self.scale, self.weight)
        print_ = stock.print_(self.scale, self.weight)
        return print_ if print_.width(self.text) <= room else None

    def _pads(self, stock: Stock) -> tuple[float, float]:
        return (0.35 * stock.size, 0.15 * self.scale * stock.size) if self.band else (0.0, 0.0)

    def height(self, stock: Stock, width: float) -> float:
        across, down = self._pads(stock)
        print_ = self._print(stock, width - 2 * across)
        return print_.height + 2 * down if print_ else math.inf

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        across, down = self._pads(stock)
        print_ = self._print(stock, x1 - x0 - 2 * across)
        if print_ is None:
            return
        canvas = stock.sheet.canvas
        if self.band:
            canvas.fill(x0, y, x1, y + print_.height + 2 * down, stock.accent)
        x = x0 + across + (x1 - x0 - 2 * across - print_.width(self.text)) * self.align
        ink = stock.band_ink if self.band else stock.accent if self.coloured else stock.ink
        canvas.write(x, y + down, self.text, print_, ink)
        for asked in self.asks:
            put(stock.sheet.facts, asked, wanted=self.wanted)


@dataclass(kw_only=True)
class Words(Block):
    """Running text over several lines."""

    text: str
    scale: float = 1.0
    weight: str = "plain"
    align: float = 0.0
    most: int = 8  # lines
    asks: Sequence[Asked] = ()
    wanted: bool = False

    def height(self, stock: Stock, width: float) -> float:
        print_, words = stock.print_(self.scale, self.weight), self.text.split()
        if max(print_.width(word) for word in words) > width:
            return math.inf
        lines = wrap(words, print_, width)
        return print_.height * len(lines) if len(lines) <= self.most else math.inf

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        print_ = stock.print_(self.scale, self.weight)
        for line in wrap(self.text.split(), print_, x1 - x0):
            x = x0 + (x1 - x0 - print_.width(line)) * self.align
            stock.sheet.canvas.write(x, y, line, print_, stock.ink)
            y += print_.height
        for asked in self.asks:
            put(stock.sheet.facts, asked, wanted=self.wanted)


@dataclass(kw_only=True)
class Rule(Block):
    """A line across, as thick as this share of the base size."""

    thick: float = 0.06
    dash: tuple[int, int] = (1, 0)

    def height(self, stock: Stock, width: float) -> float:
        return max(round(self.thick * stock.size), 1)

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        thick = int(self.height(stock, x1 - x0))
        ink = stock.ink if self.thick > 0.1 else stock.line
        stock.sheet.canvas.rule(x0, x1, y, ink, thick=thick, dash=self.dash)


@dataclass(kw_only=True)
class Bars(Block):
    """A barcode with its number in print below."""

    number: str
    asks: Sequence[Asked]
    scale: float = 2.6
    share: float = 1.0  # of the width
    wanted: bool = False

    def _tall(self, stock: Stock) -> float:
        """Bars and the gap between them and their number."""
        return self.scale * stock.size + max(0.15 * stock.size, 2)

    def height(self, stock: Stock, width: float) -> float:
        print_ = stock.fitted(self.number, width, 1.0, "code")
        return self._tall(stock) + print_.height if print_ else math.inf

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        print_ = stock.fitted(self.number, x1 - x0, 1.0, "code")
        if print_ is None:
            return
        canvas, tall = stock.sheet.canvas, self._tall(stock)
        middle, wide = (x0 + x1) / 2, (x1 - x0) * self.share
        barcode(canvas, stock.sheet.rng, middle - wide / 2, y, wide, self.scale * stock.size, stock.ink)
        canvas.write(middle - print_.width(self.number) / 2, y + tall, self.number, print_, stock.ink)
        for asked in self.asks:
            put(stock.sheet.facts, asked, wanted=self.wanted)


@dataclass(kw_only=True)
class Mark(Block):
    """A logo, or a square of dots as telephones read, `scale` base sizes high."""

    square: bool
    scale: float = 2.2
    align: float = 0.5

    def height(self, stock: Stock, width: float) -> float:
        return self._side(stock, width)

    def _side(self, stock: Stock, width: float) -> int:
        return round(min(self.scale * stock.size, width))

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        side = self._side(stock, x1 - x0)
        x, canvas, rng = x0 + (x1 - x0 - side) * self.align, stock.sheet.canvas, stock.sheet.rng
        if not self.square:
            logo(canvas, rng, x, y, side, stock.accent)
            return
        cells = code_square(21, rng.getrandbits(32))
        at = np.arange(side) * 21 // side
        canvas.stain(x, y, cells[at][:, at], stock.ink)


@dataclass(kw_only=True)
class Beside(Block):
    """Two columns of blocks; the right one goes below where the label is too narrow."""

    left: list[Block] = field(default_factory=list)
    right: list[Block] = field(default_factory=list)
    share: float = 0.5  # of the width, for the left one
    ruled: bool = False

    def _widths(self, stock: Stock, width: float) -> tuple[float, float]:
        gap = (1.2 if self.ruled else 0.6) * stock.size
        left = (width - gap) * self.share
        return left, width - gap - left

    def _heights(self, stock: Stock, width: float) -> tuple[float, float]:
        left, right = self._widths(stock, width)
        return stacked(self.left, stock, left), stacked(self.right, stock, right)

    def height(self, stock: Stock, width: float) -> float:
        tallest = max(self._heights(stock, width))
        return tallest if tallest < math.inf else stacked(self.left + self.right, stock, width)

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        tallest = max(self._heights(stock, x1 - x0))
        if tallest == math.inf:
            stack(self.left + self.right, stock, x0, x1, y)
            return
        left, right = self._widths(stock, x1 - x0)
        stack(self.left, stock, x0, x0 + left, y)
        stack(self.right, stock, x1 - right, x1, y)
        if self.ruled:
            stock.sheet.canvas.post((x0 + left + x1 - right) / 2, y, y + tallest, stock.line)

    def shed(self) -> bool:
        return lighten(self.right) or lighten(self.left)


def stacked(blocks: list[Block], stock: Stock, width: float) -> float:
    """Height of blocks one below the other."""
    total = 0.0
    for number, block in enumerate(blocks):
        total += block.height(stock, width) + (block.lead * stock.size if number else 0.0)
        if total == math.inf:
            break
    return total


def stack(blocks: list[Block], stock: Stock, x0: float, x1: float, y: float, air: float = 0.0) -> float:
    """Draw blocks one below the other with `air` more pixels between them; returns where they end."""
    for number, block in enumerate(blocks):
        y += (block.lead * stock.size + (air if block.lead else 0.0)) if number else 0.0
        block.draw(stock, x0, x1, y)
        y += block.height(stock, x1 - x0)
    return y


def lighten(blocks: list[Block]) -> bool:
    """Leave out the last part that can be missed; False when all that is left is needed."""
    for index in range(len(blocks) - 1, -1, -1):
        if blocks[index].shed():
            return True
        if blocks[index].spare:
            del blocks[index]
            return True
    return False
