"""DocVQA's layouts and how they are wrong; the frozen prompts; how a reply is judged."""

from __future__ import annotations

import base64
import csv
import json
from io import BytesIO

import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.bundled import SAMPLES
from minimax_vl.eval.data.dataset import check_pictures
from minimax_vl.eval.data.docvqa import read_docvqa
from minimax_vl.eval.tasks.docvqa import DOCVQA, judge
from minimax_vl.vision.images import open_image


def png(colour="white") -> bytes:
    data = BytesIO()
    Image.new("RGB", (60, 40), colour).save(data, "PNG")
    return data.getvalue()


def entry(number, **changes):
    row = {
        "questionId": number,
        "question": f"Question {number}?",
        "question_types": ["form"],
        "image": f"documents/page{number // 10}_1.png",
        "docId": number // 10,
        "ucsf_document_id": f"page{number // 10}",
        "ucsf_document_page_no": "1",
        "answers": ["Yes", "yes"],
        "data_split": "val",
    }
    return {name: value for name, value in (row | changes).items() if value is not None}


def official(folder, entries, split="val", images=True, name=None):
    (folder / "spdocvqa_qas").mkdir(parents=True, exist_ok=True)
    content = {"dataset_name": "docvqa", "dataset_split": split, "dataset_version": "1.0", "data": entries}
    (folder / "spdocvqa_qas" / (name or f"{split}_v1.0_withQT.json")).write_text(json.dumps(content))
    if images:
        (folder / "spdocvqa_images").mkdir(exist_ok=True)
        for row in entries:
            (folder / "spdocvqa_images" / row["image"].split("/")[-1]).write_bytes(png())
    return folder


def test_the_official_layout(tmp_path):
    data = read_docvqa(official(tmp_path, [entry(10), entry(11), entry(20)]), "val")
    assert [q.id for q in data.questions] == ["10", "11", "20"]
    first = data.questions[0]
    assert (first.text, first.answers, first.types) == ("Question 10?", ("Yes", "yes"), ("form",))
    assert first.cluster == data.questions[1].cluster != data.questions[2].cluster
    assert open_image(first.picture.read()).size == (60, 40)
    check_pictures(data.questions)


def test_the_file_without_question_types_and_images_beside_it(tmp_path):
    content = {"dataset_split": "val", "data": [entry(10, question_types=None)]}
    (tmp_path / "val_v1.0.json").write_text(json.dumps(content))
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "page1_1.png").write_bytes(png())
    data = read_docvqa(tmp_path, "val")
    assert data.questions[0].types == ()
    check_pictures(data.questions)
    assert read_docvqa(tmp_path / "val_v1.0.json", "val").questions[0].id == "10"


def test_the_test_split_hides_its_answers(tmp_path):
    rows = [entry(10, answers=None, question_types=None)]
    data = read_docvqa(official(tmp_path, rows, "test", name="test_v1.0.json"), "test")
    assert data.questions[0].answers is None


def tsv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["index", "image", "question", "answer"], delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_tsv_of_vlmevalkit(tmp_path):
    red, blue = (base64.b64encode(png(colour)).decode() for colour in ("red", "blue"))
    rows = [
        {"index": 3, "image": red, "question": "One\nline?", "answer": "['1, 2', \"it's\"]"},
        {"index": 4, "image": "3", "question": 'A "tab"\there?', "answer": "['x']"},
        {"index": 5, "image": blue, "question": "é?", "answer": "plain"},
    ]
    tsv(tmp_path / "DocVQA_VAL.tsv", rows)
    data = read_docvqa(tmp_path, "val")
    assert [q.text for q in data.questions] == ["One\nline?", 'A "tab"\there?', "é?"]
    assert [q.answers for q in data.questions] == [("1, 2", "it's"), ("x",), ("plain",)]
    colours = [open_image(q.picture.read()).getpixel((0, 0)) for q in reversed(data.questions)]
    assert colours == [(0, 0, 255), (255, 0, 0), (255, 0, 0)]
    assert data.questions[0].cluster == data.questions[1].cluster != data.questions[2].cluster


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("1,234", ("1,234",)),
        ("0.50", ("0.50",)),
        ("1_000", ("1_000",)),
        ("(12)", ("(12)",)),
        ("None", ("None",)),
        ("[", ("[",)),
        ("['0.50', '007']", ("0.50", "007")),
        ("[12]", ("12",)),
    ],
)
def test_an_answer_is_a_list_only_where_it_is_written_as_one(tmp_path, text, answers):
    image = base64.b64encode(png()).decode()
    tsv(tmp_path / "DocVQA_VAL.tsv", [{"index": 3, "image": image, "question": "q?", "answer": text}])
    assert read_docvqa(tmp_path, "val").questions[0].answers == answers
    assert read_docvqa(official(tmp_path, [entry(1, answers=text)]), "val").questions[0].answers == answers


