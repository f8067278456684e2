"""Several pages in one conversation: how many go into the tiles of a row, and questions about one page of them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from minimax_vl.synthetic import Page
from minimax_vl.synthetic.facts import FREE, NOT_THERE

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
COMMON = frozenset("what which where when does have this that with from name many much written".split())
LONGEST = 60  # characters of an answer: short ones leave room for more of them


def layouts(tiles: int) -> list[tuple[int, int]]:
    """(one-tile pages, two-tile pages) that fill exactly so many tiles, thumbnails included: 2 n + 3 m."""
    pairs = ((tiles - 3 * m, m) for m in range(tiles // 3 + 1))
    return [(rest // 2, m) for rest, m in pairs if rest % 2 == 0 and rest // 2 + m > 1]


def turns(pages: Sequence[Page], rng: random.Random, count: int) -> list[tuple[str, str]]:
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
            if draw < 0.25 and printed and not _inside(others, answer):
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


def only_there(question: str, text: str, others: str) -> bool:
    """Whether a word of the question is printed on its page, and none on another: such a one needs no number."""
    words = [word for word in re.findall(r"[A-Za-z0-9]{4,}", question) if word.lower() not in COMMON]
    return any(_inside(text, word) for word in words) and not any(_inside(others, word) for word in words)


def _inside(text: str, word: str) -> bool:
    return word.lower() in text.lower()
