"""Whole runs without a model: the same records however they are cut up, killed, or spread over processes."""

from __future__ import annotations

import json
import threading

import pytest
from PIL import Image

from minimax_vl.errors import InvalidRequest, MiniMaxVLError, OutOfMemory
from minimax_vl.eval import run as runs
from minimax_vl.eval.processes import Place
from minimax_vl.eval.records import RECORDS, RecordWriter, read_records
from minimax_vl.eval.run import Options, carry_out, plan_run, rescore
from minimax_vl.eval.runner import AHEAD
from minimax_vl.eval.tasks.docvqa import DOCVQA
from minimax_vl.eval.testing import ScriptedPipeline

PAGES, EACH = 7, 3


@pytest.fixture
def data(tmp_path):
    """Seven pages with three questions each; the answer to question n is n."""
    folder = tmp_path / "data"
    (folder / "documents").mkdir(parents=True)
    rows = []
    for page in range(PAGES):
        Image.new("L", (50 + page, 40)).save(folder / "documents" / f"p{page}.png")
        for at in range(EACH):
            number = 10 * page + at
            rows.append(
                {
                    "questionId": number,
                    "question": f"Number {number}?",
                    "image": f"documents/p{page}.png",
                    "answers": [f"answer {number}"],
                }
            )
    (folder / "val_v1.0.json").write_text(json.dumps({"dataset_split": "val", "data": rows}))
    return folder


def reads(prompt):
    """Right but for every question number that ends in 2."""
    number = prompt.split()[1].rstrip("?")
    return "nothing" if number.endswith("2") else f"answer {number}"


def run(data, out, pipeline=None, place=None, **options):
    pipeline = pipeline or ScriptedPipeline(reads)
    plan = plan_run(Options(DOCVQA, data=data, out=out, style="plain", **options))
    return carry_out(plan, place or Place(), lambda: pipeline)


def same(records):
    return sorted(json.dumps(record.same(), sort_keys=True) for record in records)


@pytest.fixture
def whole(data, tmp_path):
    return run(data, tmp_path / "whole", batch_size=1)


def test_every_question_once_in_the_order_of_the_data(whole):
    assert [r.id for r in whole] == [str(10 * page + at) for page in range(PAGES) for at in range(EACH)]
    assert [r.scores["ANLS"] for r in whole] == [float(not r.id.endswith("2")) for r in whole]
    assert whole[0].size == (40, 50) and whole[0].tokens == len("answer 0") and whole[0].tiles is not None
    assert all(r.thought == r.prompt for r in whole)


@pytest.mark.parametrize("batch_size", [2, 8, 100])
def test_batches_change_nothing(data, tmp_path, whole, batch_size):
    pipeline = ScriptedPipeline(reads)
    assert same(run(data, tmp_path / "out", pipeline, batch_size=batch_size)) == same(whole)
    assert max(map(len, pipeline.asked)) == min(batch_size, PAGES * EACH)
    assert pipeline.encoded == PAGES  # each picture once, however many questions it has


@pytest.mark.parametrize("world", [2, 3, 9])
def test_processes_change_nothing(data, tmp_path, whole, world):
    out, asked = tmp_path / "out", []
    for rank in reversed(range(world)):  # the leader last: here, nobody else is running while it waits
        pipeline = ScriptedPipeline(reads)
        found = run(data, out, pipeline, Place(rank, world), batch_size=2)
        asked += [prompt for batch in pipeline.asked for prompt in batch]
    assert same(found) == same(whole)
    assert len(asked) == len(set(asked)) == PAGES * EACH
    assert len((out / RECORDS).read_text().splitlines()) == PAGES * EACH
    assert not list(out.glob("records-*"))


def test_processes_at_the_same_time(data, tmp_path, whole):
    out = tmp_path / "out"
    others = [
        threading.Thread(target=run, args=(data, out, None, Place(rank, 3)), kwargs={"batch_size": 1})
        for rank in (1, 2)
    ]
    for other in others:
        other.start()
    found = run(data, out, None, Place(0, 3), batch_size=1)
    for other in others:
        other.join()
    assert same(found) == same(whole)


