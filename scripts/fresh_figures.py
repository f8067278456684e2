"""Ask about figures drawn as in training, and about held-out ones: is it the new that is hard, or the drawn?

    python scripts/fresh_figures.py --suite charts --questions 300 [--fonts build/fonts]

Neither was seen before. Training pages have training's fonts and wear; only what a suite asks is asked of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image

import minimax_vl
from minimax_vl.eval.drawn import QUESTIONS_A_PAGE, SIZES
from minimax_vl.eval.figures import SUITES
from minimax_vl.eval.metrics import clustered_mean
from minimax_vl.pipeline import Pipeline
from minimax_vl.synthetic import FontBook, pages, sample

FIRST = 5_000_000  # pages of no suite
SPLITS = ("train", "heldout")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", choices=("charts", "diagrams", "scenes"), default="charts")
    parser.add_argument("--questions", type=int, default=300, metavar="N", help="of each split (300)")
    parser.add_argument("--fonts", type=Path, help="folder of scripts/get_fonts.py, for training's pages")
    args = parser.parse_args()
    pages.EASY_SHARE = 0.0  # held-out figures are not drawn easy either
    model = minimax_vl.load("nano")
    for split in SPLITS:
        fonts = FontBook.load(args.fonts if split == "train" else None, split)
        groups = asked(model, split, fonts, args.suite, args.questions)
        counts = ", ".join(f"{name} {sum(right)} of {len(right)}" for name, right in sorted(groups.items()))
        print(f"{split}: {counts}")


def asked(model: Pipeline, split: str, fonts: FontBook, name: str, questions: int) -> dict[str, list[bool]]:
    """Whether each reply was right, by the suite's groups and over all of them."""
    suite, groups, at, owners = SUITES[name], {"all": []}, FIRST, []
    while len(groups["all"]) < questions:
        page = sample(split, at, SIZES[at % len(SIZES)], fonts, kinds=suite.kinds)
        turns = [turn for turn in page.turns if suite.group(*turn) not in ("", "other")][:QUESTIONS_A_PAGE]
        image = model.encode(Image.fromarray(page.image))
        for question, answer in turns:
            group = suite.group(question, answer)
            right = suite.right(group, str(model.ask(image, question)), answer)
            groups.setdefault(group, []).append(right)
            groups["all"].append(right)
            owners.append(at)
        at += 1
    print(f"{split}: {clustered_mean([float(right) for right in groups['all']], owners)}")
    return groups


if __name__ == "__main__":
    from front_door import enter  # beside this file, which is where Python looks

    sys.exit(enter(main))
