"""Records on disk: whole after a crash at any byte, one writer a file, other settings refused."""

from __future__ import annotations

import errno
import json
import os
import stat

import pytest

from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.eval.records import (
    RECORDS,
    Record,
    RecordWriter,
    drop_failed,
    fold,
    open_run,
    read_records,
    read_run,
)


def record(id, reply="yes", **changes):
    fixed = {
        "image": "a.png",
        "cluster": "a.png",
        "question": "Q\nrow?",
        "prompt": "P",
        "answers": ("yes", "é"),
    }
    return Record(id=id, reply=reply, options=(), types=("form",), **(fixed | changes))


def test_a_record_comes_back_as_it_went(tmp_path):
    sent = record("7", "tab\t\u2028 \ud800 line\nend", size=(10, 20), tiles=(1, 2), scores={"ANLS": 0.5})
    with RecordWriter(tmp_path, 0) as writer:
        writer.write([sent])
    assert read_records(tmp_path) == {"7": sent}
    assert len((tmp_path / RECORDS).read_bytes().splitlines()) == 1


def test_a_crash_at_any_byte_loses_at_most_the_record_it_cut(tmp_path):
    whole = [record(str(n), "é" * n) for n in range(2)]
    data = "".join(r.line() for r in whole).encode()
    ends = [i for i, byte in enumerate(data) if byte == 10]  # a record is whole without its line's end
    for cut in range(len(data) + 1):
        (tmp_path / RECORDS).write_bytes(data[:cut])
        kept = sum(end <= cut for end in ends)
        with RecordWriter(tmp_path, 0) as writer:
            writer.write([record("new")])
        found = [json.loads(line)["id"] for line in (tmp_path / RECORDS).read_bytes().splitlines()]
        assert found == [r.id for r in whole[:kept]] + ["new"]
        assert list(read_records(tmp_path)) == found


def test_lines_that_are_no_records_are_passed_over(tmp_path):
    lines = [b"\x00\x00\x00", b"{}", b"[1]", b'"x"', b"\xff\xfe", record("1").line().strip().encode()]
    (tmp_path / RECORDS).write_bytes(b"\n".join(lines) + b"\n")
    assert list(read_records(tmp_path)) == ["1"]


def test_a_second_writer_is_refused(tmp_path):
    pytest.importorskip("fcntl")
    with RecordWriter(tmp_path, 0), pytest.raises(InvalidRequest, match="another process is writing"):
        RecordWriter(tmp_path, 0)
    with RecordWriter(tmp_path, 0), RecordWriter(tmp_path, 1):
        pass


def test_folding_moves_every_record_once(tmp_path):
    for rank, ids in ((1, "bc"), (2, "cd")):
        with RecordWriter(tmp_path, rank) as writer:
            writer.write([record(id) for id in ids])
    with RecordWriter(tmp_path, 0) as writer:
        writer.write([record("a")])
        fold(tmp_path, writer)
    lines = (tmp_path / RECORDS).read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b", "c", "d"]
    assert [p.name for p in tmp_path.iterdir()] == [RECORDS]


def test_an_answer_wins_over_a_failure_whichever_came_first(tmp_path):
    with RecordWriter(tmp_path, 1) as writer:
        writer.write([record("x", "", error="broken"), record("y", "good")])
    with RecordWriter(tmp_path, 0) as writer:
        writer.write([record("x", "good"), record("y", "", error="broken")])
    assert {id: r.error for id, r in read_records(tmp_path).items()} == {"x": None, "y": None}


def test_dropping_failures_keeps_the_rest(tmp_path):
    with RecordWriter(tmp_path, 0) as writer:
        writer.write([record("x", "", error="broken"), record("y")])
    drop_failed(tmp_path, 0)
    assert list(read_records(tmp_path)) == ["y"]


def test_failures_are_not_dropped_under_a_writer(tmp_path):
    with RecordWriter(tmp_path, 0) as writer:
        writer.write([record("x", "", error="broken")])
        with pytest.raises(InvalidRequest, match="another process is writing"):
            drop_failed(tmp_path, 0)
        writer.write([record("y")])
    drop_failed(tmp_path, 0)
    assert list(read_records(tmp_path)) == ["y"]


def test_a_full_disk_is_said_and_leaves_no_half_record(tmp_path):
    writer = RecordWriter(tmp_path, 0)
    writer.write([record("a")])
    raw = writer._file

    class Full:
        def write(self, data):
            raw.write(data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name):
            return getattr(raw, name)

    writer._file = Full()
    with pytest.raises(SaveFailed, match="No space left"):
        writer.write([record("b")])
    raw.close()
    assert list(read_records(tmp_path)) == ["a"]
    assert (tmp_path / RECORDS).read_bytes().endswith(b"\n")


def test_other_settings_are_refused_by_name(tmp_path):
    open_run(tmp_path / "run", {"split": "val", "limit": None}, {"device": "cpu"})
    open_run(tmp_path / "run", {"split": "val", "limit": None}, {"device": "cuda"})
    assert read_run(tmp_path / "run")["facts"] == {"device": "cpu"}
    with pytest.raises(InvalidRequest, match="limit: None there, 10 now"):
        open_run(tmp_path / "run", {"split": "val", "limit": 10}, {})


def test_records_of_nobody_knows_what_are_not_taken_over(tmp_path):
    (tmp_path / "records-1.jsonl").write_text("")
    with pytest.raises(InvalidRequest, match=r"no run\.json that says of what"):
        open_run(tmp_path, {}, {})
    assert not (tmp_path / "run.json").exists()


def test_a_process_that_comes_first_meanwhile_is_no_stranger(tmp_path, monkeypatch):
    exists = os.path.exists

    def overtaken(path):
        found = exists(path)
        monkeypatch.undo()
        open_run(tmp_path, {"split": "val"}, {})
        with RecordWriter(tmp_path, 1) as writer:
            writer.write([record("7")])
        return found

    monkeypatch.setattr("minimax_vl.eval.records.os.path.exists", overtaken)
    open_run(tmp_path, {"split": "val"}, {})
    assert list(read_records(tmp_path)) == ["7"] and read_run(tmp_path)["settings"] == {"split": "val"}


def test_folding_keeps_the_answer_to_what_failed_elsewhere(tmp_path):
    failed = {id: record(id, reply="", error="no room") for id in "12"}
    for rank, rows in ((0, [failed["1"]]), (1, [failed["2"]]), (2, [record("1"), record("2")])):
        with RecordWriter(tmp_path, rank) as writer:
            writer.write(rows)
    with RecordWriter(tmp_path, 0) as writer:
        fold(tmp_path, writer)
    assert read_records(tmp_path) == {"1": record("1"), "2": record("2")}


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InvalidRequest, match=r"run\.json"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text('{"settings": 3}')
    with pytest.raises(InvalidRequest, match="the folder of a run"):
        read_run(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveFailed, match="give --out another folder"):
        open_run(tmp_path / "file", {}, {})
    if os.geteuid() != 0:  # root may write everywhere
        (tmp_path / "locked").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(SaveFailed, match="cannot be written"):
            open_run(tmp_path / "locked" / "run", {}, {})
