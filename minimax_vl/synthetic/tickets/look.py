"""How one ticket looks: colours and faces, whatever its size, and the prints of it at one size."""

from __future__ import annotations

import random

from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.fonts import Face, Print
from minimax_vl.synthetic.palette import readable_on
from minimax_vl.synthetic.sheet import Sheet

# Em heights in pixels: few, so that prints are used again. The last is about as large as a page's may be once warped.
EMS = (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 31, 34, 38, 42, 47, 52)


class Look:
    """What is chosen once for a ticket, or for two that belong together."""

    def __init__(self, sheet: Sheet, *, thermal: bool) -> None:
        self.sheet, self.thermal = sheet, thermal
        rng = self.rng = sheet.rng
        self._set_colours(thermal)
        self._set_faces(thermal)
        self.floor = 9 if sheet.canvas.width >= 900 else 11  # the smallest em that can be read
        self.label_share = rng.uniform(0.62, 0.9)
        self.large, self.title = rng.uniform(1.25, 1.6), rng.uniform(1.4, 2.2)
        self.huge, self.headed = rng.uniform(2.6, 4.0), rng.uniform(0.9, 1.5)
        self.gap = rng.uniform(0.35, 0.8)
        self.labels = rng.choice(("above", "above", "above", "below", "beside"))
        self.columns = rng.choice((2, 3, 3, 4, 6, 12))
        if thermal:
            self.labels, self.columns = (
                rng.choice(("beside", "beside", "beside", "above")),
                rng.choice((1, 1, 1, 2)),
            )
        self.apart = rng.choice(
            (True, False)
        )  # whether values stand at the right end where labels are beside them
        self.colon = (
            rng.choice((":", ":", "", " :")) if self.labels == "beside" else rng.choice(("", "", "", ":"))
        )
        self.cells = rng.choice(("open", "open", "open", "boxed", "ruled", "strips", "dark strips", "panel"))
        self.head = rng.choice(
            ("plain", "plain", "rule") if thermal else ("band", "band", "tint", "plain", "rule")
        )
        self.logo = rng.random() < (0.2 if thermal else 0.5)
        self.arrow = rng.choice(("arrow", "arrow", "line", "none"))
        self.align = 0.5 if thermal and rng.random() < 0.7 else rng.choice((0.0, 0.0, 0.5))
        self.code = rng.choice(("bars", "bars", "square", "square", "ladder", "none"))
        self.modules = rng.choice((21, 25, 29))  # along the side of a square code
        self.bars, self.bars_share = (
            rng.uniform(1.8, 4.5),
            rng.choice((0.5, 0.7, 1.0)),
        )  # height in ems, part of width
        self.stub_bars, self.foot_first = rng.random() < 0.35, rng.random() < 0.5
        self.emblem = rng.getrandbits(32)  # seed of the logo, which the stub has too
        self.banner = not thermal and rng.random() < 0.3  # whether the title stands on a band
        self.lines = (
            0 if thermal or rng.random() < 0.75 else rng.randint(4, 9)
        )  # pitch of the pattern in the paper
        self.frame = rng.random() < (0.1 if thermal else 0.3)
        self.torn = rng.choice(("dashes", "dots", "holes", "line"))

    def _set_colours(self, thermal: bool) -> None:
        rng, draw = self.rng, self.rng.random()
        hue = rng.sample((rng.randint(0, 40), rng.randint(10, 110), rng.randint(70, 155)), 3)
        self.accent: Colour = (hue[0], hue[1], hue[2])
        white = rng.randint(236, 255)
        self.paper: Colour = (white, white, white - rng.randint(0, 10))
        if draw < 0.4 and not thermal:
            self.paper = blend((255, 255, 255), self.accent, rng.uniform(0.04, 0.22))
        dark = rng.randint(0, 60)
        self.ink: Colour = (dark, dark, dark + rng.choice((0, 0, 40)))
        if draw > 0.93 and not thermal:  # light print on dark paper
            self.paper, self.ink = blend((10, 10, 10), self.accent, 0.35), (white, white, white)
            self.accent = blend((255, 255, 255), self.accent, 0.25)
        self.on_accent = readable_on(self.accent)
        self.pale = blend(self.paper, self.accent, rng.uniform(0.1, 0.2))
        self.line = blend(self.paper, self.ink, rng.uniform(0.3, 0.9))
        faint = blend(self.paper, self.ink, rng.uniform(0.62, 0.8))
        self.label_ink = rng.choice((self.ink, faint, self.accent)) if not thermal else self.ink
        self.title_ink = self.accent if rng.random() < 0.4 and not thermal else self.ink

    def _set_faces(self, thermal: bool) -> None:
        rng, fonts = self.rng, self.sheet.fonts
        office = rng.random() < 0.5 and not thermal
        self.face = (
            rng.choice(fonts.office)
            if office
            else fonts.pick(rng, mono=0.7 if thermal else 0.08, slanted=0.02)
        )
        typed = rng.random() < 0.25  # what is filled in comes from another printer
        self.value_face = fonts.pick(rng, mono=0.8, slanted=0.0) if typed else self.face
        self.bold = rng.random() < 0.45
        self.title_face = fonts.bolder(self.face) if rng.random() < 0.6 else fonts.pick(rng, mono=0.05)
        self.bold_labels = rng.random() < 0.2

    def bolder(self, face: Face, bold: bool) -> Face:
        return self.sheet.fonts.bolder(face) if bold else face


class Press:
    """The prints of a look at one size of body print, in pixels of em height."""

    def __init__(self, look: Look, size: int) -> None:
        self.look, self.canvas, self.size = look, look.sheet.canvas, size
        self.label = self._print(look.bolder(look.face, look.bold_labels), size * look.label_share)
        self.body = self._print(look.bolder(look.value_face, look.bold), size)
        self.large = self._print(look.bolder(look.value_face, True), size * look.large)
        self.title = self._print(look.title_face, min(size * look.title, 44))
        self.huge = self._print(look.title_face, max(size * look.huge, 42 * (size > 15)))
        self.head = self._print(look.title_face, min(size * look.headed, 36))
        self.gap = max(round(size * look.gap), 3)

    def _print(self, face: Face, size: float) -> Print:
        least = self.look.floor
        return self.look.sheet.fonts.print(face, max(em for em in EMS if em <= max(size, least)))


def tinted(rng: random.Random) -> Colour:
    """A colour of any hue and depth."""
    return rng.randint(20, 210), rng.randint(20, 210), rng.randint(20, 210)
