"""The server as OpenAI's own client sees it, over a real socket."""

from __future__ import annotations

import asyncio
import base64
import gc
import html
import io
import json
import re
import socket
import threading
import time
from contextlib import closing, contextmanager

import httpx
import numpy as np
import openai
import pytest
import uvicorn
from PIL import Image

from minimax_vl import pipeline
from minimax_vl.apps.cli import main
from minimax_vl.apps.serving import intake as module
from minimax_vl.apps.serving.images import cut
from minimax_vl.apps.serving.protocol import ChatRequest
from minimax_vl.apps.serving.server import Settings, build
from minimax_vl.chat import user_turn
from minimax_vl.engine import Engine, Job, Limits
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
HEAD = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
# Random weights may end an answer at any id: a question that they answer at length.
LONG = next(
    question
    for question in (f"Number {n}?" for n in range(1000, 1100))
    if PIPELINE.chat([user_turn(question)], max_new_tokens=800).finish_reason == "length"
)


def picture(seed=0, size=(80, 60), mode="RGB", **save):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, **({"format": "PNG"} | save))
    return data.getvalue()


def uri(data):
    return "data:image/png;base64," + base64.b64encode(data).decode()


def asked(text, *images):
    parts = [{"type": "image_url", "image_url": {"url": uri(image)}} for image in images]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]


@contextmanager
def serving(limits=None, **settings):
    engine = Engine(PIPELINE, limits)
    config = uvicorn.Config(build(engine, Settings(name="debug", **settings)), log_level="error")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", engine
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def served():
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def client(served):
    return openai.OpenAI(base_url=f"{served[0]}/v1", api_key="none", max_retries=0)


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def idle(engine):
    load = engine.load()
    return load["waiting"] + load["reading"] + load["writing"] == 0


def test_a_plain_completion_equals_the_pipeline(client):
    image = picture()
    got = client.chat.completions.create(model="debug", messages=asked("What?", image), max_tokens=6)
    want = PIPELINE.ask(image, "What?", max_new_tokens=6)
    assert got.choices[0].message.content == want
    assert got.choices[0].finish_reason == want.finish_reason
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (want.prompt_tokens, len(want.tokens))
    assert got.id.startswith("chatcmpl-")


def test_a_question_written_before_its_images_is_read_after_them():
    first, second, text = asked("Which?", picture(4), picture(5))[0]["content"]

    def read(*parts):
        request = ChatRequest(model="debug", messages=[{"role": "user", "content": parts}])
        (message,), images = request.conversation(), request.images()
        assert [image.url for image in images] == [p["image_url"]["url"] for p in parts if p is not text]
        return [part["type"] for part in message["content"]]

    assert read(text, second, first) == read(first, second, text) == ["image", "image", "text"]
    assert read(first, text, second) == ["image", "text", "image"]
    assert read(text) == ["text"]


