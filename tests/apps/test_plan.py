from __future__ import annotations

import hashlib
import json

import pytest

from minimax_vl.apps.cli import main


def test_keys_are_one_name_per_line(capsys):
    assert main(["plan", "minimax-vl-01", "--keys"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 8637
    digest = hashlib.sha256(out.rstrip("\n").encode()).hexdigest()
    assert digest == "d0caf1b714cdfc4caa65b56cbec591668d77b0e2a5d6cf3b5af169531311c886"


def test_table_for_devices_and_context(capsys):
    assert main(["plan", "minimax-vl-01", "--devices", "8x80GB", "--context", "1048576"]) == 0
    out = capsys.readouterr().out
    assert "456,437,219,328 parameters" in out
    assert "1,048,576 tokens: keys and values 42.9 GB" in out


def test_keys_and_values_in_eight_bits(capsys):
    assert main(["plan", "minimax-vl-01", "--context", "1048576", "--kv-cache", "int8"]) == 0
    assert "1,048,576 tokens: keys and values 21.8 GB" in capsys.readouterr().out


def test_json_is_one_line(capsys):
    assert main(["plan", "nano", "--devices", "1x8GB", "--quantize", "int8", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert [row["format"] for row in json.loads(line)["weights"]] == ["int8"]


def test_this_machine_is_the_default(capsys):
    assert main(["plan", "nano"]) == 0
    assert "nano" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nana"],
        ["nano", "--devices", "lots"],
        ["nano", "--devices", "0x80GB"],
        ["nano", "--context", "0"],
        ["nano", "--what"],
    ],
)
def test_bad_requests_end_with_two(arguments, capsys):
    assert main(["plan", *arguments]) == 2
    assert capsys.readouterr().out == ""
