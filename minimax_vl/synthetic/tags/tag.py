"""A page with a label: which design, and how often each."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.sheet import Sheet
from minimax_vl.synthetic.tags.assets import asset
from minimax_vl.synthetic.tags.bottles import bottle
from minimax_vl.synthetic.tags.garments import garment
from minimax_vl.synthetic.tags.marks import mark
from minimax_vl.synthetic.tags.nutrition import american, european
from minimax_vl.synthetic.tags.packs import pack
from minimax_vl.synthetic.tags.parcels import parcel
from minimax_vl.synthetic.tags.pharmacy import medicine
from minimax_vl.synthetic.tags.plates import plate
from minimax_vl.synthetic.tags.prices import price

# how a label is drawn, and how often among a hundred
DESIGNS: tuple[tuple[Callable[[Sheet], None], int], ...] = (
    (parcel, 16), (price, 15), (american, 8), (european, 8), (pack, 11), (bottle, 8), (medicine, 11), (plate, 9),
    (asset, 5), (garment, 5), (mark, 4),
)  # fmt: skip


def draw(sheet: Sheet) -> None:
    """Draw one label, or several alike, and its questions."""
    design = sheet.rng.choices([design for design, _ in DESIGNS], [share for _, share in DESIGNS])[0]
    design(sheet)
