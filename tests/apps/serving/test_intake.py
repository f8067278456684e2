"""Requests on their way to the engine: who waits for whom, who may leave, and what all of them may hold."""

from __future__ import annotations

import asyncio
import base64
import gc
import io
import json
import threading
from contextlib import contextmanager

import pytest
from PIL import Image

from minimax_vl.apps.serving import images
from minimax_vl.apps.serving.gate import Gate
from minimax_vl.apps.serving.server import Settings, build
from minimax_vl.engine import Engine, Limits
from minimax_vl.errors import UnreadableImage
from minimax_vl.processor import TiledImage
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
SLOW = "https://slow.example/a.png"


def png():
    data = io.BytesIO()
    Image.new("RGB", (60, 40)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def asked(*urls, tokens=2):
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    content = [*parts, {"type": "text", "text": "Who?"}]
    return {"model": "debug", "messages": [{"role": "user", "content": content}], "max_tokens": tokens}


class Call:
    """A request to the app without a socket; `leave` hangs up."""

    def __init__(self, app, body=None, *, path="/v1/chat/completions", parts=None, headers=()):
        self._messages = asyncio.Queue()
        sent = parts or [json.dumps(body).encode() if body else b""]
        for i, part in enumerate(sent):
            more = i + 1 < len(sent)
            self._messages.put_nowait({"type": "http.request", "body": part, "more_body": more})
        self.status, self.headers, self.data = None, {}, b""
        kind = [(b"content-type", b"application/json"), *headers]
        scope = {
            "type": "http", "method": "POST" if body or parts else "GET", "path": path,
            "raw_path": path.encode(), "query_string": b"", "headers": kind, "http_version": "1.1",
            "scheme": "http", "server": ("x", 80), "client": ("y", 1), "root_path": "",
        }  # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self._messages.get, self._send))

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.headers.update(message.get("headers", ()))
        self.data += message.get("body", b"")

    def leave(self):
        self._messages.put_nowait({"type": "http.disconnect"})

    async def json(self):
        await asyncio.wait_for(self.task, 20)
        return json.loads(self.data)


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen in time")


@contextmanager
def serving(monkeypatch, limits=None, **settings):
    """(app, engine, addresses that are being fetched, what lets them end)."""
    fetching, end = [], threading.Event()

    def fetch(url, *_, **__):
        fetching.append(url)
        assert end.wait(20)
        raise UnreadableImage(found="late", expected="an image", cause="a slow server", next_step="wait")

    monkeypatch.setattr(images, "fetch", fetch)
    with Engine(PIPELINE, limits) as engine:
        try:
            yield build(engine, Settings(name="debug", remote_images=True, **settings)), engine, fetching, end
        finally:
            end.set()


def test_slow_addresses_hold_up_neither_texts_nor_images_that_were_sent(monkeypatch):
    async def ask(app, fetching, end):
        slow = [Call(app, asked(SLOW)) for _ in range(5)]
        await until(lambda: len(fetching) == 3)
        assert (await Call(app, path="/health").json())["waiting"] == 2
        for others in (asked(), asked(png())):
            assert (await Call(app, others).json())["choices"]
        assert len(fetching) == 3, "the fifth had no turn yet"
        end.set()
        for call in slow:
            assert "late" in (await call.json())["error"]["message"] and call.status == 400
        assert (await Call(app, path="/health").json())["waiting"] == 0

    with serving(monkeypatch, fetching=3) as (app, _, fetching, end):
        asyncio.run(ask(app, fetching, end))


def test_who_leaves_before_its_turn_makes_room(monkeypatch):
    async def ask(app, fetching, end):
        first, second = Call(app, asked(SLOW)), Call(app, asked(SLOW))
        await until(lambda: len(fetching) == 1)
        assert await Call(app, asked(SLOW)).json() and second.status is None
        second.leave()
        await asyncio.wait_for(second.task, 5)
        third = Call(app, asked(SLOW))
        await asyncio.sleep(0.05)
        assert (await Call(app, path="/health").json())["waiting"] == 1
        first.leave()
        await asyncio.wait_for(first.task, 5)
        assert len(fetching) == 1, "its thread has not ended, and counts"
        end.set()
        assert (await third.json())["error"] and third.status == 400 and len(fetching) == 2

    with serving(monkeypatch, Limits(queue=1), fetching=1) as (app, _, fetching, end):
        asyncio.run(ask(app, fetching, end))


def test_a_job_that_is_made_after_its_client_has_left_is_cancelled(monkeypatch):
    cutting, gone = threading.Event(), threading.Event()
    image = PIPELINE.processor.image

    def slowly(*arguments, **options):
        cutting.set()
        assert gone.wait(20)
        return image(*arguments, **options)

    async def ask(app, engine):
        call = Call(app, asked(png(), tokens=3000))
        await until(cutting.is_set)
        call.leave()
        await asyncio.wait_for(call.task, 5)  # not only when its images have been cut
        gone.set()
        await until(lambda: engine.counts.closed == 1)

    monkeypatch.setattr(PIPELINE.processor, "image", slowly)
    with serving(monkeypatch) as (app, engine, *_):
        asyncio.run(ask(app, engine))


def test_a_refused_request_lets_its_pixels_go_without_the_garbage_collector(monkeypatch):
    def pixels():
        return {id(thing) for thing in gc.get_objects() if type(thing) is TiledImage}

    async def ask(app):
        before = pixels()
        assert (await Call(app, asked(png(), tokens=10**6)).json())["error"]
        await until(lambda: pixels() <= before)

    gc.collect()
    gc.disable()
    try:
        with serving(monkeypatch) as (app, *_):
            asyncio.run(ask(app))
    finally:
        gc.enable()


def gate(app):
    """The outermost layer of an app, once it is built."""
    layer = app.middleware_stack
    while not isinstance(layer, Gate):
        layer = layer.app
    return layer


def test_bodies_on_their_way_are_bounded_together(monkeypatch):
    half = [b"x" * 400, b""]

    async def ask(app):
        await Call(app, path="/health").json()
        held = gate(app)
        calls = [Call(app, parts=half) for _ in range(2)]
        for call in calls:
            call._messages._queue.pop()  # the rest does not come
        await until(lambda: held.held == 800)
        late = Call(app, parts=half)
        assert (await late.json())["error"]["code"] == "rate_limit_exceeded"
        assert late.status == 429 and late.headers[b"retry-after"]
        calls[0].leave()
        await until(lambda: held.held == 400)
        assert (await Call(app, asked()).json())["choices"]
        calls[1].task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calls[1].task
        assert held.held == 0

    with serving(monkeypatch, body_bytes=600, bodies_bytes=1000) as (app, *_):
        asyncio.run(ask(app))


@pytest.mark.parametrize("given", ["Bearer word", "bearer word", "BEARER word", "Bearer  word"])
def test_the_name_of_the_scheme_has_no_case(monkeypatch, given):
    async def ask(app):
        await (call := Call(app, path="/v1/models", headers=[(b"authorization", given.encode())])).json()
        return call.status

    with serving(monkeypatch, key="word") as (app, *_):
        assert asyncio.run(ask(app)) == 200


@pytest.mark.parametrize(
    "given", ["Bearer WORD", "Bearerword", "Basic word", "word", "Bearer", "Bearer word x"]
)
def test_other_keys_and_schemes_are_refused(monkeypatch, given):
    async def ask(app):
        await (call := Call(app, path="/v1/models", headers=[(b"authorization", given.encode())])).json()
        return call.status

    with serving(monkeypatch, key="word") as (app, *_):
        assert asyncio.run(ask(app)) == 401
