"""Every command and every Python block of README.md runs, and prints what README.md says it prints.

Left out by rule: lines that make, fetch or install the environment these tests already run in, and a block that
stands under `<!-- not run: reason -->`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>.+?) -->\n)?```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.S | re.M
)
ENVIRONMENT = ("make", "git", "cd", "pip", "python3 -m venv", "source")


def commands() -> list[str]:
    found = []
    for block in BLOCK.finditer(README):
        if block["kind"] != "bash" or block["reason"]:
            continue
        lines = block["body"].replace("\\\n", " ").splitlines()
        lines = [line.split("  #")[0].strip() for line in lines]
        found += [line for line in lines if line and not line.startswith(tuple(f"{e} " for e in ENVIRONMENT))]
    return found


def sessions() -> list[tuple[str, str]]:
    """(command, what it prints) of console blocks, where "$ " marks what is typed."""
    found = []
    for block in BLOCK.finditer(README):
        if block["kind"] == "console" and not block["reason"]:
            for turn in block["body"].split("$ ")[1:]:
                command, _, output = turn.partition("\n")
                found.append((command, output))
    return found


def snippets() -> list[str]:
    return [b["body"] for b in BLOCK.finditer(README) if b["kind"] == "python" and not b["reason"]]


def check(arguments: list[str]) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        arguments,
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_readme_shows_something_to_run() -> None:
    assert "make demo" in README
    assert "make test" in README
    assert commands()
    assert sessions()
    assert snippets()


@pytest.mark.parametrize("line", commands())
def test_command(line: str) -> None:
    words = shlex.split(line)
    assert words[0] == "minimax-vl", f"README.md shows a command that no rule covers: {line}"
    check(words)


@pytest.mark.parametrize(("line", "output"), sessions())
def test_shown_output(line: str, output: str) -> None:
    assert check(shlex.split(line)) == output


@pytest.mark.parametrize("body", snippets())
def test_python_block(body: str, tmp_path: Path) -> None:
    script = tmp_path / "block.py"  # a file, since `python -c` would put the checkout on sys.path
    script.write_text(body, encoding="utf-8")
    check([sys.executable, str(script)])
