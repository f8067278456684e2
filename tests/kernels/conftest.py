"""Triton kernels under test: compiled where there is a GPU, in Triton's interpreter elsewhere."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest
import torch

if not torch.cuda.is_available() and "triton" not in sys.modules:
    # Triton decides when it is imported; its own library functions cannot be switched later.
    os.environ["TRITON_INTERPRET"] = "1"


@pytest.fixture(scope="session")
def triton_device() -> str:
    """Where a Triton kernel can run here: "cuda", or "cpu" under the interpreter, which then knows bfloat16."""
    if importlib.util.find_spec("triton") is None:
        pytest.skip("Triton is published for Linux only")
    if torch.cuda.is_available():
        return "cuda"
    if os.environ.get("TRITON_INTERPRET") != "1":
        pytest.skip("triton was imported before TRITON_INTERPRET=1 was set")
    from minimax_vl.kernels.triton_env import teach_bfloat16

    teach_bfloat16()
    return "cpu"
