"""The page without a browser: endpoints by gradio_client, limits, leaving early, and what the panel says."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import gradio as gr
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from minimax_vl import pipeline
from minimax_vl.apps.cli import main
from minimax_vl.apps.serving.server import Settings
from minimax_vl.apps.serving.server import build as build_server
from minimax_vl.apps.web.conversation import MOST_IMAGES, MOST_TEXT, Turn, Writing, conversation, read
from minimax_vl.apps.web.examples import EXAMPLES, QUESTIONS
from minimax_vl.apps.web.page import Page, build, mount
from minimax_vl.apps.web.panel import _short, panel, summary
from minimax_vl.apps.web.toasts import toast
from minimax_vl.chat import user_turn
from minimax_vl.engine import Engine
from minimax_vl.errors import ImageTooLarge, InvalidRequest, UnreadableImage
from minimax_vl.looking import look
from minimax_vl.pipeline import Pipeline
from minimax_vl.reply import Reply
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()


@pytest.fixture(scope="module")
def engine():
    with Engine(PIPELINE) as engine:
        yield engine


@pytest.fixture(scope="module", autouse=True)
def uploads(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("mine") / "square.png"
    Image.new("RGB", (120, 80), "teal").save(path)
    return str(path)


@pytest.fixture(scope="module")
def client(engine, uploads):
    app = mount(FastAPI(), build(engine, "debug"), "/demo")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Client(f"http://127.0.0.1:{port}/demo/", verbose=False)
    server.should_exit = server.force_exit = True  # the client keeps a connection open
    thread.join(10)


def test_programs_may_call_three_endpoints(client):
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/ask",
        "/caption",
        "/chat",
    }


def test_ask_answers_as_the_pipeline(client, picture):
    want = PIPELINE.ask(picture, "What is it?", max_new_tokens=12)
    got = client.predict(
        images=[handle_file(picture)], question="What is it?", max_new_tokens=12, api_name="/ask"
    )
    assert got == want


def test_caption_answers_as_the_pipeline(client, picture):
    want = PIPELINE.caption(picture, length="short", max_new_tokens=12)
    assert (
        client.predict(image=handle_file(picture), length="short", max_new_tokens=12, api_name="/caption")
        == want
    )


def test_chat_streams_text_that_grows(client, picture):
    messages = [user_turn("Who?", 1), {"role": "assistant", "content": "Me."}, user_turn("Why?")]
    job = client.submit(messages=messages, images=[handle_file(picture)], max_new_tokens=40, api_name="/chat")
    want = PIPELINE.chat(messages, [picture], max_new_tokens=40)
    job.result(timeout=60)
    pieces = job.outputs()
    assert pieces[-1] == want
    assert all(later.startswith(earlier) for earlier, later in pairwise(pieces))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"images": [{"path": "/etc/hostname"}], "question": "q"}, "no uploaded image"),
        ({"images": [{"path": "https://example.org/a.png"}], "question": "q"}, "no uploaded image"),
        ({"images": "a.png", "question": "q"}, "another shape"),
        ({"images": [], "question": "  "}, "no text"),
        ({"images": [], "question": "q", "temperature": -1}, "temperature=-1"),
        ({"images": [], "question": "q", "max_new_tokens": 10**9}, "tokens"),
    ],
)
def test_mistakes_are_explained(client, arguments, told):
    with pytest.raises(AppError, match=told) as caught:
        client.predict(**arguments, api_name="/ask")
    assert "What to do" in str(caught.value) and "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([{"role": "user", "content": None}], "no text"),
        ([user_turn("Who?"), {"role": "assistant", "content": "Me."}], "ends with the assistant's turn"),
    ],
)
def test_a_conversation_ends_with_a_question(client, messages, told):
    with pytest.raises(AppError, match=told):
        client.predict(messages=messages, images=[], api_name="/chat")


def test_a_reader_that_leaves_frees_the_model(engine):
    class Slow(Engine):
        def _write(self):
            time.sleep(0.02)
            super()._write()

    with Slow(PIPELINE) as slow:
        writing = Writing(slow, [user_turn("Tell me everything.")], [], {"max_new_tokens": 500})

        async def leave_early():
            async with aclosing(writing.texts()) as texts:
                async for _ in texts:
                    return

        asyncio.run(leave_early())
        end = time.monotonic() + 5
        while slow.load()["writing"]:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert 0 < len(writing.reply.tokens) < 100


@pytest.fixture(scope="module")
def twice():
    """An engine whose model, being random, is unsure of every answer."""
    with Engine(Pipeline(PIPELINE.model, PIPELINE.tokenizer, second_look=True)) as engine:
        yield engine


def noise(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (60 + 30 * seed, 100, 3), np.uint8))


async def all_of(writing: Writing) -> list[str]:
    async with aclosing(writing.texts()) as texts:
        return [text async for text in texts]


def test_an_unsure_answer_stands_while_a_second_look_is_taken(twice):
    messages, replaced = [user_turn("What is it?", 1)], 0
    for image in map(noise, range(3)):
        first = PIPELINE.chat(messages, [image], max_new_tokens=8)
        want = twice.pipeline.chat(messages, [image], max_new_tokens=8)
        writing = Writing(twice, messages, [image], {"max_new_tokens": 8})
        pieces = asyncio.run(all_of(writing))
        assert pieces[-1] == want == writing.reply and first in pieces[:-1] and not writing.looking_again
        assert writing.reply.tiles == want.tiles and writing.reply.logprobs is None
        again = Writing(twice, messages, [image], {"max_new_tokens": 8})
        asyncio.run(all_of(again))
        assert 0 < again.remembered < again.reply.prompt_tokens, "of the look that stays"
        replaced += want != first
        told = panel(look(twice.pipeline, messages, [image], writing.reply), [image], want, twice.pipeline)
        assert ("A margin was added" in told) == (want.tiles != first.tiles)
        drawn = Writing(twice, messages, [image], {"max_new_tokens": 8, "temperature": 1.0, "seed": 1})
        assert asyncio.run(all_of(drawn))[-1] == drawn.reply and drawn.reply.tiles == first.tiles
        once = Writing(twice, messages, [image], {"max_new_tokens": 8}, twice=False)
        assert asyncio.run(all_of(once))[-1] == first
    assert replaced, "no image here tests what it should"


def test_a_second_look_that_cannot_be_taken_or_is_left_costs_nothing(twice, monkeypatch):
    messages, image = [user_turn("What is it?", 1)], noise(0)
    first = PIPELINE.chat(messages, [image], max_new_tokens=8)

    async def leave_in_the_second(writing: Writing) -> None:
        async with aclosing(writing.texts()) as texts:
            async for text in texts:
                if text == first:
                    return

    left = Writing(twice, messages, [image], {"max_new_tokens": 8})
    asyncio.run(leave_in_the_second(left))
    assert left.reply == first
    take_on, asked = twice.take_on, []

    def once(*args):
        asked.append(args)
        if len(asked) > 1:
            raise twice.busy(1)
        return take_on(*args)

    monkeypatch.setattr(twice, "take_on", once)
    refused = Writing(twice, messages, [image], {"max_new_tokens": 8})
    assert asyncio.run(all_of(refused))[-1] == first == refused.reply and len(asked) == 2
    assert not refused.looking_again


def test_files_of_the_server_cannot_be_read(tmp_path, uploads, picture):
    for path in ("/etc/hostname", picture, str(uploads / ".." / "x"), "https://example.org/a.png", ""):
        with pytest.raises(UnreadableImage, match="no uploaded image"):
            read(path)
    mine = uploads / "mine.png"
    mine.write_bytes(b"hello")
    assert read(str(mine)).getvalue() == b"hello" and read(str(mine)).name == "mine.png"
    link = uploads / "link.png"
    link.symlink_to(picture)
    with pytest.raises(UnreadableImage):
        read(str(link))


def test_the_history_of_the_page_becomes_messages():
    history = [
        {
            "role": "user",
            "content": [{"type": "file", "file": {"path": "/a"}}, {"type": "text", "text": "Who?"}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "Me."}]},
        {"role": "user", "content": [{"path": "/b"}, {"type": "text", "text": "Why?"}]},
    ]
    messages, files = conversation(history, "Be brief.")
    assert files == ["/a", "/b"]
    assert messages == [
        {"role": "system", "content": "Be brief."},
        user_turn("Who?", 1),
        {"role": "assistant", "content": [{"type": "text", "text": "Me."}]},
        user_turn("Why?", 1),
    ]


def test_limits_of_a_conversation():
    with pytest.raises(InvalidRequest, match="images"):
        conversation([{"role": "user", "content": [{"path": "/a"}] * (MOST_IMAGES + 1)}])
    with pytest.raises(InvalidRequest, match="characters"):
        conversation([{"role": "user", "content": "x" * (MOST_TEXT + 1)}])


def test_toasts_escape_what_they_repeat():
    told = str(toast(ImageTooLarge(found="<b>x</b>", expected="e", next_step="resize it")).message)
    assert "&lt;b&gt;x" in told and "too large" in told and "resize it" in told


def test_a_broken_server_tells_a_visitor_nothing():
    told = str(toast(RuntimeError("secret of /home/me")).message)
    assert "secret" not in told and "/home" not in told


def test_the_panel_says_what_was_measured(picture):
    image = Image.open(picture)
    messages = [user_turn("What is it?", 1)]
    reply = PIPELINE.chat(messages, [image], max_new_tokens=12)
    seen = look(PIPELINE, messages, [image], reply)
    told = panel(seen, [image], reply, PIPELINE)
    assert f"{reply.tiles[0].tokens:,} tokens" in told
    assert told.count('class="tile"') == reply.tiles[0].tiles - 1
    assert told.count('class="heat"') == len(seen.words)
    assert told.count('class="bar"') == PIPELINE.config.text.num_hidden_layers
    assert f"{seen.same} of {seen.ids} steps" in told
    assert "alt=" in told and "http" not in told
    assert f"read {reply.prompt_tokens:,} tokens" in summary(reply)


def test_norms_are_written_as_people_read_them():
    assert [_short(norm) for norm in (0.0123, 3.25, 402.4, 53_120.0)] == ["0.012", "3.2", "402", "53,120"]


def test_words_of_an_answer_cannot_become_html(picture):
    messages = [user_turn("Why?")]
    reply = PIPELINE.chat(messages, max_new_tokens=3)
    seen = look(PIPELINE, messages, [], reply)
    evil = replace(seen, words=(replace(seen.words[0], text="<script>alert(1)</script>"),))
    assert "<script>" not in panel(evil, [], reply, PIPELINE)
    assert "What it thought" not in panel(seen, [], reply, PIPELINE)
    thinking = Reply(reply, thought="A: <b>4</b>", tokens=reply.tokens, prompt_tokens=reply.prompt_tokens)
    assert "A: &lt;b&gt;4&lt;/b&gt;" in panel(seen, [], thinking, PIPELINE)


def test_a_closed_panel_computes_nothing(engine, monkeypatch):
    def forbidden(*_args, **_options):
        raise AssertionError("looked without being asked")

    monkeypatch.setattr("minimax_vl.apps.web.page.look", forbidden)
    with gr.Blocks():
        page = Page(engine, "debug")
    reply = PIPELINE.chat([user_turn("Why?")], max_new_tokens=3)
    page.look_again(Turn([user_turn("Why?")], [], {}, reply), False)
    with pytest.raises(gr.Error):
        page.look_again(Turn([user_turn("Why?")], [], {}, reply), True)


def test_stopped_before_the_first_word_nothing_waits_any_more(engine):
    with gr.Blocks():
        page = Page(engine, "debug")
    turn = Turn([user_turn("Why?")], [])
    for turn.reply in (None, Reply(finish_reason="closed")):
        assert page.stopped(turn)[-1] == "stopped before the first word"
        assert "Ask something first" in page.look(turn)
    turn.reply = PIPELINE.chat([user_turn("Why?")], max_new_tokens=3)
    assert page.stopped(turn)[-1] == summary(turn.reply)


def test_an_error_leaves_the_last_answer_to_look_into(engine):
    history = [{"role": "user", "content": [{"type": "file", "file": {"path": "/etc/passwd"}}]}]
    reply = PIPELINE.chat([user_turn("Why?")], max_new_tokens=3)
    before, shown = Turn([user_turn("Why?")], [], {}, reply), {}

    async def ask(page):
        async with aclosing(page.answer(history, before, "", 4, 0, 1, -1, 1)) as answer:
            async for state in answer:
                shown["turn"], shown["line"] = state[-2:]

    with gr.Blocks():
        page = Page(engine, "debug")
    with pytest.raises(gr.Error):
        asyncio.run(ask(page))
    assert shown == {"turn": before, "line": summary(reply)}


def test_the_panel_does_not_see_a_picture_twice(engine, monkeypatch):
    file = str(sorted(EXAMPLES.glob("*.png"))[0])
    messages = [user_turn("What is it?", 1)]
    with engine.stream(messages, [file], max_new_tokens=3) as stream:
        list(stream)

    def forbidden(*_args, **_options):
        raise AssertionError("the vision tower ran again")

    monkeypatch.setattr(PIPELINE.model, "encode_images", forbidden)
    with gr.Blocks():
        page = Page(engine, "debug")
    assert "Picture 1: where it looked" in page.look(Turn(messages, [file], {}, stream.reply))


def test_the_page_stands_beside_the_server():
    with Engine(PIPELINE) as engine:
        app = mount(build_server(engine, Settings(name="debug")), build(engine, "debug"), "/demo")
        with TestClient(app) as client:
            assert client.get("/v1/models").json()["data"][0]["id"] == "debug"
            page = client.get("/demo/")
            assert page.status_code == 200 and "debug reads pictures" in page.text
            assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_a_key_and_a_page_without_one_exclude_each_other(capsys):
    assert main(["serve", "--demo", "--api-key", "k"]) == 2
    assert "--demo together with a key" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "serve"])
@pytest.mark.parametrize("port", ["taken", "99999"])
def test_an_address_that_cannot_be_had_is_refused_before_the_model_is_loaded(
    capsys, monkeypatch, command, port
):
    monkeypatch.setattr(pipeline, "load", lambda *_, **__: pytest.fail("a model was loaded"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = str(other.getsockname()[1]) if port == "taken" else port
        assert main([command, "--port", number]) == 2
    assert f"127.0.0.1:{number} cannot be listened at" in capsys.readouterr().err


def test_examples_are_in_the_package():
    for name in QUESTIONS:
        with Image.open(EXAMPLES / name) as image:
            image.verify()
    assert sum((EXAMPLES / name).stat().st_size for name in QUESTIONS) < 800 << 10
