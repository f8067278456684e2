"""How long nano takes to answer about pages of all kinds, with the further looks that it wants.

    python scripts/answer_times.py --pages 100 [--threads 2]

Held-out papers of no suite, each asked one question, one after the other; the model is loaded and warm.
"""

from __future__ import annotations

import argparse
from statistics import fmean, median, quantiles
from time import perf_counter

import torch
from PIL import Image

import minimax_vl
from minimax_vl.eval.synthetic import DOCUMENTS
from minimax_vl.synthetic import FontBook, sample

AIMS = {(672, 672): 1.2, (2339, 1654): 5.0}  # height, width: seconds
FIRST = 1_900_000  # pages of no suite
UNTIMED = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=100, metavar="N", help="of each size (100)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="(2)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model, fonts = minimax_vl.load("nano", device="cpu"), FontBook.load(None, "heldout")
    for (height, width), aim in AIMS.items():
        spent: list[float] = []
        for number in range(UNTIMED + args.pages):
            page = sample("heldout", FIRST + number, (height, width), fonts, level=1.0, kinds=DOCUMENTS)
            image, question = Image.fromarray(page.image), page.turns[number % len(page.turns)][0]
            began = perf_counter()
            model.ask(image, question)
            spent.append(perf_counter() - began)
        spent = spent[UNTIMED:]
        print(
            f"{width} x {height}: median {median(spent):.2f} s, mean {fmean(spent):.2f},"
            f" nine of ten within {quantiles(spent, n=10)[-1]:.2f}, at most {max(spent):.2f};"
            f" {sum(s < aim for s in spent)} of {len(spent)} in less than {aim} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
