"""The engine: one thread that runs a model for many requests, a step of reading and a step of writing in turn."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import torch

from minimax_vl.chat import Message
from minimax_vl.engine.job import Event, Job, Listener
from minimax_vl.engine.reader import PromptReader
from minimax_vl.errors import Busy, DeadlinePassed, MiniMaxVLError, Stopping
from minimax_vl.generate import take_ids
from minimax_vl.reply import TextStream, Timings
from minimax_vl.sampling import check
from minimax_vl.text_backbone.joining import join, leave

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline
    from minimax_vl.processor import EncodedImage, TiledImage
    from minimax_vl.runner import Request
    from minimax_vl.text_backbone.cache import HybridCache

log = logging.getLogger(__name__)
PATIENCE = 2.0  # seconds after which the oldest prompt is read first, however long it is


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an engine takes on. Short prompts are read first, so a long one delays nobody much."""

    batch: int = 16  # answers written together
    queue: int = 64  # requests waiting; more are refused
    waiting_bytes: int = 1 << 30  # pixels of waiting requests; more are refused
    chunk: int = 256  # prompt tokens read between two ids of the answers being written
    tiles: int = 2  # tiles seen between two ids
    kept_bytes: int = 256 << 20  # features and prefixes kept for later requests
    seconds: float = 300.0  # a request that has not ended by then gets an error

    def __post_init__(self) -> None:
        # With 0 the rounds would go on for ever and do nothing.
        for name in ("batch", "queue", "chunk", "tiles"):
            check(name, getattr(self, name), "1 or more", lambda count: count >= 1, Integral)
        check("seconds", self.seconds, "more than 0", lambda seconds: seconds > 0)


@dataclass
class Counts:
    """What an engine has done since it began."""

    requests: int = 0
    refused: int = 0
    finished: int = 0  # by a stop rule
    closed: int = 0  # left by their clients, or ended with the engine
    failed: int = 0
    prompt_tokens: int = 0  # read, those of kept prefixes included
    reused_tokens: int = 0  # of kept prefixes
    tokens: int = 0  # written
    steps: int = 0  # of writing; tokens / steps is the mean batch


