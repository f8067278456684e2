"""Textbook figures: which questions come of their descriptions, frozen prompts, and the baselines beside the score."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from minimax_vl.apps.cli import main
from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.textbook import WHICH_KIND, questions

SENTENCES = ("Prices rise.", "Wages fall", "A line goes up. It is red.", "Two bars stand.", "x" * 120)
ROWS = [
    {"image": f"{i}.png", "task": "caption", "kind": "chart", "captions": [text]}
    for i, text in enumerate(SENTENCES)
] + [
    {"image": "p.png", "task": "caption", "kind": "photo", "captions": ["A man."]},
    {"image": "o.png", "task": "caption", "kind": "other", "captions": ["Something."]},
]


def written(folder, rows=ROWS):
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def test_every_figure_is_asked_for_its_kind_and_its_own_description(tmp_path):
    asked = questions(written(tmp_path))
    kinds = {q.image: q.answers for q in asked if q.field == "kind"}
    assert set(kinds) == {"0.png", "1.png", "2.png", "3.png", "4.png", "p.png"}
    assert kinds["p.png"] == ("photograph", "photo") and "bar chart" in kinds["0.png"]
    described = {q.image: q for q in asked if q.field == "description"}
    assert set(described) == {
        "0.png",
        "1.png",
        "2.png",
        "3.png",
    }  # the long one, and a kind of its own, are not asked
    for image, question in described.items():
        own = SENTENCES[int(image[0])].split(". ")[0].rstrip(".") + "."
        assert f"\n{question.answers[0]}. {own}\n" in question.question
    assert asked == questions(tmp_path) != questions(tmp_path, seed=1)
    part = questions(tmp_path, {"1.png"})
    assert part == [q for q in asked if q.image == "1.png"]  # a part of the folder is asked the same


def test_the_prompts_are_frozen(tmp_path):
    asked = questions(written(tmp_path), {"0.png"})
    assert [q.question for q in asked] == [WHICH_KIND, FROZEN]


FROZEN = (
    "Which description fits the picture?\n"
    "A. Two bars stand.\n"
    "B. Wages fall.\n"
    "C. Prices rise.\n"
    "D. A line goes up.\n"
    "Answer with the option's letter from the given choices directly."
)


def test_a_folder_without_figures_is_refused(tmp_path):
    with pytest.raises(InvalidRequest, match=r"no data\.jsonl"):
        questions(tmp_path)
    with pytest.raises(InvalidRequest, match="no figure"):
        questions(written(tmp_path, ROWS[-1:]))


def test_the_command_prints_the_baselines(tmp_path, capsys):
    written(tmp_path, [{**row, "image": "a.png"} for row in ROWS[:1]] + ROWS[5:6])
    for name in ("a.png", "p.png"):
        Image.new("RGB", (64, 64), "white").save(tmp_path / name)
    assert main(["eval", "textbook", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["scores"]
    assert {"all", "kind, one constant answer", "kind, without the image"} < set(scores)
    assert scores["kind, one constant answer"]["exact"][0] == 0.5  # one chart, one photograph
    assert (tmp_path / "out" / "sheet.png").is_file()


def test_a_figure_without_a_description_is_named_by_its_line(tmp_path):
    bare = {"image": "z.png", "task": "caption", "kind": "chart", "captions": []}
    with pytest.raises(InvalidRequest, match="line 2: IndexError"):
        questions(written(tmp_path, [ROWS[0], bare]))


@pytest.mark.parametrize("wrong", [{"captions": "A chart of rain."}, {"image": 5}], ids=["captions", "image"])
def test_what_is_no_text_is_named_by_its_line(wrong, tmp_path):
    with pytest.raises(InvalidRequest, match="line 2: TypeError"):
        questions(written(tmp_path, [ROWS[0], {**ROWS[0], **wrong}]))
