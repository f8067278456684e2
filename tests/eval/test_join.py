"""Parts of one suite that were answered by several processes are scored as one."""

from __future__ import annotations

import json
import runpy
from dataclasses import asdict
from pathlib import Path

import pytest

from minimax_vl.apps.evaluate import table
from minimax_vl.eval.drawn import Record, Result

JOINED = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "join_records.py"))["joined"]


def record(page, right, kind="value"):
    return Record(page, kind, (336, 336), "Q?", "a", "a" if right else "b", right, 1)


def part(folder, records):
    folder.mkdir()
    (folder / "records.jsonl").write_text("".join(json.dumps(asdict(r)) + "\n" for r in records))
    return folder


def test_parts_are_one_run(tmp_path):
    records = [record(0, True), record(0, False), record(9, True), record(4, False, "count")]
    parts = [part(tmp_path / "a", records[:2]), part(tmp_path / "b", records[2:])]
    whole = JOINED("charts", parts)
    assert table(whole) == table(Result(records)) and [r.page for r in whole.records] == [0, 0, 4, 9]
    assert table(whole)["all"]["exact"].clusters == 3
    assert "character errors" in table(JOINED("reading", parts))["all"]


def test_the_same_page_in_two_parts_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="earlier part"):
        JOINED("charts", [part(tmp_path / "a", [record(3, True)]), part(tmp_path / "b", [record(3, True)])])
    with pytest.raises(SystemExit, match="no record"):
        JOINED("charts", [part(tmp_path / "c", [])])
