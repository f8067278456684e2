"""How training pages of figures mix what every page asks with the figure spelled out.

A small decoder relates marks and axes far sooner from answers that name every mark than from one name a question.
The held-out split never asks them, so its questions stay what they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from minimax_vl.synthetic.facts import DESCRIBE

Turn = tuple[str, str]
# Figures spelled out stand behind the questions, which else would only look back at the words; this share before them.
FIRST_SHARE = 0.3
SECOND_SHARE = 0.3  # of the pages have two of them
EASY_SHARE = 0.35  # of the figures are drawn as if training had just begun: few marks, large print
# Tokens of a turn: its frame, and what a letter and any other character but a space take on average.
FRAME, LETTER, OTHER = 14.3, 0.46, 1.23
# Tokens beside the image in a row of one tile, of two, of more (apps/training/batches.py), less what estimates err by.
ROOMS = (320, 800, 515)
# Turns of a page with a thought, choices aside, at most: each finds some of what it needs in those before it.
THOUGHT_OUT = 3
CHOICE = "\nA. "  # in a question with options
CHOICE_ROOM = 120  # tokens of a row for each choice of four that goes first
RARE = 70  # tokens: with less room than this, a turn that does not fit ends the page, or long turns would be rare


def room(size: tuple[int, int]) -> int:
    """Tokens that the turns of a page of `size` (height, width) in pixels may take."""
    if max(size) <= 480:
        return ROOMS[0]
    return ROOMS[1] if min(size) <= 480 and max(size) <= 810 else ROOMS[2]


def cost(turn: Turn, thought: str = "") -> float:
    """About how many tokens a turn takes, with what is thought before its answer."""
    text = "".join(turn) + thought
    letters = sum(map(str.isalpha, text))
    return FRAME + LETTER * letters + OTHER * (len(text) - letters - text.count(" "))


def mixed(
    turns: list[Turn],
    whole: Mapping[str, str],
    parts: Mapping[str, str],
    thoughts: Mapping[str, str],
    tokens: int,
    rng: random.Random,
) -> list[Turn]:
    """As many turns as fit into `tokens`: one or two of `whole`, some of `parts`, and of the page's own `turns`.

    Of these a caption and choices of four, one to every CHOICE_ROOM tokens, go first: being long, they would seldom
    find room among the rest, and a letter is all that is learned from one.

    whole: questions whose answers spell the figure out. parts: steps towards it. thoughts: what is written before
    answers to some of the page's own, of which THOUGHT_OUT have a place, choices aside. Turns come in random order,
    except that most of `whole` stand at the end.
    """
    own = dict(turns)
    spelled = [(q, a) for q, a in whole.items() if q not in own]
    steps = [(q, a) for q, a in parts.items() if q not in own and q not in whole]
    rng.shuffle(spelled)
    rng.shuffle(steps)
    spelled = spelled[: 2 if rng.random() < SECOND_SHARE else 1]
    left, chosen = tokens - sum(map(cost, spelled)), []
    choices = [turn for turn in turns if CHOICE in turn[0]][: max(1, tokens // CHOICE_ROOM)]
    turns = sorted(turns, key=lambda turn: turn[0] not in DESCRIBE and turn not in choices)
    # Two of the page's own, then one step.
    queue = [
        turn
        for k, turn in enumerate(turns)
        for turn in (turn, *(steps[k // 2 : k // 2 + 1] if k % 2 else []))
    ]
    thinking = 0
    for turn in queue:
        thought = thoughts.get(turn[0], "")
        spells = bool(thought) and CHOICE not in turn[0]
        if spells and thinking == THOUGHT_OUT:
            continue
        if (taken := cost(turn, thought)) <= left:
            chosen.append(turn)
            left -= taken
            thinking += spells
        elif left < RARE:
            break
    rng.shuffle(chosen)
    ahead = [turn for turn in spelled if rng.random() < FIRST_SHARE]
    return ahead + chosen + [turn for turn in spelled if turn not in ahead]
