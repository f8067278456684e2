"""Records gathered as they come: on disk after every batch, and a disk that is full is said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from minimax_vl.errors import SaveFailed
from minimax_vl.eval.journal import gathered, silent


@dataclass(frozen=True)
class Row:
    name: str
    right: bool


BATCHES = [[Row("é", True), Row("b", False)], [], [Row("c", True), Row("d", True)]]


def test_what_was_answered_is_on_disk_when_the_next_batch_fails(tmp_path):
    file, told = tmp_path / "records.jsonl", []
    file.write_text("of an earlier run\n")

    def breaks():
        yield BATCHES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gathered(breaks(), lambda row: row.right, file, lambda *so_far: told.append(so_far))
    assert [json.loads(line)["name"] for line in file.read_text(encoding="utf-8").splitlines()] == ["é", "b"]
    assert told == [(2, 0.5)]


def test_records_come_back_in_their_order_with_the_mean_so_far(tmp_path):
    told = []
    found = gathered(iter(BATCHES), lambda row: row.right, None, lambda *so_far: told.append(so_far))
    assert [row.name for row in found] == ["é", "b", "c", "d"] and told[-1] == (4, 0.75)


def test_a_full_disk_is_said():
    with pytest.raises(SaveFailed, match="No space left"):
        gathered(iter(BATCHES), lambda row: row.right, Path("/dev/full"), silent)