def test_loading_the_model_is_no_part_of_the_time_that_is_left(data, tmp_path, capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("minimax_vl.eval.progress.time.monotonic", lambda: now[0])

    class Slow(ScriptedPipeline):
        def batch(self, requests, **options):
            now[0] += 2
            return super().batch(requests, **options)

    def load():
        now[0] += 1000
        return Slow(reads)

    plan = plan_run(Options(DOCVQA, data=data, out=tmp_path / "out", style="plain", batch_size=3))
    carry_out(plan, Place(), load)
    assert "3/21 questions, 66.7 % ANLS, 12 s left" in capsys.readouterr().err


def test_a_lost_process_is_reported_and_its_work_done_next_time(data, tmp_path, whole, monkeypatch):
    monkeypatch.setattr(runs, "PATIENCE", 0.1)
    with pytest.raises(MiniMaxVLError, match="questions that no process has answered"):
        run(data, tmp_path / "out", None, Place(0, 2))
    pipeline = ScriptedPipeline(reads)
    assert same(run(data, tmp_path / "out", pipeline)) == same(whole)  # one process takes the rest
    assert sum(map(len, pipeline.asked)) < PAGES * EACH


def test_killed_at_any_byte_and_started_again(data, tmp_path, whole):
    out = tmp_path / "out"
    run(data, out, batch_size=4)
    written = (out / RECORDS).read_bytes()
    ends = [
        at for at, byte in enumerate(written) if byte == ord("\n")
    ]  # a record whole but for its line's end
    for cut in sorted({*range(0, len(written), 211), *ends[::5], ends[-1]}):
        (out / RECORDS).write_bytes(written[:cut])
        kept = len(read_records(out))
        pipeline = ScriptedPipeline(reads)
        assert same(run(data, out, pipeline, batch_size=4)) == same(whole)
        assert sum(map(len, pipeline.asked)) == PAGES * EACH - kept
        assert len((out / RECORDS).read_text().splitlines()) == PAGES * EACH


def test_interrupted_in_the_middle_and_started_with_other_processes(data, tmp_path, whole):
    out = tmp_path / "out"

    class Stops(ScriptedPipeline):
        def batch(self, requests, **options):
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().batch(requests, **options)

    with pytest.raises(KeyboardInterrupt):
        run(data, out, Stops(reads), batch_size=2)
    assert len(read_records(out)) == 4
    run(data, out, None, Place(1, 2))
    assert same(run(data, out, None, Place(0, 2))) == same(whole)


def test_a_finished_run_loads_no_model(data, tmp_path, whole):
    def load():
        raise AssertionError("nothing is left to ask")

    plan = plan_run(Options(DOCVQA, data=data, out=tmp_path / "whole", style="plain"))
    assert same(carry_out(plan, Place(), load)) == same(whole)


def test_other_settings_do_not_reuse_answers(data, tmp_path, whole):
    # "auto" keeps weights that are stored in int8, "fp32" does not.
    for changed in (
        {"max_new_tokens": 5},
        {"limit": 3},
        {"max_tiles": 1},
        {"dtype": "bf16"},
        {"dtype": "fp32"},
    ):
        with pytest.raises(InvalidRequest, match="other settings"):
            run(data, tmp_path / "whole", **changed)
    path = data / "val_v1.0.json"
    path.write_text(path.read_text().replace("Number 0?", "Number 00?"))
    with pytest.raises(InvalidRequest, match="data_id"):
        run(data, tmp_path / "whole")


def test_a_picture_that_cannot_be_read_scores_0_and_stops_nothing(data, tmp_path):
    (data / "documents" / "p2.png").write_bytes(b"no picture")
    found = {r.id: r for r in run(data, tmp_path / "out", batch_size=4)}
    assert [id for id, r in found.items() if r.error] == ["20", "21", "22"]
    assert "UnreadableImage" in found["20"].error and found["20"].scores == {"ANLS": 0.0, "exact": 0.0}
    assert found["30"].scores["ANLS"] == 1


def test_missing_pictures_are_refused_unless_allowed(data, tmp_path):
    (data / "documents" / "p3.png").unlink()
    with pytest.raises(InvalidRequest, match="1 of 7 image files are missing"):
        run(data, tmp_path / "out")
    found = run(data, tmp_path / "out", allow_failures=True)
    assert sum(r.error is not None for r in found) == EACH


def test_a_question_that_fails_does_not_fail_its_batch(data, tmp_path):
    full = OutOfMemory("memory", "room", "a large batch", "lower it")
    pipeline = ScriptedPipeline(lambda p: full if "11?" in p else reads(p))
    found = {r.id: r for r in run(data, tmp_path / "out", pipeline, batch_size=8)}
    assert [id for id, r in found.items() if r.error] == ["11"]
    assert found["10"].scores["ANLS"] == 1
    again = run(data, tmp_path / "out", retry_failed=True)
    assert all(r.error is None for r in again) and len(again) == PAGES * EACH
    assert len((tmp_path / "out" / RECORDS).read_text().splitlines()) == PAGES * EACH


def test_failed_questions_are_not_asked_again_by_themselves(data, tmp_path):
    (data / "documents" / "p2.png").write_bytes(b"no picture")
    run(data, tmp_path / "out")
    pipeline = ScriptedPipeline(reads)
    run(data, tmp_path / "out", pipeline)
    assert pipeline.asked == [] and pipeline.encoded == 0


def test_pictures_are_opened_ahead_but_not_all_at_once(data, tmp_path):
    opened: list[int] = []

    class Counts(ScriptedPipeline):
        def image(self, source, **options):
            opened.append(1)
            return super().image(source, **options)

        def encode(self, image):
            assert len(opened) <= self.encoded + 1 + AHEAD + 1
            return super().encode(image)

    run(data, tmp_path / "out", Counts(reads), batch_size=1)
    assert len(opened) == PAGES


def test_rescoring_needs_no_model(data, tmp_path, whole):
    path = tmp_path / "whole" / RECORDS
    path.write_text(path.read_text().replace('"ANLS": 1.0', '"ANLS": 0.25'))
    assert same(rescore(DOCVQA, tmp_path / "whole", "plain")) == same(whole)
    assert same(read_records(tmp_path / "whole").values()) == same(whole)


def test_a_run_without_an_answer_is_not_rescored(tmp_path):
    with pytest.raises(InvalidRequest, match="a run without an answer"):
        rescore(DOCVQA, tmp_path, "plain")


def test_a_run_that_is_going_is_not_rescored(data, tmp_path, whole):
    pytest.importorskip("fcntl")
    with RecordWriter(tmp_path / "whole", 0), pytest.raises(InvalidRequest, match="another process"):
        rescore(DOCVQA, tmp_path / "whole", "plain")


def test_failures_that_repeat_do_not_keep_the_leader_waiting(data, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "PATIENCE", 0.1)
    (data / "documents" / "p2.png").write_bytes(b"no picture")
    (data / "documents" / "p3.png").write_bytes(b"no picture")
    run(data, tmp_path / "out")
    for rank in (1, 0):
        found = run(data, tmp_path / "out", None, Place(rank, 2), retry_failed=True)
    assert sum(r.error is not None for r in found) == 2 * EACH
    assert len((tmp_path / "out" / RECORDS).read_text().splitlines()) == PAGES * EACH


@pytest.mark.parametrize("of", [1, 3])  # a process of this run that has not begun, and one that it has not
def test_old_failures_of_other_processes_are_not_taken_for_answers(data, tmp_path, whole, of):
    out = tmp_path / "out"
    run(data, out)
    lines = [json.loads(line) for line in (out / RECORDS).read_text().splitlines()]
    old = [row | {"error": "OutOfMemory: x"} for row in lines if row["image"] == "p1.png"]
    kept = [row for row in lines if row["image"] != "p1.png"]
    for name, rows in ((RECORDS, kept), (f"records-{of}.jsonl", old)):
        (out / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = run(data, out, None, Place(0, 2), retry_failed=True)  # p1 is of the other process's share
    assert same(found) == same(whole)
    assert not list(out.glob("records-*"))


@pytest.mark.parametrize(("rank", "world"), [("2", "2"), ("-1", "2"), ("x", "1")])
def test_an_impossible_place_is_refused(monkeypatch, rank, world):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", world)
    with pytest.raises(InvalidRequest, match="RANK"):
        Place.here()


def test_the_disk_is_asked_before_the_first_question(data, tmp_path, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(runs.shutil, "disk_usage", lambda _: usage(10, 10, 0))
    with pytest.raises(MiniMaxVLError, match="0 bytes are free"):
        run(data, tmp_path / "out")


def test_new_weights_under_an_old_name_are_noticed(tmp_path):
    from minimax_vl.eval.weights import weights_id

    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(bytes(3_000_000))
    before = weights_id(tmp_path)
    assert before == weights_id(tmp_path)
    changed = bytearray(3_000_000)
    changed[-1] = 1
    (tmp_path / "model.safetensors").write_bytes(changed)
    assert weights_id(tmp_path) != before
