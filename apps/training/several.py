"""Conversations about a page or several: how many go into the tiles of a row, when they come, what is asked of them."""

from __future__ import annotations

import random
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from minimax_vl.synthetic import Page
from minimax_vl.synthetic.facts import FREE, NOT_THERE, inside, only_there

PAGED = (
    "On page {page}, {lower}",
    "On page {page}, {lower}",
    "Page {page}: {question}",
    "{question} Look at page {page}.",
    "About page {page}: {question}",
)
WHICH = (
    "Which page says '{text}'?",
    "On which page is '{text}'?",
    "Which page has '{text}' on it?",
    "Where does it say '{text}'?",
)
COUNT = ("How many pages are there?", "How many images are there?")
LONGEST = 60  # characters of an answer: short ones leave room for more of them
LATER = 0.5  # of the conversations about several pages get some of them in a later turn
PLAIN = 0.6  # of those in which it is one page: asked about as if it were alone, since it is what is talked about now


class Turn(NamedTuple):
    """A question, its answer, how many further pages come with it, and what is thought before the answer."""

    question: str
    answer: str
    images: int = 0
    thought: str = ""


def layouts(tiles: int) -> list[tuple[int, int, int]]:
    """(one-tile pages, two-tile ones, pages of 2 x 2) that fill exactly so many tiles, thumbnails included.

    2 n + 3 m + 5 k; large pages only where there is not room for many small ones.
    """
    found = []
    for large in range(tiles // 5 + 1 if tiles < 20 else 1):
        for twos in range((tiles - 5 * large) // 3 + 1):
            rest = tiles - 5 * large - 3 * twos
            if rest % 2 == 0 and rest // 2 + twos + large > 1:
                found.append((rest // 2, twos, large))
    return found


def together(
    pairs: Sequence[tuple[str, str]], images: int, thoughts: Mapping[str, str] | None = None
) -> list[Turn]:
    """Turns of which the first brings all images; `thoughts` by their questions."""
    known = thoughts or {}
    return [
        Turn(*pair, images if number == 0 else 0, known.get(pair[0], "")) for number, pair in enumerate(pairs)
    ]


def talk(pages: Sequence[Page], rng: random.Random, count: int) -> list[Turn]:
    """Up to `count` turns about two pages or more, which come with the first turn, or some of them with a later one."""
    if rng.random() >= LATER:
        return together(pairs_about(pages, rng, count), len(pages))
    known = rng.randint(1, len(pages) - 1)
    first, new = list(pages[:known]), pages[known:]
    plain = len(new) == 1 and rng.random() < PLAIN
    if known > 1:
        before = pairs_about(first, rng, rng.randint(2, 4))
    else:
        before = short(first[0], rng, rng.randint(1, 3), dict(new[0].turns) if plain else ())
    # The same question again is what an answer already given is most easily mistaken for.
    after = short(new[0], rng, 3, dict(before)) if plain else []
    after += pairs_about(pages, rng, count - len(before) - len(after))
    return together(before, known) + together(after, len(new))


def short(page: Page, rng: random.Random, count: int, rather: Container[str] = ()) -> list[tuple[str, str]]:
    """Up to `count` of a page's pairs with short answers, one at least; questions of `rather` first."""
    brief = [pair for pair in page.turns if len(pair[1]) <= LONGEST]
    rng.shuffle(brief)
    return sorted(brief, key=lambda pair: pair[0] not in rather)[:count] or [(COUNT[0], "1")]


def pairs_about(pages: Sequence[Page], rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Up to `count` pairs: about a page by its number, about what only one page has, and which page has what."""
    texts = [" ".join(page.text.split()) for page in pages]
    found: dict[str, str] = {}
    for number, page in enumerate(pages):
        others = " ".join(text for index, text in enumerate(texts) if index != number)
        for question, answer in page.turns:
            if len(answer) > LONGEST or "\n" in question + answer or question in FREE:
                continue
            draw = rng.random()
            printed = answer in texts[number] and len(answer) > 3 and answer not in others
            if draw < 0.25 and printed and not inside(others, answer):
                found[rng.choice(WHICH).format(text=answer)] = f"page {number + 1}"
            elif draw < 0.6 and answer != NOT_THERE and only_there(question, texts[number], others):
                found[question] = answer
            else:
                form = rng.choice(PAGED)
                lower = question[0].lower() + question[1:]
                found[form.format(page=number + 1, question=question, lower=lower)] = answer
    pairs = rng.sample(list(found.items()), min(len(found), count - 1))
    if not pairs or rng.random() < 0.1:
        pairs.insert(rng.randint(0, len(pairs)), (rng.choice(COUNT), str(len(pages))))
    return pairs
