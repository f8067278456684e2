"""The page in a real browser: ask, stream, stop, second image, errors, look inside, phone, dark, no other host."""

from __future__ import annotations

import base64
import shutil
import threading
import time
from contextlib import contextmanager

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# `.ci/run` installs Chromium where it can; elsewhere these tests have nothing to drive.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
PATIENCE = 40_000  # ms, for a machine that does other things as well


@pytest.fixture(scope="module")
def engine():
    from minimax_vl.engine import Engine
    from minimax_vl.testing import debug_pipeline

    class Slow(Engine):
        """Answers of the debug model would be over before a button is found."""

        pause = 0.0

        def _write(self) -> None:
            time.sleep(self.pause)
            super()._write()

    with Slow(debug_pipeline()) as engine:
        yield engine


@contextmanager
def served(engine, path, uploads):
    """The address of a server that has the page at `path`."""
    import uvicorn
    from fastapi import FastAPI

    from minimax_vl.apps.web.page import build, mount

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        app = mount(FastAPI(), build(engine, "debug"), path)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = server.force_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def address(engine, tmp_path_factory):
    with served(engine, "/", tmp_path_factory.mktemp("uploads")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser, address, engine):
    """A fresh visitor; whatever their browser asks of another host is remembered and refused.

    Requests pass through this thread, so a test waits with `page.wait_for_timeout`, never with `time.sleep`.
    """
    engine.pause = 0.0
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.elsewhere = []

    def only_here(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            page.elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    page.goto(address)
    page.wait_for_selector("#ask textarea")
    yield page
    context.close()


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    from PIL import Image, ImageDraw

    path = tmp_path_factory.mktemp("pictures") / "square.png"
    image = Image.new("RGB", (200, 120), "white")
    ImageDraw.Draw(image).rectangle((40, 20, 120, 90), fill="teal")
    image.save(path)
    return path


def attach(page, *paths) -> None:
    page.set_input_files("#ask input[type=file]", [str(path) for path in paths])
    page.wait_for_selector(f"#ask .thumbnails .thumbnail-item >> nth={len(paths) - 1}")


def ask(page, question: str) -> None:
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")


def wait_for_the_end(page) -> None:
    page.wait_for_function("document.querySelector('#line').innerText.includes('wrote')")
    page.wait_for_selector("#ask textarea:enabled")


@contextmanager
def one_more_request(page, engine):
    asked, end = engine.counts.requests, time.monotonic() + PATIENCE / 1000
    yield
    while engine.counts.requests == asked:
        assert time.monotonic() < end, "nothing was asked"
        page.wait_for_timeout(50)


def answers(page) -> list[str]:
    return page.locator("#chat .message.bot").all_inner_texts()


def test_ask_look_inside_and_ask_on(page, picture):
    attach(page, picture)
    ask(page, "What is it?")
    wait_for_the_end(page)
    assert answers(page)[0].strip()
    assert page.locator("#chat .message.user img").count() == 1
    assert page.locator("#panel .card").count() == 0  # nothing is computed while the panel is closed

    page.get_by_role("button", name="Look inside the last answer").click()
    page.wait_for_selector("#panel .card")
    assert page.locator("#panel .tile").count() >= 1
    shown = page.locator("#panel .heat:visible")
    assert shown.count() == 1
    first = shown.get_attribute("data-word")
    page.locator("#panel .word").nth(1).click()
    assert page.locator("#panel .heat:visible").get_attribute("data-word") != first

    attach(page, picture, picture)  # a second turn with two more pictures: the first is kept
    ask(page, "And these?")
    page.wait_for_function("document.querySelectorAll('#panel .looked2').length == 1")
    assert len(answers(page)) == 2
    assert page.locator("#chat .message.user img").count() == 3
    assert page.elsewhere == []  # no web fonts, no telemetry


def test_stop_frees_the_model_and_keeps_what_was_written(page, picture, engine):
    engine.pause = 0.05
    ask(page, "Tell me everything.")
    # Before the first text a bubble with dots stands there, which goes when the answer is stopped.
    page.wait_for_function(
        "[...document.querySelectorAll('#chat .message.bot:not(.pending)')].some(m => m.innerText.trim())"
    )
    page.locator("#ask .stop-button").click()
    end = time.monotonic() + 10
    while engine.load()["writing"]:
        assert time.monotonic() < end, "the engine still writes"
        page.wait_for_timeout(20)
    page.wait_for_selector("#ask textarea:enabled")
    page.wait_for_timeout(300)  # a busy machine still draws what had been written
    said = answers(page)
    assert said and said[0].strip()
    page.wait_for_timeout(300)
    assert answers(page) == said
    assert "wrote" in page.locator("#line").inner_text()
    engine.pause = 0.0
    ask(page, "And now?")  # the next question is answered as ever
    page.wait_for_function("document.querySelectorAll('#chat .message.bot').length == 2")


def test_a_bad_file_is_explained_and_the_question_comes_back(page, tmp_path):
    ask(page, "Who?")
    wait_for_the_end(page)
    before = page.locator("#line").inner_text()
    bad = tmp_path / "letter.png"
    bad.write_bytes(b"this is no picture")
    attach(page, bad)
    ask(page, "What is it?")
    toast = page.wait_for_selector(".toast-body.error")
    assert "cannot be read" in toast.inner_text()
    assert "What to do" in toast.inner_text()
    assert str(tmp_path.anchor) not in toast.inner_text()
    page.wait_for_selector("#ask textarea:enabled")
    assert page.input_value("#ask textarea") == "What is it?"
    assert page.locator("#line").inner_text() == before  # of the answer that still stands there
    page.get_by_role("button", name="Look inside the last answer").click()
    page.wait_for_selector("#panel .card")


@pytest.mark.parametrize("way", ["paste", "drop", "drop beside the box"])
def test_a_picture_may_be_pasted_or_dropped(page, picture, way):
    held = page.evaluate_handle(
        """data => {
            const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0)), held = new DataTransfer();
            held.items.add(new File([bytes], "mine.png", {type: "image/png"}));
            return held;
        }""",
        base64.b64encode(picture.read_bytes()).decode(),
    )
    box = page.locator("#ask textarea")
    if way == "paste":
        box.evaluate(
            "(box, held) => box.dispatchEvent(new ClipboardEvent('paste', {clipboardData: held, bubbles: true}))",
            held,
        )
    elif way == "drop":
        box.dispatch_event("dragenter", {"dataTransfer": held})
        box.dispatch_event("drop", {"dataTransfer": held})
    else:  # what nobody prevents, the browser does: it leaves the page for the picture
        stays = """([kind, held]) => !document.querySelector("#chat").dispatchEvent(
            new DragEvent(kind, {dataTransfer: held, bubbles: true, cancelable: true}))"""
        # The page's own script runs when all else is there.
        page.wait_for_function(stays, arg=["dragover", held])
        assert page.evaluate(stays, ["drop", held])
    page.wait_for_selector("#ask .thumbnails .thumbnail-item")
    ask(page, "What is it?")
    wait_for_the_end(page)
    assert page.locator("#chat .message.user img").count() == 1


def test_describe_retry_edit_and_clear(page, picture, engine):
    page.get_by_role("button", name="Describe").click()
    assert "Attach a picture" in page.wait_for_selector(".toast-body.error").inner_text()
    attach(page, picture)
    page.get_by_role("button", name="Describe").click()
    wait_for_the_end(page)
    before = answers(page)
    with one_more_request(page, engine):
        page.get_by_role("button", name="Retry").click()
    wait_for_the_end(page)
    assert answers(page) == before  # greedy

    page.get_by_role("button", name="Edit last question").click()
    page.wait_for_selector("#ask .thumbnails .thumbnail-item")  # the picture returns with the question
    with one_more_request(page, engine):
        ask(page, "Who is it?")
    wait_for_the_end(page)
    assert "Who is it?" in page.locator("#chat .message.user").last.inner_text()
    assert page.locator("#chat .message.user img").count() == 1
    page.get_by_role("button", name="Clear").first.click()
    page.wait_for_function("document.querySelectorAll('#chat .message').length == 0")


def test_an_example_is_one_click(page):
    page.locator("#chat .example").first.click()
    wait_for_the_end(page)
    assert page.locator("#chat .message.user img").count() == 1


def test_below_a_path_no_picture_is_looked_for_beside_it(browser, engine, tmp_path):
    """As `serve --demo` has the page."""
    with served(engine, "/demo", tmp_path) as address, browser.new_context() as context:
        page, missed = context.new_page(), []
        page.set_default_timeout(PATIENCE)
        page.on("response", lambda reply: missed.append(reply.url) if reply.status >= 400 else None)
        page.goto(f"{address}/demo/")
        page.locator("#chat .example").first.click()
        wait_for_the_end(page)
        with one_more_request(page, engine):
            page.get_by_role("button", name="Retry").click()
        page.wait_for_selector("#ask textarea:enabled")
        page.get_by_role("button", name="Edit last question").click()
        page.wait_for_selector("#ask .thumbnails .thumbnail-item")
        page.wait_for_timeout(300)
    assert [url for url in missed if "/file=" in url] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_width_does_not_scroll_sideways(page, picture, scheme):
    page.set_viewport_size({"width": 375, "height": 760})
    page.emulate_media(color_scheme=scheme)
    page.reload()
    attach(page, picture)
    ask(page, "What is it?")
    wait_for_the_end(page)
    page.get_by_role("button", name="Look inside the last answer").click()
    page.wait_for_selector("#panel .card")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
