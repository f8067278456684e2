"""The parts a ticket is stacked from. Each says how tall it is in a given width, without end where it does not fit."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Protocol

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.marks import logo
from minimax_vl.synthetic.prose import wrap
from minimax_vl.synthetic.tickets.clerk import Entry
from minimax_vl.synthetic.tickets.look import Press


class Block(Protocol):
    """One part of a ticket, drawn from `x0` to `x1` and from `y` down."""

    def height(self, room: float) -> float: ...

    def draw(self, x0: float, x1: float, y: float) -> None: ...


class Text:
    """A text over as many lines as it takes, up to `most`."""

    def __init__(
        self, press: Press, text: str, print_: Print, ink: Colour, align: float, most: int = 1
    ) -> None:
        self.canvas, self.text, self.print, self.ink, self.align, self.most = (
            press.canvas, text, print_, ink, align, most,
        )  # fmt: skip

    def height(self, room: float) -> float:
        self.lines = wrap(self.text.split(), self.print, room)
        whole = " ".join(self.lines) == self.text and len(self.lines) <= self.most
        return self.print.height * len(self.lines) if whole else math.inf

    def draw(self, x0: float, x1: float, y: float) -> None:
        for line in self.lines:
            x = x0 + self.align * (x1 - x0 - self.print.width(line))
            self.canvas.write(x, y, line, self.print, self.ink)
            y += self.print.height


class Head:
    """Who issued the ticket and what it is called: on one line, or one below the other; on a band that bleeds."""

    def __init__(self, press: Press, left: str, right: str, bleed: float) -> None:
        self.press, self.texts, self.bleed = press, [text for text in (left, right) if text], bleed
        self.style, self.print = press.look.head, press.head
        self.pad = round((0.45 if self.style in ("band", "tint") else 0.15) * self.print.size)

    def height(self, room: float) -> float:
        self.mark = round(self.print.height * 0.9) if self.press.look.logo and self.texts else 0
        mark = self.mark + 8 if self.mark else 0
        widths = [self.print.width(text) for text in self.texts]
        self.joint = sum(widths) + mark + 1.5 * self.print.size * (len(widths) - 1) <= room
        if not self.joint and max(widths) + mark > room:
            return math.inf
        return self.print.height * (1 if self.joint else 2) + 2 * self.pad

    def draw(self, x0: float, x1: float, y: float) -> None:
        look, canvas, print_ = self.press.look, self.press.canvas, self.print
        end = y + self.print.height * (1 if self.joint else 2) + 2 * self.pad
        ink = look.title_ink
        if self.style in ("band", "tint"):
            ink = look.on_accent if self.style == "band" else look.ink
            canvas.fill(
                x0 - self.bleed, y, x1 + self.bleed, end, look.accent if self.style == "band" else look.pale
            )
        elif self.style == "rule":
            canvas.rule(x0, x1, end, look.line, thick=2)
        left, y = x0, y + self.pad
        centred = look.align == 0.5 and (not self.joint or len(self.texts) == 1)
        for index, text in enumerate(self.texts):
            last = self.joint and index == len(self.texts) - 1 and index > 0
            x = x1 - print_.width(text) if last else left
            if centred:
                x = (
                    x0
                    + (x1 - x0 - print_.width(text) + (self.mark + 8) * (index == 0 and bool(self.mark))) / 2
                )
            if index == 0 and self.mark:
                at = x - self.mark - 8 if centred else x
                logo(
                    canvas,
                    random.Random(look.emblem),
                    at,
                    y + (print_.height - self.mark) / 2,
                    self.mark,
                    ink,
                )
                x += 0 if centred else self.mark + 8
            canvas.write(x, y, text, print_, ink)
            y += 0 if self.joint else print_.height


class Banner:
    """A block on a band of colour from edge to edge."""

    def __init__(self, press: Press, block: Block, bleed: float, colour: Colour) -> None:
        self.press, self.block, self.bleed, self.colour = press, block, bleed, colour
        self.pad = round(0.4 * press.size)

    def height(self, room: float) -> float:
        self.tall = self.block.height(room) + 2 * self.pad
        return self.tall

    def draw(self, x0: float, x1: float, y: float) -> None:
        self.press.canvas.fill(x0 - self.bleed, y, x1 + self.bleed, y + self.tall, self.colour)
        self.block.draw(x0, x1, y + self.pad)


class Route:
    """From and to at the ends of one line, an arrow between them, codes of airports above; or one below the other."""

    def __init__(self, press: Press, ends: Sequence[Entry], codes: Sequence[Entry]) -> None:
        self.press, self.ends, self.codes = press, ends, codes
        look = press.look
        rows = [(press.label, look.label_ink, [end.label for end in ends] if ends[0].label else [])]
        rows.append(
            (press.title if codes else press.large, look.title_ink, [code.value for code in codes or ends])
        )
        rows.append((press.body, look.ink, [end.value for end in ends] if codes else []))
        self.rows = [row for row in rows if row[2]]

    def height(self, room: float) -> float:
        spare = 2.5 * self.press.size
        self.joint = all(sum(map(print_.width, texts)) + spare <= room for print_, _, texts in self.rows)
        fits = self.joint or all(max(map(print_.width, texts)) <= room for print_, _, texts in self.rows)
        tall = sum(print_.height for print_, _, _ in self.rows)
        return math.inf if not fits else tall if self.joint else 2 * tall + self.press.gap

    def draw(self, x0: float, x1: float, y: float) -> None:
        look, canvas = self.press.look, self.press.canvas
        if not self.joint:
            for side in range(2):
                for print_, ink, texts in self.rows:
                    canvas.write(x0, y, texts[side], print_, ink)
                    y += print_.height
                y += self.press.gap
            return
        for print_, ink, (left, right) in self.rows:
            canvas.write(x0, y, left, print_, ink)
            canvas.write(x1 - print_.width(right), y, right, print_, ink)
            if print_ is self.rows[-1 if not self.codes else -2][0] and look.arrow != "none":
                gap = 0.7 * self.press.size
                start, end = x0 + print_.width(left) + gap, x1 - print_.width(right) - gap
                self._arrow(start, end, y + print_.ascent - 0.35 * print_.size)
            y += print_.height

    def _arrow(self, start: float, end: float, y: float) -> None:
        look, canvas = self.press.look, self.press.canvas
        canvas.rule(start, end, y, look.line, thick=2, dash=(5, 3) if look.arrow == "line" else (1, 0))
        if look.arrow == "arrow":
            for step in range(max(round(0.3 * self.press.size), 3)):
                canvas.fill(end - 1 - step, y - step, end + 1 - step, y + 2 + step, look.line)


class Stack:
    """Blocks one below the other; what room is left over is shared out between them."""

    def __init__(self, blocks: Sequence[Block], gap: float) -> None:
        self.blocks, self.gap = blocks, gap

    def height(self, room: float) -> float:
        self.heights = [block.height(room) for block in self.blocks]
        return sum(self.heights) + self.gap * (len(self.blocks) - 1)

    def draw(self, x0: float, x1: float, y: float, spare: float = 0.0) -> None:
        share = spare / len(self.blocks)
        for block, height in zip(self.blocks, self.heights, strict=True):
            block.draw(x0, x1, y)
            y += height + self.gap + share


class Beside:
    """A block and a square mark at its right."""

    def __init__(self, left: Block, right: Block, side: float, gap: float) -> None:
        self.left, self.right, self.side, self.gap = left, right, side, gap

    def height(self, room: float) -> float:
        rest = room - self.side - self.gap
        return max(self.left.height(rest), self.right.height(self.side)) if rest > 0 else math.inf

    def draw(self, x0: float, x1: float, y: float) -> None:
        self.left.draw(x0, x1 - self.side - self.gap, y)
        self.right.draw(x1 - self.side, x1, y)
