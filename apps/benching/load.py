"""Many clients on one server: throughput beside one client at a time, first tokens, memory, and clients that die.

The server runs as a process of its own (`minimax-vl serve`), the clients speak HTTP to it as anyone would.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import psutil

from minimax_vl.errors import MiniMaxVLError

LONG = "Read the text."
SHORT = ("What is the total?", "What is the date?", "Describe the image.", "What kind of document is this?")
TEXT_ONLY = "What is this?"


class ServerFailed(MiniMaxVLError, RuntimeError):
    """The server did not start, or it died."""


@dataclass
class Period:
    """What one stretch of load gave."""

    clients: int
    seconds: float = 0.0
    answers: int = 0
    tokens: int = 0
    errors: list[str] = field(default_factory=list)
    first_text: list[float] = field(
        default_factory=list
    )  # seconds to the first id of questions without an image
    first_image: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.tokens / self.seconds


@contextmanager
def serving(model: str, extra: list[str]) -> Iterator[tuple[str, psutil.Process]]:
    """(address, process) of a server that ends with the block."""
    command = [sys.executable, "-m", "minimax_vl.apps.cli", "serve", "--port", "0", "--model", model, *extra]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://\S+/v1", line):
                yield found[0].removesuffix("/v1"), psutil.Process(process.pid)
                return
        raise ServerFailed(
            found="a server that ended at once: " + "".join(said)[-500:],
            expected="an address to speak to",
            cause="an unknown model or a wrong option",
            next_step="run `minimax-vl serve` by hand",
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def pages(count: int, seed: int = 0) -> list[str]:
    """Drawn pages as data URIs."""
    from PIL import Image

    from minimax_vl.synthetic import FontBook, sample

    fonts, found = FontBook.load(None, "heldout"), []
    for index in range(count):
        page = sample("heldout", seed + index, (672, 672), fonts)
        data = io.BytesIO()
        Image.fromarray(page.image).save(data, "PNG")
        found.append("data:image/png;base64," + base64.b64encode(data.getvalue()).decode())
    return found


def request(images: list[str], rng: random.Random, tokens: int, model: str) -> tuple[dict[str, Any], bool]:
    """(body, whether it has an image): a quarter short text, the rest about a page, half of them long."""
    if rng.random() < 0.25:
        content: list[dict[str, Any]] = [{"type": "text", "text": TEXT_ONLY}]
        with_image = False
    else:
        question = LONG if rng.random() < 0.5 else rng.choice(SHORT)
        content = [
            {"type": "image_url", "image_url": {"url": rng.choice(images)}},
            {"type": "text", "text": question},
        ]
        with_image = True
    body = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        "max_tokens": tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.7,
        "seed": rng.randrange(1 << 30),
    }
    return body, with_image


async def load(
    base: str, model: str, images: list[str], clients: int, seconds: float, tokens: int, seed: int
) -> Period:
    """`clients` streaming at once for `seconds`; answers that have begun by then are read to their end."""
    period, began = Period(clients), time.monotonic()
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=base, timeout=120, limits=limits) as http:

        async def client(number: int) -> None:
            rng = random.Random(seed * 1000 + number)
            while time.monotonic() - began < seconds:
                body, with_image = request(images, rng, tokens, model)
                asked, first = time.monotonic(), None
                try:
                    async for event in _events(http, body):
                        if "error" in event:
                            period.errors.append(event["error"]["message"])
                        if (
                            first is None
                            and event.get("choices")
                            and event["choices"][0]["delta"].get("content")
                        ):
                            first = time.monotonic() - asked
                        if usage := event.get("usage"):
                            period.tokens += usage["completion_tokens"]
                            period.answers += 1
                except httpx.HTTPError as error:
                    period.errors.append(repr(error))
                if first is not None:
                    (period.first_image if with_image else period.first_text).append(first)

        await asyncio.gather(*(client(i) for i in range(clients)))
    period.seconds = time.monotonic() - began
    return period


async def _events(http: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    async with http.stream("POST", "/v1/chat/completions", json=body) as reply:
        if reply.status_code != 200:
            await reply.aread()
            yield {"error": {"message": f"{reply.status_code}: {reply.text[:200]}"}}
            return
        async for line in reply.aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))


def kill_clients(base: str, model: str, count: int) -> int:
    """Start `count` clients, kill -9 each in mid-stream; returns how many had begun to read."""
    begun = 0
    question = {"model": model, "stream": True, "max_tokens": 2000, "temperature": 1.0}
    body = json.dumps(question | {"messages": [{"role": "user", "content": "Go on and on."}]})
    host, port = base.removeprefix("http://").split(":")
    script = (
        "import socket,sys\n"
        f"s=socket.create_connection(({host!r},{port}))\n"
        f"b={body.encode()!r}\n"
        "s.sendall(b'POST /v1/chat/completions HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\n'"
        "b'Content-Length: %d\\r\\n\\r\\n'%len(b)+b)\n"
        "while d:=s.recv(4096):\n"
        "    if b'delta' in d: print('x',flush=True)\n"
    )
    for _ in range(count):
        client = subprocess.Popen([sys.executable, "-S", "-c", script], stdout=subprocess.PIPE)
        assert client.stdout is not None
        begun += bool(client.stdout.readline())
        client.kill()
        client.wait()
        client.stdout.close()
    return begun


def idle(base: str, seconds: float = 30.0) -> bool:
    """Whether the server has nothing left to do within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = httpx.get(f"{base}/health", timeout=10).json()
        if state["waiting"] + state["reading"] + state["writing"] == 0:
            return True
        time.sleep(0.2)
    return False


