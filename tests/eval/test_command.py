"""The two benchmarks as commands: bare on a machine without data, by every door, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from minimax_vl.apps.cli import main
from minimax_vl.eval.command import main as entered
from minimax_vl.eval.data.dataset import DRAWN_HERE
from minimax_vl.eval.progress import Progress, duration

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    out = tmp_path_factory.mktemp("eval") / "run"
    assert main(["eval", "docvqa", "--limit", "8", "--out", str(out)]) == 0
    return out


def test_a_bare_run_reads_the_drawn_sample(scored):
    summary = json.loads((scored / "summary.json").read_text())
    assert summary["settings"]["drawn_here"] and summary["settings"]["prompt_style"] == "direct"
    assert summary["summary"]["questions"] >= 8
    assert summary["summary"]["scores"]["ANLS"]["value"] >= 0.8, "nano no longer reads"
    assert {p.name for p in scored.iterdir()} == {
        "run.json", "records.jsonl", "summary.json", "report.md", "report.html",
    }  # fmt: skip


def test_every_line_says_that_the_sample_is_drawn(scored, capsys):
    assert main(["eval", "docvqa", "--limit", "8", "--out", str(scored)]) == 0  # nothing left to ask
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert len(lines) > 5
    assert [line for line in lines if DRAWN_HERE not in line] == []


def test_rescoring_and_comparing_with_itself(scored, capsys):
    again = ["eval", "docvqa", "--rescore", "--out", str(scored), "--compare", str(scored), "--json"]
    before = (scored / "records.jsonl").read_bytes()
    assert main(again) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scores"]["ANLS"]["count"] >= 8
    assert told["comparison"] == json.loads((scored / "summary.json").read_text())["comparison"]
    assert (scored / "records.jsonl").read_bytes() == before
    difference = json.loads((scored / "summary.json").read_text())["comparison"]["differences"]["ANLS"]
    assert difference["value"] == pytest.approx(0, abs=1e-12)


def test_letters_ranked_by_likelihood_need_no_parsing_and_compare_with_nothing(tmp_path, capsys):
    out = tmp_path / "run"
    ranked = ["eval", "ai2d", "--limit", "4", "--scoring", "likelihood", "--out", str(out), "--json"]
    assert main(ranked) == 0
    records = [json.loads(line) for line in (out / "records.jsonl").read_text().splitlines()]
    assert len(records) >= 4
    for record in records:
        assert record["reply"] in "ABCD"[: len(record["options"])]
        assert (
            record["tokens"] == 1 or record["thought"]
        )  # a letter alone is chosen, whatever stands before it
        assert (
            record["scores"]["strict"]
            == record["scores"]["tolerant"]
            == (record["reply"] in record["answers"])
        )
    labels = [row["comparability"] for row in json.loads((out / "summary.json").read_text())["published"]]
    assert all("ranks the letters by their likelihood" in label for label in labels)
    assert main([*ranked[:4], "--out", str(out)]) == 2  # answers of the other way are not taken for its own
    assert "scoring" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["docvqa", "--limit", "0"], "1 or more"),
        (["ai2d", "--scoring", "likelihood", "--prompt", "cot"], "--scoring likelihood with --prompt cot"),
        (["docvqa", "--batch-size", "-1"], "--batch-size -1"),
        (["docvqa", "--data", "nowhere"], "no folder nowhere"),
        (["docvqa", "--split", "test"], "--split val, which is all that the drawn sample in the package has"),
        (["docvqa", "--split", "train"], "with --data DIR"),
        (["ai2d", "--split", "train"], "--split test, which is all that the drawn sample"),
        (["docvqa", "--split", "vall"], "one of val, train, test"),
        (["docvqa", "--rescore"], "--rescore without --out"),
        (["docvqa", "--rescore", "--out", "."], "run.json"),
        (["docvqa", "--compare", "nowhere"], "nowhere/run.json"),
        (["docvqa", "--ids", "7,8"], "no question 7, 8"),
        (["ai2d", "--split", "val"], "one of test, train, all"),
        (["docvqa", "--revision", "abc"], "revision 'abc' of 'nano'"),
    ],
)
def test_what_is_refused_before_the_model_is_loaded(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["eval", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_who_reads_json_is_told_an_error_by_every_door(capsys):
    assert entered("docvqa", ["--limit", "0", "--json"]) == 2
    by_module = capsys.readouterr()
    assert main(["eval", "docvqa", "--limit", "0", "--json"]) == 2
    by_command = capsys.readouterr()
    assert by_module.out == by_command.out and "--limit 0" in json.loads(by_module.out)["error"]


def test_a_run_of_another_benchmark_is_not_rescored(scored, capsys):
    assert main(["eval", "ai2d", "--rescore", "--out", str(scored)]) == 2
    assert "a run of docvqa" in capsys.readouterr().err


def test_a_submission_is_validated_without_a_model(tmp_path, capsys):
    file = tmp_path / "submission.json"
    file.write_text(json.dumps([{"questionId": "1", "answer": "x"}]))
    assert main(["eval", "docvqa", "--validate-submission", str(file)]) == 1
    assert "'1' is a str" in capsys.readouterr().out
    file.write_text(json.dumps([{"questionId": n, "answer": "x"} for n in range(5188)]))
    assert main(["eval", "docvqa", "--validate-submission", str(file)]) == 0
    assert main(["eval", "docvqa", "--validate-submission", str(tmp_path / "none.json")]) == 2
    assert "No such file" in (told := capsys.readouterr().err)
    assert "next step: check the path" in told


# A disk cannot be filled in a test; Linux has a device that says it is full, macOS and Windows have none.
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_the_output_is_said(tmp_path):
    file = tmp_path / "submission.json"
    file.write_text("[]")
    command = [sys.executable, "-m", "minimax_vl.eval.docvqa", "--validate-submission", str(file)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "the output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_test_split_ends_in_a_submission(tmp_path, capsys):
    Image.new("L", (120, 90), 255).save(tmp_path / "p1.png")
    (tmp_path / "p2.png").write_bytes(b"no picture")
    rows = [
        {"questionId": id, "question": f"What is {id}?", "image": f"documents/p{id}.png"} for id in (2, 1)
    ]
    (tmp_path / "test_v1.0.json").write_text(json.dumps({"dataset_split": "test", "data": rows}))
    out = tmp_path / "run"
    command = ["eval", "docvqa", "--data", str(tmp_path), "--split", "test", "--out", str(out)]
    assert main([*command, "--max-new-tokens", "4"]) == 1  # a question failed
    assert "there is no score" in capsys.readouterr().out
    entries = json.loads((out / "docvqa_test_for_submission.json").read_text())
    assert [entry["questionId"] for entry in entries] == [1, 2] and entries[1]["answer"] == ""
    assert main([*command, "--max-new-tokens", "4", "--allow-failures"]) == 0
    assert main([*command[:4], "--validate-submission", str(out / "docvqa_test_for_submission.json")]) == 0


@pytest.mark.parametrize("door", ["eval.docvqa", "eval.ai2d", "minimax_vl.eval.docvqa"])
def test_the_doors_of_a_checkout(door, tmp_path):
    where = ROOT if door.startswith("eval") else tmp_path
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", door, "--help"], cwd=where, capture_output=True, text=True
    )
    assert done.returncode == 0 and "--batch-size" in done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "minimax_vl.errors" in loaded and "torch" not in loaded


@pytest.mark.parametrize("door", ["eval.docvqa", "eval.ai2d", "minimax_vl"])
def test_a_checkout_that_is_not_installed_says_so(door):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # -S: without any installed package, ours among them
        [sys.executable, "-S", "-m", door, "--help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr and f"{door}: minimax-vl is not installed\n" in done.stderr
    assert (
        f"`make demo` (or `pip install -e .`) in the checkout, and then `.venv/bin/python -m {door}`"
        in done.stderr
    )


def test_what_else_cannot_be_imported_keeps_its_traceback():
    code = (
        "import sys, runpy; sys.modules['minimax_vl.streams'] = None; sys.argv = ['x', '--help']\n"
        "runpy.run_module('minimax_vl', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "ModuleNotFoundError: import of minimax_vl.streams halted" in done.stderr
    assert "is not installed" not in done.stderr


def test_entered_under_its_bare_name_the_checkout_leaves_the_path(tmp_path):
    code = (
        "import runpy, sys; sys.argv = ['docvqa', '--help']\n"
        "try: runpy.run_module('eval.docvqa', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "from importlib.util import find_spec; print(find_spec('kernels'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "None", done.stderr


@pytest.mark.slow
def test_two_processes_answer_as_one(tmp_path):
    # In fp32: eight bits round so coarsely that another batch may tip a near tie, such as a letter's case.
    asked, out = ["--limit", "8", "--dtype", "fp32", "--out"], tmp_path / "run"
    assert main(["eval", "docvqa", *asked, str(tmp_path / "one")]) == 0
    command = [sys.executable, "-m", "minimax_vl.eval.docvqa", *asked, str(out), "--batch-size", "3"]
    ranks = [
        subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"RANK": str(rank), "WORLD_SIZE": "2"})
        for rank in (0, 1)
    ]
    assert [rank.wait(timeout=240) for rank in ranks] == [0, 0]

    def answers(folder):
        rows = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
        return sorted(json.dumps(row | {"seconds": None}, sort_keys=True) for row in rows)

    assert answers(out) == answers(tmp_path / "one")


def test_progress_says_what_is_left():
    class Terminal(list):
        def write(self, text):
            self.append(text)

        def flush(self):
            pass

        def isatty(self):
            return False

    out = Terminal()
    progress = Progress(100, "questions", "ANLS", label="x: ", out=out)
    progress.start(50)
    for done in range(51, 101):
        progress.show(done, 0.5, failed=1)
    text = "".join(out).splitlines()
    assert 5 <= len(text) <= 8  # logs keep every line, so there are few
    assert text[0].startswith("x: 51/100 questions, 50.0 % ANLS, 1 failed, ") and text[0].endswith("left")
    assert text[-1] == "x: 100/100 questions, 50.0 % ANLS, 1 failed"


def test_an_interrupted_run_says_where_its_answers_are(tmp_path, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("minimax_vl.eval.run.carry_out", interrupted)
    assert main(["eval", "docvqa", "--limit", "8", "--out", str(tmp_path)]) == 130
    told = capsys.readouterr().err
    assert DRAWN_HERE in told
    assert f"stopped; the same command goes on from the answers in {tmp_path}" in told


@pytest.mark.parametrize(("seconds", "text"), [(7.4, "7 s"), (125, "2:05 min"), (7260, "2:01 h")])
def test_durations(seconds, text):
    assert duration(seconds) == text
