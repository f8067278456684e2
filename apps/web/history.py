"""What the buttons do to a conversation before it is answered: send, retry, take back, begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from minimax_vl.apps.web.shown import plain, shown
from minimax_vl.apps.web.toasts import note


def take(
    history: list[dict[str, Any]], box: dict[str, Any] | None, prompt: str | None = None
) -> tuple[Any, ...]:
    """A message leaves the box for the history; `prompt` is its text when none was typed."""
    text, files = (box or {}).get("text") or "", (box or {}).get("files") or []
    if prompt is not None and not text.strip():
        text = prompt
    if prompt is not None and not files and not _pictures(history):
        raise note("Nothing to describe", "Attach a picture first.")
    if not text.strip():
        raise note("Nothing asked", "Type a question, or press Describe." if files else "Type a question.")
    return [*history, said("user", text, files)], *busy()


def take_again(history: list[dict[str, Any]], data: gr.RetryData) -> tuple[Any, ...]:
    """Everything up to the question that is asked again."""
    index = _index(data)
    while index and history[index]["role"] != "user":
        index -= 1
    return history[: index + 1], *busy()


def take_example(data: gr.SelectData) -> tuple[Any, ...]:
    """An example begins a new conversation."""
    return [
        said("user", data.value["text"], [part["path"] for part in data.value.get("files") or []])
    ], *busy()


def take_back(history: list[dict[str, Any]]) -> tuple[Any, ...]:
    """The last question returns to the box, to be edited; its answer goes, and turn, line and panel with it."""
    asked = [index for index, turn in enumerate(history) if turn["role"] == "user"]
    if not asked:
        return gr.skip(), *idle(), None, "", ""
    return history[: asked[-1]], *idle(as_box(history[asked[-1]])), None, "", ""


def busy() -> tuple[gr.MultimodalTextbox, dict[str, Any]]:
    """Box and button while an answer is written: empty, with a stop button."""
    box = gr.MultimodalTextbox(value=None, interactive=False, submit_btn=False, stop_btn=True)
    return box, gr.update(interactive=False)


def idle(value: dict[str, Any] | None = None) -> tuple[gr.MultimodalTextbox, dict[str, Any]]:
    """Box and button when they may be used; what the box holds stays, unless there is a `value` to put back."""
    changes: dict[str, Any] = {} if value is None else {"value": value}
    box = gr.MultimodalTextbox(interactive=True, submit_btn=True, stop_btn=False, **changes)
    return box, gr.update(interactive=True)


def said(role: str, text: str, files: Sequence[Any] = ()) -> dict[str, Any]:
    """One message of the history: pictures first, as the model reads them."""
    pictures = [
        part if isinstance(part, dict) else {"path": str(part), "alt_text": Path(part).name} for part in files
    ]
    return {"role": role, "content": [*pictures, {"type": "text", "text": shown(text)}]}


def _pictures(history: Sequence[dict[str, Any]]) -> bool:
    return any(part.get("type") == "file" for turn in history for part in turn["content"])


def as_box(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the box held it."""
    parts = message["content"]
    return {
        "text": plain("".join(part["text"] for part in parts if part.get("type") == "text")),
        "files": [part["file"]["path"] for part in parts if part.get("type") == "file"],
    }


def _index(data: Any) -> int:
    """Gradio names a message by its index, or by its index and that of a part."""
    return data.index[0] if isinstance(data.index, (list, tuple)) else data.index
