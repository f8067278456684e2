"""Chats and marked text as transformers' users write them, in the form that `minimax_vl.chat` takes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from minimax_vl.chat import Segment
from minimax_vl.tokenizer import BOS, EOS, IMAGE

SPECIAL = re.compile("|".join(map(re.escape, (BOS, EOS, IMAGE))))
SOURCES = ("image", "url", "path", "base64", "image_url")


def is_batch(conversation: Sequence[Any]) -> bool:
    """Whether it is a list of chats and not one."""
    return bool(conversation) and not isinstance(conversation[0], Mapping)


def separate(chat: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """A chat whose image parts hold pictures -> messages with bare image parts, and the pictures in their order."""
    messages, images = [], []
    for message in chat:
        content = message.get("content")
        if not isinstance(content, str):
            parts = []
            for part in content or ():
                if isinstance(part, Mapping) and part.get("type") in ("image", "image_url"):
                    images += [_picture(part, name) for name in SOURCES if part.get(name) is not None][:1]
                    part = {"type": "image"}
                parts.append(part)
            content = parts
        messages.append({**message, "content": content})
    return messages, images


def marked(text: str) -> list[Segment]:
    """Text with the special strings that the template prints -> segments."""
    segments, at = [], 0
    for match in SPECIAL.finditer(text):
        segments.append(Segment("text", text[at : match.start()]))
        segments.append(Segment("image" if match[0] == IMAGE else "special", match[0]))
        at = match.end()
    segments.append(Segment("text", text[at:]))
    return [segment for segment in segments if segment.text]


def _picture(part: Mapping[str, Any], name: str) -> Any:
    value = part[name]
    if name == "image_url" and isinstance(value, Mapping):
        return value.get("url")
    if name == "base64" and isinstance(value, str) and not value.startswith("data:"):
        return base64.b64decode(value)
    return value
