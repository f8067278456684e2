"""Every kernel that a card launches, compiled for sm_90 with the configuration that ships; no GPU is needed."""

from __future__ import annotations

import io
import json
import platform
from contextlib import redirect_stdout
from typing import Any

import pytest

from minimax_vl.apps.benching.kernels.cards import collect
from minimax_vl.apps.cli import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        platform.system() != "Linux" or platform.machine() != "x86_64",
        reason="Triton is published for Linux only",
    ),
]

MOST_SHARED = 227 * 1024  # bytes that one block can have on sm_90
MOST_SPILLS = 100  # instructions in the code; a kernel that is out of registers has many hundreds


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """What `bench kernels --compile-only` finds; its worker is a process of its own, where Triton compiles."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.delenv("TRITON_INTERPRET", raising=False)
        assert main(["bench", "kernels", "--compile-only"]) == 0
    return json.loads(out.getvalue().splitlines()[-1])


def test_every_module_of_cards_loads() -> None:
    cards, broken = collect()
    assert cards and not broken


def test_every_kernel_compiles(result: dict[str, Any]) -> None:
    assert result["failed"] == {}


def test_every_kernel_fits_and_keeps_its_registers(result: dict[str, Any]) -> None:
    kernels = [kernel for found in result["compiled"].values() for kernel in found]
    assert kernels
    for kernel in kernels:
        assert kernel["shared"] <= MOST_SHARED, kernel
        assert kernel["spills"] <= MOST_SPILLS, kernel