def test_a_stream_adds_up_and_ends_with_the_usage(client):
    images = picture(1), picture(2)
    chunks = list(
        client.chat.completions.create(
            model="debug",
            messages=asked("Which?", *images),
            max_completion_tokens=9,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    want = PIPELINE.ask(list(images), "Which?", max_new_tokens=9)
    assert text == want
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == want.finish_reason
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == len(want.tokens)


def test_logprobs_belong_to_the_tokens(client):
    got = client.chat.completions.create(
        model="debug", messages=asked("Why?"), max_tokens=5, logprobs=True
    ).choices[0]
    want = PIPELINE.chat([user_turn("Why?")], max_new_tokens=5, logprobs=True)
    rows = got.logprobs.content
    assert [row.logprob for row in rows] == pytest.approx(want.logprobs, abs=1e-4)
    assert b"".join(bytes(row.bytes) for row in rows).decode("utf-8", "replace") == want


def test_a_later_turn_reports_what_was_remembered(client):
    image = picture(3)
    first = asked("What is it, and what stands beside it?", image)
    reply = client.chat.completions.create(model="debug", messages=first, max_tokens=4)
    said = {"role": "assistant", "content": reply.choices[0].message.content}
    again = client.chat.completions.create(
        model="debug", messages=[*first, said, {"role": "user", "content": "And why?"}], max_tokens=4
    )
    assert again.usage.prompt_tokens_details.cached_tokens == reply.usage.prompt_tokens


def test_stop_seed_and_detail_reach_the_model(client, served):
    create = client.chat.completions.create
    message = asked("Tell me.")
    drawn = [
        create(model="debug", messages=message, max_tokens=12, temperature=1.5, seed=s)
        .choices[0]
        .message.content
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    whole = create(model="debug", messages=message, max_tokens=12).choices[0].message.content
    mark = whole[3:5]
    cut = create(model="debug", messages=message, max_tokens=12, stop=[mark]).choices[0]
    assert (cut.message.content, cut.finish_reason) == (whole[: whole.find(mark)], "stop")
    wide = picture(4, size=(400, 900))
    low, high, original, unsaid = (
        create(
            model="debug",
            max_tokens=1,
            messages=[
                {"role": "user", "content": [
                    {"type": "image_url", "image_url": {"url": uri(wide), "detail": detail}},
                    {"type": "text", "text": "?"},
                ]}
            ],
        ).usage.prompt_tokens
        for detail in ("low", "high", "original", None)
    )  # fmt: skip
    assert low < high == original == unsaid


@pytest.mark.parametrize(
    "limit",
    [["--max-batch", "0"], ["--max-seconds", "nan"], ["--kept", "-1"], ["--api-key", ""]],
    ids=" ".join,
)
def test_limits_that_limit_nothing_are_refused_before_the_model_is_loaded(limit, capsys, monkeypatch):
    monkeypatch.setattr(pipeline, "load", lambda *_, **__: pytest.fail("a model was loaded"))
    assert main(["serve", "--port", "0", *limit]) == 2
    assert f"{limit[0]} {limit[1] or repr('')}" in capsys.readouterr().err


def test_clients_of_one_moment_are_written_together(served):
    base, engine = served
    before = engine.counts.tokens, engine.counts.steps

    async def all_at_once():
        async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="x", max_retries=0) as many:
            calls = [
                many.chat.completions.create(model="debug", messages=asked(f"Number {i}?"), max_tokens=30)
                for i in range(8)
            ]
            return await asyncio.gather(*calls)

    replies = asyncio.run(all_at_once())
    for i, reply in enumerate(replies):
        want = PIPELINE.chat([user_turn(f"Number {i}?")], max_new_tokens=30)
        assert reply.choices[0].message.content == want
    tokens, steps = engine.counts.tokens - before[0], engine.counts.steps - before[1]
    assert steps < tokens / 2


def test_models_health_metrics(served, client):
    base, _ = served
    assert [m.id for m in client.models.list()] == ["debug"]
    assert client.models.retrieve("debug").id == "debug"
    with pytest.raises(openai.NotFoundError, match="no model 'gpt'"):
        client.models.retrieve("gpt")
    assert httpx.get(f"{base}/health").json()["status"] == "ok"
    page = httpx.get(f"{base}/metrics").text
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    assert float(values["minimax_vl_tokens_total"]) > 0
    assert float(values['minimax_vl_request_seconds_bucket{le="+Inf"}']) == float(
        values["minimax_vl_request_seconds_count"]
    )


def test_the_first_page_needs_no_network_and_its_examples_work(served, tmp_path, monkeypatch, capsys):
    base, _ = served
    page = httpx.get(f"{base}/").text
    assert page == httpx.get(f"{base}/docs").text
    assert "<script" not in page and set(re.findall(r"https?://[^/\s\"]+", page)) == {base}
    assert 'rel="icon" href="data:,"' in page, "or a browser asks for one and logs an error"
    assert {"/v1/chat/completions", "/v1/models", "/health", "/metrics"} <= set(
        re.findall(r"(/[\w/]+)</code>", page)
    )
    python, curl = map(html.unescape, re.findall("<pre>(.*?)</pre>", page, re.DOTALL))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.png").write_bytes(picture())
    exec(compile(python, "page", "exec"), {})
    assert len(capsys.readouterr().out) > 1
    body = json.loads(curl[curl.index("{") : curl.rindex("}") + 1])
    assert (
        httpx.post(f"{base}/v1/chat/completions", json=body | {"max_tokens": 2}, timeout=60).status_code
        == 200
    )
    assert "Bearer" not in page
    with serving(key="word") as (other, _):
        assert httpx.get(f"{other}/").status_code == 401
        allowed = httpx.get(f"{other}/", headers={"Authorization": "Bearer word"}).text
        assert "-H 'Authorization: Bearer KEY'" in html.unescape(allowed) and "word" not in allowed


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_frees_the_model(served, stream):
    base, engine = served
    closed = engine.counts.closed
    body = {"model": "debug", "messages": asked(LONG), "max_tokens": 3000, "stream": stream}
    host, port = base.removeprefix("http://").split(":")
    data = json.dumps(body).encode()
    with closing(socket.create_connection((host, int(port)))) as raw:
        raw.sendall(HEAD.format(len(data)).encode() + data)
        wait_until(lambda: engine.load()["writing"] == 1)
    wait_until(lambda: idle(engine))
    assert engine.counts.closed == closed + 1


def test_a_client_that_leaves_while_its_images_are_cut_frees_the_model(served, monkeypatch):
    base, engine = served
    closed, cutting, gone = engine.counts.closed, threading.Event(), threading.Event()

    def slowly(*arguments, **options):
        cutting.set()
        assert gone.wait(20)
        return cut(*arguments, **options)

    monkeypatch.setattr(module, "cut", slowly)
    body = {"model": "debug", "messages": asked(LONG), "max_tokens": 3000, "stream": True}
    data = json.dumps(body).encode()
    host, port = base.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)))) as raw:
        raw.sendall(HEAD.format(len(data)).encode() + data)
        assert cutting.wait(20)
    time.sleep(0.2)  # the server hears of it
    gone.set()
    wait_until(lambda: engine.counts.closed == closed + 1)
    assert idle(engine)


