"""Generated ids as words that a person can point at, each with the probability that the model gave it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from minimax_vl.tokenizer import Tokenizer


@dataclass(frozen=True)
class Word:
    """Ids first .. last-1 of an answer, from one space to the next."""

    text: str  # without the spaces around it
    first: int
    last: int
    probability: float  # of all its ids in a row, 0 to 1

    @property
    def end(self) -> bool:
        """Whether this is the end of the answer, which has no text."""
        return not self.text


def words_of(
    ids: Sequence[int], logprobs: Sequence[float], tokenizer: Tokenizer, ended: bool
) -> tuple[Word, ...]:
    """The words of an answer; with `ended`, one more value of `logprobs` is the end-of-sentence id's.

    A character that takes several ids belongs to the word in which it is completed. The brackets of a thought are
    words of their own.
    """
    stream, starts, texts = tokenizer.stream(), [0], [""]
    brackets = (tokenizer.think, tokenizer.thought)
    for i, id in enumerate(ids):
        piece = stream.push(id)
        alone = id in brackets or (i > 0 and ids[i - 1] in brackets)
        if (alone or piece[:1].isspace()) and texts[-1].strip():
            starts.append(i)
            texts.append("")
        texts[-1] += piece
    texts[-1] += stream.flush()
    bounds = [*starts, len(ids)]
    words = [
        Word(text.strip(), first, last, math.exp(sum(logprobs[first:last])))
        for text, first, last in zip(texts, bounds, bounds[1:])
        if text.strip()
    ]
    if ended:
        words.append(Word("", len(ids), len(ids) + 1, math.exp(logprobs[len(ids)])))
    return tuple(words)
