"""Every error message in the code has its four parts: found, expected, likely cause, next step."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import minimax_vl.errors as module
from minimax_vl.errors import MiniMaxVLError

ROOT = Path(__file__).parents[2]
FOLDERS = ("kernels", "vision", "text_backbone", "minimax_vl", "eval", "apps")
KINDS = [
    kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, MiniMaxVLError)
]
PARTS = {"found", "expected", "cause", "next_step"}


def incomplete(path: Path) -> list[str]:
    """Where an error is built without one of its parts."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [(call, {keyword.arg for keyword in call.keywords}) for call in calls]
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} lacks {', '.join(sorted(PARTS - parts))}"
        for call, parts in named
        if "found" in parts and parts < PARTS
    ]


def test_no_error_is_built_without_one_of_its_parts():
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    assert [line for path in files for line in incomplete(path)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_message_shows_all_parts_and_ends_the_command_line_with_1_or_2(kind):
    error = kind(found="a", expected="b", cause="c", next_step="d")
    assert str(error) == "found: a\nexpected: b\nlikely cause: c\nnext step: d"
    assert error.exit_code in (1, 2)