def test_what_windows_programs_put_before_a_file_is_passed_over(tmp_path):
    image = base64.b64encode(png()).decode()
    row = {"index": 7, "image": image, "question": "q?", "answer": "a"}
    table = tsv(tmp_path / "DocVQA_VAL.tsv", [row])
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    question = read_docvqa(table.parent, "val").questions[0]
    assert question.id == "7" and open_image(question.picture.read()).size == (60, 40)
    folder = official(tmp_path / "b", [entry(10)])
    file = folder / "spdocvqa_qas" / "val_v1.0_withQT.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_docvqa(folder, "val").questions[0].id == "10"


def test_one_type_given_as_text_is_one_type(tmp_path):
    folder = official(tmp_path, [entry(10, question_types="form")])
    assert read_docvqa(folder, "val").questions[0].types == ("form",)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1\tshort\tq?\ta\n", "index of an earlier row"),
        ("1\tonly two\n", "2 columns"),
    ],
)
def test_a_broken_tsv_is_refused(tmp_path, row, message):
    (tmp_path / "DocVQA_VAL.tsv").write_text("index\timage\tquestion\tanswer\n" + row)
    with pytest.raises(InvalidRequest, match=message):
        read_docvqa(tmp_path, "val")


def test_a_table_without_a_column_is_refused_by_its_row(tmp_path):
    image = base64.b64encode(png()).decode()
    (tmp_path / "DocVQA_VAL.tsv").write_text(f"index\timage\tanswer\n1\t{image}\ta\n")
    with pytest.raises(InvalidRequest, match=r"DocVQA_VAL.tsv, line 2: KeyError\('question'\)"):
        read_docvqa(tmp_path, "val")


def parquet(path, rows):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=2)


def test_the_parquet_of_the_hub(tmp_path):
    rows = [
        entry(n, questionId=str(n), image={"bytes": png("red" if n < 20 else "blue"), "path": None})
        for n in (10, 11, 20)
    ]
    parquet(tmp_path / "DocVQA" / "validation-00000-of-00002.parquet", rows[:1])
    parquet(tmp_path / "DocVQA" / "validation-00001-of-00002.parquet", rows[1:])
    parquet(tmp_path / "InfographicVQA" / "validation-00000-of-00001.parquet", rows[:1])
    data = read_docvqa(tmp_path, "val")
    assert [q.id for q in data.questions] == ["10", "11", "20"]
    assert data.questions[0].cluster == data.questions[1].cluster == "page1_1"
    assert open_image(data.questions[2].picture.read()).getpixel((0, 0)) == (0, 0, 255)


def test_pages_without_a_document_are_told_apart_by_their_picture(tmp_path):
    rows = [
        entry(n, image={"bytes": png(colour), "path": None}) | {"ucsf_document_id": None, "ucsf_document_page_no": None}
        for n, colour in ((10, "red"), (11, "blue"), (12, "red"))
    ]  # fmt: skip
    parquet(tmp_path / "validation-00000-of-00001.parquet", rows)
    first, second, third = (q.picture.name for q in read_docvqa(tmp_path, "val").questions)
    assert first == third != second


def test_ids_that_became_fractions_are_whole_numbers_again(tmp_path):
    rows = [entry(n, questionId=float(n), image={"bytes": png(), "path": None}) for n in (337, 338)]
    parquet(tmp_path / "validation-00000-of-00001.parquet", rows)
    assert [q.id for q in read_docvqa(tmp_path, "val").questions] == ["337", "338"]


def test_a_parquet_with_several_questions_a_row(tmp_path):
    pairs = [{"question": "a?", "answers": ["1"]}, {"question": "b?", "answers": ["2"]}]
    parquet(tmp_path / "validation-00000-of-00001.parquet", [{"image": {"bytes": png()}, "qa": pairs}])
    data = read_docvqa(tmp_path, "val")
    assert [(q.id, q.text, q.answers) for q in data.questions] == [
        ("0-0", "a?", ("1",)),
        ("0-1", "b?", ("2",)),
    ]
    assert data.questions[0].picture.name == data.questions[1].picture.name


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="no DocVQA data"):
        read_docvqa(tmp_path, "val")
    with pytest.raises(InvalidRequest, match="1 question ids occur twice, for instance 10"):
        read_docvqa(official(tmp_path / "a", [entry(10), entry(10)]), "val")
    with pytest.raises(InvalidRequest, match="entry 1 of data"):
        read_docvqa(official(tmp_path / "b", [entry(10), entry(11, question=None)]), "val")
    with pytest.raises(InvalidRequest, match="entry 0 of data"):
        read_docvqa(official(tmp_path / "f", [entry(10, answers=["a", None])]), "val")
    with pytest.raises(InvalidRequest, match="1 questions without answers"):
        read_docvqa(official(tmp_path / "c", [entry(10), entry(11, answers=None)]), "val")
    with pytest.raises(InvalidRequest, match="of the split 'test'"):
        read_docvqa(official(tmp_path / "d", [entry(10)], "test", name="val_v1.0.json"), "val")
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "val_v1.0.json").write_text('{"data": [\n{"questionId": 3,,}]}')
    with pytest.raises(InvalidRequest, match="line 2"):
        read_docvqa(tmp_path / "e", "val")


