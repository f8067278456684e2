"""What transformers' `device_map` of a single device leaves of the options that would spread a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from minimax_vl.errors import InvalidRequest

loading = pytest.importorskip("minimax_vl.hf.loading")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What our loader is asked for; nothing is loaded."""
    told: dict[str, Any] = {}
    monkeypatch.setattr(loading, "load_model", lambda _folder, **how: told.update(how))
    return told


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu"), {"": "cpu"}])
def test_a_named_device_takes_its_own_size_and_no_other_device(device, asked: dict[str, Any]) -> None:
    loading.load_weights("nano", None, {"device_map": device, "max_memory": {0: "70GB", "cpu": "2GB"}})
    assert asked["max_memory"] == {"cpu": "2GB"}


def test_a_named_device_without_a_size_beside_others_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="size for the device that is named"):
        loading.load_weights("nano", None, {"device_map": "cpu", "max_memory": {0: "70GB"}})
    assert not asked


def test_a_folder_to_overflow_to_moves_nothing_off_a_named_device(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    loading.load_weights("nano", None, {"device_map": "cpu", "offload_folder": tmp_path / "aside"})
    assert asked["device_map"] == {"": "cpu"}


def test_all_sizes_count_where_no_device_is_named(asked: dict[str, Any]) -> None:
    sizes = {"cpu": "2GB", "disk": "1GB"}
    loading.load_weights("nano", None, {"device_map": "auto", "max_memory": sizes})
    assert asked["max_memory"] == sizes
