"""What every request passes first: keys, bounds on bodies, and the server's end."""

from __future__ import annotations

import asyncio
import hmac
import uuid
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from minimax_vl.apps.serving.completions import as_event
from minimax_vl.apps.serving.faults import Fault

if TYPE_CHECKING:
    from minimax_vl.apps.serving.metrics import Metrics
    from minimax_vl.apps.serving.server import Settings
    from minimax_vl.engine import Engine

BODY_SECONDS = 60


class Gate:
    """In front of every route: the key, the size of bodies, a request id, a count of replies, the server's end."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, engine: Engine) -> None:
        self.app, self.settings, self.metrics, self.engine = app, settings, metrics, engine
        self.held = 0  # bytes of bodies that are on their way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name, begun = uuid.uuid4().hex, False

        async def marked(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self.metrics.replies[message["status"]] += 1
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", name.encode())]
            await send(message)

        try:
            await self._pass(scope, receive, marked)
        except asyncio.CancelledError:
            if not self.engine.stopping:
                raise
            # The server's time to end is up for what did not end by itself: uvicorn would answer 500, as text.
            fault = Fault.of(self.engine.busy(0))
            if not begun:
                await fault.response()(scope, receive, marked)
            elif scope["path"].startswith("/v1/"):  # whole replies go out at once, so this one is a stream
                await send({"type": "http.response.body", "body": as_event(fault.body()).encode()})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """On to the routes, or a refusal."""
        headers = dict(scope["headers"])
        try:
            if not self._welcome(scope["path"], headers.get(b"authorization", b"")):
                raise Fault(401, "a bearer key is needed: Authorization: Bearer KEY", code="invalid_api_key")
            declared = headers.get(b"content-length", b"0")
            body = await asyncio.wait_for(self._body(declared, receive), BODY_SECONDS)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            fault = Fault(408, f"the body took longer than {BODY_SECONDS} s to come", code="timeout")
            await fault.response()(scope, receive, send)
        except Fault as fault:
            await fault.response()(scope, receive, send)
        else:
            await self.app(scope, _replayed(body, receive), send)

    def _welcome(self, path: str, given: bytes) -> bool:
        if self.settings.key is None or path == "/health":
            return True
        scheme, _, key = given.partition(b" ")
        # RFC 9110, 11.1: the scheme has no case, and one or more spaces follow it.
        return scheme.lower() == b"bearer" and hmac.compare_digest(
            key.lstrip(b" "), self.settings.key.encode()
        )

    async def _body(self, declared: bytes, receive: Receive) -> bytes:
        """All of the body, or a Fault as soon as it, or all that are on their way together, are too large."""
        most = self.settings.body_bytes
        too_large = Fault(413, f"a body of more than {most >> 20} MiB", code="body_too_large")
        if declared.isdigit() and len(declared) < 20 and int(declared) > most:
            raise too_large
        parts, size, more = [], 0, True
        try:
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise Fault(499, "the client has left")
                parts.append(message.get("body", b""))
                size, more = size + len(parts[-1]), message.get("more_body", False)
                self.held += len(parts[-1])
                if size > most:
                    raise too_large
                if self.held > max(most, self.settings.bodies_bytes):
                    raise _too_many(self.settings.bodies_bytes)
            return b"".join(parts)
        finally:
            self.held -= size


def _too_many(most: int) -> Fault:
    return Fault(
        429,
        f"bodies of more than {most >> 20} MiB are on their way to this server; send it again in a few seconds",
        code="rate_limit_exceeded",
    )


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` that gives the body at once, and then whatever else comes: the client's leaving."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
