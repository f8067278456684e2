"""The app: routes, keys, limits on bodies, and every error in OpenAI's shape."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from minimax_vl import __version__
from minimax_vl.apps.serving.completions import Completion
from minimax_vl.apps.serving.faults import Fault
from minimax_vl.apps.serving.guide import guide
from minimax_vl.apps.serving.images import cut
from minimax_vl.apps.serving.metrics import CONTENT_TYPE, Metrics
from minimax_vl.apps.serving.protocol import ChatRequest

if TYPE_CHECKING:
    from minimax_vl.engine import Engine, Job

BODY_SECONDS = 60
log = logging.getLogger("minimax_vl.serve")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one server allows."""

    name: str = "nano"  # what clients call the model
    key: str | None = None  # bearer key; None lets everyone in
    remote_images: bool = False
    images: int = 16  # of one request
    body_bytes: int = 64 << 20
    cutting: int = 2  # requests whose images are being opened at a time


def build(engine: Engine, settings: Settings) -> FastAPI:
    """The server around an engine, which it closes when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await anyio.to_thread.run_sync(engine.close)

    app = FastAPI(title="minimax-vl", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    metrics, began = Metrics(), int(time.time())
    room = anyio.CapacityLimiter(settings.cutting)
    card = {"id": settings.name, "object": "model", "created": began, "owned_by": "minimax-vl"}

    @app.get("/", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def start(request: Request) -> HTMLResponse:
        return HTMLResponse(guide(app, str(request.base_url).rstrip("/"), settings.name, bool(settings.key)))

    @app.head("/health", include_in_schema=False)  # some watchers ask for no more
    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the server answers, and how busy it is."""
        return {"status": "ok", "model": settings.name, **engine.load()}

    @app.get("/metrics", response_class=PlainTextResponse)
    async def prometheus() -> Response:
        """Counters, gauges and histograms in Prometheus' text format."""
        return Response(metrics.text(engine), media_type=CONTENT_TYPE)

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        """The one model."""
        return {"object": "list", "data": [card]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        """The model by its name."""
        if name != settings.name:
            raise _no_model(name, settings)
        return card

    @app.post("/v1/chat/completions")
    async def completions(body: ChatRequest, request: Request) -> Any:
        """A reply to a conversation with images, whole or as server-sent events."""
        if body.model != settings.name:
            raise _no_model(body.model, settings)
        tokenizer = engine.pipeline.tokenizer
        if room.statistics().tasks_waiting >= engine.limits.queue:
            raise Fault.of(engine.busy(room.statistics().tasks_waiting))
        completion = Completion(settings.name, tokenizer, metrics, bool(body.logprobs))
        work = partial(_submit, engine, settings, body, completion)
        completion.job = await anyio.to_thread.run_sync(work, limiter=room)
        if body.stream:
            usage = body.stream_options is not None and body.stream_options.include_usage
            return StreamingResponse(completion.pieces(usage), media_type="text/event-stream")
        return JSONResponse(await _unless_gone(request, completion))

    @app.exception_handler(Exception)
    async def any_error(request: Request, error: Exception) -> JSONResponse:
        fault = Fault.of(error)
        if fault.status >= 500:
            log.error("%s %s", request.method, request.url.path, exc_info=error)
        return fault.response()

    # Starlette hands these to their own handlers before it looks at Exception's.
    @app.exception_handler(Fault)
    async def fault(request: Request, error: Fault) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return Fault.of_validation(error).response()

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = "invalid_body" if error.status_code == 400 else None
        reply = Fault(error.status_code, _told(request, error), code=code).response()
        reply.headers.update(error.headers or {})  # the methods that there are, with a 405
        return reply

    app.add_middleware(Gate, settings=settings, metrics=metrics)
    return app


def _submit(engine: Engine, settings: Settings, body: ChatRequest, completion: Completion) -> Job:
    """On a worker thread: open and cut the images, then queue the request."""
    try:
        messages, images = body.conversation()
        engine.check_room()  # before the work on the images
        ready = cut(images, engine.pipeline.processor, most=settings.images, remote=settings.remote_images)
        return engine.submit(messages, ready, listener=completion.listen, **body.options())
    except Fault:
        raise
    except Exception as error:
        fault = Fault.of(error)
        if fault.status >= 500:
            log.error("request failed", exc_info=error)
        raise fault from error


async def _unless_gone(request: Request, completion: Completion) -> dict[str, Any]:
    """The whole reply; when the client leaves first, the model is freed."""
    answer = asyncio.ensure_future(completion.whole())
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Fault(499, "the client has left")
        return answer.result()
    except Fault:
        raise
    except Exception as error:
        raise Fault.of(error) from error
    finally:
        completion.cancel()
        answer.cancel()
        leaving.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _told(request: Request, error: HTTPException) -> str:
    """A wrong address is mostly a base_url without /v1, or an endpoint of OpenAI's that is not here."""
    asked = f"{request.method} {request.scope['path'][:120]}"
    if error.status_code == 404:
        return f"no {asked} here; there are POST /v1/chat/completions and GET /v1/models, /docs has the rest"
    if error.status_code == 405:
        return f"no {asked} here; this path takes {(error.headers or {}).get('Allow', 'another method')}"
    if error.status_code == 400:  # FastAPI's, where reading the body fails otherwise than by its syntax
        return "the body is not UTF-8 JSON, or nested too deeply, or has a number of thousands of digits"
    return str(error.detail)


def _no_model(name: str, settings: Settings) -> Fault:
    return Fault(
        404,
        f"no model {name[:120]!r} here; this server runs {settings.name!r}",
        param="model",
        code="model_not_found",
    )


class Gate:
    """In front of every route: the key, the size of the body, a request id, a count of replies."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = uuid.uuid4().hex

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.metrics.replies[message["status"]] += 1
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", name.encode())]
            await send(message)

        headers = dict(scope["headers"])
        if not self._welcome(scope["path"], headers.get(b"authorization", b"")):
            fault = Fault(401, "a bearer key is needed: Authorization: Bearer KEY", code="invalid_api_key")
            await fault.response()(scope, receive, marked)
            return
        try:
            declared = headers.get(b"content-length", b"0")
            body = await asyncio.wait_for(self._body(declared, receive), BODY_SECONDS)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            fault = Fault(408, f"the body took longer than {BODY_SECONDS} s to come", code="timeout")
            await fault.response()(scope, receive, marked)
            return
        except Fault as fault:
            await fault.response()(scope, receive, marked)
            return
        await self.app(scope, _replayed(body, receive), marked)

    def _welcome(self, path: str, given: bytes) -> bool:
        if self.settings.key is None or path == "/health":
            return True
        return hmac.compare_digest(given, f"Bearer {self.settings.key}".encode())

    async def _body(self, declared: bytes, receive: Receive) -> bytes:
        """All of the body, or a Fault as soon as it is known to be too large."""
        most = self.settings.body_bytes
        too_large = Fault(413, f"a body of more than {most >> 20} MiB", code="body_too_large")
        if declared.isdigit() and len(declared) < 20 and int(declared) > most:
            raise too_large
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise Fault(499, "the client has left")
            parts.append(message.get("body", b""))
            size, more = size + len(parts[-1]), message.get("more_body", False)
            if size > most:
                raise too_large
        return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` that gives the body at once, and then whatever else comes: the client's leaving."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
