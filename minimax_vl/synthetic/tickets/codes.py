"""What machines read from a ticket: bars, bars turned on their side, and squares."""

from __future__ import annotations

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.marks import barcode, code_square
from minimax_vl.synthetic.tickets.look import Press


class _Code:
    """Dark on light, whatever the paper."""

    def __init__(self, press: Press) -> None:
        self.press, look = press, press.look
        self.quiet = max(press.size // 3, 3)
        self.dark = sum(look.paper) < 384
        self.ink: Colour = (20, 20, 20) if self.dark else look.ink

    def clear(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if self.dark:
            self.press.canvas.fill(
                x0 - self.quiet, y0 - self.quiet, x1 + self.quiet, y1 + self.quiet, (250, 250, 250)
            )


class Bars(_Code):
    """Upright bars over a part of the width."""

    def __init__(self, press: Press, tall: float, share: float) -> None:
        super().__init__(press)
        self.tall, self.share = tall, share

    def height(self, room: float) -> float:
        return self.tall + 2 * self.quiet * self.dark

    def draw(self, x0: float, x1: float, y: float) -> None:
        look, y = self.press.look, y + self.quiet * self.dark
        inset = self.quiet * self.dark
        wide = self.share * (x1 - x0) - 2 * inset
        left = x0 + inset + look.align * (x1 - x0 - 2 * inset - wide)
        self.clear(left, y, left + wide, y + self.tall)
        barcode(self.press.canvas, look.rng, left, y, wide, self.tall, self.ink)


class Ladder(_Code):
    """Bars that lie above each other, as at the short side of a ticket."""

    def __init__(self, press: Press, tall: float) -> None:
        super().__init__(press)
        self.tall = tall

    def height(self, room: float) -> float:
        return self.tall

    def draw(self, x0: float, x1: float, y: float) -> None:
        rng, canvas = self.press.look.rng, self.press.canvas
        self.clear(x0, y, x1, y + self.tall)
        at = y
        while at < y + self.tall - 4:
            thick = rng.choice((1, 1, 2, 3))
            canvas.fill(x0, at, x1, at + thick, self.ink)
            at += thick + rng.choice((1, 1, 2, 3))


class Square(_Code):
    """A matrix of modules, with the marks in three of its corners that say how it lies."""

    def __init__(self, press: Press, side: float) -> None:
        super().__init__(press)
        self.modules = press.look.modules
        self.module = max(round(side / self.modules), 2)
        self.side = self.module * self.modules

    def height(self, room: float) -> float:
        return self.side if self.side <= room + 1 else float("inf")

    def draw(self, x0: float, x1: float, y: float) -> None:
        cover = code_square(self.modules, self.press.look.rng.getrandbits(32), self.module)  # [side, side]
        left = x1 - self.side
        self.clear(left, y, x1, y + self.side)
        self.press.canvas.stain(left, y, cover, self.ink)
