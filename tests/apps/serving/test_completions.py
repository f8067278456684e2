"""What a completion says of a thought, which the debug model never has."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import torch

from minimax_vl.apps.serving.completions import Completion
from minimax_vl.apps.serving.metrics import Metrics
from minimax_vl.engine.job import Event
from minimax_vl.generate import Answer, GenerationParams
from minimax_vl.reply import Reply
from minimax_vl.testing import debug_pipeline

TOKENIZER = debug_pipeline().tokenizer


async def completed(thought: str, text: str):
    """The object for an answer with a thought before it."""
    answer = Answer([1, 2, 3], GenerationParams(logprobs=True), TOKENIZER, 4096)
    before = [TOKENIZER.think, *TOKENIZER.encode(thought), TOKENIZER.thought] if thought else []
    for id in (*before, *TOKENIZER.encode(text), TOKENIZER.eos):
        answer.take(torch.nn.functional.one_hot(torch.tensor(id), TOKENIZER.size).float())
    reply = Reply(answer.text, thought=answer.thought, finish_reason="stop")
    completion = Completion("nano", TOKENIZER, Metrics(), True)
    completion.job = SimpleNamespace(request=SimpleNamespace(answer=answer, reply=lambda: reply), reused=0)
    completion.listen(Event(answer.text))
    completion.listen(Event(reply=reply))
    return await completion.whole()


def test_a_thought_has_its_own_field_and_no_logprobs():
    got = asyncio.run(completed("A: 40; B: 25", "15"))
    (choice,) = got["choices"]
    assert choice["message"]["content"] == "15"
    assert choice["message"]["reasoning_content"] == "A: 40; B: 25"
    assert "".join(row["token"] for row in choice["logprobs"]["content"]) == "15"
    ids = len(TOKENIZER.encode("A: 40; B: 25")) + 2 + len(TOKENIZER.encode("15"))
    assert got["usage"]["completion_tokens"] == ids


def test_an_answer_without_a_thought_has_no_such_field():
    (choice,) = asyncio.run(completed("", "15"))["choices"]
    assert set(choice["message"]) == {"role", "content", "refusal"}
