"""`minimax-vl chat` from a pipe: turns are remembered, images join the next message, errors end one message."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from PIL import Image

from minimax_vl import pipeline as module
from minimax_vl.apps.chat import Session
from minimax_vl.apps.cli import main
from minimax_vl.chat import assistant_turn, user_turn
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
FEW = {"max_new_tokens": 6}


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a picture.png"
    Image.new("RGB", (80, 60), "green").save(path)
    return path


@pytest.fixture
def talk(monkeypatch, capsys):
    monkeypatch.setattr(module, "load", lambda *_, **__: PIPELINE)

    def run(*lines, arguments=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        code = main(["chat", "--max-new-tokens", "6", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def conversation(picture):
    """The replies that the API gives to the same two turns."""
    turns = [user_turn("First?", 1)]
    first = PIPELINE.chat(turns, [picture], **FEW)
    turns += [assistant_turn(first), user_turn("Second?")]
    return first, PIPELINE.chat(turns, [picture], **FEW)


def test_turns_and_images_are_remembered(talk, picture):
    first, second = conversation(picture)
    code, out, _ = talk(f"/image '{picture}'", "First?", "", "Second?", "/quit", "not reached")
    assert (code, out) == (0, f"{first}\n{second}\n")


def test_reset_starts_over(talk, picture):
    first, _ = conversation(picture)
    code, out, _ = talk("Hello?", "/reset", f"/image '{picture}'", "First?")  # ends at end of input
    assert code == 0
    assert out.endswith(f"{first}\n")


def test_an_error_ends_the_message_only(talk, picture, tmp_path):
    first, _ = conversation(picture)
    both = f"/image '{picture}' {tmp_path}/none.png"  # neither joins the message
    code, out, err = talk(both, "/image", f"/image '{picture}'", "First?")
    assert (code, out) == (1, f"{first}\n")  # a script has only the code to see it by
    assert "none.png" in err


@pytest.mark.parametrize(("line", "expected"), [("/imge a.png", 2), ("/help", 0)])
def test_a_script_sees_that_a_command_was_not_known(talk, line, expected):
    code, out, err = talk(line)
    assert (code, out) == (expected, "") and "/image PATH" in err


def test_an_apostrophe_in_a_file_name_is_no_quote(talk, picture):
    renamed = picture.rename(picture.with_name("it's.png"))
    first, _ = conversation(renamed)
    code, out, _ = talk(f"/image {renamed}", "First?")
    assert (code, out) == (0, f"{first}\n")


def test_an_image_and_instructions_from_the_command_line(talk, picture):
    code, out, _ = talk("First?", arguments=["--image", str(picture), "--system", "Be brief."])
    turns = [{"role": "system", "content": "Be brief."}, user_turn("First?", 1)]
    assert (code, out) == (0, f"{PIPELINE.chat(turns, [picture], **FEW)}\n")


def test_a_reply_that_was_stopped_stays_as_far_as_it_came():
    session = Session(PIPELINE, None, {"max_new_tokens": 20, "max_tiles": None, "allow_remote": False})
    pieces = session.say("Hello?")
    begun = next(pieces)
    pieces.close()
    assert session.messages[-1]["content"][0]["text"].startswith(begun)
    assert [message["role"] for message in session.messages] == ["user", "assistant"]


def test_in_a_terminal_the_arrow_keys_bring_back_what_was_typed():
    pty = pytest.importorskip("pty", reason="no terminals here")
    pytest.importorskip("readline", reason="a Python without readline")
    ours, theirs = pty.openpty()
    code = "from minimax_vl.apps.chat import _lines; print([*_lines()])"
    reader = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "vt100"},
    )
    os.close(theirs)
    shown = b""

    def more() -> bytes:
        data = os.read(ours, 4096)
        assert data, shown
        return data

    for typed in (b"first\r", b"\x1b[A\r", b"\x04"):
        asked = shown.count(b"> ")
        while shown.count(b"> ") == asked:
            shown += more()
        os.write(ours, typed)
    while b"]" not in shown.partition(b"['")[2]:
        shown += more()
    assert reader.wait(timeout=60) == 0  # before the terminal goes: the reader has yet to leave it as it was
    os.close(ours)
    assert b"['first', 'first']" in shown
