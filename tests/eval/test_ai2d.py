"""AI2D's layouts, the letters in its pictures, the frozen prompts."""

from __future__ import annotations

import base64
import csv
import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest, UnreadableImage
from minimax_vl.eval.bundled import SAMPLES
from minimax_vl.eval.data.ai2d import read_ai2d
from minimax_vl.eval.data.letters import lettered
from minimax_vl.eval.tasks.ai2d import AI2D
from minimax_vl.vision.images import open_image

BOX = ((40, 30), (90, 50))


def official(folder, names=("0", "1"), *, abc=False, answer=2, ids=("0",)):
    for sub in ("images", "annotations", "questions"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    for name in names:
        Image.new("RGB", (120, 80), "grey").save(folder / "images" / f"{name}.png")
        label = {"rectangle": BOX, "replacementText": "B", "value": "moss"}
        (folder / "annotations" / f"{name}.png.json").write_text(json.dumps({"text": {"T0": label}}))
        entry = {"questionId": f"{name}.png-0", "answerTexts": ["a", "b", "{}", "b"], "correctAnswer": answer}
        questions = {f"What is {name}?": entry | {"abcLabel": abc}}
        content = {"imageName": f"{name}.png", "questions": questions}
        (folder / "questions" / f"{name}.png.json").write_text(json.dumps(content))
    (folder / "categories.json").write_text(json.dumps({f"{name}.png": "volcano" for name in names}))
    (folder / "ai2d_test_ids.csv").write_text("".join(f"{id}\n" for id in ids))
    return folder


def test_the_official_layout_and_its_splits(tmp_path):
    data = read_ai2d(official(tmp_path), "test")
    assert [q.id for q in data.questions] == ["0.png-0"]
    question = data.questions[0]
    assert (question.text, question.options) == ("What is 0?", ("a", "b", "{}", "b"))
    assert (question.answers, question.types, question.cluster) == (("C",), ("volcano",), "0.png")
    assert [q.id for q in read_ai2d(tmp_path, "train").questions] == ["1.png-0"]
    assert len(read_ai2d(tmp_path, "all").questions) == 2


def test_letters_are_drawn_only_for_questions_about_them(tmp_path):
    plain = read_ai2d(official(tmp_path), "test").questions[0].picture
    marked = read_ai2d(official(tmp_path, abc=True), "test").questions[0].picture
    assert np.ptp(np.asarray(open_image(plain.read()))) == 0
    assert np.ptp(np.asarray(open_image(marked.read()))) == 255
    assert plain.name != marked.name  # so that one is never taken for the other


def test_mask_covers_the_text_and_no_mask_leaves_it(tmp_path):
    official(tmp_path)
    image, annotation = tmp_path / "images" / "0.png", tmp_path / "annotations" / "0.png.json"
    inside = np.s_[33:48, 60:88]
    covered = np.asarray(lettered(image, annotation, "mask"))
    beside = np.asarray(lettered(image, annotation, "no-mask"))
    assert (covered[33:48, 42:50] == 255).all()
    assert (beside[inside] == 128).all() and (beside[:, :40] != 128).any()


def test_a_box_without_height_still_gets_its_letter(tmp_path):
    official(tmp_path)
    label = {"rectangle": [[40, 30], [90, 30]], "replacementText": "A"}
    annotation = tmp_path / "annotations" / "0.png.json"
    annotation.write_text(json.dumps({"text": {"T0": label}}))
    drawn = np.asarray(lettered(tmp_path / "images" / "0.png", annotation, "mask"))
    assert (drawn < 60).any() and (drawn == 255).any()


def test_a_broken_annotation_fails_its_picture_only(tmp_path):
    official(tmp_path, abc=True)
    (tmp_path / "annotations" / "0.png.json").write_text('{"text": ')
    question = read_ai2d(tmp_path, "test").questions[0]
    with pytest.raises(UnreadableImage, match="annotations"):
        question.picture.read()


def test_files_from_windows_are_the_same_data(tmp_path):
    official(tmp_path / "data", names=("0", "1", "2"), abc=True, ids=("0", "1"))
    before = read_ai2d(tmp_path / "data", "test").questions
    for file in (*tmp_path.glob("data/*/*.json"), *tmp_path.glob("data/*.*")):
        file.write_bytes(file.read_text().replace("\n", "\r\n").encode("utf-8-sig"))
    after = read_ai2d(tmp_path / "data", "test").questions
    assert [q.id for q in after] == [q.id for q in before] == ["0.png-0", "1.png-0"]
    assert np.ptp(np.asarray(open_image(after[0].picture.read()))) == 255


def test_a_list_of_another_encoding_is_named(tmp_path):
    (official(tmp_path) / "ai2d_test_ids.csv").write_bytes("0\n".encode("utf-16"))
    with pytest.raises(InvalidRequest, match="ai2d_test_ids.csv: .*utf-8"):
        read_ai2d(tmp_path, "test")


def picture(colour):
    data = BytesIO()
    Image.new("RGB", (30, 20), colour).save(data, "PNG")
    return data.getvalue()


def tsv(path, **changes):
    row = {"index": 7, "image": base64.b64encode(picture("red")).decode(), "question": "Which?"}
    row |= {"A": "x", "B": "y", "C": "z", "D": "w", "answer": "D", "category": "moonPhase"} | changes
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerows([row.keys(), row.values()])


def test_the_tsv_of_vlmevalkit(tmp_path):
    tsv(tmp_path / "AI2D_TEST.tsv")
    question = read_ai2d(tmp_path, "test").questions[0]
    assert (question.id, question.options, question.answers) == ("7", ("x", "y", "z", "w"), ("D",))
    assert question.types == ("moonPhase",)


def test_an_empty_option_keeps_its_letter(tmp_path):
    tsv(tmp_path / "AI2D_TEST.tsv", B="", D="", answer="C")
    question = read_ai2d(tmp_path, "test").questions[0]
    assert (question.options, question.answers) == (("x", "", "z"), ("C",))


@pytest.mark.parametrize(
    "changes", [{"answer": "9"}, {"answer": "E"}, {"answer": ""}, {"options": "['x' ,"}, {"options": "12"}]
)
def test_a_row_that_cannot_be_read_is_named(tmp_path, changes):
    tsv(tmp_path / "AI2D_TEST.tsv", **changes)
    with pytest.raises(InvalidRequest, match=r"AI2D_TEST\.tsv, line 2: "):
        read_ai2d(tmp_path, "test")


def test_the_variant_picks_the_table_and_a_wrong_one_is_refused(tmp_path):
    tsv(tmp_path / "AI2D_TEST_NO_MASK.tsv")
    assert read_ai2d(tmp_path, "test", "no-mask").variant == "no-mask"
    with pytest.raises(InvalidRequest, match="no-mask variant by its name"):
        read_ai2d(tmp_path, "test", "mask")
    tsv(tmp_path / "AI2D_TEST.tsv")
    assert len(read_ai2d(tmp_path, "test", "mask").questions) == 1
    with pytest.raises(InvalidRequest, match="mask or no-mask"):
        read_ai2d(tmp_path, "test", "none")


def test_the_parquet_of_the_hub(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = [
        {
            "question": f"{n}?",
            "options": ["p", "q"],
            "answer": "1",
            "image": {"bytes": picture(c), "path": None},
        }
        for n, c in enumerate(("red", "red", "blue"))
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "test-00000-of-00001.parquet")
    data = read_ai2d(tmp_path, "test")
    assert [q.answers for q in data.questions] == [("B",)] * 3
    clusters = [q.cluster for q in data.questions]
    assert clusters[0] == clusters[1] != clusters[2]  # the same picture is one image, though it has no name


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="no AI2D data"):
        read_ai2d(tmp_path, "test")
    official(tmp_path / "a")
    (tmp_path / "a" / "ai2d_test_ids.csv").unlink()
    with pytest.raises(InvalidRequest, match="ai2d_test_ids"):
        read_ai2d(tmp_path / "a", "test")
    with pytest.raises(InvalidRequest, match=r"questions/0\.png\.json"):
        read_ai2d(official(tmp_path / "b", answer=9), "test")
    official(tmp_path / "c", abc=True)
    (tmp_path / "c" / "annotations" / "0.png.json").unlink()
    with pytest.raises(InvalidRequest, match="asks for letters"):
        read_ai2d(tmp_path / "c", "test")


def test_the_bundled_sample_has_both_kinds_of_question():
    data = read_ai2d(SAMPLES / "ai2d", "test")
    marked = [q for q in data.questions if "(mask)" in q.picture.name]
    assert len(data.questions) >= 15 and 3 <= len(marked) < len(data.questions)
    for question in data.questions:
        open_image(question.picture.read())


def test_prompts_are_frozen(golden):
    question = read_ai2d(SAMPLES / "ai2d", "test").questions[0]
    golden(
        "eval_prompts_ai2d",
        {s: [AI2D.prompt(question, s), AI2D.styles[s].max_new_tokens] for s in AI2D.styles},
    )


def test_what_is_judged():
    options = ("krill", "whale", "moss", "seal")
    assert AI2D.judge("B", ("B",), options, "direct").scores == {"strict": 1, "tolerant": 1}
    assert AI2D.judge("the whale", ("B",), options, "direct").scores == {"strict": 0, "tolerant": 1}
    verdict = AI2D.judge("Krill? No.\nAnswer: B", ("B",), options, "cot")
    assert (verdict.scores, verdict.rule) == ({"strict": 1, "tolerant": 1}, "bare")
