"""Several processes compute what one does, and end together."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

import minimax_vl
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.hub import PACKAGED
from minimax_vl.loading.load import load_model
from minimax_vl.loading.stand_in import write_stand_in
from minimax_vl.parallel.mesh import Mesh
from minimax_vl.parallel.testing import load_and_pass, passes, run_ranks
from minimax_vl.presets import PRESETS
from minimax_vl.text_backbone.testing import assert_same

FP32 = {"dtype": "float32"}
CASES = [
    ("slices", FP32),
    ("whole", FP32),
    ("slices", FP32 | {"quantize": "int8"}),
    ("slices", FP32 | {"quantize": "int4"}),
    ("whole", FP32 | {"quantize": "int4"}),
    ("slices", {"dtype": "bfloat16"}),
]
LIMIT = 2e-5  # of fp32 logits of size about 3: other orders of the same sums


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    write_stand_in(folder, PRESETS["debug"], dtype=torch.float32)
    return folder


@pytest.mark.parametrize(("size", "cases"), [(2, CASES), (4, CASES[:1] + CASES[3:5])], ids=["2", "4"])
def test_ranks_equal_one(checkpoint: Path, tmp_path: Path, size: int, cases: list) -> None:
    assert run_ranks(size, tmp_path, load_and_pass, checkpoint, "cpu", cases) == [0] * size, errors(tmp_path)
    made = [torch.load(tmp_path / f"{rank}.pt") for rank in range(size)]
    exact = passes(load_model(checkpoint))
    for number, (experts, options) in enumerate(cases):
        alone, parts = passes(load_model(checkpoint, **options)), [rank[number] for rank in made]
        for name, want in alone.items():
            what = f"{name} of {options}, experts {experts}"
            if options["dtype"] == "float32":
                assert_same(what, want, parts[0][name], "a sum left out, decay rates of other heads", LIMIT)
            else:  # every part of a sum is rounded, which must cost no more than the format does
                error, usual = ((logits - exact[name]).norm() for logits in (parts[0][name], want))
                assert error < 1.25 * usual, f"{what}: {error / usual:.2f} times the error of one process"
            for other in parts[1:]:
                assert torch.equal(parts[0][name], other[name]), f"{what}: ranks differ among themselves"


def errors(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.err")))
