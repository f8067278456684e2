"""One ticket in its room: which parts it is stacked from, how large its print can be, and how much of it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from minimax_vl.synthetic.sheet import between
from minimax_vl.synthetic.tickets.blocks import Banner, Beside, Block, Head, Route, Stack, Text
from minimax_vl.synthetic.tickets.clerk import Ticket
from minimax_vl.synthetic.tickets.codes import Bars, Ladder, Square
from minimax_vl.synthetic.tickets.grid import Grid
from minimax_vl.synthetic.tickets.look import EMS, Look, Press
from minimax_vl.synthetic.tickets.paper import lay, tear

SIZES = tuple(em for em in EMS if em <= 34)  # of body print


@dataclass(frozen=True)
class Part:
    """The main part of a ticket or its stub, and how much of the paper's edge stays empty."""

    stack: Stack
    pad: float
    flush: bool  # whether a band begins at its upper edge

    def height(self, width: float) -> float:
        return self.stack.height(width - 2 * self.pad) + self.pad * (1 if self.flush else 2)

    def draw(self, x0: float, x1: float, y: float, spare: float) -> None:
        self.stack.draw(x0 + self.pad, x1 - self.pad, y if self.flush else y + self.pad, spare)


@dataclass(frozen=True)
class Layout:
    """A ticket in one size of print; `across` where its stub stands at the right, else it is below."""

    look: Look
    ticket: Ticket
    width: float
    main: Part
    stub: Part | None
    across: bool

    @property
    def split(self) -> float:
        """Width of the main part."""
        return self.width * 0.7 if self.stub and self.across else self.width

    def height(self) -> float:
        main = self.main.height(self.split)
        if not self.stub:
            return main
        stub = self.stub.height(self.width - self.split if self.across else self.width)
        return max(main, stub) if self.across else main + stub

    def draw(self, x: float, y: float, height: float, *, whole: bool) -> None:
        """Everything, over `height` pixels."""
        lay(self.look, (x, y, x + self.width, y + height), whole=whole)
        spare = height - self.height()
        if not self.stub:
            self.main.draw(x, x + self.width, y, spare)
        elif self.across:
            middle = x + self.split
            self.main.draw(x, middle, y, height - self.main.height(self.split))
            tear(self.look, (middle, y), (middle, y + height))
            self.stub.draw(middle, x + self.width, y, height - self.stub.height(self.width - self.split))
        else:
            middle = y + self.main.height(self.width) + 0.7 * spare
            self.main.draw(x, x + self.width, y, 0.7 * spare)
            tear(self.look, (x, middle), (x + self.width, middle))
            self.stub.draw(x, x + self.width, middle, 0.3 * spare)


def fit(look: Look, ticket: Ticket, width: float, tallest: float, *, across: bool) -> Layout | None:
    """The ticket as large as the room and the level want it; to fit at all it loses its last entries, then its stub."""
    rng, level = look.rng, look.sheet.level
    wanted = round(between(ticket.least(), len(ticket.entries), level * rng.uniform(0.6, 1.0)))
    easy = max(round(between(17, 10, level)), look.floor)
    stubs = (True, False) if ticket.stub and rng.random() < 0.85 else (False,)
    for least in (easy, look.floor):
        for stub in stubs:
            for count in range(max(wanted, ticket.least()), ticket.least() - 1, -2):
                cut = ticket.cut(count)
                layout = arranged(look, cut, least, width, across=across, stub=stub)
                if layout.height() <= tallest:
                    return _grown(layout, least, tallest, stub=stub)
    return None


def _grown(layout: Layout, least: int, tallest: float, *, stub: bool) -> Layout:
    """The same in about the largest print that fits, or in a little smaller one."""
    look, ticket = layout.look, layout.ticket
    # Twice the size takes some three times the height: of lines, and of how often they break.
    slack = between(1.15, look.rng.uniform(0.8, 1.15), look.sheet.level)
    reach = slack * least * (tallest / layout.height()) ** 0.6
    for size in reversed([size for size in SIZES if least < size <= reach]):
        grown = arranged(look, ticket, size, layout.width, across=layout.across, stub=stub)
        if grown.height() <= tallest:
            return grown
    return layout


def arranged(look: Look, ticket: Ticket, size: int, width: float, *, across: bool, stub: bool) -> Layout:
    """The ticket's parts in print of `size` pixels."""
    press = Press(look, size)
    pad = round(0.9 * size)
    inner = (0.7 * width if stub and across else width) - 2 * pad
    blocks: list[Block] = [Head(press, ticket.head.value, ticket.word, pad), *_big(press, ticket, pad)]
    entries = ticket.entries
    if ticket.route:
        blocks.append(Route(press, entries[:2], ticket.codes))
        entries = entries[2:]
    columns = look.columns if inner > 24 * size else min(look.columns, max(int(inner / (8 * size)), 1))
    grid: Block = Grid(press, entries, columns, look.labels)
    side = min(7 * size, 0.4 * inner)
    bars = Bars(press, size * look.bars, look.bars_share)
    if look.code == "square" and inner > 15 * size:
        square = Square(press, side)
        grid = Beside(grid, square, square.side, size)
    elif look.code == "ladder" and inner > 15 * size:
        grid = Beside(grid, Ladder(press, 7 * size), 2.5 * size, size)
    blocks.append(grid)
    foot = [Text(press, text, press.label, look.label_ink, look.align, 2) for text in ticket.foot]
    code = [bars] if look.code == "bars" else []
    blocks += [*foot, *code] if look.foot_first else [*code, *foot]
    flush = look.head in ("band", "tint")
    main = Part(Stack(blocks, press.gap), pad, flush)
    return Layout(
        look, ticket, width, main, _stub(press, ticket, pad, across=across) if stub else None, across
    )


def _big(press: Press, ticket: Ticket, bleed: float) -> list[Block]:
    """Title lines, or one huge number in the middle, its label above."""
    look, blocks = press.look, []
    for index, entry in enumerate(ticket.big):
        huge = ticket.huge and index == 0
        align = 0.5 if huge else look.align
        if entry.label:
            blocks.append(Text(press, entry.label, press.label, look.label_ink, align))
        print_ = press.huge if huge else press.title if index == 0 else press.body
        banner = look.banner and index == 0
        ink = look.on_accent if banner else look.title_ink if index == 0 else look.ink
        text = Text(press, entry.value, print_, ink, align, 3)
        blocks.append(Banner(press, text, bleed, look.accent) if banner else text)
    return blocks


def _stub(press: Press, ticket: Ticket, pad: float, *, across: bool) -> Part | None:
    """What is torn off: a heading, the huge number where there is one, and the fields that it repeats."""
    look, shown = press.look, ticket.shown()
    blocks: list[Block] = [Head(press, ticket.word, "", pad)]
    repeated = [shown[key] for key in ticket.stub if key in shown]
    if ticket.huge:
        blocks += _big(press, ticket, pad)
        repeated = [entry for entry in repeated if entry not in ticket.big]
    if repeated:
        columns = 2 if across else min(3, look.columns)
        blocks.append(Grid(press, repeated, columns, "above" if across else look.labels))
    if look.stub_bars:
        blocks.append(Bars(press, 2.2 * press.size, 1.0))
    return Part(Stack(blocks, press.gap), pad, look.head in ("band", "tint"))