def test_missing_images_are_counted_before_the_first_question(tmp_path):
    data = read_docvqa(official(tmp_path, [entry(10), entry(20), entry(30)]), "val")
    (tmp_path / "spdocvqa_images" / "page2_1.png").unlink()
    with pytest.raises(InvalidRequest, match=r"1 of 3 image files are missing.*page2_1"):
        check_pictures(data.questions)


def test_a_missing_image_is_named_as_its_row_names_it_with_the_folders_that_lack_it(tmp_path):
    folder = official(tmp_path / "data", [entry(10)], images=False)
    (folder / "documents").mkdir()
    with pytest.raises(InvalidRequest) as caught:
        check_pictures(read_docvqa(folder, "val").questions)
    assert "for instance documents/page1_1.png (looked for in " in caught.value.found
    assert f"in {folder / 'documents'}, {folder}, " in caught.value.found
    assert "spdocvqa_images" not in caught.value.found


@pytest.mark.parametrize("way", ["absolute", "upwards"])
def test_an_entry_names_no_file_outside_of_the_data(tmp_path, way):
    private = tmp_path / "home" / "private.png"
    private.parent.mkdir()
    private.write_bytes(png("black"))
    name = {"absolute": str(private), "upwards": "../../home/private.png"}[way]
    folder = official(tmp_path / "data", [entry(10, image=name)], images=False)
    images = folder / "spdocvqa_images"
    images.mkdir()
    with pytest.raises(InvalidRequest, match="1 of 1 image files are missing"):
        check_pictures(read_docvqa(folder, "val").questions)
    (images / "private.png").write_bytes(png())
    assert read_docvqa(folder, "val").questions[0].picture.read() == images / "private.png"


def test_a_sample_is_of_whole_images_and_repeats(tmp_path):
    data = read_docvqa(official(tmp_path, [entry(n) for n in range(200)], images=False), "val")
    some = data.sampled(25, seed=1)
    assert 25 <= len(some.questions) < 35
    assert some == data.sampled(25, seed=1) != data.sampled(25, seed=2)
    clusters = {q.cluster for q in some.questions}
    assert len(some.questions) == 10 * len(clusters) and max(clusters) > "page5"
    assert data.sampled(None, 0) is data


def test_the_digest_changes_with_any_question(tmp_path):
    whole = official(tmp_path, [entry(10), entry(11)])
    before = read_docvqa(whole, "val").digest()
    assert before == read_docvqa(whole, "val").digest()
    assert before != read_docvqa(official(tmp_path, [entry(10), entry(11, answers=["no"])]), "val").digest()


def test_the_bundled_sample_says_what_it_is():
    content = json.loads((SAMPLES / "docvqa" / "spdocvqa_qas" / "val_v1.0_withQT.json").read_text())
    assert content["note"] == "drawn by minimax-vl, not the official data"
    data = read_docvqa(SAMPLES / "docvqa", "val")
    assert len(data.questions) >= 25 and all(q.answers for q in data.questions)
    check_pictures(data.questions)


def test_prompts_are_frozen(golden):
    question = read_docvqa(SAMPLES / "docvqa", "val").questions[0]
    golden(
        "eval_prompts_docvqa",
        {s: [DOCVQA.prompt(question, s), DOCVQA.styles[s].max_new_tokens] for s in DOCVQA.styles},
    )


@pytest.mark.parametrize(
    ("reply", "style", "scores", "rule"),
    [
        ("Yes", "direct", (1, 1), "whole reply"),
        ("yes ", "direct", (1, 0), "whole reply"),
        ("<think>no, no</think>\nIt says yes.\nAnswer: Yes", "cot", (1, 1), "tag"),
        ("Answer: no\nWait.\n**Final answer:** Yes", "cot", (1, 1), "tag"),
        ("Answer:\nYes", "cot", (1, 1), "tag"),
        ("Yes", "cot", (1, 1), "no tag"),
        ("<think>Yes", "cot", (0, 0), "no tag"),
    ],
)
def test_what_is_judged(reply, style, scores, rule):
    verdict = judge(reply, ["Yes"], (), style)
    assert (verdict.scores["ANLS"], verdict.scores["exact"], verdict.rule) == (*scores, rule)