class Engine:
    """Writes the answers of concurrent requests on one model; answers equal those of `Pipeline`.

    Every round reads a piece of one prompt and writes one id of every answer, so a round is the longest that anyone
    waits for a request to be cancelled. Closing it ends all requests with Stopping. The pipeline may be used beside it.
    """

    def __init__(self, pipeline: Pipeline, limits: Limits | None = None) -> None:
        self.pipeline, self.limits, self.counts = pipeline, limits or Limits(), Counts()
        self._reader = PromptReader(pipeline, self.limits.chunk, self.limits.tiles, self.limits.kept_bytes)
        self._config = pipeline.config.text
        self._waiting: deque[Job] = deque()
        self._reading: list[Job] = []
        self._writing: list[Job] = []
        self._batch: HybridCache | None = None
        self._change, self._closed = threading.Condition(), False
        self._thread = threading.Thread(target=self._run, name="minimax-vl engine", daemon=True)
        self._thread.start()

    def submit(
        self,
        messages: Sequence[Message],
        images: Sequence[Any] = (),
        *,
        listener: Listener,
        tools: Sequence[Mapping[str, Any]] = (),
        seconds: float | None = None,
        twice: bool = False,
        **options: Any,
    ) -> Job:
        """Take on a conversation as `Pipeline.chat` does; its pieces and its end go to `listener`.

        It is looked at once; with `twice` its request has `again` where the pipeline looks twice.

        Opening the images happens here, on the caller's thread. Raises Busy when too much is waiting, and what
        `Pipeline.chat` raises for bad images, options and lengths.
        """
        self.check_room()  # before the work of cutting images
        request = self.pipeline.request(messages, images, tools, options, twice)
        return self.take_on(request, listener, seconds)

    def take_on(self, request: Request, listener: Listener, seconds: float | None = None) -> Job:
        """`submit` for a request that is made. Raises Busy."""
        job = Job.of(request, listener, self.limits.seconds if seconds is None else seconds)
        with self._change:
            self.check_room(job.pixel_bytes)
            self.counts.requests += 1
            self._waiting.append(job)
            self._change.notify()
        return job

    def stream(self, messages: Sequence[Message], images: Sequence[Any] = (), **options: Any) -> TextStream:
        """`submit` for one reader: the answer in pieces; closing the stream cancels the request."""
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        job = self.submit(messages, images, listener=events.put, **options)

        def pieces() -> Generator[str, None, None]:
            try:
                yield ""
                while True:
                    event = events.get()
                    if event.error is not None:
                        raise event.error
                    if event.text:
                        yield event.text
                    if event.last:
                        return
            finally:
                job.cancel()

        running = pieces()
        next(running)  # entered at once, so that closing it always reaches `finally`
        return TextStream(running, lambda: job.request.reply())

    def recall(self, image: TiledImage | EncodedImage) -> TiledImage | EncodedImage:
        """`image` as the vision tower has seen it, where that is still kept; else as it is."""
        return self._reader.recall(image)

    def load(self) -> dict[str, int]:
        """How many requests wait, are being read and are being written, and the bytes kept for later ones."""
        return {
            "waiting": len(self._waiting),
            "reading": len(self._reading),
            "writing": len(self._writing),
            "kept_bytes": self._reader.kept_bytes,
        }

    @property
    def stopping(self) -> bool:
        """Whether it has been told to end."""
        return self._closed

    def stop(self) -> None:
        """End all requests with Stopping after the round that is under way, without waiting for it."""
        with self._change:
            self._closed = True
            self._change.notify()

    def close(self) -> None:
        """`stop`, and wait for the thread's end."""
        self.stop()
        self._thread.join()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_room(self, more: int = 0) -> None:
        """Raises Busy when a request with `more` bytes of pixels could not be taken on now."""
        waiting = list(self._waiting)
        held = sum(job.pixel_bytes for job in waiting)
        full = len(waiting) >= self.limits.queue or (waiting and held + more > self.limits.waiting_bytes)
        if full or self._closed:
            raise self.busy(len(waiting))

    def busy(self, waiting: int) -> Busy:
        """The refusal of one more request than `waiting`, counted."""
        self.counts.refused += 1
        if self._closed:
            return _stopping("an engine that has been closed")
        return Busy(
            found=f"{waiting} requests waiting",
            expected=f"at most {self.limits.queue}, with {self.limits.waiting_bytes >> 20} MiB of pixels",
            cause="more requests than the model can answer",
            next_step="ask again in a few seconds",
        )

    def _run(self) -> None:
        while True:
            with self._change:
                while not (self._closed or self._waiting or self._reading or self._writing):
                    self._change.wait()
                if self._closed:
                    break
            try:
                self._round()
            except Exception as error:  # nobody may be left waiting for an engine that has stopped
                self._lose_batch(error)
                for job in list(self._reading):
                    self._drop(job, error)
        for job in (*self._waiting, *self._reading, *self._writing):
            self.counts.closed += 1
            # Without an error, an answer that is cut short would look like a whole one.
            job.end(None if job.cancelled else _stopping("an answer that is not complete"))

    @torch.inference_mode()
    def _round(self) -> None:
        self._reap()
        while self._waiting and len(self._reading) + len(self._writing) < self.limits.batch:
            self._reading.append(self._waiting.popleft())
        if self._reading:
            job = self._reading[0]
            try:
                job = self._next_to_read()
                logits = self._reader.advance(job)
                if logits is not None:
                    self._reading.remove(job)
                    self._begin_writing(job, logits)
            except Exception as error:  # whatever it is, it is this request's alone
                self._drop(job, error)
        if self._writing:
            try:
                self._write()
            except Exception as error:  # the batch is lost, the engine is not
                self._lose_batch(error)

    def _next_to_read(self) -> Job:
        oldest = min(self._reading, key=lambda job: job.asked)
        if time.monotonic() - oldest.asked > PATIENCE:
            return oldest
        return min(self._reading, key=self._reader.work)

    def _begin_writing(self, job: Job, logits: torch.Tensor) -> None:
        """The first id; then the row joins the batch."""
        reading, answer = job.reading, job.request.answer
        assert reading is not None
        job.request.inputs = job.request.inputs.seen()
        self.counts.prompt_tokens += len(job.prompt.ids)
        self.counts.reused_tokens += job.reused
        self._take([job], logits[None])
        if answer.finish_reason is not None:
            return
        job.reading = None
        if self._batch is None:
            self._batch = reading.cache
            self._batch.pad = torch.zeros(1, dtype=torch.long, device=self.pipeline.device)
        else:
            try:
                with self.pipeline.runner.stage(job.request.timings, "prefill"):
                    join(self._batch, reading.cache, self._config)
            except Exception as error:  # half joined, its rows cannot go on
                self._lose_batch(error)
                raise
        self._writing.append(job)

    def _write(self) -> None:
        """One id of every answer."""
        assert self._batch is not None
        model, timings = self.pipeline.model, Timings()
        with self.pipeline.runner.stage(timings, "decode"):
            last = torch.tensor([[job.request.answer.ids[-1]] for job in self._writing])  # [B, 1]
            logits = model(model.embed(last, None), self._batch)  # [B, V]
            logits[:, model.config.image_token_index] = -torch.inf  # an image slot cannot be answered with
        self.counts.steps += 1
        for job in self._writing:
            job.request.timings.decode += timings.decode
        self._take(self._writing, logits)
        self._keep([i for i, job in enumerate(self._writing) if job.request.answer.finish_reason is None])

    def _take(self, jobs: Sequence[Job], logits: torch.Tensor) -> None:
        """The next id of each job from its row of logits [B, V]."""
        take_ids([job.request.answer for job in jobs], logits)
        for job in jobs:
            self.counts.tokens += 1
            self.counts.finished += job.request.answer.finish_reason is not None
            job.tell()

    def _reap(self) -> None:
        """Let go of requests whose clients have left or whose time is up."""
        now = time.monotonic()
        for job in [*self._waiting, *self._reading, *self._writing]:
            if job.cancelled:
                self._drop(job, None)
            elif now > job.deadline:
                self._drop(
                    job,
                    DeadlinePassed(
                        found=f"no complete answer after {now - job.asked:.0f} s",
                        expected="an answer in time",
                        cause="a long prompt, a long answer, or many requests at once",
                        next_step="ask for fewer tokens or tiles, allow more time, or ask again later",
                    ),
                )

    def _drop(self, job: Job, error: Exception | None) -> None:
        with self._change:
            if job in self._waiting:
                self._waiting.remove(job)
        if job in self._reading:
            self._reading.remove(job)
        if job in self._writing:
            try:
                self._keep([i for i, other in enumerate(self._writing) if other is not job])
            except Exception as lost:  # the rows that stay are copied, and memory may be short
                if job in self._writing:
                    self._writing.remove(job)
                self._lose_batch(lost)
        self._end(job, error)

    def _lose_batch(self, error: Exception) -> None:
        """End every answer that is being written, without touching a cache that may be half changed."""
        lost, self._writing, self._batch = self._writing, [], None
        for job in lost:
            if job.request.answer.finish_reason is None:  # the others have had their reply
                self._end(job, error)

    def _end(self, job: Job, error: Exception | None) -> None:
        self.counts.failed += error is not None
        self.counts.closed += error is None
        if error is not None and not isinstance(error, MiniMaxVLError):
            log.error("a request failed in the model", exc_info=error)
        job.end(error)

    def _keep(self, rows: list[int]) -> None:
        """Only these rows of the batch go on."""
        if len(rows) == len(self._writing):
            return
        self._writing = [self._writing[i] for i in rows]
        if not rows:
            self._batch = None
        elif self._batch is not None:
            leave(self._batch, torch.tensor(rows), self._config)


def _stopping(found: str) -> Stopping:
    return Stopping(
        found=found,
        expected="an engine that is running",
        cause="the server is stopping",
        next_step="ask again in a few seconds, when it may have been started anew",
    )
