"""What this machine can do at most: copying memory, and one large bf16 matrix product on random data."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

import torch

from minimax_vl.apps.benching.kernels.timing import seconds_of

PEERS = ("fla-core", "transformers", "triton", "vllm", "sglang")


def ceilings(device: torch.device) -> dict[str, float]:
    """`bytes_per_second` of a copy, read and write counted, and `flops_per_second` of bf16 @ bf16."""
    return {"bytes_per_second": copy_rate(device), "flops_per_second": matmul_rate(device)}


def copy_rate(device: torch.device) -> float:
    source = torch.zeros((4 << 30) if device.type == "cuda" else (64 << 20), dtype=torch.int8, device=device)
    target = torch.empty_like(source)
    return 2 * source.numel() / seconds_of(lambda: target.copy_(source), device)


def matmul_rate(device: torch.device) -> float:
    side = 8192 if device.type == "cuda" else 512
    # Zeros would draw less power and run at a clock that real data does not see.
    a, b = torch.randn(2, side, side, device=device, dtype=torch.bfloat16)
    return 2 * side**3 / seconds_of(lambda: a @ b, device)


def machine(device: torch.device) -> dict[str, Any]:
    """Device, driver's CUDA, and the versions that decide about speed."""
    facts: dict[str, Any] = {
        "device": str(device),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    if device.type == "cuda":
        facts["device"] = torch.cuda.get_device_name(device)
        facts["cuda"] = torch.version.cuda
        facts["cudnn"] = torch.backends.cudnn.version()
    for package in PEERS:
        try:
            facts[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return facts
