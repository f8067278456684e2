"""What a completion says of a thought, which the debug model never has."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import torch

from minimax_vl.apps.serving.completions import Completion
from minimax_vl.apps.serving.metrics import Metrics
from minimax_vl.engine.job import Job
from minimax_vl.engine.memory import Prompt
from minimax_vl.generate import Answer, GenerationParams
from minimax_vl.reply import Reply
from minimax_vl.testing import debug_pipeline

TOKENIZER = debug_pipeline().tokenizer


def written(thought: str, text: str) -> Completion:
    """One that has heard, id by id, of an answer with a thought before it."""
    answer = Answer([1, 2, 3], GenerationParams(logprobs=True), TOKENIZER, 4096)
    before = [TOKENIZER.think, *TOKENIZER.encode(thought), TOKENIZER.thought] if thought else []
    completion = Completion("nano", TOKENIZER, Metrics(), True)
    request = SimpleNamespace(answer=answer, reply=lambda: Reply(answer.text, thought=answer.thought))
    job = Job(request, completion.listen, float("inf"), Prompt((), ()))
    completion.job = job
    for id in (*before, *TOKENIZER.encode(text), TOKENIZER.eos):
        answer.take(torch.nn.functional.one_hot(torch.tensor(id), TOKENIZER.size).float())
        job.tell()
    return completion


async def completed(thought: str, text: str) -> dict:
    return await written(thought, text).whole()


async def streamed(thought: str, text: str) -> list[dict]:
    """The deltas of a stream."""
    lines = [line async for line in written(thought, text).pieces(False)]
    assert lines.pop() == "data: [DONE]\n\n"
    return [json.loads(line.removeprefix("data: "))["choices"][0] for line in lines]


def test_a_thought_has_its_own_field_and_no_logprobs():
    got = asyncio.run(completed("A: 40; B: 25", "15"))
    (choice,) = got["choices"]
    assert choice["message"]["content"] == "15"
    assert choice["message"]["reasoning_content"] == "A: 40; B: 25"
    assert "".join(row["token"] for row in choice["logprobs"]["content"]) == "15"
    ids = len(TOKENIZER.encode("A: 40; B: 25")) + 2 + len(TOKENIZER.encode("15"))
    assert got["usage"]["completion_tokens"] == ids
    thought = {"reasoning_tokens": ids - len(TOKENIZER.encode("15"))}
    assert got["usage"]["completion_tokens_details"] == thought


def test_an_answer_without_a_thought_has_no_such_field():
    (choice,) = asyncio.run(completed("", "15"))["choices"]
    assert set(choice["message"]) == {"role", "content", "refusal"}


def test_a_streamed_thought_comes_before_the_text_and_has_no_logprobs():
    role, *choices = asyncio.run(streamed("A: 40; B: 25", "15"))
    deltas = [choice["delta"] for choice in choices]
    assert role["delta"] == {"role": "assistant", "content": ""} and deltas.pop() == {}
    thoughts = [delta for delta in deltas if "reasoning_content" in delta]
    assert deltas == [*thoughts, *deltas[len(thoughts) :]] and len(thoughts) > 1
    assert "".join(delta["reasoning_content"] for delta in thoughts) == "A: 40; B: 25"
    assert "".join(delta["content"] for delta in deltas[len(thoughts) :]) == "15"
    assert not any(choice["logprobs"] for choice in choices[: len(thoughts)])
    told = [row["token"] for choice in choices if choice["logprobs"] for row in choice["logprobs"]["content"]]
    assert "".join(told) == "15"
