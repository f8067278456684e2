"""For every test: the checkout off `sys.path`, a device, golden files, and NaN in uninitialised memory for op tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import minimax_vl
from minimax_vl.checkout import leave_checkout

leave_checkout()  # `python -m pytest` puts it there, and `import kernels` would find our folder
if not torch.cuda.is_available():
    # Triton decides between compiler and interpreter when it is imported, which any test module may do first.
    os.environ.setdefault("TRITON_INTERPRET", "1")

# Looked up for the first time while a test has it patched, a name of the package would keep that for all tests after.
for name in minimax_vl.HOMES:
    getattr(minimax_vl, name)

ROOT = Path(__file__).resolve().parent
GOLDEN = ROOT / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/*.json from this run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = torch.cuda.device_count()
    for item in items:
        if mark := item.get_closest_marker("gpu"):
            wanted = mark.args[0] if mark.args else 1
            # What is sent between devices cannot be tried on fewer; where they are, nothing is skipped.
            if here < wanted:
                item.add_marker(pytest.mark.skip(reason=f"takes {wanted} CUDA devices, {here} are here"))


@pytest.fixture(scope="session")
def device() -> str:
    """ "cuda" where there is one; MINIMAX_VL_TEST_DEVICE decides otherwise."""
    return os.environ.get("MINIMAX_VL_TEST_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """`golden(name, value)` asserts that a JSON value equals tests/golden/<name>.json."""

    def check(name: str, value: object) -> None:
        path = GOLDEN / f"{name}.json"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        assert path.exists(), (
            f"{path.name} does not exist yet: run pytest --update-golden once and read the diff"
        )
        assert json.loads(json.dumps(value)) == json.loads(path.read_text(encoding="utf-8"))

    return check


@pytest.fixture(autouse=True)
def uninitialised_is_nan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under tests/kernels fresh memory holds NaN, so an op that reads what it never wrote fails at once."""
    if ROOT / "kernels" not in request.path.parents:
        return

    def filled(make: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def create(*args: object, **options: object) -> torch.Tensor:
            fresh = make(*args, **options)
            return fresh.fill_(float("nan")) if fresh.is_floating_point() and not fresh.is_meta else fresh

        return create

    monkeypatch.setattr(torch, "empty", filled(torch.empty))
    monkeypatch.setattr(torch, "empty_like", filled(torch.empty_like))
    monkeypatch.setattr(torch.Tensor, "new_empty", filled(torch.Tensor.new_empty))
