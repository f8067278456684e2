"""In front of Gradio: no file but uploads and examples, no address, no text that becomes part of the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio.utils import get_upload_folder

from minimax_vl.apps.web.conversation import conversation
from minimax_vl.apps.web.door import POLICY, Door, is_ours, without_strangers
from minimax_vl.apps.web.examples import EXAMPLES
from minimax_vl.apps.web.history import as_box, said
from minimax_vl.apps.web.page import build, mount
from minimax_vl.apps.web.shown import plain, shown
from minimax_vl.engine import Engine
from minimax_vl.testing import debug_pipeline

META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module", params=["/", "/demo"])
def page(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, Engine(debug_pipeline()) as engine:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        app = mount(FastAPI(), build(engine, "debug"), request.param)
        with TestClient(app, base_url=f"http://testserver{request.param}") as client:
            yield client


def asked(page: TestClient, function: int, path: str) -> str:
    """All that the page says to a message that names a file."""
    file = {"type": "file", "file": {"path": path, "meta": META}}
    history = [{"role": "user", "content": [file, {"type": "text", "text": "x"}]}]
    data = [history, {"text": "What is this?", "files": [{"path": path, "meta": META}]}]
    inputs = page.get("config").json()["dependencies"][function]["inputs"]
    body = {"data": data[: len(inputs)], "fn_index": function, "session_hash": f"abc{function}"}
    if page.post("gradio_api/queue/join", json=body).status_code != 200:
        return ""
    lines = []
    with page.stream("GET", f"gradio_api/queue/data?session_hash=abc{function}") as events:
        for line in events.iter_lines():
            lines.append(line)
            if "process_completed" in line or "close_stream" in line:
                break
    return "\n".join(lines)


def numbers_of(page: TestClient, name: str) -> list[int]:
    """The page's functions of a name."""
    found = [one["id"] for one in page.get("config").json()["dependencies"] if one["api_name"] == name]
    assert found
    return found


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("the key")
    return path


def copies(name: str) -> list[Path]:
    return list(Path(get_upload_folder()).rglob(name))


@pytest.mark.parametrize("name", ["take", "partial", "take_back"])
def test_a_request_opens_no_file_of_the_server(page: TestClient, secret: Path, name: str) -> None:
    for function in numbers_of(page, name):
        asked(page, function, str(secret))
    assert not copies("secret.txt")


def test_nor_without_the_door(page: TestClient, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wall is Gradio's own, once it believes that it was launched."""
    monkeypatch.setattr("minimax_vl.apps.web.door.is_ours", lambda path: True)
    for function in numbers_of(page, "take"):
        asked(page, function, str(secret))
    assert not copies("secret.txt")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "https://example.org/x.png", "../../etc/..", "a\0b", "", "x" * 9999]
)
def test_a_file_that_was_not_uploaded_is_one_that_is_not_there(path: str) -> None:
    body = json.dumps({"data": [[{"path": path, "meta": META}], {"deep": [{"file": {"path": path}}]}]})
    made = json.loads(without_strangers(body.encode()))
    for file in (made["data"][0][0], made["data"][1]["deep"][0]["file"]):
        assert is_ours(file["path"]) and not Path(file["path"]).exists() and "meta" not in file


def test_examples_and_uploads_stay(page: TestClient) -> None:
    place = page.post("gradio_api/upload", files={"files": ("a.png", b"12", "image/png")}).json()[0]
    body = json.dumps([{"path": place, "meta": META}, {"path": str(EXAMPLES / "receipt.jpg")}]).encode()
    assert without_strangers(body) is body


def test_a_body_without_end_is_refused_while_it_comes() -> None:
    came, sent = [], []

    async def receive() -> dict[str, Any]:
        came.append(1 << 20)
        return {"type": "http.request", "body": b" " * (1 << 20), "more_body": len(came) < 80}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def app(*_: Any) -> None:
        pytest.fail("it was passed on")

    scope = {"type": "http", "method": "POST", "path": "/demo/gradio_api/queue/join"}
    asyncio.run(Door(app)(scope, receive, send))
    assert sent[0]["status"] == 413 and b"more than 32 MiB" in sent[1]["body"]
    assert sum(came) == 33 << 20


def test_every_path_is_found_however_deep() -> None:
    deep: object = {"path": "/etc/passwd"}
    for _ in range(400):
        deep = {"a": [deep]}
    assert b"/etc/passwd" not in without_strangers(json.dumps(deep).encode())
    assert without_strangers(b"not JSON") == b"not JSON"
    assert without_strangers(b"[" * 100_000) == b"[" * 100_000


def test_the_page_asks_no_other_host(page: TestClient) -> None:
    assert page.get("").headers["content-security-policy"] == POLICY


def test_a_link_out_of_the_uploads_is_no_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "uploads" / "link").symlink_to(tmp_path / "secret")
    assert not is_ours(str(tmp_path / "uploads" / "link")) and not is_ours("x" * 100_000)


TEXTS = [
    "total <receipt> 5 x<y>",
    "<img src=https://example.org/x>",
    "</div>",
    "a < b, a<3, &lt;b&gt; <",
    "<!-- -->",
]


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_becomes_a_tag(text: str) -> None:
    message = said("assistant", text)
    written = message["content"][-1]["text"]
    assert "<i" not in written and "<r" not in written and "</" not in written and "<!" not in written
    assert "&lt;" not in written
    assert written.replace("\N{WORD JOINER}", "") == text == plain(shown(text)) == as_box(message)["text"]
    assert conversation([message])[0] == [{"role": "assistant", "content": [{"type": "text", "text": text}]}]
