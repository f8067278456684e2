"""Captions of photographs: what they name, what pages' words are, and that the command counts and shows."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from minimax_vl.apps.cli import main
from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.photos import Photo, Result, chosen, judge, read_photos
from minimax_vl.eval.things import page_words, things


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        ("A photo of two puppies and a hot dog.", {"dog", "hot dog"}),
        ("Three teddy bears on a table", {"teddy bear", "dining table"}),
        ("A man rides a wave", {"person", "water"}),
        ("wine glasses, knives and an animal", {"wine glass", "knife", "animal"}),
        ("A carpet", set()),
    ],
)
def test_things_are_found_under_one_name(caption, named):
    assert things(caption) == named


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A receipt from Alder, total 5", ["receipt", "total"]),
        ("Two forms with labels", ["form", "label"]),
        ("A number of people at a table in a field", []),
        ("a platform", []),
    ],
)
def test_words_of_pages(caption, words):
    assert page_words(caption) == words


DOG, BUS = Photo("d.jpg", ("dog",), ()), Photo("b.jpg", (), ("A man waits for a bus.",))


def test_a_caption_is_compared_with_what_is_there_and_with_the_next_photograph():
    right = judge(DOG, "A photo of a dog and a person.", BUS, {})
    assert (right.said, right.true, right.by_chance) == (("dog", "person"), ("dog",), True)
    general = judge(DOG, "An animal.", BUS, {})
    assert (general.true, general.by_chance) == (("animal",), False)
    page = judge(BUS, "A page of text, mostly green, gray and redder.", DOG, {"green": 0.5, "gray": 0.01})
    assert page.colors == (("green", True), ("gray", False))
    assert page.page == ("page", "text") and not page.true
    means = Result([right, general, page]).means()
    assert means["names a thing that is there"].value == pytest.approx(2 / 3)
    assert means["uses a word of pages"].value == pytest.approx(1 / 3)
    assert means["things named that are there"].value == pytest.approx(2 / 3)  # two of dog, person, animal
    assert means["colors named that are there"].value == pytest.approx(1 / 2)
    assert means["'A photo of dog' on all"].value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("caption", "said"), [("A photo, mostly orange and brown.", ()), ("An orange.", ("orange",))]
)
def test_orange_is_a_colour_among_colours(caption, said):
    assert judge(DOG, caption, BUS, {}).said == said


def written(folder, rows):
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


ROWS = [
    {"image": "a.png", "task": "caption", "captions": ["A dog."]},
    {"image": "a.png", "task": "objects", "objects": [{"name": "dog"}, {"name": "dog"}, {"name": "ball"}]},
    {"image": "b.png", "task": "caption", "kind": "chart", "captions": ["A graph."]},
    {"image": "c.png", "task": "caption", "kind": "photo", "captions": ["A cat."]},
]


def test_photographs_are_read_and_charts_are_not(tmp_path):
    photos = read_photos(written(tmp_path, ROWS))
    assert [photo.image for photo in photos] == ["a.png", "c.png"]
    assert photos[0].objects == ("ball", "dog") and photos[0].captions == ("A dog.",)
    assert [photo.image for photo in read_photos(tmp_path, {"c.png"})] == ["c.png"]
    assert len(chosen(photos, 1, seed=0)) == 1 and chosen(photos, None, seed=0) == photos
    with pytest.raises(InvalidRequest, match="no photograph"):
        read_photos(tmp_path, {"b.png"})


def test_the_command_captions_counts_and_shows(tmp_path, capsys):
    for name in ("a.png", "c.png"):
        Image.new("RGB", (80, 60), "green").save(tmp_path / name)
    written(tmp_path, ROWS)
    options = ["--data", str(tmp_path), "--images", "2", "--out", str(tmp_path / "out"), "--json"]
    assert main(["eval", "photos", *options]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["images"] == 2 and summary["scores"]["names a thing that is there"]["share"][3] == 2
    assert len((tmp_path / "out" / "records.jsonl").read_text().splitlines()) == 2
    with Image.open(tmp_path / "out" / "sheet.png") as sheet:
        assert sheet.width > 1000
    assert main(["eval", "photos"]) == 2
    assert "eval photos without --data" in capsys.readouterr().err


@pytest.mark.parametrize(
    "row",
    [
        {"image": "a.png", "task": "caption", "captions": "A dog."},  # its letters, if it passed
        {"image": "a.png", "task": "caption", "captions": [None]},
        {"image": "a.png", "task": "objects", "objects": [{"name": 3}]},
        {"image": 5, "task": "objects", "objects": []},
    ],
)
def test_what_is_no_text_is_named_by_its_line(row, tmp_path):
    with pytest.raises(InvalidRequest, match="line 2: TypeError"):
        read_photos(written(tmp_path, [ROWS[0], row]))


def test_a_broken_row_is_named_by_its_line(tmp_path):
    (tmp_path / "data.jsonl").write_text('{"image": "a.jpg", "task": "objects", "objects": []}\n{"image"\n')
    with pytest.raises(InvalidRequest, match="line 2"):
        read_photos(tmp_path)
