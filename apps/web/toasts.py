"""Errors as a visitor sees them: what happened and what to do, without paths and tracebacks."""

from __future__ import annotations

import html
import logging

import gradio as gr

from minimax_vl.errors import (
    Busy,
    ContextTooLong,
    DeadlinePassed,
    ImageTooLarge,
    InvalidRequest,
    MiniMaxVLError,
    OutOfMemory,
    Stopping,
    UnreadableImage,
)

log = logging.getLogger("minimax_vl.demo")

TITLES: tuple[tuple[type[MiniMaxVLError], str], ...] = (
    (UnreadableImage, "This image cannot be read"),
    (ImageTooLarge, "This image is too large"),
    (ContextTooLong, "This conversation is too long"),
    (OutOfMemory, "Not enough memory"),
    (Stopping, "This page is being closed"),
    (Busy, "Many people are asking just now"),
    (DeadlinePassed, "This took too long"),
    (InvalidRequest, "This cannot be asked"),
)
SECONDS = 15.0


def toast(error: Exception) -> gr.Error:
    """The message for one exception; of one that is not ours only that it happened, the log has the rest."""
    if isinstance(error, gr.Error):
        return error
    if not isinstance(error, MiniMaxVLError):
        log.error("a request failed", exc_info=error)
        return note("Something broke", "The server's log says why. Other requests go on; please try again.")
    title = next((title for kind, title in TITLES if isinstance(error, kind)), "This did not work")
    told = (("Found", error.found), ("Expected", error.expected), ("Likely", error.cause))
    lines = [f"{label}: {_plain(text)}" for label, text in told if text]
    if error.next_step:
        lines.append(f"<b>What to do: {_plain(error.next_step)}</b>")
    return note(title, *lines)


def note(title: str, *lines: str) -> gr.Error:
    """A toast of one heading and lines of HTML. Gradio drops an error's own title once an answer has begun."""
    told = "<br>".join((f"<b>{title}.</b>", *lines))
    return gr.Error(told, duration=SECONDS, print_exception=False)


def _plain(text: str) -> str:
    return html.escape(text, quote=False)
