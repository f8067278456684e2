"""A small random model, and the checkpoint it makes, shared by the loading tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from minimax_vl.loading.save import save_checkpoint
from minimax_vl.model import VLModel
from minimax_vl.presets import PRESETS


@pytest.fixture(scope="session")
def model() -> VLModel:
    torch.manual_seed(0)
    return VLModel(PRESETS["debug"]).requires_grad_(False)


@pytest.fixture
def folder(model: VLModel, tmp_path: Path) -> Path:
    """The model as a sharded fp32 checkpoint."""
    save_checkpoint(model, tmp_path / "ckpt", max_shard_bytes=400_000)
    return tmp_path / "ckpt"