def test_leaving_many_times_leaves_the_server_idle_and_healthy(served):
    base, engine = served
    body = {"model": "debug", "messages": asked(LONG), "max_tokens": 3000, "stream": True}
    for _ in range(25):
        with httpx.stream("POST", f"{base}/v1/chat/completions", json=body, timeout=20) as reply:
            next(reply.iter_text())
    wait_until(lambda: idle(engine))
    assert httpx.get(f"{base}/health").status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_answered_requests_go_without_the_garbage_collector(served, client, stream):
    """It comes round too seldom under load: each request that waits for it holds its pixels, megabytes of them."""
    gc.collect()
    gc.disable()
    try:
        for seed in range(3):
            messages = asked("What?", picture(10 + seed))
            reply = client.chat.completions.create(
                model="debug", messages=messages, max_tokens=3, stream=stream
            )
            assert list(reply) if stream else reply.choices
        wait_until(lambda: not [thing for thing in gc.get_objects() if type(thing) is Job])
    finally:
        gc.enable()


def test_a_key_keeps_others_out():
    with serving(key="geheim-ß") as (base, _):
        assert httpx.get(f"{base}/health").status_code == 200
        assert httpx.get(f"{base}/v1/models").status_code == 401
        wrong = httpx.post(f"{base}/v1/chat/completions", json={}, headers={"Authorization": "Bearer no"})
        assert wrong.status_code == 401 and wrong.json()["error"]["type"] == "authentication_error"
        right = {"Authorization": "Bearer geheim-ß".encode()}
        assert httpx.get(f"{base}/v1/models", headers=right).status_code == 200


def test_a_full_queue_says_so_and_when_to_come_back():
    with serving(Limits(batch=1, queue=1)) as (base, engine):

        def post(stream):
            body = {"model": "debug", "messages": asked(LONG), "max_tokens": 3000, "stream": stream}
            return httpx.stream("POST", f"{base}/v1/chat/completions", json=body, timeout=30)

        with post(True) as first:
            pieces = first.iter_text()  # kept: an iterator that is let go closes its connection
            next(pieces)
            with post(True):
                wait_until(lambda: engine.load()["waiting"] == 1)
                with post(False) as third:
                    third.read()
                    assert third.status_code == 429
                    assert third.headers["retry-after"]
                    assert third.json()["error"]["type"] == "rate_limit_error"


def test_a_deadline_is_an_error_of_the_stream_and_a_status_otherwise():
    with serving(Limits(seconds=0.3)) as (base, _):
        body = {"model": "debug", "messages": asked(LONG), "max_tokens": 3000}
        assert httpx.post(f"{base}/v1/chat/completions", json=body, timeout=30).status_code == 504
        text = httpx.post(f"{base}/v1/chat/completions", json=body | {"stream": True}, timeout=30).text
        last = text.strip().split("\n\n")[-1]
        assert json.loads(last.removeprefix("data: "))["error"]["code"] == "timeout"
