"""doctor finishes whatever is broken, and says how to mend it."""

from __future__ import annotations

import argparse
import json
import os
import re

import pytest

from minimax_vl.apps import doctor


def test_json_and_text_hold_the_same_facts(capsys: pytest.CaptureFixture[str]) -> None:
    code = doctor.run(argparse.Namespace(json=True))
    report = json.loads(capsys.readouterr().out)
    assert code == (1 if report["problems"] else 0)
    assert {row["op"] for row in report["backends"]} >= {
        "lightning_attention",
        "softmax_attention",
        "expert_mlp",
    }
    assert all(row["backend"] in row["available"] for row in report["backends"])
    text = doctor.render(report)
    assert all(row["op"] in text for row in report["backends"])
    rows = [line for line in text[text.index("Kernels") : text.index("\nnano")].splitlines()[1:] if line]
    begins = {re.match(r"  \S+ +\S+ +", line).end() for line in rows}
    assert len(rows) == len(report["backends"]) and len(begins) == 1, "backends stand in one column"
    assert report["packages"]["torch"] in text


def test_a_clash_is_named_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda name: "0.1")
    monkeypatch.setattr(doctor, "_loads", lambda name: False)
    assert doctor.TORCHVISION_FIX in doctor.examine()["problems"]


def test_missing_package_and_missing_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda name: None)
    monkeypatch.setattr(doctor, "_nano", dict)
    report = doctor.examine()
    assert any("pip install torch" in problem for problem in report["problems"])
    assert not any("triton" in problem for problem in report["problems"])  # optional
    assert any("nano" in problem for problem in report["problems"])
    assert "PROBLEM" in doctor.render(report)


@pytest.mark.parametrize("asked", ["bogus", "bf16"])
def test_a_backend_that_is_none_is_named_with_those_there_are(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_VL_KERNELS", asked)
    report = doctor.examine()
    (told,) = (problem for problem in report["problems"] if "MINIMAX_VL_KERNELS" in problem)
    assert f"MINIMAX_VL_KERNELS={asked} " in told and "torch or reference" in told and "doctor" not in told
    assert report["backends"], "what would be taken without it"
    assert os.environ["MINIMAX_VL_KERNELS"] == asked
    monkeypatch.setenv("MINIMAX_VL_KERNELS", "torch")
    report = doctor.examine()
    assert not any("MINIMAX_VL_KERNELS" in problem for problem in report["problems"])
    assert {row["backend"] for row in report["backends"] if row["device"] == "cpu"} == {"torch"}


def test_a_broken_torch_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list:
        raise OSError("libtorch.so: cannot open shared object file")

    monkeypatch.setattr(doctor, "_gpus", broken)
    assert any("libtorch" in problem for problem in doctor.examine()["problems"])
