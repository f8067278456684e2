"""Checkpoints: plan what goes where, stream it in, write it back. Names are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minimax_vl.loading.hub import resolve
    from minimax_vl.loading.load import choose_homes, load_model
    from minimax_vl.loading.placement import plan_memory
    from minimax_vl.loading.save import save_checkpoint

__all__ = ["choose_homes", "load_model", "plan_memory", "resolve", "save_checkpoint"]

# name -> module; `plan` must answer without waiting for torch, which the others need
HOMES = {
    "choose_homes": "minimax_vl.loading.load",
    "load_model": "minimax_vl.loading.load",
    "plan_memory": "minimax_vl.loading.placement",
    "resolve": "minimax_vl.loading.hub",
    "save_checkpoint": "minimax_vl.loading.save",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module 'minimax_vl.loading' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
