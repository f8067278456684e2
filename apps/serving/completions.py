"""One chat completion, whole or in pieces: engine events become OpenAI's objects."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from minimax_vl.apps.serving.faults import Fault

if TYPE_CHECKING:
    from minimax_vl.apps.serving.metrics import Metrics
    from minimax_vl.engine import Event, Job
    from minimax_vl.tokenizer import Tokenizer


THOUGHT = "reasoning_content"  # as vLLM and DeepSeek name it; OpenAI shows none


class Completion:
    """The events of one job on the event loop, and the objects made of them."""

    def __init__(self, model: str, tokenizer: Tokenizer, metrics: Metrics, logprobs: bool) -> None:
        self.id, self.created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
        self.model, self.tokenizer, self.metrics, self.logprobs = model, tokenizer, metrics, logprobs
        self._loop, self._events = asyncio.get_running_loop(), asyncio.Queue[Any]()
        self._began, self._said = time.monotonic(), 0  # ids whose log-probabilities have been sent
        self.job: Job | None = None

    def listen(self, event: Event) -> None:
        """The engine's listener: called from its thread. A loop that has ended raises, which cancels the job."""
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    async def whole(self) -> dict[str, Any]:
        """The reply as one object. Raises what the engine reports."""
        text = "".join([event.text async for event in self._each()])
        assert self.job is not None
        reply = self.job.request.reply()
        message = {"role": "assistant", "content": text, "refusal": None}
        if reply.thought:
            message[THOUGHT] = reply.thought
        choice = {
            "index": 0,
            "message": message,
            "logprobs": {"content": self._new_logprobs()} if self.logprobs else None,
            "finish_reason": "length" if reply.finish_reason == "length" else "stop",
        }
        return self._object("chat.completion", [choice]) | {"usage": self._usage()}

    async def pieces(self, with_usage: bool) -> AsyncIterator[str]:
        """Server-sent events: a role, a thought and text in pieces, why it ended, usage if asked for, `[DONE]`."""
        try:
            yield self._chunk({"role": "assistant", "content": ""})
            async for event in self._each():
                if event.thought:
                    yield self._chunk({THOUGHT: event.thought})
                if event.text:
                    yield self._chunk({"content": event.text})
                if event.reply is not None:
                    reason = "length" if event.reply.finish_reason == "length" else "stop"
                    yield self._chunk({}, reason)
            if with_usage:
                yield as_event(self._object("chat.completion.chunk", []) | {"usage": self._usage()})
            yield "data: [DONE]\n\n"
        except Exception as error:  # the status line has gone out, so the error is an event
            yield as_event(Fault.of(error).body())
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Free the model within one id; nothing when the job has ended."""
        if self.job is not None:
            self.job.cancel()

    async def _each(self) -> AsyncIterator[Event]:
        first = True
        while True:
            event: Event = await self._events.get()
            if event.error is not None:
                raise event.error
            if first:
                self.metrics.first.observe(time.monotonic() - self._began)
                first = False
            yield event
            if event.last:
                self.metrics.whole.observe(time.monotonic() - self._began)
                return

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> str:
        choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        if self.logprobs and not delta.keys() & {"role", THOUGHT} and (new := self._new_logprobs()):
            choice["logprobs"] = {"content": new}
        return as_event(self._object("chat.completion.chunk", [choice]))

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices,
        }  # fmt: skip

    def _usage(self) -> dict[str, Any]:
        assert self.job is not None
        answer = self.job.request.answer
        return {
            "prompt_tokens": len(answer.prompt),
            "completion_tokens": len(answer.ids),
            "total_tokens": len(answer.prompt) + len(answer.ids),
            "prompt_tokens_details": {"cached_tokens": self.job.reused},
            "completion_tokens_details": {"reasoning_tokens": answer.thought_ids},
        }

    def _new_logprobs(self) -> list[dict[str, Any]]:
        """Of the ids written since the last call, those of a thought left out."""
        if self.job is None:
            return []
        answer = self.job.request.answer
        written = list(zip(answer.ids, answer.logprobs))
        known = written[max(self._said, answer.thought_ids) :]
        self._said = len(written)
        rows = []
        for id, value in known:
            data = self.tokenizer.token_bytes(id)
            rows.append(
                {
                    "token": data.decode("utf-8", "replace"),
                    "logprob": value,
                    "bytes": list(data),
                    "top_logprobs": [],
                }
            )
        return rows


def as_event(body: dict[str, Any]) -> str:
    """A server-sent event."""
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
