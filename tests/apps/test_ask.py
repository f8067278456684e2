"""`minimax-vl ask`: what is printed, where, and with which exit code."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from PIL import Image

import minimax_vl
from minimax_vl import pipeline as module
from minimax_vl.apps import answering
from minimax_vl.apps.cli import main
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
FEW = ["--max-new-tokens", "6"]


@pytest.fixture(autouse=True)
def debug_model(monkeypatch):
    monkeypatch.setattr(module, "load", lambda *_, **__: PIPELINE)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.linear_gradient("L").convert("RGB").resize((90, 70)).save(path)
    return path


def expected(picture, question="What?"):
    return PIPELINE.ask(picture, question, max_new_tokens=6)


@pytest.mark.parametrize("how", [["--stream"], ["--no-stream"], []], ids=str)
def test_prints_the_answer_and_a_newline(picture, capsys, how):
    assert main(["ask", str(picture), "What?", *FEW, *how]) == 0
    assert capsys.readouterr().out == f"{expected(picture)}\n"


def test_several_images_are_one_question(picture, capsys):
    assert main(["ask", str(picture), str(picture), "Which?", "--json", *FEW]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["text"] == PIPELINE.ask([picture] * 2, "Which?", max_new_tokens=6)
    assert (len(record["tiles"]), record["images"]) == (2, [str(picture)] * 2)
    assert set(record["timings"]) == {"preprocess", "vision", "prefill", "decode"}


def test_dash_is_standard_input(picture, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(picture.read_bytes())))
    assert main(["ask", "-", "What?", *FEW]) == 0
    assert capsys.readouterr().out == f"{expected(picture)}\n"


def test_dash_is_a_question_of_any_length(picture, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"What?\n")))
    assert main(["ask", str(picture), "-", *FEW]) == 0
    assert capsys.readouterr().out == f"{expected(picture)}\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"word " * 100_000)))
    assert main(["ask", str(picture), "-", *FEW]) == 1
    assert "ContextTooLong" in capsys.readouterr().err


def test_standard_input_can_be_read_once(capsys):
    assert main(["ask", "-", "-", *FEW]) == 2
    assert "2 arguments that read standard input" in capsys.readouterr().err


def test_a_seed_repeats_the_answer(picture, capsys):
    drawn = ["ask", str(picture), "What?", "--temperature", "1.5", "--seed", "4", *FEW]
    assert main(drawn) == main(drawn) == 0
    reply = PIPELINE.ask(picture, "What?", temperature=1.5, seed=4, max_new_tokens=6)
    assert capsys.readouterr().out == f"{reply}\n{reply}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["{picture}", ""], 2, "an empty question"),
        (["{missing}", "What?"], 1, "missing.png"),
        (["{text}", "What?"], 1, "found"),
        (["{folder}", "What?"], 1, "found"),
        (["https://example.org/a.png", "What?"], 2, "found"),
        (["{picture}", "What?", "--top-p", "7"], 2, "top_p=7.0"),
        (["{picture}", "What?", "--max-new-tokens", "99999"], 1, "99999"),
        (["{picture}"], 2, "required"),
        (["What?", "{picture}"], 2, "as the question"),
        (["{picture}", "{text}"], 2, "as the question"),
    ],
    ids=[
        "question",
        "missing",
        "not an image",
        "directory",
        "remote",
        "top-p",
        "context",
        "usage",
        "order",
        "images only",
    ],
)
def test_bad_requests_explain_themselves(picture, capsys, tmp_path, arguments, code, message):
    (tmp_path / "text.png").write_text("hello")
    names = {
        "picture": picture,
        "missing": tmp_path / "missing.png",
        "text": tmp_path / "text.png",
        "folder": tmp_path,
    }
    assert main(["ask", *(argument.format(**names) for argument in arguments)]) == code
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_a_line_of_json_is_not_streamed(picture, capsys):
    assert main(["ask", str(picture), "What?", "--json", "--stream"]) == 2
    assert "--json with --stream" in capsys.readouterr().err
    assert main(["ask", str(picture), "What?", "--json", "--no-stream", *FEW]) == 0


def test_help_promises_no_stream_where_there_is_none(capsys):
    assert main(["ask", "--help"]) == 0
    assert "streamed to the terminal" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["{missing}", "What?"], ["{picture}", "What?", "--temperature", "inf"]], ids=str
)
def test_what_cannot_be_asked_is_said_before_the_model_is_loaded(picture, tmp_path, monkeypatch, arguments):
    monkeypatch.setattr(module, "load", lambda *_, **__: pytest.fail("a model was loaded"))
    names = {"picture": picture, "missing": tmp_path / "missing.png"}
    assert main(["ask", *(argument.format(**names) for argument in arguments)]) in (1, 2)


def test_a_slow_load_says_so(capsys, monkeypatch):
    monkeypatch.setattr(answering, "SLOW", 0.0)
    with answering.note_when_slow("loading nano ..."):
        import time

        time.sleep(0.2)
    assert capsys.readouterr().err == "loading nano ...\n"


FLAG = {True: ["--second-look"], False: ["--no-second-look"], None: []}


@pytest.mark.parametrize(
    "command",
    [["ask", "PICTURE", "What?"], ["eval", "charts", "--questions", "1"], ["eval", "docvqa", "--limit", "1"]],
    ids=lambda words: " ".join(words[:2]),
)
@pytest.mark.parametrize("asked", [True, False, None], ids=["twice", "once", "as it does"])
def test_a_second_look_reaches_the_pipeline(command, asked, picture, tmp_path, monkeypatch, capsys):
    seen = []

    def load(*_, second_look="not said", **__):
        seen.append(second_look)
        return PIPELINE

    monkeypatch.setattr(module, "load", load)
    monkeypatch.setattr(minimax_vl, "load", load)
    words = [str(picture) if word == "PICTURE" else word for word in command]
    out = [] if words[0] == "ask" else ["--out", str(tmp_path / "run")]
    assert main([*words, *out, *FLAG[asked]]) == 0, capsys.readouterr().err
    assert seen == [asked]
