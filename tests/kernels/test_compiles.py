"""Every kernel that a card launches, compiled for sm_90 with the configuration that ships; no GPU is needed."""

from __future__ import annotations

import io
import json
import platform
from contextlib import redirect_stdout
from pathlib import Path
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

# Sizes of one reach a compiled kernel as constants, which are no tensors; the interpreter knows no difference.
ONES = """
from types import SimpleNamespace as Card
import torch
from minimax_vl.kernels import Unsummed, expert_mlp, expert_mlp_quantised, linear_quantised
from minimax_vl.kernels import norm_of_parts, part_of_norm
from minimax_vl.kernels.quantised import QuantisedWeight

def x(*shape, dtype=torch.bfloat16):
    return torch.empty(*shape, dtype=dtype, device="meta")

def packed(*shape):
    return QuantisedWeight(x(*shape, dtype=torch.int8), x(*shape[:-1], dtype=torch.float32), 8, shape[-1], shape)

def jobs(device):
    routed = x(1, 1, dtype=torch.long), x(1, 1, dtype=torch.float32)
    def run():
        expert_mlp(x(1, 1), *routed, x(1, 2, 1), x(1, 1, 1))
        expert_mlp_quantised(x(1, 1), *routed, packed(1, 2, 1), packed(1, 1, 1))
        linear_quantised(x(1, 256), packed(1, 256))
        part_of_norm(x(1, 1), x(1, 1), 1e-6)
        part_of_norm(Unsummed(x(3, 1, 1, 1, dtype=torch.float32), None, torch.bfloat16), x(1, 1), 1e-6)
        norm_of_parts(x(2, dtype=torch.float32), 1, 1e-6, x(1, 1))
    return {"ours": run}

CARDS = [Card(name="ones", op="ones", shape="1", slot=None, candidates=(), build=jobs)]
"""
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


def test_sizes_of_one_compile(tmp_path: Path) -> None:
    (tmp_path / "cards_of_ones.py").write_text(ONES)
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.delenv("TRITON_INTERPRET", raising=False)
        patch.syspath_prepend(tmp_path)
        patch.setenv("PYTHONPATH", str(tmp_path))  # for the worker
        assert main(["bench", "kernels", "--compile-only", "--cards", "cards_of_ones"]) == 0
    result = json.loads(out.getvalue().splitlines()[-1])
    assert result["failed"] == {}
    assert len(result["compiled"]["ones"]) >= 8
