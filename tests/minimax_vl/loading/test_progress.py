from __future__ import annotations

import pytest

from minimax_vl.loading import progress
from minimax_vl.loading.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_share_rate_and_time_left(clock, capsys):
    with Progress("loading", 228_000_000_000) as shown:
        clock[0] += 10
        shown.add(20_000_000_000)
        clock[0] += 90
        shown.add(180_000_000_000)
        clock[0] += 14
        shown.add(28_000_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "loading:   8 % of 228.0 GB, 2.0 GB/s, 1 min 44 s left"
    assert lines[1] == "loading:  87 % of 228.0 GB, 2.0 GB/s, 14 s left"
    assert lines[-1] == "loading: 100 % of 228.0 GB, 2.0 GB/s"


def test_nothing_is_said_of_quick_work(clock, capsys):
    with Progress("loading", 1000) as shown:
        clock[0] += 1
        shown.add(1000)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_a_shorter_line_covers_a_longer_one(clock, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress("loading", 1_000_000) as shown:
        for _ in range(10):
            clock[0] += 20
            shown.add(100_000)
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert {len(line.rstrip("\n")) for line in err.split("\r")[1:]} == {79}
