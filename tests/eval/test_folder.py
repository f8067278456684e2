"""A folder of one's own pages: rows, samples, scores, and an image that cannot be read."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from minimax_vl.apps.cli import main
from minimax_vl.errors import ContextTooLong, InvalidRequest, OutOfMemory, UnreadableImage
from minimax_vl.eval.data.names import read_names
from minimax_vl.eval.folder import about_images, evaluate, majority, read_questions, text_only
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.reply import Reply
from minimax_vl.testing import debug_pipeline

ROWS = [
    {"image": "a.png", "task": "qa", "field": "total", "question": "Total?", "answers": ["5.00", "$5.00"]},
    {"image": "a.png", "task": "ocr", "lines": []},
    {"image": "a.png", "question": "Name?", "answers": ["Alder"]},
    {"image": "b.png", "field": "total", "question": "Total?", "answers": ["7"]},
]


def written(folder, rows):
    (folder / "data.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return folder


class Scripted:
    """Answers "5.00" to every question about a.png, "Aldr" to a name; b.png is broken."""

    def encode(self, image):
        if image.name == "b.png":
            raise UnreadableImage(found="b.png", expected="an image", cause="broken", next_step="mend it")
        return image

    def batch(self, pairs, **_):
        return [Reply("Aldr" if question == "Name?" else "5.00") for _, question in pairs]


def test_scores_failures_and_records(tmp_path):
    result = evaluate(Scripted(), written(tmp_path, ROWS), out=tmp_path)
    assert [(r.image, r.exact, r.anls) for r in result.records] == [
        ("a.png", True, 1.0),
        ("a.png", False, pytest.approx(0.8)),
        ("b.png", False, 0.0),
    ]
    assert result.records[2].error is not None and "b.png" in result.records[2].error
    exact, anls = result.means()
    assert exact.value == pytest.approx(1 / 3) and anls.value == pytest.approx(0.6) and exact.clusters == 2
    assert result.fields() == ["all fields", "total"] and result.means("total")[0].count == 2
    assert len((tmp_path / "records.jsonl").read_text().splitlines()) == 3


def test_a_sample_is_of_images_and_repeats(tmp_path):
    rows = [{"image": f"{i}.png", "question": "?", "answers": ["x"]} for i in range(40) for _ in range(3)]
    questions = read_questions(written(tmp_path, rows))
    some = about_images(questions, 10, seed=1)
    assert len(some) == 30 and len({q.image for q in some}) == 10
    assert some == about_images(questions, 10, seed=1) != about_images(questions, 10, seed=2)
    assert about_images(questions, None, seed=1) == about_images(questions, 99, seed=1) == questions


@pytest.mark.parametrize(
    "row",
    [
        "{",
        '{"image": "a.png"}',
        '{"image": "a", "question": "b", "answers": "c"}',
        '{"image": "a", "question": "b", "answers": [5]}',
        '{"image": "a", "question": " ", "answers": ["5"]}',
        '{"image": null, "question": "b", "answers": ["5"]}',
        "[]",
        "\xff",
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path, row):
    (tmp_path / "data.jsonl").write_text(json.dumps(ROWS[0]) + "\n" + row + "\n", encoding="latin-1")
    with pytest.raises(InvalidRequest, match="line 2"):
        read_questions(tmp_path)


def test_the_command_reads_a_real_scan(tmp_path, capsys):
    with Image.open(PACKAGED / "examples" / "form.png") as form:
        form.save(tmp_path / "form.png")
    row = {
        "image": "form.png",
        "question": "What is the registration number?",
        "answers": ["1643"],
        "field": "number",
    }
    written(tmp_path, [row])
    assert main(["eval", "folder", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["scores"]
    assert scores["number"]["exact"][0] == 1.0 and scores["all"]["ANLS"][0] == 1.0


def test_an_image_that_cannot_be_read_ends_the_command_in_1_unless_that_is_allowed(tmp_path, capsys):
    (tmp_path / "torn.png").write_bytes(b"no image")
    written(tmp_path, [{"image": "torn.png", "question": "What?", "answers": ["1"], "field": "number"}])
    command = ["eval", "folder", "--data", str(tmp_path)]
    assert main(command) == 1
    assert "1 of them about images that cannot be read" in capsys.readouterr().out
    assert main([*command, "--allow-failures", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 1


@pytest.mark.parametrize("suite", ["folder", "photos"])
def test_the_first_images_that_cannot_be_read_are_named_with_the_reason(suite, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("minimax_vl.load", lambda *_, **__: debug_pipeline())
    row = {"question": "What?", "answers": ["1"]}
    if suite == "photos":
        row = {"task": "objects", "objects": [{"name": "cat"}]}
    written(tmp_path, [row | {"image": f"{number}.png"} for number in range(5)])
    command = ["eval", suite, "--data", str(tmp_path)]
    assert main(command) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert "5 of them about images that cannot be read" in lines[-5] and "--allow-failures" in lines[-5]
    assert lines[-4] == f"    0.png: no file {str(tmp_path / '0.png')!r}" and lines[-1] == "    and 2 more"
    assert [line[:9] for line in json.loads(last)["errors"]] == [f"{n}.png: no" for n in range(3)]
    assert main([*command, "--allow-failures"]) == 0
    assert "--allow-failures" not in capsys.readouterr().out


class Short(Scripted):
    """The same, but what is long does not fit."""

    def batch(self, pairs, **options):
        if any(len(question) > 1000 for _, question in pairs):
            raise ContextTooLong("9000 tokens", "8192", "a long question", "shorten it")
        return super().batch(pairs, **options)


def test_a_question_that_is_too_long_fails_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("minimax_vl.load", lambda *_, **__: pipeline)
    pipeline = Short()
    pipeline.second_look = False
    long = {"image": "a.png", "question": "long " * 300, "answers": ["1"]}
    written(tmp_path, [ROWS[0], long, ROWS[2]])
    result = evaluate(pipeline, tmp_path)
    assert [r.too_long for r in result.records] == [False, True, False]
    assert [r.anls for r in result.records] == [1.0, 0.0, pytest.approx(0.8)]
    assert [r.reply for r in text_only(pipeline, result).records][1] == ""
    assert main(["eval", "folder", "--data", str(tmp_path)]) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert "1 of them longer than the model can read" in lines[-2] and "9000 tokens" in lines[-1]
    assert "cannot be read" not in "".join(lines)
    told = json.loads(last)
    assert (told["failed"], told["unreadable"], told["too_long"]) == (1, 0, 1)


def test_what_is_no_fault_of_a_question_is_no_score_of_0(tmp_path):
    class Full(Scripted):
        def batch(self, pairs, **_):
            raise OutOfMemory("memory", "room", "a large batch", "lower it")

    with pytest.raises(OutOfMemory):
        evaluate(Full(), written(tmp_path, ROWS))


MENDED = '{"image": "a.png", "question": "Name?", "answers": ["Alder"]}'


@pytest.mark.parametrize(
    ("suite", "row", "options", "mended"),
    [
        ("folder", MENDED.replace("[", "").replace("]", ""), (), ()),  # a bad row, which is corrected
        ("folder", MENDED, ("--only", "list.txt"), ()),
        ("photos", MENDED, (), ()),
        ("folder", MENDED, ("--dtype", "fp23"), ("--dtype", "fp32")),
    ],
    ids=["bad row", "wrong list", "no photograph", "no such dtype"],
)
def test_what_cannot_start_does_not_claim_the_folder(
    suite, row, options, mended, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for path, text in (("data.jsonl", row), ("list.txt", "other.png")):
        (tmp_path / path).write_text(text)
    assert main(["eval", suite, "--data", ".", "--out", "out", *options]) == 2
    assert not (tmp_path / "out" / "run.json").exists()

    Image.new("RGB", (60, 60), "white").save("a.png")
    (tmp_path / "data.jsonl").write_text(MENDED)
    monkeypatch.setattr("minimax_vl.load", lambda *_, **__: debug_pipeline())
    assert main(["eval", "folder", "--data", ".", "--out", "out", *mended, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == tmp_path.name  # "." has no name of its own


@pytest.mark.parametrize(("field", "row"), [("", "all fields"), (None, "all fields"), ("all", "all (field)")])
def test_no_field_hides_the_score_of_all_questions(field, row, tmp_path, capsys, monkeypatch):
    pipeline = Fluent()
    pipeline.second_look = False
    monkeypatch.setattr("minimax_vl.load", lambda *_, **__: pipeline)
    written(tmp_path, [{**ROWS[0], "field": field}, {**ROWS[0], "field": "other", "answers": ["9"]}])
    assert main(["eval", "folder", "--data", str(tmp_path), "--blind", "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["scores"]
    assert scores["all"]["exact"][0] == 0.5 and scores["all"]["exact"][3] == 2
    assert scores["all, without the image"]["exact"][3] == 2
    assert scores[row]["exact"][0] == 1.0 and scores[row]["exact"][3] == 1
    assert scores[f"{row}, without the image"]["exact"][3] == 1


def test_a_list_of_names_from_windows_loses_none(tmp_path):
    (tmp_path / "list.txt").write_bytes("a.png\r\nb.png\r\n".encode("utf-8-sig"))
    assert read_names(tmp_path / "list.txt") == {"a.png", "b.png"}


def test_no_batch_is_refused(tmp_path, capsys):
    assert main(["eval", "folder", "--data", str(written(tmp_path, ROWS)), "--batch-size", "0"]) == 2
    assert "--batch-size 0" in capsys.readouterr().err


def test_no_data_is_refused(tmp_path, capsys):
    assert main(["eval", "folder"]) == 2
    assert "--data" in capsys.readouterr().err
    assert main(["eval", "folder", "--data", str(tmp_path)]) == 2
    assert "no data.jsonl" in capsys.readouterr().err


class Fluent(Scripted):
    """The same, and "5.00" to whatever is asked without an image."""

    def batch(self, pairs, **options):
        blind = [Reply("5.00") for image, _ in pairs if image == []]
        return blind or super().batch(pairs, **options)


def test_a_constant_answer_and_no_image_are_scored_beside(tmp_path):
    more = [{**ROWS[0], "image": "c.png"}, {**ROWS[0], "image": "d.png", "answers": ["9"]}]
    result = evaluate(Fluent(), written(tmp_path, ROWS + more))
    constant, unseen = majority(result), text_only(Fluent(), result)
    assert [r.reply for r in constant.records if r.field == "total"] == ["5.00"] * 4
    assert constant.means("total")[0].value == 0.5  # a and c; b cannot be read, d says 9
    assert constant.means("all fields")[0].value == 1.0
    assert unseen.means("total")[0].value == 0.5 and unseen.means("all fields")[0].value == 0.0
    assert result.means("total")[0].value == 0.5
