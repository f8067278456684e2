"""The page's history as messages and images for the engine, and an answer as it is being written."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from minimax_vl.apps.serving.images import LIMITS
from minimax_vl.apps.web.door import is_ours
from minimax_vl.apps.web.shown import plain
from minimax_vl.chat import Message
from minimax_vl.engine.engine import Engine
from minimax_vl.engine.job import Event, Job, Listener
from minimax_vl.errors import InvalidRequest, MiniMaxVLError, UnreadableImage
from minimax_vl.reply import Reply
from minimax_vl.runner import Request
from minimax_vl.second_look import as_asked, surer, unsure

MOST_IMAGES = 8  # of one conversation
MOST_TEXT = 20_000  # characters of one message
PAUSE = 0.05  # seconds between two updates of the page


@dataclass
class Turn:
    """One answer: what it was asked, and once there is one, the reply. `look` replays it."""

    messages: list[dict[str, Any]]
    files: list[str]
    image_options: dict[str, Any] = field(default_factory=dict)
    reply: Reply | None = None
    remembered: int = 0  # tokens of the prompt that the engine still knew

    @property
    def answer(self) -> Reply | None:
        """The reply, if there is something to look into: it may be empty, but not stopped before its first word."""
        reply = self.reply
        stopped = reply is not None and not reply.tokens and reply.finish_reason == "closed"
        return None if stopped else reply

    def images(self) -> list[io.BytesIO]:
        """The images' bytes; read again each time, so that a turn that is kept holds no pixels."""
        return [read(path) for path in self.files]


def read(path: str) -> io.BytesIO:
    """An uploaded file or an example, under the name that its owner gave it.

    Raises UnreadableImage for every other place: a path in a request must not open the server's files.
    """
    place = Path(path)
    if not is_ours(path) or not place.is_file():
        raise UnreadableImage(
            found=f"no uploaded image {place.name!r}",
            expected="an image that was uploaded to this page",
            cause="uploads are deleted after a while, or the server has been restarted",
            next_step="start a new conversation and upload the image again",
        )
    data = io.BytesIO(place.read_bytes())
    data.name = place.name  # error messages say it
    return data


def conversation(
    history: Sequence[Mapping[str, Any]], system: str = ""
) -> tuple[list[dict[str, Any]], list[str]]:
    """Messages, and the paths of their images in order. Raises InvalidRequest beyond the limits of the page."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system.strip() else []
    files: list[str] = []
    for turn in history:
        parts = list(_parts(turn["content"], files))
        if parts:
            messages.append({"role": turn["role"], "content": parts})
    if len(files) > MOST_IMAGES:
        raise InvalidRequest(
            found=f"{len(files)} images",
            expected=f"at most {MOST_IMAGES} in one conversation",
            cause="several images in each of many turns",
            next_step="start a new conversation with the images that matter",
        )
    return messages, files


def _parts(content: Any, files: list[str]) -> Iterator[dict[str, Any]]:
    for said in [content] if isinstance(content, (str, Mapping)) else content:
        part: Mapping[str, Any] = {"text": said} if isinstance(said, str) else said
        text = part.get("text")
        if isinstance(text, str):
            text = plain(text)
            if len(text) > MOST_TEXT:
                raise InvalidRequest(
                    found=f"a message of {len(text):,} characters",
                    expected=f"at most {MOST_TEXT:,}",
                    cause="a whole document pasted as text",
                    next_step="paste the part that matters, or send a picture of the page",
                )
            yield {"type": "text", "text": text}
        elif path := part.get("path") or (part.get("file") or {}).get("path"):
            files.append(str(path))
            yield {"type": "image"}


class Writing:
    """An answer that the engine is writing. Closing `texts` frees the model before its next id.

    Where the pipeline looks again, an unsure answer stands on the page meanwhile, and may then be replaced.
    """

    def __init__(
        self,
        engine: Engine,
        messages: Sequence[Message],
        images: Sequence[Any],
        options: Mapping[str, Any],
        twice: bool = True,
    ) -> None:
        self.engine, self.messages, self.images, self.options = engine, messages, images, options
        self._twice = twice
        self.looking_again = False
        self._looks: list[Job] = []
        self._settled: Reply | None = None
        self._left = False

    @property
    def reply(self) -> Reply | None:
        """The answer so far; None before the engine has taken it on."""
        reply = self._settled
        if reply is None and self._looks:
            reply = self._looks[0].request.reply()
        return None if reply is None else as_asked(reply, self.options)

    @property
    def remembered(self) -> int:
        """Tokens of the reply's prompt that did not have to be read again."""
        plans = self._settled.tiles if self._settled is not None else None
        looks = [job for job in self._looks if plans in (None, job.request.inputs.plans)]
        return looks[0].reused if looks else 0

    async def texts(self) -> AsyncGenerator[str, None]:
        """The text so far, as it grows, at most once in PAUSE seconds; the last one is whole."""
        async with aclosing(self._written(self._first)) as texts:
            async for text in texts:
                yield text
        best = self._looks[0].request.reply()
        while (again := self._looks[-1].request.again) and best.finish_reason != "closed" and unsure(best):
            self.looking_again = True
            yield str(best)
            try:
                async with aclosing(self._written(partial(self._next, again))) as texts:
                    async for _ in texts:
                        pass
            except MiniMaxVLError:  # too many others, or a prompt that does not fit: the answer stays
                break
            best = self._settled = surer(best, self._looks[-1].request.reply())
        if self.looking_again:
            self.looking_again = False
            yield str(best)

    async def _written(self, look: Callable[[Listener], Job]) -> AsyncGenerator[str, None]:
        """`texts` of one look."""
        loop, events = asyncio.get_running_loop(), asyncio.Queue[Event]()

        def listen(event: Event) -> None:  # on the engine's thread
            with suppress(RuntimeError):  # the loop has ended, and with it everyone who waits
                loop.call_soon_threadsafe(events.put_nowait, event)

        text, last, self._left = "", False, False
        try:
            await asyncio.to_thread(self._submit, look, listen)
            while not last:
                batch = [await events.get()]
                while not events.empty():
                    batch.append(events.get_nowait())
                text, last = text + "".join(event.text for event in batch), batch[-1].last
                if (error := batch[-1].error) is not None:
                    raise error
                yield text
                if not last:
                    await asyncio.sleep(PAUSE)
        finally:
            self._left = True
            for job in self._looks:
                job.cancel()

    def _submit(self, look: Callable[[Listener], Job], listen: Listener) -> None:
        """On a worker thread: cutting the images takes a while, in which the reader may have left."""
        job = look(listen)
        self._looks.append(job)
        if self._left:
            job.cancel()

    def _first(self, listen: Listener) -> Job:
        options = {"limits": LIMITS, "twice": self._twice, **self.options}
        return self.engine.submit(self.messages, self.images, listener=listen, **options)

    def _next(self, again: Callable[[], Request], listen: Listener) -> Job:
        return self.engine.take_on(again(), listen)
