"""The reading suite: which questions read, how errors are counted, and what a run records."""

from __future__ import annotations

import json

import pytest

from minimax_vl.eval.metrics import clustered_ratio
from minimax_vl.eval.reading import GROUPS, edits, evaluate, group_of, pages
from minimax_vl.reply import Reply


@pytest.mark.parametrize(
    ("question", "group"),
    [
        ("Read the text.", "transcript"),
        ("Read the second line.", "line by place"),
        ("Read the first two lines.", "several lines"),
        ("Which line starts with 'Tel'?", "line by start"),
        ("Read the line under 'A & B (1)'.", "line above or below"),
        ("What is written in the top left corner?", "corner"),
        ("What is the total?", ""),
        ("What is written after 'Tel'?", ""),
        ("Please read the text.", ""),
    ],
)
def test_groups_of_questions(question, group):
    assert group_of(question) == group


@pytest.mark.parametrize(
    ("reply", "answer", "count"),
    [("a b", "a  b", 0), ("ab", "abc", 1), ("", "abc", 3), ("Abc", "abc", 1), ("one\ntwo", "one two", 0)],
)
def test_edits(reply, answer, count):
    assert edits(reply, answer) == count


def test_rate_is_over_all_characters_and_a_page_is_one_cluster():
    alone = clustered_ratio([1, 0, 0, 0], [10, 30, 30, 30], [0, 1, 2, 3])
    assert alone.value == pytest.approx(0.01)
    assert (alone.count, alone.clusters) == (4, 4)
    paired = clustered_ratio([1, 1, 0, 0], [25] * 4, [0, 0, 1, 1])
    apart = clustered_ratio([1, 1, 0, 0], [25] * 4, [0, 1, 2, 3])
    assert paired.value == apart.value
    assert paired.high - paired.low > apart.high - apart.low
    assert clustered_ratio([50], [10], [0]).value == 1.0


def test_pages_repeat_and_only_read():
    once, again = list(pages(12)), list(pages(12))
    assert [(n, turns) for n, _, turns in once] == [(n, turns) for n, _, turns in again]
    assert all(group_of(question) in GROUPS for _, _, turns in once for question, _ in turns)


class AllButTheLastLetter:
    """A pipeline that knows the answers of one page after the other."""

    def __init__(self, held):
        self.turns = iter([dict(turns) for _, _, turns in held])

    def encode(self, image):
        return next(self.turns)

    def batch(self, pairs, **options):
        return [Reply(answers[question][:-1] + "~", tokens=(1, 2)) for answers, question in pairs]


def test_a_run_counts_errors_and_writes_records(tmp_path):
    held = list(pages(20))
    result = evaluate(AllButTheLastLetter(held), questions=20, out=tmp_path)
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(result.records) == sum(len(turns) for _, _, turns in held)
    assert not any(json.loads(line)["right"] for line in lines)
    characters = sum(len(" ".join(r.answer.split())) for r in result.records)
    assert result.error_rate().value == pytest.approx(len(result.records) / characters)
