"""From a request to a job in the engine: on a thread, in the turn of its lane, given up when the client leaves."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from fastapi import Request

from minimax_vl.apps.serving.faults import Fault
from minimax_vl.apps.serving.images import cut, is_address
from minimax_vl.errors import Stopping

if TYPE_CHECKING:
    from minimax_vl.apps.serving.completions import Completion
    from minimax_vl.apps.serving.protocol import ChatRequest
    from minimax_vl.apps.serving.server import Settings
    from minimax_vl.engine import Engine, Job

TEXTS = 4  # requests without images that are being tokenized at a time
Result = TypeVar("Result")
log = logging.getLogger("minimax_vl.serve")


class Intake:
    """Takes requests on. Texts, images that were sent and images to be fetched do not wait for each other."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        # One thread for every token of a lane, so that what has a token never waits for a thread.
        self._texts, self._sent, self._fetched = self._lanes = tuple(
            anyio.CapacityLimiter(tokens) for tokens in (TEXTS, settings.cutting, settings.fetching)
        )
        self._pool = ThreadPoolExecutor(TEXTS + settings.cutting + settings.fetching, "minimax-vl intake")
        # Opened images are large: those that were fetched count like those that were sent.
        self._opening = threading.Semaphore(settings.cutting)

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn in a lane; the engine's own queue comes after."""
        return sum(lane.statistics().tasks_waiting for lane in self._lanes)

    async def take(self, request: Request, body: ChatRequest, completion: Completion) -> Job:
        """The job of a request. Raises Fault: what is wrong, that too many wait, that the client has left."""
        lane = self._lane(body)
        waiting = lane.statistics().tasks_waiting
        if waiting >= self.engine.limits.queue:
            raise Fault.of(self.engine.busy(waiting))
        await unless_gone(request, lane.acquire_on_behalf_of(completion))
        future = self._pool.submit(self._submit, body, completion)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _on(loop, lane.release_on_behalf_of, completion))
        try:
            return await unless_gone(request, asyncio.wrap_future(future))
        except BaseException:
            future.add_done_callback(_cancel)  # the thread goes on, and its job is not wanted when it is made
            raise
        finally:
            del future  # or its exception would hold the frames that hold it, images and all

    def close(self) -> None:
        """Begin with nothing more, and wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _lane(self, body: ChatRequest) -> anyio.CapacityLimiter:
        images = body.images()
        if not images:
            return self._texts
        return self._fetched if any(is_address(image.url) for image in images) else self._sent

    def _submit(self, body: ChatRequest, completion: Completion) -> Job:
        """On a worker thread: open and cut the images, then queue the request."""
        settings, processor = self.settings, self.engine.pipeline.processor
        try:
            self.engine.check_room()  # before the work on the images
            ready = cut(
                body.images(),
                processor,
                most=settings.images,
                remote=settings.remote_images,
                opening=self._opening,
            )
            return self.engine.submit(
                body.conversation(), ready, listener=completion.listen, **body.options()
            )
        except Fault:
            raise
        except Exception as error:
            if Fault.of(error).status >= 500 and not isinstance(error, Stopping):
                log.error("request failed", exc_info=error)
            raise Fault.of(error) from error  # in no variable: as in `take`


async def unless_gone(request: Request, work: Awaitable[Result]) -> Result:
    """What `work` gives. When the client leaves first it is cancelled, and a Fault raised."""
    answer, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Fault(499, "the client has left")
        return answer.result()
    finally:
        answer.cancel()
        leaving.cancel()
        del answer, work  # as in `take`


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _on(loop: asyncio.AbstractEventLoop, work: Callable[..., Any], *arguments: Any) -> None:
    """Have `work` done on the event loop; nothing when it has ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(work, *arguments)


def _cancel(future: Future[Job]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().cancel()
