"""What a request returns: `Reply`, a string that knows how it came about, and `TextStream`, its pieces."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from minimax_vl.vision.tiling import TilePlan

FinishReason = Literal["stop", "length", "closed"]


@dataclass
class Timings:
    """Seconds per stage. Replies of one batch share the batch's timings."""

    preprocess: float = 0.0  # open, resize, cut, tokenize
    vision: float = 0.0  # ViT and projector
    prefill: float = 0.0  # the prompt through the decoder, up to the first id
    decode: float = 0.0  # every id after the first

    @property
    def total(self) -> float:
        return self.preprocess + self.vision + self.prefill + self.decode


class Reply(str):
    """The text of an answer, with what is known about it."""

    thought: str  # what the model wrote for itself before it answered; "" where it did not
    # Generated ids without the end-of-sentence id, but with those of the thought, and of a stop string that the text
    # ends before: an id may hold the end of the one and the beginning of the other.
    tokens: tuple[int, ...]
    thought_tokens: int  # as many of them, the first ones, are the thought's and its brackets
    prompt_tokens: int
    finish_reason: FinishReason  # the model ended, the limit was reached, or the caller closed the stream
    timings: Timings
    tiles: tuple[TilePlan, ...]  # how each image was cut
    logprobs: tuple[float, ...] | None  # per id of `tokens`, natural logarithm; None unless asked for

    def __new__(
        cls,
        text: str = "",
        *,
        thought: str = "",
        tokens: tuple[int, ...] = (),
        thought_tokens: int = 0,
        prompt_tokens: int = 0,
        finish_reason: FinishReason = "stop",
        timings: Timings | None = None,
        tiles: tuple[TilePlan, ...] = (),
        logprobs: tuple[float, ...] | None = None,
    ) -> Reply:
        reply = super().__new__(cls, text)
        reply.thought, reply.thought_tokens = thought, thought_tokens
        reply.tokens, reply.prompt_tokens, reply.finish_reason = tokens, prompt_tokens, finish_reason
        reply.timings, reply.tiles, reply.logprobs = timings or Timings(), tiles, logprobs
        return reply

    def but(self, *, timings: Timings, logprobs: tuple[float, ...] | None) -> Reply:
        """The same answer with these."""
        return Reply(
            str(self),
            thought=self.thought,
            tokens=self.tokens,
            thought_tokens=self.thought_tokens,
            prompt_tokens=self.prompt_tokens,
            finish_reason=self.finish_reason,
            timings=timings,
            tiles=self.tiles,
            logprobs=logprobs,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; seconds rounded to a tenth of a millisecond."""
        return {
            "text": str(self),
            "thought": self.thought,
            "tokens": len(self.tokens),
            "thought_tokens": self.thought_tokens,
            "prompt_tokens": self.prompt_tokens,
            "finish_reason": self.finish_reason,
            "timings": {stage: round(seconds, 4) for stage, seconds in asdict(self.timings).items()},
            "tiles": [{"grid": list(plan.grid), "tokens": plan.tokens} for plan in self.tiles],
            "logprobs": None if self.logprobs is None else list(self.logprobs),
        }


class TextStream(Iterator[str]):
    """Pieces of an answer as they are written. `close()` stops the model before its next id.

    `reply` is the answer so far: final once the stream has ended or was closed. Use it as a context manager
    where the reader may leave early. `close()` may come from another thread than the reader's.
    """

    def __init__(self, pieces: Generator[str, None, None], reply: Callable[[], Reply]) -> None:
        self._pieces, self._reply, self._closed = pieces, reply, False

    def __next__(self) -> str:
        if self._closed:
            self._pieces.close()
            raise StopIteration
        return next(self._pieces)

    def close(self) -> None:
        self._closed = True
        # ValueError: the reader's thread is inside `next` just now; its following call ends the stream.
        with suppress(ValueError):
            self._pieces.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called; an answer that is written inside one `next` asks between its ids."""
        return self._closed

    @property
    def reply(self) -> Reply:
        return self._reply()

    def __enter__(self) -> TextStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
