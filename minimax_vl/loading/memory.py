"""Memory for a model that has none yet: on devices, pinned on the host, or in files that the system pages in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from minimax_vl.errors import SaveFailed
from minimax_vl.loading.homes import FRONT, Homes
from minimax_vl.loading.room import offload_path

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

Allocate = Callable[[Tensor], Tensor]


def take_memory(model: VLModel, homes: Homes, offload_folder: str | Path | None = None) -> None:
    """Uninitialised memory for every parameter and buffer of a model on the meta device, where `homes` says.

    A layer on "disk" lies in files under `offload_folder` that vanish with the process: the system reads what is
    used and may forget it. One that visits a GPU from the host lies in pinned memory, which copies fastest.
    """
    main, pinned = _on(homes.main), _on("cpu", pinned=True)
    on_disk = _in_files(offload_path(offload_folder)) if offload_folder is not None else main
    for module, name in _parts(model):
        where = homes.of(name)
        visiting = where == "cpu" and homes.main != "cpu"
        allocate = on_disk if where == "disk" else pinned if visiting else _on(where)
        module._apply(allocate)
    model._apply(main, recurse=False)  # the newline, which is no module


def _parts(model: VLModel) -> Iterator[tuple[nn.Module, str]]:
    """Modules that together hold everything but the newline, each with the name of a parameter in it."""
    text = model.language_model
    for name in FRONT:
        if name != "image_newline":
            yield model.get_submodule(name), name
    for i, layer in enumerate(text.model.layers):
        yield layer, f"language_model.model.layers.{i}"
    yield text.model.norm, "language_model.model.norm.weight"
    yield text.lm_head, "language_model.lm_head.weight"


def _on(device: str, *, pinned: bool = False) -> Allocate:
    return lambda like: torch.empty(like.shape, dtype=like.dtype, device=device, pin_memory=pinned)


def _in_files(folder: Path) -> Allocate:
    def allocate(like: Tensor) -> Tensor:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # A new name: other threads, and containers in which our number is theirs, may use this folder too.
            file, path = mkstemp(dir=folder, prefix=".minimax-vl-", suffix=".weights")
            try:
                # Real blocks, not a hole: running out of disk later would end the process without a word.
                _reserve(file, like.nbytes)
                flat = torch.from_file(path, shared=True, size=like.numel(), dtype=like.dtype)
            finally:
                os.close(file)
                os.unlink(path)  # mapped memory keeps the file until the process ends, however it ends
        except OSError as error:
            raise SaveFailed(
                found=f"{folder} could not be written ({error})",
                expected="room and permission for the weights on disk",
                cause="a full disk or quota, or a read-only place",
                next_step="free some space, or choose another offload_folder",
            ) from error
        return flat.view(like.shape)

    return allocate


def _reserve(file: int, nbytes: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, nbytes)
    else:
        os.truncate(file, nbytes)
