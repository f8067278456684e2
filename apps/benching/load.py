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
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import psutil

from minimax_vl.errors import MiniMaxVLError

LONG = "Read the text."
SHORT = ("What is the total?", "What is the date?", "Describe the image.", "What kind of document is this?")
TEXT_ONLY = "What is this?"
WARM = 4  # rounds over all questions before anything is measured


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
    # Seconds to the first text of questions without and with an image.
    first_text: list[float] = field(default_factory=list)
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


def questions(images: list[str]) -> list[list[dict[str, Any]]]:
    """The content of everything that is asked: each question about each page, and one without a page."""
    about = [
        [{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": question}]
        for image in images
        for question in (LONG, *SHORT)
    ]
    return [*about, [{"type": "text", "text": TEXT_ONLY}]]


def request(content: list[dict[str, Any]], tokens: int, model: str, seed: int) -> dict[str, Any]:
    """The body of one streaming request."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        "max_tokens": tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.7,
        "seed": seed,
    }


def requests(
    images: list[str], seconds: float, tokens: int, model: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Bodies for `seconds`: a quarter short text, the rest about a page, half of them long."""
    rng, end = random.Random(seed), time.monotonic() + seconds
    *about, text = questions(images)
    each = 1 + len(SHORT)  # questions about a page, the long one first
    while time.monotonic() < end:
        page = each * rng.randrange(len(images))
        number = 0 if rng.random() < 0.5 else rng.randrange(1, each)
        content = text if rng.random() < 0.25 else about[page + number]
        yield request(content, tokens, model, rng.randrange(1 << 30))


async def load(base: str, clients: Sequence[Iterator[dict[str, Any]]]) -> Period:
    """Each client sends its requests one after the other, all clients at once; every answer is read to its end."""
    period, began = Period(len(clients)), time.monotonic()
    limits = httpx.Limits(max_connections=len(clients))
    async with httpx.AsyncClient(base_url=base, timeout=120, limits=limits) as http:

        async def client(bodies: Iterator[dict[str, Any]]) -> None:
            for body in bodies:
                asked, first = time.monotonic(), None
                try:
                    async for event in _events(http, body):
                        if "error" in event:
                            period.errors.append(event["error"]["message"])
                        if first is None and _text_of(event):
                            first = time.monotonic() - asked
                        if usage := event.get("usage"):
                            period.tokens += usage["completion_tokens"]
                            period.answers += 1
                except httpx.HTTPError as error:
                    period.errors.append(repr(error))
                if first is not None:
                    with_image = len(body["messages"][0]["content"]) > 1
                    (period.first_image if with_image else period.first_text).append(first)

        await asyncio.gather(*(client(bodies) for bodies in clients))
    period.seconds = time.monotonic() - began
    return period


def _text_of(event: dict[str, Any]) -> str:
    choices = event.get("choices")
    return (choices[0]["delta"].get("content") or "") if choices else ""


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
    """One client, then many, then clients that are killed; every number of one run on one server.

    Everything is asked WARM times before: what the server keeps of it is then kept, and the C library's heaps have
    the size that so many requests at once need. What grows after that leaks.
    """
    images = pages(distinct)

    def asking(number: int, minutes: float, seed: int) -> list[Iterator[dict[str, Any]]]:
        return [requests(images, 60 * minutes, tokens, model, seed * 1000 + i) for i in range(number)]

    with serving(model, []) as (base, process):
        memory: list[int] = []
        everything = (
            request(content, tokens, model, 0) for _ in range(WARM) for content in questions(images)
        )
        warm = asyncio.run(load(base, [everything] * clients))  # whoever is free takes the next
        say(f"warm: {warm.answers} answers, {len(warm.errors)} errors")
        one = asyncio.run(load(base, asking(1, minutes / 3, seed=2)))
        say(f"one client: {one.rate:.1f} tokens/s, {one.answers} answers")

        async def watched() -> Period:
            work = asyncio.ensure_future(load(base, asking(clients, minutes, seed=3)))
            while not work.done():
                memory.append(process.memory_info().rss)
                await asyncio.wait({work}, timeout=1)
            return work.result()

        many = asyncio.run(watched())
        say(f"{clients} clients: {many.rate:.1f} tokens/s, {many.answers} answers, {len(many.errors)} errors")
        begun = kill_clients(base, model, kills)
        healthy = idle(base)
        say(f"{begun} of {kills} clients killed in mid-stream; idle afterwards: {healthy}")
    third = max(1, len(memory) // 3)
    early, late = (statistics.median(part) for part in (memory[:third], memory[-third:]))
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
