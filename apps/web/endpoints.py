"""What programs may call, by gradio_client or HTTP: /ask, /caption and /chat.

Each streams the text so far. The last text is the answer: a second look may have replaced what stood there before.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from minimax_vl.apps.web.conversation import Writing, conversation, read
from minimax_vl.apps.web.toasts import toast
from minimax_vl.chat import user_turn
from minimax_vl.errors import InvalidRequest

if TYPE_CHECKING:
    from minimax_vl.engine.engine import Engine


def add(engine: Engine) -> None:
    """Publish the endpoints on the page that is being built."""

    async def ask(
        images: list[gr.FileData],
        question: str,
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        max_tiles: int | None = None,
    ) -> AsyncGenerator[str, None]:
        options = drawing(max_new_tokens, temperature, top_p, seed) | {"max_tiles": max_tiles}
        async with aclosing(answer(images, question, options)) as texts:
            async for text in texts:
                yield text

    async def caption(
        image: gr.FileData, length: Literal["short", "normal", "long"] = "normal", max_new_tokens: int = 256
    ) -> AsyncGenerator[str, None]:
        options = {"max_new_tokens": max_new_tokens}
        try:
            prompt = engine.pipeline.caption_prompt(length)
        except InvalidRequest as error:
            raise toast(error) from error
        turns = [user_turn(prompt, 1)]
        async with aclosing(texts_of(engine, turns, [image], options, twice=False)) as texts:
            async for text in texts:
                yield text

    async def chat(
        messages: list[dict],
        images: list[gr.FileData],
        max_new_tokens: int = 256,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> AsyncGenerator[str, None]:
        options = drawing(max_new_tokens, temperature, top_p, seed)
        async with aclosing(texts_of(engine, messages, images, options)) as texts:
            async for text in texts:
                yield text

    def answer(images: list[Any], question: str, options: dict[str, Any]) -> AsyncGenerator[str, None]:
        return texts_of(engine, [user_turn(question, len(images))], images, options)

    described = {
        ask: "The answer to a question about one or more images.",
        caption: "A description of one image; length is short, normal or long.",
        chat: "The next reply of a conversation. messages: {role, content: text or a list of {type: text, text} and"
        " {type: image}}; images: those of all turns, in the order of their parts.",
    }
    for function, description in described.items():
        gr.api(
            function,
            api_name=function.__name__,
            api_description=description,
            concurrency_id="answers",
            concurrency_limit=engine.limits.batch,
        )


def drawing(max_new_tokens: int, temperature: float, top_p: float, seed: int | None) -> dict[str, Any]:
    """How an answer is drawn, as options of the engine."""
    return {"max_new_tokens": max_new_tokens, "temperature": temperature, "top_p": top_p, "seed": seed}


async def texts_of(
    engine: Engine,
    messages: list[dict[str, Any]],
    images: list[Any],
    options: dict[str, Any],
    twice: bool = True,
) -> AsyncGenerator[str, None]:
    """The reply's text as it grows; errors as toasts. An image is what Gradio sends for an uploaded file."""
    try:
        check(messages, images)
        files = [read(image["path"]) for image in images]
        async with aclosing(Writing(engine, messages, files, options, twice).texts()) as texts:
            async for text in texts:
                yield text
    except Exception as error:
        raise toast(error) from error


def check(messages: Any, images: Any) -> None:
    """The shapes that JSON does not promise, and the limits of the page. Raises InvalidRequest."""
    well_made = (
        isinstance(messages, list)
        and all(isinstance(turn, dict) for turn in messages)
        and isinstance(images, list)
        and all(isinstance(image, dict) and isinstance(image.get("path"), str) for image in images)
    )
    if not well_made:
        raise InvalidRequest(
            found="arguments of another shape",
            expected="messages as a list of objects, images as a list of uploaded files",
            cause="a single image where a list is meant, or a path without handle_file()",
            next_step="pass images=[gradio_client.handle_file(path)]",
        )
    conversation([{"role": "user", "content": [{"path": image["path"]} for image in images]}])  # counts them
    if messages and messages[-1].get("role") == "assistant":
        raise InvalidRequest(
            found="a conversation that ends with the assistant's turn",
            expected="a question at its end",
            cause="a reply that was appended, and no question behind it",
            next_step="append what you want to know",
        )
    if not any(_text(turn.get("content")).strip() for turn in messages):
        raise InvalidRequest(
            found="no text",
            expected="a question",
            cause="a variable with nothing in it",
            next_step="write what you want to know, or call /caption",
        )


def _text(content: Any) -> str:
    parts = content if isinstance(content, list) else [content]
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(text for text in texts if isinstance(text, str))
