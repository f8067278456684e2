"""Pages drawn by ourselves, with exact labels: what nano is trained and judged on. NumPy and Pillow, no torch."""

from minimax_vl.synthetic.fonts import SPLITS, FontBook
from minimax_vl.synthetic.pages import Page, sample

__all__ = ["SPLITS", "FontBook", "Page", "sample"]
