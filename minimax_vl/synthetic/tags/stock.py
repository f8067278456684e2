"""What a label is made of: its faces and base size, its paper and its inks."""

from __future__ import annotations

from minimax_vl.synthetic.canvas import Colour
from minimax_vl.synthetic.fonts import Print
from minimax_vl.synthetic.palette import readable_on
from minimax_vl.synthetic.sheet import Sheet

# Sizes in pixels of em height; few, so that labels share their glyphs.
LADDER = (9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 26, 28, 31, 34, 38, 42, 46, 50, 54)
DEEP: tuple[Colour, ...] = (
    (15, 15, 18), (150, 20, 30), (20, 60, 130), (15, 95, 60), (95, 30, 110), (120, 60, 15), (0, 90, 110), (55, 60, 70),
)  # fmt: skip
BRIGHT: tuple[Colour, ...] = (
    (255, 220, 40), (255, 240, 120), (250, 150, 40), (130, 200, 235), (150, 215, 130), (245, 130, 120), (200, 40, 45),
    (25, 90, 170), (30, 120, 70),
)  # fmt: skip


class Stock:
    """One label's material. Every print on it is a multiple of `size`, which is set once its contents are known."""

    def __init__(self, sheet: Sheet, tone: str = "white", *, mono: float = 0.08) -> None:
        rng, fonts = sheet.rng, sheet.fonts
        face = rng.choice(fonts.office) if sheet.chance(0.6) else fonts.pick(rng, mono=mono, slanted=0.01)
        typed = rng.choice(fonts.mono) if fonts.mono and sheet.chance(0.4) else face
        self.sheet = sheet
        self.faces = {"plain": face, "bold": fonts.bolder(face), "code": typed}
        self.least = 9 if sheet.canvas.width >= 900 else 11
        self.size = self.least
        self.upper = sheet.chance(0.25)  # whether names of fields are in capitals
        self._paint(tone)

    def _paint(self, tone: str) -> None:
        """Paper, ink, and a colour for bands and borders: white, pale, bright, or dark with light print."""
        rng = self.sheet.rng
        grey, dark = rng.randint(236, 255), rng.randint(0, 45)
        self.paper: Colour = (grey, grey, grey)
        self.ink: Colour = (dark, dark, dark)
        self.accent: Colour = rng.choice(DEEP) if rng.random() < 0.6 else self.ink
        if tone == "pale":
            red, green, blue = rng.choice(BRIGHT)
            self.paper = (255 - (255 - red) // 5, 255 - (255 - green) // 5, 255 - (255 - blue) // 5)
        elif tone == "bright":
            self.paper = rng.choice(BRIGHT)
            self.ink = self.accent = readable_on(self.paper)
        elif tone == "metal":
            grey = rng.randint(185, 222)
            self.paper = (grey, grey, min(grey + rng.randint(0, 8), 255))
            self.accent = self.ink
        elif tone == "dark":
            base, light = rng.randint(18, 55), rng.randint(205, 250)
            self.paper = rng.choice(((base, base, base), (base // 2, base // 2, base), rng.choice(DEEP)))
            self.ink = self.accent = (light, light, light)
        self.band_ink = readable_on(self.accent)
        grey = rng.randint(90, 150)
        self.line: Colour = self.ink if tone == "dark" or rng.random() < 0.6 else (grey, grey, grey)

    def print_(self, scale: float = 1.0, weight: str = "plain") -> Print:
        """The face at `scale` times the base size, on the ladder, and never too small to read."""
        return self._print(self._step(scale), weight)

    def fitted(self, text: str, room: float, scale: float = 1.0, weight: str = "plain") -> Print | None:
        """The largest print up to `scale` that puts `text` into `room` pixels; None when that is not to be had.

        A long name may shrink, but not to less than three fifths of what was meant.
        """
        step = self._step(scale)
        smallest = max(0.6 * LADDER[step], self.least)
        while LADDER[step] >= smallest:
            print_ = self._print(step, weight)
            width = print_.width(text)
            if width <= room:
                return print_
            target = LADDER[step] * room / width  # widths grow with sizes, nearly
            step -= 1
            while step > 0 and LADDER[step] > 1.06 * target:
                step -= 1
            if step < 0:
                break
        return None

    def label(self, text: str) -> str:
        """The name of a field as this label prints it."""
        return text.upper() if self.upper else text

    def _step(self, scale: float) -> int:
        """Index of the largest size on the ladder that is not above what is wanted."""
        wanted = max(scale * self.size, self.least)
        return next((i for i in range(len(LADDER) - 1, 0, -1) if LADDER[i] <= wanted + 0.3), 0)

    def _print(self, step: int, weight: str) -> Print:
        return self.sheet.fonts.print(self.faces[weight], LADDER[step])
