"""What the page shows of a thought, which the debug model never has, while it is written."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import gradio as gr

from minimax_vl.apps.web.page import Page
from minimax_vl.engine import Engine
from minimax_vl.reply import Reply
from minimax_vl.testing import debug_pipeline


def test_a_thought_stands_below_the_conversation_until_the_answer_begins(monkeypatch):
    class Thinks:
        looking_again, remembered, reply = False, 0, None

        def __init__(self, *_):
            pass

        async def texts(self):
            for text in ("", "4"):
                self.reply = Reply(text, thought="A: <b>4</b>", tokens=(1, 2))
                yield text

    async def states(page):
        history = [{"role": "user", "content": [{"type": "text", "text": "How much is A?"}]}]
        async with aclosing(page.answer(history, None, "", 4, 0, 1, -1, 1)) as answer:
            return [(state[0], state[-1]) async for state in answer]

    monkeypatch.setattr("minimax_vl.apps.web.page.Writing", Thinks)
    with Engine(debug_pipeline()) as engine, gr.Blocks():
        page = Page(engine, "debug")
    _, (meanwhile, line), (history, end) = asyncio.run(states(page))
    assert meanwhile == gr.skip() and "thinking: A: &lt;b&gt;4&lt;/b&gt; ..." in line
    assert history[-1]["content"] == [{"type": "text", "text": "4"}] and "thinking" not in end
