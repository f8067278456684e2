"""How many training pages a machine draws in a second, by size of page.

    python scripts/draw_rate.py --fonts build/fonts [--processes N] [--seconds 10]

Pages of all kinds in their shares, as small and full as training draws them at last. All processes draw at once, each
pages of its own; the rate is what they drew until the time was over.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from functools import partial
from itertools import count, islice
from pathlib import Path
from time import monotonic

from minimax_vl.synthetic import FontBook, sample

SIZES = ((336, 336), (672, 672), (1344, 1008))  # height, width: one tile, four, twelve
APART = 1_000_000  # pages from the first of one process to that of the next
UNTIMED = 20  # pages that fill the caches of glyphs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--fonts", type=Path, metavar="DIR", help="of scripts/get_fonts.py (the few packaged)"
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="(one a core)"
    )
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="a size (10)")
    args = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        for height, width in SIZES:
            rates = pool.map(
                partial(rate, fonts=args.fonts, size=(height, width), seconds=args.seconds),
                range(args.processes),
                chunksize=1,
            )
            print(f"{width} x {height}: {sum(rates):,.0f} pages a second, {min(rates):.0f} or more a process")


def rate(process: int, fonts: Path | None, size: tuple[int, int], seconds: float) -> float:
    """Pages a second of one process."""
    book = FontBook.load(fonts, "train")
    numbers = count(process * APART)
    for number in islice(numbers, UNTIMED):
        sample("train", number, size, book, level=1.0)
    began, drawn = monotonic(), 0
    while monotonic() - began < seconds:
        sample("train", next(numbers), size, book, level=1.0)
        drawn += 1
    return drawn / (monotonic() - began)


if __name__ == "__main__":
    main()
