"""Launch configurations of the Triton kernels: one static table per op and architecture, for tuning offline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module

import torch

Config = dict[str, int]  # tile sizes by their name in the kernel, num_warps, num_stages

# The first part of a slot's name is the folder whose configs.py holds it.
FOLDERS = ("attention", "experts", "gelu", "lightning", "norm", "quantised", "rotary", "shared_norm")
_override: dict[str, Config] = {}  # slot -> what the tuner tries


def config_of(slot: str) -> Config:
    """The configuration of a slot such as "lightning.forward.D128" on this machine's GPU."""
    if slot in _override:
        return _override[slot]
    rows = _table(slot.split(".", 1)[0])[slot]
    return rows.get(architecture(), rows["default"])


@contextmanager
def use_config(slot: str, config: Config) -> Iterator[None]:
    """Run one slot with another configuration: for the tuner and for tests."""
    before = _override.get(slot)
    _override[slot] = config
    try:
        yield
    finally:
        if before is None:
            del _override[slot]
        else:
            _override[slot] = before


@lru_cache
def architecture() -> str:
    """`sm_90` and the like; `default` without a GPU."""
    if not torch.cuda.is_available():
        return "default"
    major, minor = torch.cuda.get_device_capability()
    return f"sm_{major}{minor}"


@lru_cache
def _table(folder: str) -> dict[str, dict[str, Config]]:
    if folder not in FOLDERS:
        raise KeyError(f"no kernel folder {folder!r}; slots start with one of {', '.join(FOLDERS)}")
    return import_module(f"minimax_vl.kernels.{folder}.configs").CONFIGS
