"""How training pages of figures mix what every page asks with the figure spelled out.

A small decoder relates marks and axes far sooner from answers that name every mark than from one name a question.
The held-out split never asks them, so its questions stay what they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

Turn = tuple[str, str]
FIRST_SHARE = (
    0.3  # of the figures spelled out stand before the questions, which then only look back at the words
)
SECOND_SHARE = 0.4  # of the pages have two of them
EASY_SHARE = 0.35  # of the figures are drawn as if training had just begun: few marks, large print
# Tokens of a turn: its frame, and what a character of a question and of an answer takes on average.
FRAME, ASKED, ANSWERED = 14, 0.43, 0.7
SMALL_ROOM, ROOM = 330, 520  # tokens beside the image in a row of one tile, and of more (training/batches.py)


def room(size: tuple[int, int]) -> int:
    """Tokens that the turns of a page of `size` (height, width) in pixels may take."""
    return SMALL_ROOM if max(size) <= 480 else ROOM


def cost(turn: Turn) -> float:
    """About how many tokens a turn takes."""
    question, answer = turn
    return FRAME + ASKED * len(question) + ANSWERED * len(answer)


def mixed(
    turns: list[Turn], whole: Mapping[str, str], parts: Mapping[str, str], tokens: int, rng: random.Random
) -> list[Turn]:
    """As many turns as fit into `tokens`: one or two of `whole`, some of `parts`, and of the page's own `turns`.

    whole: questions whose answers spell the figure out. parts: steps towards it. Turns come in random order, except
    that most of `whole` stand at the end.
    """
    own = dict(turns)
    spelled = [(q, a) for q, a in whole.items() if q not in own]
    steps = [(q, a) for q, a in parts.items() if q not in own and q not in whole]
    rng.shuffle(spelled)
    rng.shuffle(steps)
    spelled = spelled[: 2 if rng.random() < SECOND_SHARE else 1]
    left = tokens - sum(map(cost, spelled))
    chosen = []
    # Two of the page's own, then one step.
    queue = [
        turn
        for k, turn in enumerate(turns)
        for turn in (turn, *(steps[k // 2 : k // 2 + 1] if k % 2 else []))
    ]
    for turn in queue:
        if cost(turn) <= left:
            chosen.append(turn)
            left -= cost(turn)
    rng.shuffle(chosen)
    ahead = [turn for turn in spelled if rng.random() < FIRST_SHARE]
    return ahead + chosen + [turn for turn in spelled if turn not in ahead]
