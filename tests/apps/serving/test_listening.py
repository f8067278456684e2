"""How a server ends: whoever still waits is told so in OpenAI's shape."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress

import httpx
import pytest
from fastapi import FastAPI

from minimax_vl.apps.serving.listening import listen, take_address

# An engine that writes nothing, images that do not come, and less patience than usual.
SERVER = """
import sys, time
from minimax_vl.apps.serving import images, listening
from minimax_vl.apps.serving.server import Settings, build
from minimax_vl.engine import Engine
from minimax_vl.testing import debug_pipeline

Engine._write = lambda self: time.sleep(float(sys.argv[1]))
images.fetch = lambda *_, **__: print('fetching', file=sys.stderr, flush=True) or time.sleep(30)
listening.GRACE, listening.LAST = 0.5, 1.5
app = build(Engine(debug_pipeline()), Settings(name="debug", remote_images=True))
try:
    listening.listen(app, listening.take_address("127.0.0.1", 0, None), lambda base: base)
except KeyboardInterrupt:  # as the command line does
    pass
"""
REMOTE = [
    {"type": "image_url", "image_url": {"url": "https://slow.example/a.png"}},
    {"type": "text", "text": "Who?"},
]


def test_who_connects_at_the_note_is_not_turned_away(monkeypatch):
    def note(base):
        address = base.removeprefix("http://").split(":")
        socket.create_connection((address[0], int(address[1])), timeout=5).close()
        return base

    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    with closing(take_address("127.0.0.1", 0, None)) as listener:
        assert listen(FastAPI(), listener, note) == 0


def post(base, content="Who?", **changes):
    asked = {"model": "debug", "messages": [{"role": "user", "content": content}], "max_tokens": 99}
    return httpx.post(f"{base}/v1/chat/completions", json=asked | changes, timeout=60)


def answers(base):
    with suppress(httpx.TransportError):
        return httpx.get(f"{base}/health").status_code == 200


def half_sent(base):
    """A request whose body does not come."""
    host, port = base.removeprefix("http://").split(":")
    raw = socket.create_connection((host, int(port)), timeout=60)
    raw.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
    return raw


@pytest.mark.parametrize(
    ("how", "round_seconds"),
    [
        (signal.SIGTERM, 0.01),
        (signal.SIGINT, 0.01),
        (signal.SIGTERM, 4),
    ],  # the last is too slow to hear of it
)
def test_who_still_waits_when_the_server_ends_is_told(how, round_seconds):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(round_seconds)], stderr=subprocess.PIPE, text=True
    )
    try:
        base = process.stderr.readline().strip()
        while not answers(base):
            time.sleep(0.1)
        got, raw = {}, half_sent(base)
        calls = {
            "whole": lambda: post(base),
            "stream": lambda: post(base, stream=True),
            "fetched": lambda: post(base, REMOTE),
        }
        threads = [
            threading.Thread(target=lambda n=name, c=call: got.update({n: c()}))
            for name, call in calls.items()
        ]
        for thread in threads:
            thread.start()
        assert process.stderr.readline() == "fetching\n"
        while sum(httpx.get(f"{base}/health").json()[name] for name in ("waiting", "reading", "writing")) < 2:
            time.sleep(0.1)
        process.send_signal(how)
        for thread in threads:
            thread.join(60)
        with closing(raw):
            half = b"".join(iter(lambda: raw.recv(4096), b"")).decode()
    finally:
        process.kill()
    told = process.stderr.read()
    for name in ("whole", "fetched"):
        assert got[name].status_code == 503 and got[name].headers["retry-after"]
        error = got[name].json()["error"]
        assert error["code"] == "stopping" and "the server is stopping" in error["message"]
    last = got["stream"].text.strip().split("\n\n")[-1]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "stopping"
    assert half.startswith("HTTP/1.1 503") and '"code":"stopping"' in half
    assert "Traceback" not in told, told
