"""Numbers of a run: the standard errors of lmms-eval, groups, baselines; two runs compared; the submission file."""

from __future__ import annotations

import json

import pytest

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.comparison import compare
from minimax_vl.eval.diagnosis import diagnosis
from minimax_vl.eval.metrics import clustered_difference, clustered_mean, standard_error
from minimax_vl.eval.published import SCORES, comparability
from minimax_vl.eval.records import Record, RecordWriter, open_run
from minimax_vl.eval.submission import QUESTIONS, problems, write_submission
from minimax_vl.eval.summary import summarise
from minimax_vl.eval.tasks.ai2d import AI2D
from minimax_vl.eval.tasks.docvqa import DOCVQA

SCORES_8 = [1, 1, 0, 1, 0, 0, 1, 1]


def record(id, score=1.0, cluster="p", **changes):
    fixed = {
        "image": cluster,
        "question": f"{id}?",
        "prompt": "",
        "answers": ("yes",),
        "options": (),
        "types": (),
    }
    scores = {} if changes.get("answers", True) is None else {"ANLS": score, "exact": float(score == 1)}
    return Record(id=str(id), cluster=cluster, scores=scores, **(fixed | changes))


def test_standard_errors_are_those_of_lmms_eval():
    assert standard_error(SCORES_8) == pytest.approx(0.18298126367784995, abs=1e-12)
    assert standard_error(SCORES_8, "aabbccdd") == pytest.approx(0.21714975905384482, abs=1e-12)
    assert standard_error([1.0]) != standard_error([1.0])  # nan: one score has no spread


def test_one_question_an_image_clusters_nothing():
    assert standard_error(SCORES_8, range(8)) == pytest.approx(standard_error(SCORES_8), abs=1e-12)


def test_all_right_of_a_few_is_not_certainty():
    mean = clustered_mean([1.0] * 6, range(6))
    assert (mean.value, mean.high) == (1.0, 1.0) and 0.5 < mean.low < 0.7
    mean = clustered_mean([0.0] * 600, range(600))
    assert (mean.low, mean.value) == (0.0, 0.0) and 0 < mean.high < 0.01


def test_groups_baselines_and_counts():
    records = [
        record(1, 1.0, types=("form",), size=(100, 100), rule="tag"),
        record(2, 0.5, types=("form", "layout"), size=(3000, 3000), answers=("a longer answer",), rule="tag"),
        record(3, 0.0, error="broken", answers=("yes", "no"), rule="failed"),
    ]
    found = summarise(DOCVQA, records)
    assert found.scores["ANLS"].mean.value == pytest.approx(0.5) and found.failed == 1
    types = found.groups["question type"]
    assert (types["form"]["ANLS"].value, types["form"]["ANLS"].count) == (0.75, 2)
    assert types["layout"]["ANLS"].count == 1
    assert list(found.groups["resolution"]) == ["under 0.25 MP", "over 4 MP", "unreadable"]
    assert list(found.groups["answer length"]) == ["1 to 4 characters", "13 to 32 characters"]
    assert found.baselines == {"always answering 'yes'": pytest.approx(2 / 3)}
    json.dumps(found.to_dict(), allow_nan=False)


def test_chance_stands_beside_a_choice():
    def choice(id, answer):
        scores = {"strict": 1.0, "tolerant": 1.0}
        return Record(str(id), "p", "p", "?", "", (answer,), ("p", "q"), (), scores=scores)

    found = summarise(AI2D, [choice(1, "A"), choice(2, "B"), choice(3, "B")])
    assert found.baselines == {"chance": 0.25, "always answering 'B'": pytest.approx(2 / 3)}


def test_hidden_answers_give_no_score():
    found = summarise(DOCVQA, [record(1, answers=None), record(2, answers=None)])
    assert found.scores == {} and found.groups == {} and found.total == 2


def stored(folder, records, **settings):
    open_run(folder, {"task": "docvqa", "split": "val", **settings}, {})
    with RecordWriter(folder, 0) as writer:
        writer.write(records)
    return folder


def test_a_comparison_is_paired_by_question(tmp_path):
    before = [record(n, float(n % 2), cluster=f"p{n}") for n in range(10)]
    now = [record(n, float(n % 2 or n < 4), cluster=f"p{n}") for n in range(8)] + [record(99)]
    folder = stored(tmp_path / "other", before, model="old")
    found = compare(
        DOCVQA, {r.id: r for r in now}, {"task": "docvqa", "split": "val", "model": "new"}, folder
    )
    assert (found.common, found.only_here, found.only_there) == (8, 1, 2)
    assert [here.id for _, here in found.gained] == ["0", "2"] and found.lost == []
    assert found.settings == {"model": ("old", "new")}
    difference = found.differences["ANLS"]
    assert difference.value == pytest.approx(0.25) and difference.low < 0 < difference.high


def test_a_run_against_itself_differs_by_nothing(tmp_path):
    records = [record(n, n / 10, cluster=f"p{n // 2}") for n in range(10)]
    found = compare(DOCVQA, {r.id: r for r in records}, {}, stored(tmp_path / "x", records))
    mean = found.differences["ANLS"]
    assert mean.value == pytest.approx(0) and mean.high == pytest.approx(-mean.low)
    assert 0.4 < mean.high < 0.7  # five pages of which none changed say little about others
    assert found.gained == found.lost == []


