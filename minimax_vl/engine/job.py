"""One request on its way: waiting, being read, being written, done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from minimax_vl.engine.memory import Prompt, digests
from minimax_vl.processor import EncodedImage, TiledImage
from minimax_vl.reply import Reply
from minimax_vl.runner import Request
from minimax_vl.text_backbone.cache import HybridCache


@dataclass(frozen=True)
class Event:
    """Something that happened to a job: text that may be shown, and at the end a reply or an error."""

    text: str = ""
    thought: str = ""  # written before the text, and no part of it
    reply: Reply | None = None
    error: Exception | None = None

    @property
    def last(self) -> bool:
        return self.reply is not None or self.error is not None


Listener = Callable[[Event], None]


@dataclass
class Reading:
    """How far a prompt has been read; `cache` is of this row alone until it joins the batch."""

    cache: HybridCache
    done: int  # prompt tokens in the cache
    images: list[TiledImage | EncodedImage]  # those behind `done`
    features: list[Tensor] = field(default_factory=list)  # [tokens, C] of the first of `images`
    tiles: list[Tensor] = field(default_factory=list)  # [n, side*side, C] of the image that is being seen
    embeds: Tensor | None = None  # [1, T, C] of everything behind `done` at the time they were made

    @property
    def unseen(self) -> int:
        """Tiles that the vision tower has not seen."""
        rest = self.images[len(self.features) :]
        return sum(image.plan.tiles for image in rest) - sum(part.shape[0] for part in self.tiles)


@dataclass(eq=False)
class Job:
    """A request in the engine. The listener is called from the engine's thread and must return at once."""

    request: Request
    listener: Listener
    deadline: float  # on the clock of time.monotonic
    prompt: Prompt
    asked: float = field(default_factory=time.monotonic)
    reading: Reading | None = None
    reused: int = 0  # prompt tokens that came from a kept prefix
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, request: Request, listener: Listener, seconds: float) -> Job:
        prompt = Prompt(tuple(request.answer.prompt), digests(request.inputs.images))
        return cls(request, listener, time.monotonic() + seconds, prompt)

    def cancel(self) -> None:
        """Leave the engine before the next id; safe from any thread, and after the end."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def pixel_bytes(self) -> int:
        """Memory that the request holds while it waits."""
        return sum(i.pixels.nbytes for i in self.request.inputs.images if isinstance(i, TiledImage))

    def tell(self) -> None:
        """Send what may be shown; after the last id, the reply."""
        answer = self.request.answer
        text, thought = answer.fresh(), answer.fresh_thought()
        if answer.finish_reason is not None:
            self._send(Event(text, thought, reply=self.request.reply()))
        elif text or thought:
            self._send(Event(text, thought))

    def end(self, error: Exception | None = None) -> None:
        """Leave: with an error, or with what has been written so far."""
        self.reading = None
        self.request.answer.finish("closed")
        if error is None:
            self.tell()
        else:
            self._send(Event(error=error))

    def _send(self, event: Event) -> None:
        listener = self.listener
        if event.last:
            # A listener may hold its job: were it held back, both would wait for the garbage collector.
            self.listener = _nobody
        try:
            listener(event)
        except Exception:  # a listener that cannot take events has left, and must not end the engine's round
            self.cancel()


def _nobody(event: Event) -> None:
    """Listens after the end."""
