"""The released chat template as a list of segments: special ids, ordinary text and image slots.

Source of the layout: `chat_template` of the released tokenizer_config.json, as printed in the MiniMax-VL-01
function call guide. The prompt is never one string that is parsed again, so text cannot open a turn or an image.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from minimax_vl.errors import InvalidRequest
from minimax_vl.tokenizer import BOS, EOS, IMAGE, THINK, THOUGHT, Tokenizer

Message = Mapping[str, Any]  # {"role": str, "content": str | list of {"type": "text" | "image", "text": str}}

HEADERS = {
    "system": "system ai_setting=assistant\n",
    "user": "user name=user\n",
    "assistant": "ai name=assistant\n",
    "function": "system function_response=functions\n",
}
TOOL_HEADER = "system function_setting=functions\n"


@dataclass(frozen=True)
class Segment:
    """A piece of the prompt. `learned` marks what the model itself writes: replies and their end."""

    kind: Literal["special", "text", "image"]
    text: str
    learned: bool = False


def render(
    messages: Sequence[Message],
    *,
    tools: Sequence[Mapping[str, Any]] | None = (),
    generation_prompt: bool = True,
) -> list[Segment]:
    """The conversation as segments, ending in the assistant's header when `generation_prompt` is set.

    A plain string as content is one text part; the released template iterates over its characters and renders
    nothing for it. Tools come after all messages, as the released template puts them.
    Raises InvalidRequest for unknown roles and parts, and for tools that are no list of mappings.
    """
    segments = [segment for message in messages for segment in _turn(message)]
    for tool in _listed(tools):
        segments += _block(TOOL_HEADER, [Segment("text", _as_json("a tool", dict(tool)))])
    if generation_prompt:
        segments += [Segment("special", BOS), Segment("text", HEADERS["assistant"])]
    return list(_joined(segments))


def as_text(segments: Iterable[Segment]) -> str:
    """What the released template would print. For people and logs: it cannot be parsed back."""
    return "".join(segment.text for segment in segments)


def encode(
    segments: Iterable[Segment], tokenizer: Tokenizer, slots: Sequence[int]
) -> tuple[list[int], list[bool]]:
    """Ids of the prompt, and for each whether it belongs to a reply (what training learns).

    slots: how many image ids the k-th image segment becomes. Counts must agree: InvalidRequest.
    """
    segments = list(segments)
    marked = sum(segment.kind == "image" for segment in segments)
    if marked != len(slots):
        raise InvalidRequest(
            found=f"{marked} image parts in the messages, {len(slots)} images",
            expected="one image for every image part",
            cause="a turn without its {'type': 'image'} part, or images of earlier turns left out",
            next_step="pass the images of all turns, in the order of their parts",
        )
    ids: list[int] = []
    learned: list[bool] = []
    remaining = iter(slots)
    for segment in segments:
        if segment.kind == "text":
            new = tokenizer.encode(segment.text)
        elif segment.kind == "image":
            new = [tokenizer.image] * next(remaining)
        else:
            new = [tokenizer.special(segment.text)]
        ids += new
        learned += [segment.learned] * len(new)
    return ids, learned


def user_turn(text: str, images: int = 0) -> dict[str, Any]:
    """One user message: the images first, then the text."""
    return {"role": "user", "content": [{"type": "image"}] * images + [{"type": "text", "text": text}]}


def assistant_turn(text: str, thought: str = "") -> dict[str, Any]:
    """One reply, as it stands in the conversation afterwards; training shows what it thought before it."""
    before = [{"type": "thought", "text": thought}] if thought else []
    return {"role": "assistant", "content": [*before, {"type": "text", "text": text}]}


def says_something(message: Message) -> bool:
    """Whether there is text or an image in it. Raises InvalidRequest for unknown parts."""
    return any(part.kind == "image" or part.text.strip() for part in _parts(message.get("content")))


def _turn(message: Message) -> list[Segment]:
    if not isinstance(message, Mapping):
        raise InvalidRequest(
            found=f"a message of type {type(message).__name__}",
            expected="{'role': 'user', 'content': '...'}",
            cause="a bare string, or one message without a list around it",
            next_step="pass a list of such dicts",
        )
    role = message.get("role")
    if not isinstance(role, str) or role not in HEADERS:
        raise InvalidRequest(
            found=f"a message with role {role!r}",
            expected=f"one of {', '.join(HEADERS)}",
            cause="another API's role name, such as 'ai' or 'tool'",
            next_step="rename the role",
        )
    parts = list(_parts(message.get("content")))
    if role == "function":
        parts = [Segment("text", _function_response(message.get("name"), parts))]
    return _block(HEADERS[role], parts, learned=role == "assistant")


def _block(header: str, parts: Iterable[Segment], learned: bool = False) -> list[Segment]:
    parts = [Segment(part.kind, part.text, learned and part.kind != "image") for part in parts]
    return [
        Segment("special", BOS),
        Segment("text", header),
        *parts,
        Segment("special", EOS, learned),
        Segment("text", "\n"),
    ]


def _parts(content: Any) -> Iterator[Segment]:
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    elif not isinstance(content, (list, tuple)):
        content = [] if content is None else [content]
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(part.get("text"), str):
            yield Segment("text", part["text"])
        elif kind == "thought" and isinstance(part.get("text"), str):
            yield from (Segment("special", THINK), Segment("text", part["text"]), Segment("special", THOUGHT))
        elif kind == "image":
            yield Segment("image", IMAGE)
        else:
            raise InvalidRequest(
                found=f"a content part {str(part)[:80]!r}",
                expected="{'type': 'text', 'text': '...'} or {'type': 'image'}",
                cause="another API's part, such as image_url, or text that is not a string",
                next_step="convert the part; images themselves are passed beside the messages",
            )


def _listed(tools: Any) -> Sequence[Mapping[str, Any]]:
    """The tools, none for None; a mapping or a string by itself would be taken apart."""
    tools = () if tools is None else tools
    if not (isinstance(tools, (list, tuple)) and all(isinstance(tool, Mapping) for tool in tools)):
        raise InvalidRequest(
            found=f"tools={str(tools)[:80]!r}",
            expected="a list of mappings, such as [{'name': ..., 'parameters': ...}]",
            cause="one tool without a list around it, or functions instead of what describes them",
            next_step="pass a list of such dicts",
        )
    return tools


def _as_json(what: str, value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(
            found=f"{what} that JSON cannot write ({error})",
            expected="text, numbers, booleans, None, and lists and dicts of these",
            cause="a class, a set or bytes among the values, or a dict that holds itself",
            next_step="convert it to plain values",
        ) from error


def _function_response(name: Any, parts: Sequence[Segment]) -> str:
    """`{"name": ..., "response": ...}`; a response that is not JSON is quoted as a string."""
    text = "".join(part.text for part in parts)
    try:
        response = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, or a whole number of more digits than Python reads
        response = text
    return _as_json("a function's name", {"name": name, "response": response})


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbouring text as one segment, so that it is split into tokens as the released template's string is.

    A reply stays apart from its header: while generating, the header is already encoded when the reply begins.
    """
    held: Segment | None = None
    for segment in segments:
        if held and segment.kind == held.kind == "text" and segment.learned == held.learned:
            held = Segment("text", held.text + segment.text, held.learned)
            continue
        if held and held.text:
            yield held
        held = segment
    if held and held.text:
        yield held
