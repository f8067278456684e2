"""The page: a conversation with streaming, stop, retry and edit, settings, and the panel that looks inside.

Events that belong to the page are private; what programs may call is in `endpoints`.
"""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi.responses import FileResponse

from minimax_vl.apps.web import endpoints
from minimax_vl.apps.web.conversation import Turn, Writing, conversation
from minimax_vl.apps.web.door import Door
from minimax_vl.apps.web.examples import EXAMPLES, cards
from minimax_vl.apps.web.history import (
    as_box,
    idle,
    said,
    take,
    take_again,
    take_back,
    take_example,
)
from minimax_vl.apps.web.panel import panel, summary
from minimax_vl.apps.web.toasts import toast
from minimax_vl.looking.replay import look
from minimax_vl.second_look import as_seen

if TYPE_CHECKING:
    from fastapi import FastAPI

    from minimax_vl.engine.engine import Engine

UPLOAD = "20mb"
NEVER = 10**9  # characters from which pasted text becomes a file, which would be no picture
WAITING = 32  # requests of the page that wait; more are told to come back
KEPT = (600, 3600)  # every ten minutes, uploads older than an hour go
WELCOME = (
    "**Drop a picture here and ask about it.** Paste and the paper clip work too. Or begin with one of these:"
)
REPLAYING = '<p class="hint">Going through the last answer once more ...</p>'
WEB = Path(str(resources.files("minimax_vl"))) / "assets" / "web"
ICON = WEB / "icon.svg"
# What an event of the page is besides its function: not for programs, and either instant or waiting for its turn.
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
# Errors need the queue, and so do pictures: past it, a page below a path (/demo) is told addresses without the path.
SOON: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", **PRIVATE}
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", **PRIVATE}
LOOKING: dict[str, Any] = {
    "concurrency_id": "looking",
    "concurrency_limit": 1,
    "show_progress": "hidden",
    **PRIVATE,
}


def build(engine: Engine, name: str = "nano") -> gr.Blocks:
    """The page around an engine, which may be shared with the server; it is not closed here."""
    with gr.Blocks(
        title=f"{Path(name).name} reads pictures", analytics_enabled=False, delete_cache=KEPT, fill_width=True
    ) as page:
        Page(engine, name).wire()
        endpoints.add(engine)
    return page.queue(max_size=WAITING, default_concurrency_limit=engine.limits.batch)


def mount(app: FastAPI, page: gr.Blocks, path: str = "/") -> FastAPI:
    """Serve the page at `path` of an app: no tunnel, no telemetry, no flagging, nothing from other hosts."""
    if path != "/":  # where browsers look for the icon, and Gradio then is not
        app.get("/favicon.ico", include_in_schema=False)(lambda: FileResponse(ICON))
    app.add_middleware(Door)
    mounted = gr.mount_gradio_app(
        app,
        page,
        path=path,
        allowed_paths=[str(EXAMPLES)],
        max_file_size=UPLOAD,
        enable_monitoring=False,
        show_error=False,
        run_history=False,
        ssr_mode=False,
        footer_links=["api"],
        theme=_theme(),
        css_paths=[WEB / "page.css"],
        js=(WEB / "page.js").read_text(encoding="utf-8"),
        favicon_path=str(ICON),
    )
    # Only `launch` sets this, and without it Gradio takes every path for allowed.
    page.has_launched = True
    return mounted


