"""The colours and faces that one slide or notice is set in, and the sizes its print may have."""

from __future__ import annotations

import colorsys
import random

import numpy as np

from minimax_vl.synthetic.box import Box
from minimax_vl.synthetic.canvas import Colour, blend
from minimax_vl.synthetic.fonts import Face, Print
from minimax_vl.synthetic.palette import readable_on
from minimax_vl.synthetic.sheet import Sheet, between

LARGEST = 52  # em height in pixels: no page has larger print
THEMES = ("light", "light", "light", "tinted", "tinted", "dark", "dark", "deep", "bright")
CONTRAST = 90  # of brightness, 0..255, between print and what it stands on


def brightness(colour: Colour) -> float:
    red, green, blue = colour
    return 0.3 * red + 0.59 * green + 0.11 * blue


class Look:
    """One page's theme. `page` is the rectangle that the slide or notice takes up; all print stays in it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.rng, self.canvas = sheet, sheet.rng, sheet.canvas
        self.page = Box(0, 0, sheet.canvas.width, sheet.canvas.height)
        self._choose_colours()
        self._choose_faces()
        side = (sheet.canvas.width * sheet.canvas.height) ** 0.5
        self.least = 10 if sheet.canvas.width >= 900 else 11
        hard = side / self.rng.triangular(14, 42, 22)
        self.most = min(max(round(between(side / 13, hard, sheet.level)), self.least + 2), 40)
        self.corner = self.rng.choice((0.0, 0.0, 0.4, 0.8))  # radius of its boxes, in ems
        self.capital = sheet.chance(0.5)  # whether short labels begin with a capital

    def _choose_colours(self) -> None:
        rng = self.rng
        theme, hue = rng.choice(THEMES), rng.random()
        other = hue if rng.random() < 0.6 else rng.random()
        dark = _hsv(hue, rng.uniform(0.0, 0.5), rng.uniform(0.02, 0.22))
        pale = _hsv(hue, rng.uniform(0.0, 0.06), rng.uniform(0.93, 1.0))
        self.ink, self.back = dark, pale
        self.accent = _hsv(other, rng.uniform(0.55, 0.95), rng.uniform(0.35, 0.75))
        if theme == "tinted":
            self.back = _hsv(hue, rng.uniform(0.07, 0.2), rng.uniform(0.92, 1.0))
        elif theme == "bright":
            self.back = _lit(rng, hue)
            self.accent = _hsv(other, rng.uniform(0.5, 0.95), rng.uniform(0.2, 0.4))
        elif theme in ("dark", "deep"):
            deep = theme == "deep"
            self.ink = pale
            self.back = _hsv(hue, rng.uniform(0.55, 0.95), rng.uniform(0.28, 0.5)) if deep else dark
            self.accent = _hsv(rng.random(), rng.uniform(0.15, 0.75), rng.uniform(0.88, 1.0))
        if not self.apart(self.accent, self.back):
            self.accent = blend(self.accent, self.ink, 0.7)
        self.panel = blend(self.back, rng.choice((self.ink, self.accent)), rng.uniform(0.07, 0.16))
        self.soft = blend(self.ink, self.back, rng.uniform(0.05, 0.3))  # of what matters less
        self.soft = self.soft if self.apart(self.soft, self.back) else self.ink
        self.line = blend(self.ink, self.back, rng.uniform(0.3, 0.7))
        self.title_ink = self.accent if rng.random() < 0.4 else self.ink

    def _choose_faces(self) -> None:
        fonts, rng = self.sheet.fonts, self.rng
        self.face = rng.choice(fonts.office) if rng.random() < 0.35 else fonts.pick(rng, mono=0.05)
        self.bold = fonts.bolder(self.face)
        same = rng.random() < 0.65
        self.display = self.bold if same else fonts.bolder(fonts.pick(rng, mono=0.05, slanted=0.08))
        leaning = [face for face in fonts.faces if face.family == self.face.family and face.slanted]
        self.slanted = leaning[0] if leaning else self.face

    def print(self, face: Face, size: float) -> Print:
        """The face at a size, between the least and the largest that are printed."""
        return self.sheet.fonts.print(face, round(min(max(size, self.least), LARGEST)))

    def apart(self, one: Colour, other: Colour) -> bool:
        """Whether print of one colour can be read on the other."""
        return abs(brightness(one) - brightness(other)) >= CONTRAST

    def on(self, colour: Colour) -> Colour:
        """An ink for print on a filled shape."""
        return self.ink if self.apart(self.ink, colour) else readable_on(colour)

    def ground(self) -> None:
        """Paint the page: plain, or from one shade to another that bears the same ink."""
        box, rng = self.page, self.rng
        end = blend(self.back, self.accent, rng.uniform(0.1, 0.35))
        self.canvas.fill(*box.corners, self.back)
        if rng.random() < 0.25 and self.apart(end, self.soft):
            down = rng.random() < 0.6
            left, top, right, bottom = map(round, box.corners)
            share = np.linspace(0, 1, bottom - top if down else right - left)[:, None]
            ramp = (np.array(self.back) * (1 - share) + np.array(end) * share).astype(np.uint8)  # [n, 3]
            self.canvas.pixels[top:bottom, left:right] = ramp[:, None] if down else ramp[None]

    def table_top(self) -> None:
        """What a card or a sheet lies on: plain, striped like wood, or spotted like stone."""
        rng, canvas = self.rng, self.canvas
        base = np.array(_hsv(rng.random(), rng.uniform(0, 0.45), rng.uniform(0.15, 0.8)))
        noise = np.random.default_rng(rng.getrandbits(32))
        shape, times = rng.choice(
            (((1, 128), (8, 1)), ((128, 1), (1, 8)), ((64, 64), (1, 1)), ((8, 8), (9, 9)))
        )
        grain = np.kron(noise.normal(0, rng.uniform(0, 12), shape), np.ones(times))
        patch = np.clip(base + grain[:, :, None], 0, 255).astype(np.uint8)  # [h, w, 3]
        down, across = -(-canvas.height // patch.shape[0]), -(-canvas.width // patch.shape[1])
        canvas.pixels[:] = np.tile(patch, (down, across, 1))[: canvas.height, : canvas.width]


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue


def _lit(rng: random.Random, hue: float) -> Colour:
    """A strong colour that is light enough for dark print."""
    colour = _hsv(hue, rng.uniform(0.35, 0.8), rng.uniform(0.9, 1.0))
    return colour if brightness(colour) > 150 else blend(colour, (255, 255, 255), 0.5)
