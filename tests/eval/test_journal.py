"""Records gathered as they come: on disk after every batch, taken over by the next run, and a full disk is said."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass

import pytest

from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.eval.journal import Batch, Journal, silent
from minimax_vl.eval.records import RECORDS, RecordWriter


@dataclass(frozen=True)
class Row:
    name: str
    right: bool
    places: tuple[tuple[str, int], ...] = ()
    error: str | None = None


JOURNAL = Journal(Row, lambda row: row.name, lambda row: row.right)
ROWS = [[Row("é", True), Row("b", False, (("x", 1),))], [], [Row("c\u2028", True), Row("d\ud800", True)]]


class Asked:
    """Batches that count which of them were answered; that of `fails` is interrupted."""

    def __init__(self, rows=ROWS, fails=None):
        self.rows, self.fails, self.answered = rows, fails, []

    def __iter__(self):
        for number, rows in enumerate(self.rows):
            yield Batch([row.name for row in rows], lambda number=number: self._answer(number))

    def _answer(self, number):
        if number == self.fails:
            raise KeyboardInterrupt
        self.answered.append(number)
        return self.rows[number]


def flat(rows=ROWS):
    return [row for some in rows for row in some]


def test_what_was_answered_is_on_disk_when_the_next_batch_fails_and_is_not_asked_again(tmp_path):
    told = []
    with pytest.raises(KeyboardInterrupt):
        JOURNAL.gathered(Asked(fails=2), tmp_path, lambda *so_far: told.append(so_far))
    lines = (tmp_path / RECORDS).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["é", "b"]
    assert told == [(2, 0.5, 0), (2, 0.5, 0)]
    again, told = Asked(), []
    assert JOURNAL.gathered(again, tmp_path, lambda *so_far: told.append(so_far)) == flat()
    assert again.answered == [2] and told[-1] == (4, 0.75, 2)
    whole = (tmp_path / RECORDS).read_bytes()
    once_more = Asked()
    assert JOURNAL.gathered(once_more, tmp_path, silent) == flat() and once_more.answered == []
    assert (tmp_path / RECORDS).read_bytes() == whole


def test_fewer_questions_lose_nothing_and_more_are_added(tmp_path):
    JOURNAL.gathered(Asked(), tmp_path, silent)
    assert JOURNAL.gathered(Asked(ROWS[:1]), tmp_path, silent) == ROWS[0]
    more = Asked([[Row("new", False)], *ROWS])
    assert JOURNAL.gathered(more, tmp_path, silent) == [Row("new", False), *flat()] and more.answered == [0]


def test_records_come_back_in_their_order_with_the_mean_so_far():
    told = []
    found = JOURNAL.gathered(Asked(), None, lambda *so_far: told.append(so_far))
    assert found == flat() and told[-1] == (4, 0.75, 0)


def test_what_failed_or_was_cut_short_is_asked_again(tmp_path):
    JOURNAL.gathered(
        Asked([[Row("a", False, error="unreadable")], [Row("b", True)], [Row("c", True)]]), tmp_path, silent
    )
    path = tmp_path / RECORDS
    path.write_bytes(path.read_bytes()[:-3] + b"\xff")
    mended = Asked([[Row("a", True)], [Row("b", True)], [Row("c", True)]])
    assert JOURNAL.gathered(mended, tmp_path, silent) == flat(mended.rows) and mended.answered == [0, 2]
    still = Asked(mended.rows)
    assert JOURNAL.gathered(still, tmp_path, silent) == flat(mended.rows) and still.answered == []


@pytest.mark.parametrize(
    "line", ["[1]", "3", '{"name": "é"}', '{"name": "é", "right": true, "other": 1}', "{", ""]
)
def test_lines_that_are_no_such_record_are_passed_over(line, tmp_path):
    (tmp_path / RECORDS).write_text(line + "\n", encoding="utf-8")
    asked = Asked()
    assert JOURNAL.gathered(asked, tmp_path, silent) == flat() and asked.answered == [0, 2]


def test_two_runs_do_not_write_into_one_folder(tmp_path):
    with RecordWriter(tmp_path, 0), pytest.raises(InvalidRequest, match="another process is writing"):
        JOURNAL.gathered(Asked(), tmp_path, silent)


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveFailed, match="No space left"):
        JOURNAL.gathered(Asked(), tmp_path, silent)
