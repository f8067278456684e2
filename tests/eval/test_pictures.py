"""Which picture a question is about, and under which id: files named alike, ids made up here, odd characters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import DataSet, Picture, Question, check_questions
from minimax_vl.eval.data.docvqa import read_docvqa
from minimax_vl.eval.run import Options, plan_run
from minimax_vl.eval.tasks.docvqa import DOCVQA


def stored(folder, entries, split="val"):
    for entry in entries:
        image = folder / "images" / entry["image"]
        image.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (60, 40)).save(image)
    (folder / f"{split}_v1.0.json").write_text(json.dumps({"dataset_split": split, "data": entries}))
    return folder


def entry(image, id=1, **more):
    return {"questionId": id, "question": "Total?", "image": image, "answers": ["1"]} | more


def test_files_of_one_name_are_pictures_of_their_own(tmp_path):
    names = ("a/1.png", "b/1.png", "b/2.png", "b/1.png")
    data = read_docvqa(stored(tmp_path, [entry(name, id) for id, name in enumerate(names)]), "val")
    found = [q.picture.name for q in data.questions]
    assert found == ["images/a/1.png", "images/b/1.png", "2.png", "images/b/1.png"]
    assert [q.cluster for q in data.questions] == found
    assert [q.picture.read() for q in data.questions[:2]] == [tmp_path / name for name in found[:2]]


def test_one_name_for_two_files_is_refused():
    questions = [
        Question(folder, Picture("1.png", lambda: None, Path(folder) / "1.png"), "1.png", "?", ("1",))
        for folder in ("a", "b")
    ]
    with pytest.raises(InvalidRequest, match=r"'1.png' is both a.1.png and b.1.png"):
        check_questions(questions, "data")


def test_the_hubs_name_of_a_split_finds_the_challenges_file(tmp_path):
    assert read_docvqa(stored(tmp_path, [entry("1.png")]), "validation").split == "val"


@pytest.mark.parametrize(
    ("id", "found"), [(None, "without questionId"), ("7b", "the question id '7b'"), (7.5, "'7.5'")]
)
def test_a_test_split_without_the_servers_ids_is_refused_before_it_is_asked(tmp_path, id, found):
    stored(tmp_path, [entry("1.png", id, answers=None)], "test")
    with pytest.raises(InvalidRequest, match=found):
        plan_run(Options(DOCVQA, data=tmp_path, split="test"))


def test_the_index_of_a_table_is_no_id_of_the_server(tmp_path):
    row = "5\t" + "A" * 100 + "\tTotal?"
    (tmp_path / "DocVQA_TEST.tsv").write_text("index\timage\tquestion\n" + row + "\n")
    with pytest.raises(InvalidRequest, match="without questionId"):
        plan_run(Options(DOCVQA, data=tmp_path, split="test"))


def test_half_a_surrogate_pair_in_an_answer_has_a_digest():
    picture = Picture("1.png", lambda: None)
    one, two = (
        DataSet("x", "val", (Question("1", picture, "1.png", "?", (answer,)),)).digest()
        for answer in ("a\ud800", "a\ud801")
    )
    assert one != two
