"""The app: routes, keys, limits on bodies, and every error in OpenAI's shape."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from minimax_vl import __version__
from minimax_vl.apps.serving.completions import Completion
from minimax_vl.apps.serving.faults import Fault
from minimax_vl.apps.serving.gate import Gate
from minimax_vl.apps.serving.guide import guide
from minimax_vl.apps.serving.intake import Intake, unless_gone
from minimax_vl.apps.serving.metrics import CONTENT_TYPE, Metrics
from minimax_vl.apps.serving.protocol import ChatRequest

if TYPE_CHECKING:
    from minimax_vl.engine import Engine

log = logging.getLogger("minimax_vl.serve")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one server allows."""

    name: str = "nano"  # what clients call the model
    key: str | None = None  # bearer key; None lets everyone in
    remote_images: bool = False
    images: int = 16  # of one request
    body_bytes: int = 64 << 20
    bodies_bytes: int = 1 << 30  # of all bodies that are on their way
    cutting: int = 2  # images that are being opened at a time
    fetching: int = 8  # requests whose images are being fetched at a time


def build(engine: Engine, settings: Settings) -> FastAPI:
    """The server around an engine, which it closes when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        intake.close()
        await anyio.to_thread.run_sync(engine.close)

    app = FastAPI(title="minimax-vl", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    metrics, began = Metrics(), int(time.time())
    intake = Intake(engine, settings)
    app.state.stop = engine.stop  # for `listen`
    card = {"id": settings.name, "object": "model", "created": began, "owned_by": "minimax-vl"}

    def load() -> dict[str, int]:
        now = engine.load()
        return now | {"waiting": now["waiting"] + intake.waiting}

    @app.get("/", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def start(request: Request) -> HTMLResponse:
        return HTMLResponse(guide(app, str(request.base_url).rstrip("/"), settings.name, bool(settings.key)))

    @app.head("/health", include_in_schema=False)  # some watchers ask for no more
    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the server answers, and how busy it is."""
        return {"status": "ok", "model": settings.name, **load()}

    @app.get("/metrics", response_class=PlainTextResponse)
    async def prometheus() -> Response:
        """Counters, gauges and histograms in Prometheus' text format."""
        return Response(metrics.text(engine, load()), media_type=CONTENT_TYPE)

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
        completion = Completion(settings.name, tokenizer, metrics, bool(body.logprobs))
        completion.job = await intake.take(request, body, completion)
        if body.stream:
            usage = body.stream_options is not None and bool(body.stream_options.include_usage)
            return StreamingResponse(completion.pieces(usage), media_type="text/event-stream")
        return JSONResponse(await _whole(request, completion))

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

    app.add_middleware(Gate, settings=settings, metrics=metrics, engine=engine)
    return app


async def _whole(request: Request, completion: Completion) -> dict[str, Any]:
    """The whole reply; when the client leaves first, the model is freed."""
    try:
        return await unless_gone(request, completion.whole())
    except Fault:
        raise
    except Exception as error:
        raise Fault.of(error) from error
    finally:
        completion.cancel()


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