def test_runs_without_a_common_question_are_refused(tmp_path):
    folder = stored(tmp_path / "other", [record(1, question="another?")])
    with pytest.raises(InvalidRequest, match="none of a question of this run"):
        compare(DOCVQA, {"1": record(1)}, {}, folder)


def test_the_interval_of_a_difference():
    alike = clustered_difference([0.1] * 50, range(50))
    assert alike.value == pytest.approx(0.1) and 0.02 < alike.low < 0.06 and 0.14 < alike.high < 0.18
    mixed = clustered_difference([1, -1] * 25, range(50))
    assert mixed.value == 0 and mixed.high == pytest.approx(-mixed.low) and 0.2 < mixed.high < 0.35


FULL = {"task": "docvqa", "questions": 5349, "drawn_here": False, "limit": None, "ids": None, "max_tiles": None,
        "split": "val", "variant": None}  # fmt: skip


def test_a_published_score_is_comparable_only_in_the_same_setting():
    entry = next(e for e in SCORES["docvqa"] if e.split == "val" and e.style == "direct")
    assert comparability(entry, FULL | {"prompt_style": "direct"}) == "comparable"
    assert "ours cot" in comparability(entry, FULL | {"prompt_style": "cot"})
    assert "sample" in comparability(entry, FULL | {"prompt_style": "direct", "limit": 100})
    assert "drawn" in comparability(entry, FULL | {"prompt_style": "direct", "drawn_here": True})
    part = comparability(entry, FULL | {"prompt_style": "direct", "questions": 500})
    assert "this copy of the data has 500 questions, the whole 5,349" in part
    release = next(e for e in SCORES["docvqa"] if e.model.startswith("MiniMax-VL-01"))
    assert comparability(release, FULL | {"prompt_style": "cot"}).startswith("not comparable: its split")
    ai2d = next(e for e in SCORES["ai2d"] if e.variant == "mask" and e.style == "direct")
    settings = FULL | {"task": "ai2d", "questions": 3088, "split": "test", "prompt_style": "direct"}
    assert comparability(ai2d, settings | {"variant": "mask"}) == "comparable"
    assert "its variant is mask, ours no-mask" in comparability(ai2d, settings | {"variant": "no-mask"})


@pytest.mark.parametrize(
    ("said", "changes", "why"),
    [
        ("Yes", {}, "differs only by case"),
        ("yes.", {}, "differs only by punctuation"),
        ("y e s", {}, "differs only by blanks"),
        ("cafe\u0301", {"answers": ("caf\u00e9",)}, "differs only by Unicode form"),
        ("YES!", {}, "differs only by form: case, blanks, punctuation"),
        ("I think yes", {}, "says more than the answer"),
        ("ye", {"answers": ("yes sir",)}, "says a part of the answer"),
        ("", {}, "empty reply"),
        ("maybe", {}, "another answer"),
        ("-", {}, "another answer"),
        ("maybe", {"finish_reason": "length"}, "cut off at the token limit"),
        ("", {"error": "x"}, "failed"),
        ("", {"answers": None}, ""),
    ],
)
def test_diagnoses(said, changes, why):
    assert diagnosis(record(1, 0.0, reply=said, extracted=said, **changes)) == why


def test_a_submission_is_accepted_by_its_own_rules(tmp_path):
    records = [record(id, answers=None, extracted=f"é {id}") for id in ("12", "7")]
    path = write_submission(tmp_path, records)
    assert json.loads(path.read_text()) == [
        {"questionId": 7, "answer": "é 7"},
        {"questionId": 12, "answer": "é 12"},
    ]
    assert problems(path, {7, 12}) == []
    assert problems(path) == [f"2 different ids; the test split has {QUESTIONS} questions"]


def test_ids_that_are_no_numbers_cannot_be_submitted(tmp_path):
    with pytest.raises(InvalidRequest, match="'0-1'"):
        write_submission(tmp_path, [record("0-1", answers=None)])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"1": "a"}, "a dict; a list"),
        ([{"questionId": "7", "answer": "a"}, {"questionId": 12, "answer": "b"}], "'7' is a str"),
        ([{"questionId": True, "answer": "a"}], "True is a bool"),
        ([{"questionId": 7, "answer": ["a"]}, {"questionId": 12, "answer": ""}], "is a list, not text"),
        ([{"questionId": 7, "answer": "a"}], "1 ids are missing: 12"),
        ([{"questionId": n, "answer": "a"} for n in (7, 12, 13)], "1 ids are not of this split: 13"),
        ([{"questionId": n, "answer": "a"} for n in (7, 12, 7)], "1 ids occur more than once: 7"),
        ([{"id": 7}, {"questionId": 7, "answer": "a"}], "entry 0: an object with"),
    ],
)
def test_what_the_server_would_refuse(tmp_path, content, message):
    path = tmp_path / "submission.json"
    path.write_text(json.dumps(content))
    assert any(message in problem for problem in problems(path, {7, 12})), problems(path, {7, 12})


def test_a_full_submission_needs_no_list_of_ids(tmp_path):
    path = tmp_path / "submission.json"
    path.write_text(json.dumps([{"questionId": n, "answer": ""} for n in range(QUESTIONS)]))
    assert problems(path) == []
