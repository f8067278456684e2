"""Care labels sewn into clothes: size, materials in percent, how to wash, where made."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.blocks import Block, Rule, Text
from minimax_vl.synthetic.tags.fields import LOOKS, Fields, chosen, several, wordings
from minimax_vl.synthetic.tags.label import Cut, stick
from minimax_vl.synthetic.tags.stock import Stock
from minimax_vl.synthetic.tags.words import COUNTRIES, brand, code

FIBRES = {
    "en": "Cotton|Polyester|Wool|Elastane|Linen|Viscose|Nylon|Silk|Acrylic|Cashmere|Modal|Lyocell",
    "de": "Baumwolle|Polyester|Wolle|Elasthan|Leinen|Viskose|Polyamid|Seide|Polyacryl|Kaschmir|Modal|Lyocell",
    "fr": "Coton|Polyester|Laine|Elasthanne|Lin|Viscose|Polyamide|Soie|Acrylique|Cachemire|Modal|Lyocell",
    "es": "Algodon|Poliester|Lana|Elastano|Lino|Viscosa|Poliamida|Seda|Acrilico|Cachemira|Modal|Lyocell",
}
# Ways to ask about one kind of care, and what labels say about it.
CARE = (
    (("How should it be washed?", "What does it say about washing?"),
     ("Machine wash 30 C", "Machine wash cold", "Hand wash only", "Machine wash 40 C", "Wash with like colors",
      "Machine wash warm, 40 C", "Gentle cycle, 30 C")),
    (("What does it say about bleach?", "What does the label say about bleaching?"),
     ("Do not bleach", "Non-chlorine bleach only", "Bleach when needed")),
    (("How should it be dried?", "What does it say about drying?"),
     ("Do not tumble dry", "Tumble dry low", "Line dry", "Dry flat", "Tumble dry medium", "Hang to dry")),
    (("How should it be ironed?", "What does it say about ironing?"),
     ("Do not iron", "Iron low", "Cool iron if needed", "Iron on reverse side", "Iron medium heat", "Warm iron")),
    (("What does it say about dry cleaning?", "What is printed about dry cleaning?"),
     ("Do not dry clean", "May be dry cleaned", "Dry cleanable")),
)  # fmt: skip
PARTS = ("Shell", "Lining", "Body", "Trim", "Filling", "Collar")
SIZES = (
    "XS",
    "S",
    "M",
    "L",
    "XL",
    "XXL",
    "38",
    "40",
    "42",
    "44",
    "32/34",
    "34/32",
    "10",
    "12",
    "14",
    "128",
    "6Y",
    "US 8",
)
SHOWN = ("tub", "triangle", "drum", "iron", "disc")
WORDS = wordings("""
RN number | RN No., RN#
style number | Style, Style No., Style #, Art.
color | Color, Colour, Col.
date of manufacture | Date, Mfg. date
batch number | Batch, Lot
vendor number | Vendor, Supplier
season | Season
fit | Fit
""")


class Symbols(Block):
    """A row of care signs, tub, triangle, drum, iron, disc, each crossed out where it is forbidden."""

    def __init__(self, forbidden: list[bool], align: float) -> None:
        super().__init__(spare=True, lead=0.5)
        self.signs, self.align = list(zip(SHOWN, forbidden)), align

    def _side(self, stock: Stock, width: float) -> int:
        return round(min(2.0 * stock.size, width / (1.25 * len(self.signs))))

    def height(self, stock: Stock, width: float) -> float:
        return self._side(stock, width)

    def draw(self, stock: Stock, x0: float, x1: float, y: float) -> None:
        side = self._side(stock, x1 - x0)
        step = 1.25 * side
        x = x0 + (x1 - x0 - step * len(self.signs) + 0.25 * side) * self.align
        for sign, crossed in self.signs:
            stock.sheet.canvas.stain(x, y, _sign(sign, side, crossed=crossed), stock.ink)
            x += step


def _sign(sign: str, side: int, *, crossed: bool) -> np.ndarray:
    """Coverage of one care sign, uint8 [side, side]."""
    rows, columns = np.mgrid[0:side, 0:side] / (side - 1) * 2 - 1  # -1..1 each
    line = 3.2 / side  # half the thickness of a stroke
    if sign == "tub":
        slant = abs(columns) - (0.95 - 0.25 * (rows + 1) / 2)
        drawn = (abs(slant) < line) & (rows > -0.6) & (rows < 0.75)
        drawn |= (abs(rows - 0.75) < line) & (slant < 0)
        drawn |= (abs(rows + 0.4 - 0.1 * np.sin(7 * columns)) < line) & (slant < 0)
    elif sign == "triangle":
        slant = abs(columns) - 0.53 * (rows + 0.85)
        drawn = (abs(slant) < line) & (abs(rows) < 0.85) | (abs(rows - 0.85) < line) & (slant < 0)
    elif sign == "drum":
        drawn = (abs(np.maximum(abs(rows), abs(columns)) - 0.85) < line) | (
            abs(np.hypot(rows, columns) - 0.6) < line
        )
    elif sign == "iron":
        back = columns + 0.9 - 0.45 * (0.5 - rows)
        drawn = (abs(rows - 0.5) < line) & (abs(columns) < 0.9) | (abs(back) < line) & (abs(rows) < 0.5)
        drawn |= (abs(rows + 0.5) < line) & (columns > -0.45) & (columns < 0.7)
        drawn |= (abs(columns - 0.7 - 0.2 * (rows + 0.5)) < line) & (abs(rows) < 0.5)
    else:
        drawn = abs(np.hypot(rows, columns) - 0.8) < line
    if crossed:
        drawn |= abs(abs(rows) - abs(columns)) < line
    return drawn.astype(np.uint8) * 255


def garment(sheet: Sheet) -> None:
    """One label, as long as it is narrow."""
    rng, facts = sheet.rng, sheet.facts
    stock = Stock(sheet, rng.choice(("white", "white", "white", "pale", "dark", "dark")), mono=0.04)
    align = rng.choice((0.5, 0.5, 0.0))
    maker, size, land = sheet.once(lambda: brand(rng)), rng.choice(SIZES), rng.choice(COUNTRIES)
    who = (maker, ("What is the brand?", "Which brand is it?", "What is the name of the brand?"))
    sized = (size, ("What is the size?", "Which size is it?", "Size?"))
    made = (
        land,
        ("Where was it made?", "In which country was it made?", "What is the country of origin?", "Made in?"),
    )
    head: list[Block] = [
        Text(text=maker, scale=1.6, weight="bold", align=align, asks=[who], coloured=sheet.chance(0.5))
    ]
    said = size if sheet.chance(0.4) else f"{rng.choice(('SIZE', 'Size', 'Size:', 'T'))} {size}"
    head.append(
        Text(
            text=said,
            scale=rng.uniform(1.1, 2.2),
            weight="bold",
            align=align,
            asks=[sized],
            wanted=True,
            band=sheet.chance(0.2),
        )
    )
    stuff, care = _materials(sheet, stock, align), _care(sheet, align)
    origin = Text(
        text=f"{rng.choice(('Made in', 'MADE IN', 'Made in', 'Fabrique en / Made in'))} {land}",
        align=align,
        asks=[made],
        wanted=True,
        lead=0.5,
    )
    drawn = {
        "RN number": lambda: code(rng, "999999"),
        "style number": lambda: code(rng, rng.choice(("99999-A", "AA9999", "999.999"))),
        "color": lambda: rng.choice(("Navy", "Black", "Ecru", "Rust", "Olive", "Heather Grey", "Red 402")),
        "date of manufacture": lambda: f"{rng.randint(1, 12):02d}/{rng.randint(2012, 2026)}",
        "batch number": lambda: code(rng, "A9999"),
        "vendor number": lambda: code(rng, "99999"),
        "season": lambda: f"{rng.choice(('SS', 'FW', 'AW'))}{rng.randint(18, 27)}",
        "fit": lambda: rng.choice(("Slim", "Regular", "Relaxed", "Loose")),
    }
    fields, lacking = chosen(stock, drawn, WORDS, "en", count=several(sheet, 1, 7))
    numbers = Fields(
        fields=fields, lacking=lacking, look=rng.choice(LOOKS), lead=0.5, fewest=0, scale=0.9, align=align
    )
    ruled: list[Block] = [Rule(dash=rng.choice(((1, 0), (4, 3))))] if sheet.chance(0.4) else []
    middle = [stuff, care]
    if sheet.chance(0.4):
        middle.reverse()
    blocks = [*head, *ruled, *middle[0], *middle[1], origin, numbers]
    stick(sheet, stock, blocks, Cut("cloth", rng.uniform(1.4, 2.4), frame=rng.choice(("", "", "", "single"))))
    facts.kind = "care label"
    facts.caption = f"A care label of {maker.rstrip('.')}, size {size}, made in {land}."


def _materials(sheet: Sheet, stock: Stock, align: float) -> list[Block]:
    """One to four fibres whose shares make a hundred; of the whole garment, or of two parts of it."""
    rng = sheet.rng
    language = "en" if sheet.chance(0.7) else rng.choice(list(FIBRES))
    parts = rng.sample(PARTS, 2) if sheet.chance(0.3 * sheet.level) else [""]
    amount_first = sheet.chance(0.7)
    blocks: list[Block] = []
    for part in parts:
        if part:
            blocks.append(Text(text=f"{part}:", align=align, weight="bold", lead=0.5))
        whose = f" of the {part.lower()}" if part else ""
        fibres = [stock.label(fibre) for fibre in FIBRES[language].split("|")]
        split = shares(rng, rng.randint(1, sheet.most(2, 4)))
        for fibre, share in zip(rng.sample(fibres, len(split)), split):
            amount = f"{share}%"
            ways = (
                f"How many percent{whose} are {fibre}?",
                f"What is the share of {fibre}{whose and ' in the' + whose[7:]}?",
            )
            asks = [(amount, ways)]
            if len(parts) == 1 and share > 50:
                asks.append((fibre, ("What is the main material?", "What is it mostly made of?")))
            text = f"{amount} {fibre}" if amount_first else f"{fibre} {amount}"
            blocks.append(Text(text=text, align=align, lead=0.1 if blocks else 0.5, asks=asks))
            sheet.facts.ask(
                fibre,
                ("Which material makes up {amount}{whose}?", "What makes up {amount}{whose}?"),
                mark=amount,
                amount=amount,
                whose=whose,
            )
    return blocks


def shares(rng: random.Random, count: int) -> list[int]:
    """`count` whole numbers above zero that add up to a hundred, the largest first."""
    cuts = [0, *sorted(rng.sample(range(1, 100), count - 1)), 100]
    if count == 2 and rng.random() < 0.7:  # as most clothes are: in steps of five, or with a little elastane
        cuts[1] = rng.choice((2, 3, 5, *range(10, 51, 5)))
    return sorted((high - low for low, high in pairwise(cuts)), reverse=True)


def _care(sheet: Sheet, align: float) -> list[Block]:
    """Signs, and sentences that say the same in words."""
    rng = sheet.rng
    told = [rng.choice(said) for _, said in CARE]
    lines: list[Block] = []
    for place in rng.sample(range(len(CARE)), min(len(CARE), several(sheet, 2, 6))):
        asks = (told[place], CARE[place][0])
        lines.append(
            Text(
                text=told[place],
                align=align,
                scale=0.95,
                lead=0.1 if lines else 0.5,
                asks=[asks],
                spare=len(lines) > 1,
            )
        )
    signs = Symbols([text.startswith("Do not") for text in told[: rng.randint(3, len(told))]], align)
    return [signs, *lines] if sheet.chance(0.6) else lines
