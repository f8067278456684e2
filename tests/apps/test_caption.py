"""`minimax-vl caption`: one line per image, and one bad file does not stop the others."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from minimax_vl import pipeline as module
from minimax_vl.apps.cli import main
from minimax_vl.testing import debug_pipeline

PIPELINE = debug_pipeline()
FEW = ["--max-new-tokens", "6"]


@pytest.fixture(autouse=True)
def debug_model(monkeypatch):
    monkeypatch.setattr(module, "load", lambda *_, **__: PIPELINE)


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, colour in zip(paths, ("red", "blue")):
        Image.new("RGB", (80, 60), colour).save(path)
    return paths


def test_one_image_is_the_caption_alone(pictures, capsys):
    assert main(["caption", str(pictures[0]), *FEW]) == 0
    assert capsys.readouterr().out == f"{PIPELINE.caption(pictures[0], max_new_tokens=6)}\n"


@pytest.mark.parametrize("length", ["short", "long"])
def test_json_gives_one_line_per_image(pictures, capsys, length):
    assert main(["caption", *map(str, pictures), "--length", length, "--json", *FEW]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["image"] for record in records] == [*map(str, pictures)]
    assert [record["text"] for record in records] == PIPELINE.caption(
        pictures, length=length, max_new_tokens=6
    )


def test_a_bad_file_does_not_stop_the_others(pictures, capsys, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    files = [str(tmp_path / "bad.png"), str(pictures[0]), str(tmp_path / "none.png"), str(pictures[1])]
    assert main(["caption", *files, "--json", *FEW]) == 1
    printed = capsys.readouterr()
    records = [json.loads(line) for line in printed.out.splitlines()]
    assert ["error" in record for record in records] == [True, False, True, False]
    assert "bad.png" in printed.err
    assert "none.png" in printed.err


def test_an_image_that_does_not_fit_is_named_and_stops_no_other(pictures, capsys, monkeypatch):
    flat = pictures[0].parent / "flat.png"
    Image.new("RGB", (400, 100), "green").save(flat)
    long, short = (PIPELINE.caption(path, max_new_tokens=1).prompt_tokens for path in (pictures[0], flat))
    assert short < long
    monkeypatch.setattr(PIPELINE, "context", short + 6)
    assert main(["caption", str(pictures[0]), str(flat), "--json", *FEW]) == 1
    printed = capsys.readouterr()
    records = [json.loads(line) for line in printed.out.splitlines()]
    assert [record["image"] for record in records] == [str(pictures[0]), str(flat)]
    assert ["error" in record for record in records] == [True, False]
    assert f"{pictures[0]}: found: a prompt of" in printed.err


def test_standard_input_is_described_once(capsys):
    assert main(["caption", "-", "-"]) == 2
    assert "2 arguments that read standard input" in capsys.readouterr().err