def run(
    model: str, *, clients: int, minutes: float, kills: int, tokens: int, distinct: int, say: Any = print
) -> dict[str, Any]:
    """One client, then many, then clients that are killed; every number of one run on one server."""
    images = pages(distinct)
    with serving(model, []) as (base, process):
        memory: list[tuple[float, int]] = []
        warm = asyncio.run(load(base, model, images, clients, min(20.0, 15 * minutes), tokens, seed=1))
        say(f"warm: {warm.answers} answers, {len(warm.errors)} errors")
        one = asyncio.run(load(base, model, images, 1, 20 * minutes, tokens, seed=2))
        say(f"one client: {one.rate:.1f} tokens/s, {one.answers} answers")

        async def watched() -> Period:
            work = asyncio.ensure_future(load(base, model, images, clients, 60 * minutes, tokens, seed=3))
            while not work.done():
                memory.append((time.monotonic(), process.memory_info().rss))
                await asyncio.wait({work}, timeout=1)
            return work.result()

        many = asyncio.run(watched())
        say(f"{clients} clients: {many.rate:.1f} tokens/s, {many.answers} answers, {len(many.errors)} errors")
        begun = kill_clients(base, model, kills)
        healthy = idle(base)
        say(f"{begun} of {kills} clients killed in mid-stream; idle afterwards: {healthy}")
    third = max(1, len(memory) // 3)
    early, late = (statistics.median(rss for _, rss in part) for part in (memory[:third], memory[-third:]))
    return {
        "model": model,
        "one": _summary(one),
        "many": _summary(many),
        "throughput_ratio": round(many.rate / one.rate, 2),
        "memory_mib": [round(early / 2**20, 1), round(late / 2**20, 1)],
        "memory_growth": round(late / early - 1, 4),
        "killed": begun,
        "idle_after_kills": healthy,
    }


def _summary(period: Period) -> dict[str, Any]:
    facts = asdict(period)
    for name in ("first_text", "first_image"):
        values = sorted(facts.pop(name))
        if values:
            facts[f"{name}_p50"] = round(statistics.median(values), 3)
            facts[f"{name}_p95"] = round(values[min(len(values) - 1, int(0.95 * len(values)))], 3)
    return facts | {
        "rate": round(period.rate, 1),
        "seconds": round(period.seconds, 1),
        "errors": period.errors[:5],
        "error_count": len(period.errors),
    }
