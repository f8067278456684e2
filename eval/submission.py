"""The file that DocVQA's test server takes, and the rules by which it refuses one.

The rules are those of the challenge's evaluation script: a list, one entry a question, whole-number ids, text answers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from minimax_vl.errors import InvalidRequest
from minimax_vl.eval.data.dataset import Question, shown
from minimax_vl.eval.data.docvqa import read_json
from minimax_vl.eval.published import WHOLE
from minimax_vl.eval.records import Record, write_whole

FILE = "docvqa_test_for_submission.json"
QUESTIONS = WHOLE["docvqa", "test"]


def write_submission(folder: Path, records: Iterable[Record]) -> Path:
    """Write the answers; ids that a hub copy gives as text become the numbers they stand for.

    Raises InvalidRequest for an id that is no number (data of another kind), SaveFailed.
    """
    entries = []
    for record in records:
        if not record.id.isdecimal():
            raise _no_id(f"the question id {record.id!r}")
        entries.append({"questionId": int(record.id), "answer": record.extracted})
    entries.sort(key=lambda entry: entry["questionId"])
    write_whole(folder / FILE, json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
    return folder / FILE


def check_ids(questions: Iterable[Question]) -> None:
    """Raises InvalidRequest for a question whose id the test server cannot know, before anything is asked."""
    for question in questions:
        if question.numbered:
            raise _no_id(f"a question without questionId ({question.text!r}, row {question.id} here)")
        if not question.id.isdecimal():
            raise _no_id(f"the question id {question.id!r}")


def _no_id(found: str) -> InvalidRequest:
    return InvalidRequest(
        found=found,
        expected="the whole numbers that DocVQA's questions have",
        cause="a copy of the data without questionId, or data of another kind",
        next_step="use the challenge's file or a hub copy that keeps the ids",
    )


def problems(path: Path, ids: Collection[int] | None = None) -> list[str]:
    """Every reason for which the server would refuse the file; [] when it is fine.

    ids: of the test split's questions, where they are at hand; without them only their number is checked.
    """
    entries = read_json(path)
    if not isinstance(entries, list):
        return [f"the file holds a {type(entries).__name__}; a list of entries is needed"]
    found, known = [], []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not {"questionId", "answer"} <= entry.keys():
            found.append(f"entry {number}: an object with questionId and answer is needed")
            continue
        id, answer = entry["questionId"], entry["answer"]
        if type(id) is not int:  # True is an int to isinstance
            found.append(f"entry {number}: questionId {id!r} is a {type(id).__name__}, not a whole number")
        else:
            known.append(id)
        if not isinstance(answer, str):
            found.append(f"entry {number}: the answer is a {type(answer).__name__}, not text")
    twice = sorted(id for id, count in Counter(known).items() if count > 1)
    if twice:
        found.append(f"{len(twice)} ids occur more than once: {shown([str(id) for id in twice])}")
    if ids is None:
        if len(set(known)) != QUESTIONS:
            found.append(f"{len(set(known))} different ids; the test split has {QUESTIONS} questions")
        return found
    for what, some in (("missing", set(ids) - set(known)), ("not of this split", set(known) - set(ids))):
        if some:
            found.append(f"{len(some)} ids are {what}: {shown([str(id) for id in sorted(some)])}")
    return found
