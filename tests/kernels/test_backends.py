"""The table of backends: every row loads, names are exact, and a choice ends with its block."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import torch

from minimax_vl.errors import InvalidRequest
from minimax_vl.kernels import backends, rms_norm
from minimax_vl.kernels.backends import (
    TABLE,
    VARIABLE,
    backend_of,
    default_device,
    report,
    resolve,
    runs_on,
    use_backend,
)

ROWS = [(op, backend) for op, rows in TABLE.items() for backend in rows if runs_on(backend, default_device())]


@pytest.mark.parametrize(("op", "backend"), ROWS)
def test_every_row_loads(op: str, backend: str) -> None:
    with use_backend(backend, op):
        function = resolve(op)
    module, name = TABLE[op][backend].split(":")
    wanted = getattr(import_module(module), name)
    assert (
        function is wanted or function.__wrapped__ is wanted
    )  # with several GPUs it is led to the right one


def test_every_op_has_its_definition_and_something_faster_first() -> None:
    for op, rows in TABLE.items():
        assert "reference" in rows, f"{op} has no definition"
        assert next(iter(rows)) != "reference", f"{op} would run its slow definition by default"


def test_every_op_of_the_model_has_a_kernel_for_cuda_and_none_for_the_cpu() -> None:
    for op, rows in TABLE.items():
        if "triton" in rows:
            assert next(iter(rows)) == "triton", f"{op} would not choose its kernel on a GPU"
            assert backend_of(op, "cpu") != "triton", f"{op} would interpret its kernel on a CPU"
    assert backend_of("rms_norm", "cuda") == ("triton" if runs_on("triton", "cuda") else "torch")


def test_a_kernel_asked_for_where_it_cannot_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "INTERPRET", False)
    with (
        use_backend("triton", "rms_norm"),
        pytest.raises(InvalidRequest, match="'triton' for rms_norm on cpu"),
    ):
        rms_norm(torch.ones(2, 3), torch.ones(3), 1e-5)


def test_devices_resolve_apart() -> None:
    with use_backend("torch", "rms_norm"):
        assert resolve("rms_norm", "cpu") is resolve("rms_norm", "cuda")
    assert resolve("rms_norm", "cpu").__module__.endswith("torch_norm")


def test_the_first_row_wins_and_a_block_ends() -> None:
    default = resolve("rms_norm")
    with use_backend("reference"):
        assert resolve("rms_norm").__module__.endswith("norm.reference")
        with use_backend("dense"):  # only one op has it; the others keep the outer choice
            assert resolve("expert_mlp").__module__.endswith("torch_dense")
            assert resolve("rms_norm").__module__.endswith("norm.reference")
        assert resolve("expert_mlp").__module__.endswith("experts.reference")
    assert resolve("rms_norm") is default


def test_a_block_that_fails_ends_too() -> None:
    default = resolve("rms_norm")
    with pytest.raises(ValueError, match="last axis"), use_backend("reference"):
        rms_norm(torch.ones(2, 3), torch.ones(2), 1e-5)
    assert resolve("rms_norm") is default


def test_an_unknown_backend_lists_the_known() -> None:
    with pytest.raises(InvalidRequest) as error, use_backend("trition", "expert_mlp"):
        pass
    assert "'trition' for expert_mlp" in error.value.found
    assert error.value.expected == "one of " + ", ".join(TABLE["expert_mlp"])
    with pytest.raises(InvalidRequest) as error, use_backend("trition"):
        pass
    assert all(name in error.value.expected for name in ("dense", "reference", "torch"))
    with pytest.raises(InvalidRequest, match="rms_norm"), use_backend("dense", "rms_norm"):
        pass  # known elsewhere, but asked for where it is missing


def test_the_report_says_what_runs_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {row.op for row in report()} == set(TABLE)
    with use_backend("reference", "rotary"):
        rows = {row.op: row for row in report()}
    assert rows["rotary"].backend == "reference" and "use_backend" in rows["rotary"].reason
    assert (
        rows["rms_norm"].backend == rows["rms_norm"].available[0] and "first row" in rows["rms_norm"].reason
    )
    monkeypatch.setenv(VARIABLE, "reference")
    assert all(row.backend == "reference" and VARIABLE in row.reason for row in report())


def test_nothing_is_imported_before_it_is_chosen() -> None:
    code = (
        "import sys, minimax_vl.kernels; print([m for m in sys.modules if '.torch_' in m and 'minimax' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.strip() == "[]"


def test_fresh_memory_is_nan_here() -> None:
    """What the tests in this folder stand on."""
    assert torch.empty(3).isnan().all() and torch.ones(2).new_empty(2).isnan().all()


@pytest.mark.gpu(2)
def test_a_kernel_waits_for_the_gpu_of_its_tensors() -> None:
    """Whichever is the current one: in another one's queue it would read what is not written yet."""
    x, weight = torch.zeros(4, 64, device="cuda:1"), torch.ones(64, device="cuda:1")
    with torch.cuda.device(0):
        rms_norm(x, weight, 1e-6)  # compiles
        torch.cuda.synchronize(1)
        with torch.cuda.device(1):
            torch.cuda._sleep(400_000_000)  # some 0.2 s
        x.fill_(2)
        assert torch.equal(rms_norm(x, weight, 0.0).cpu(), torch.ones(4, 64))
