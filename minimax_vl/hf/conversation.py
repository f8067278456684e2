"""Chats and marked text as transformers' users write them, in the form that `minimax_vl.chat` takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from minimax_vl.chat import HEADERS, Segment, as_text, render
from minimax_vl.tokenizer import BOS, EOS, IMAGE, THINK, THOUGHT, Tokenizer

SOURCES = ("image", "url", "path", "base64", "image_url")


def is_batch(conversation: Sequence[Any]) -> bool:
    """Whether it is a list of chats and not one."""
    return (
        isinstance(conversation, Sequence) and bool(conversation) and not isinstance(conversation[0], Mapping)
    )


def separate(chat: Iterable[Mapping[str, Any]]) -> tuple[list[Any], list[Any]]:
    """A chat whose image parts hold pictures -> messages with bare image parts, and the pictures in their order.

    What is no message, or no content, stays what it is: `render` refuses it.
    """
    messages, images = [], []
    for message in chat if isinstance(chat, Iterable) else [chat]:
        if not isinstance(message, Mapping):
            messages.append(message)
            continue
        content = message.get("content")
        if isinstance(content, (list, tuple, Mapping)):
            parts = []
            for part in (content,) if isinstance(content, Mapping) else content:
                if isinstance(part, Mapping) and part.get("type") in ("image", "image_url"):
                    images += [_picture(part, name) for name in SOURCES if part.get(name) is not None][:1]
                    part = {"type": "image"}
                parts.append(part)
            content = parts
        messages.append({**message, "content": content})
    return messages, images


def marked(text: str, tokenizer: Tokenizer) -> list[Segment]:
    """Text with the special strings that the template prints -> segments; a thought's are text to the release."""
    names = (BOS, EOS, IMAGE) if tokenizer.think is None else (BOS, EOS, IMAGE, THINK, THOUGHT)
    segments, at = [], 0
    for match in re.finditer("|".join(map(re.escape, names)), text):
        segments.append(Segment("text", text[at : match.start()]))
        segments.append(Segment("image" if match[0] == IMAGE else "special", match[0]))
        at = match.end()
    segments.append(Segment("text", text[at:]))
    return [segment for segment in segments if segment.text]


def with_json(chat: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The same chat, in which what functions said is JSON, as `render` writes it."""
    return [
        {**message, "content": _response(message)} if message.get("role") == "function" else message
        for message in chat
    ]


def _response(message: Mapping[str, Any]) -> str:
    turn = as_text(render([message], generation_prompt=False))
    body = turn.removeprefix(BOS + HEADERS["function"]).removesuffix(EOS + "\n")
    return json.dumps(json.loads(body)["response"], ensure_ascii=False)


def _picture(part: Mapping[str, Any], name: str) -> Any:
    value = part[name]
    if name == "image_url" and isinstance(value, Mapping):
        return value.get("url")
    if name == "base64" and isinstance(value, str) and not value.startswith("data:"):
        return f"data:;base64,{value}"  # decoded, or refused, where every image is
    return value
