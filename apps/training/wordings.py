"""What people ask about a receipt in other words than the renderer's, whose held-out questions stay what they are.

On figures nano learns that "What is the name of the company?" has no answer there; asked only so, it took the words for
the answer, and a receipt's shop for missing.
"""

from __future__ import annotations

import numpy as np

from minimax_vl.apps.training.several import Turn

SHARE = 0.3  # of the questions that have other wordings
SELLER = (
    "What is the name of the company?",
    "What is the name of the shop?",
    "What is the shop called?",
    "Which shop is this from?",
    "Who is the seller?",
)
TOTAL = ("What is the total?", "How much is it in total?", "What does it come to?")
DATE = ("What is the date?", "When was this?", "What day was this bought?")
ADDRESS = ("What is the address?", "What is the address of the shop?", "Where is the shop?")
WORDINGS = {
    "What is the name of the company on this receipt?": SELLER,
    "Which company issued the receipt?": SELLER,
    "What is the total amount?": TOTAL,
    "How much is the total on this receipt?": TOTAL,
    "What is the date on the receipt?": DATE,
    "When was this receipt issued?": DATE,
    "What is the address of the company?": ADDRESS,
    "What is the address on the receipt?": ADDRESS,
}


def reworded(turns: list[Turn], rng: np.random.Generator) -> list[Turn]:
    """The turns, some of them asked otherwise; none so that a question comes twice with two answers."""
    said, asked = [], {turn.question for turn in turns}
    for turn in turns:
        others = [other for other in WORDINGS.get(turn.question, ()) if other not in asked]
        if others and rng.random() < SHARE:
            turn = turn._replace(question=others[int(rng.integers(len(others)))])
            asked.add(turn.question)
        said.append(turn)
    return said
