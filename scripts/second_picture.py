"""Ask about a picture that comes with the second turn of a conversation, and about the same picture alone.

    python scripts/second_picture.py --pairs 60 [--model FOLDER]

Held-out receipts and invoices, two a conversation. A question that both answer, each its own way, is asked of both.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import Any

from PIL import Image

import minimax_vl
from minimax_vl.eval.metrics import exact_match
from minimax_vl.synthetic import FontBook, sample

KINDS = ("till", "slip", "receipt", "invoice")
SIZES = ((1008, 672), (672, 336), (672, 672))
FIRST = 1_800_000  # pages of no suite
LONGEST = 25  # characters of an answer


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=60, metavar="N", help="conversations (60)")
    parser.add_argument("--model", default="nano", help="a folder, or the model that comes along (nano)")
    args = parser.parse_args()
    model, fonts, rng = minimax_vl.load(args.model), FontBook.load(None, "heldout"), random.Random(0)
    alone = second = again = again_right = repeated = 0
    for number in range(args.pairs):
        pages = [
            sample("heldout", FIRST + 2 * number + which, SIZES[number % len(SIZES)], fonts, kinds=KINDS)
            for which in (0, 1)
        ]
        images = [Image.fromarray(page.image) for page in pages]
        before, after = ({q: a for q, a in page.turns if len(a) < LONGEST} for page in pages)
        both = [question for question in after if before.get(question, after[question]) != after[question]]
        question = rng.choice(both or list(after))
        opening = question if both else rng.choice(list(before))
        first = str(model.chat([asked(opening)], images[:1]))
        told = {"role": "assistant", "content": first}
        reply = str(model.chat([asked(opening), told, asked(question)], images))
        alone += exact_match(str(model.ask(images[1], question)), after[question])
        right = exact_match(reply, after[question])
        second += right
        again += bool(both)
        again_right += bool(both) and right
        repeated += bool(both) and not right and exact_match(reply, first)
    print(f"alone {alone} of {args.pairs} right, with the second turn {second}")
    print(f"asked the same of both: {again_right} of {again} right, {repeated} times the first answer again")


def asked(question: str) -> dict[str, Any]:
    """A turn that brings a picture."""
    return {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