def _theme() -> gr.themes.Base:
    """Gradio's soft theme in the fonts of the visitor's machine: it works without a network."""
    return gr.themes.Soft(
        primary_hue="teal",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(  # the theme's own greys and teals are too pale to read on white (under 3:1)
        background_fill_primary="*neutral_50",  # the theme's own, which `set` forgets
        body_text_color_subdued="*neutral_500",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        block_title_text_color="*primary_700",
        block_label_text_color="*primary_700",
        color_accent="*primary_600",
    )


SAME = (gr.skip(), gr.skip(), gr.skip())  # conversation, box and button stay as they are


class Page:
    """Components first, then what happens to them."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.pipeline = engine, engine.pipeline
        gr.HTML(
            f"<h1>{html.escape(Path(name).name)}</h1>"
            "<p>Ask about a picture. Everything stays on the machine that runs this page.</p>",
            elem_id="head",
        )
        # Gradio's own editing of a message loses the text of one that has a picture (6.31).
        self.edit = gr.Button("Edit last question", size="sm", render=False)
        self.chat = gr.Chatbot(
            label="Conversation",
            show_label=False,
            allow_file_downloads=False,
            height="min(62vh, 680px)",
            placeholder=WELCOME,
            examples=cards(),
            buttons=[self.edit, "copy", "copy_all"],
            allow_tags=False,
            render_markdown=False,  # what a model reads off a page is text: "2*3*4", "1998.", "<none>"
            layout="bubble",
            elem_id="chat",
        )
        self.line = gr.HTML(elem_id="line")
        with gr.Row(elem_id="ask-row"):
            self.box = gr.MultimodalTextbox(
                label="Your message",
                show_label=False,
                placeholder="Ask about a picture",
                file_types=["image"],
                file_count="multiple",
                max_plain_text_length=NEVER,
                autofocus=True,
                elem_id="ask",
                scale=8,
            )
            self.describe = gr.Button("Describe", elem_id="describe", scale=1, min_width=110)
        with gr.Accordion("Settings", open=False, elem_id="settings"):
            self.settings = _settings(self.pipeline.config.tiling)
        with gr.Accordion("Look inside the last answer", open=False, elem_id="look") as self.accordion:
            self.panel = gr.HTML(elem_id="panel")
        self.turn, self.open = gr.State(None), gr.State(False)

    def wire(self) -> None:
        asked, doors = [self.chat, self.box], [self.box, self.describe]
        starts = [
            self.box.submit(take, asked, [self.chat, *doors], **SOON),
            self.describe.click(
                partial(take, prompt=self.pipeline.caption_prompt()), asked, [self.chat, *doors], **SOON
            ),
            self.chat.retry(take_again, self.chat, [self.chat, *doors], **SOON),
            self.chat.example_select(take_example, None, [self.chat, *doors], **SOON),
        ]
        answers: list[Any] = [
            start.success(
                self.answer,
                [self.chat, self.turn, *self.settings],
                [self.chat, *doors, self.turn, self.line],
                concurrency_id="answers",
                concurrency_limit=self.engine.limits.batch,
                show_progress_on=self.chat,
                **PRIVATE,
            )
            for start in starts
        ]
        stop = self.box.stop(self.stopped, self.turn, [*doors, self.line], cancels=answers, **AT_ONCE)
        for done in (*answers, stop):
            ready = done.then(idle, None, doors, **AT_ONCE)
            ready.then(self.look_again, [self.turn, self.open], self.panel, **LOOKING)
        opened = self.accordion.expand(lambda: (True, REPLAYING), None, [self.open, self.panel], **AT_ONCE)
        opened.then(self.look, self.turn, self.panel, **LOOKING)
        self.accordion.collapse(lambda: (False, ""), None, [self.open, self.panel], **AT_ONCE)
        shown = [*doors, self.turn, self.line, self.panel]
        self.chat.clear(lambda: (*idle(), None, "", ""), None, shown, cancels=answers, **AT_ONCE)
        gr.on(
            [self.chat.undo, self.edit.click],
            take_back,
            self.chat,
            [self.chat, *shown],
            cancels=answers,
            **SOON,
        )

    async def answer(
        self, history: list[dict[str, Any]], before: Turn | None, *settings: Any
    ) -> AsyncIterator[Any]:
        """The history with a growing reply; on an error the question goes back to where it was typed.

        before: the turn that the page has shown so far, which it shows again then.
        """
        system, options = _options(settings)
        try:
            messages, files = conversation(history, system)
            turn = Turn(messages, files, {"max_tiles": options["max_tiles"]})
            writing = Writing(self.engine, messages, turn.images(), options)
            yield *SAME, turn, summary(None)
            async with aclosing(writing.texts()) as texts:
                try:
                    async for text in texts:
                        turn.reply = writing.reply
                        thinks = turn.reply is not None and bool(turn.reply.thought) and not text
                        line = summary(turn.reply, writing.looking_again, thinks)
                        told = gr.skip() if thinks else [*history, said("assistant", text)]  # no empty bubble
                        yield told, *SAME[1:], turn, line
                finally:
                    turn.reply, turn.remembered = writing.reply, writing.remembered
        except Exception as error:
            box = as_box(history[-1])
            yield history[:-1], *idle(box), before, _line(before)  # what follows an error may not run
            raise toast(error) from error

    def stopped(self, turn: Turn | None) -> tuple[Any, ...]:
        """Box, button and line after the stop button, which may come before the first word."""
        return *idle(), _line(turn) or "stopped before the first word"

    def look(self, turn: Turn | None) -> str:
        """The panel for the last answer."""
        if turn is None or (answer := turn.answer) is None:
            return panel(None, [], None, self.pipeline)
        try:
            cut = [self.pipeline.processor.image(data, **turn.image_options) for data in turn.images()]
            # Those that are kept spare the vision tower.
            known = [self.engine.recall(image) for image in as_seen(cut, answer.tiles)]
            seen = look(self.pipeline, turn.messages, known, answer)
            return panel(seen, turn.images(), answer, self.pipeline, turn.remembered)
        except Exception as error:
            raise toast(error) from error

    def look_again(self, turn: Turn | None, is_open: bool) -> Any:
        """The same, when somebody is looking."""
        return self.look(turn) if is_open else gr.skip()


def _line(turn: Turn | None) -> str:
    """The line below the conversation, of an answer that is no longer written."""
    return summary(turn.answer) if turn and turn.answer is not None else ""


def _settings(tiling: Any) -> list[Any]:
    """System prompt, length, temperature, top-p, seed, tiles: in the order of `_options`."""
    most = max((w // tiling.tile) * (h // tiling.tile) for w, h in tiling.pinpoints)
    with gr.Row():
        length = gr.Slider(16, 1024, 256, step=16, label="Longest answer", info="tokens")
        temperature = gr.Slider(0, 2, 0, step=0.05, label="Temperature", info="0 takes the likeliest")
        top_p = gr.Slider(0.05, 1, 1, step=0.05, label="Top-p", info="draws from the likeliest share")
    with gr.Row():
        tiles = gr.Slider(
            1, most, most, step=1, label="Tiles", info="of one picture; fewer is faster, coarser"
        )
        seed = gr.Number(-1, label="Seed", info="same seed, same answer; -1 for any", precision=0)
        system = gr.Textbox("", label="System prompt", info="stands before the conversation", max_length=2000)
    return [system, length, temperature, top_p, seed, tiles]


def _options(settings: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    system, length, temperature, top_p, seed, tiles = settings
    return system or "", {
        "max_new_tokens": int(length),
        "temperature": float(temperature),
        "top_p": float(top_p),
        "seed": int(seed) if seed is not None and seed >= 0 else None,
        "max_tiles": int(tiles),
    }
