"""Jobs for `run_ranks` that send short messages both ways: through inboxes, and as they go without."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from minimax_vl.decode import DecodeStep
from minimax_vl.kernels.backends import use_backend
from minimax_vl.kernels.triton_env import teach_bfloat16
from minimax_vl.kernels.unsummed import Unsummed
from minimax_vl.loading.load import load_model
from minimax_vl.parallel.connect import NormOfPart
from minimax_vl.parallel.inboxes import Inboxes, words_of
from minimax_vl.parallel.mesh import Mesh
from minimax_vl.text_backbone.parts import GatedNorm

EPS = 1e-6
Case = tuple[tuple[int, ...], int, torch.dtype]  # shape of a part [..., C], width of what is normed, dtype


def start(folder: Path, device: str) -> Mesh:
    """A mesh with inboxes: on a CPU, where the kernel is interpreted, they are files that all ranks map."""
    mesh = Mesh.start("slices", device)
    if mesh.device.type == "cpu":
        teach_bfloat16()
        count = words_of(mesh.size)
        mapped = [
            torch.from_file(str(folder / f"{rank}.inbox"), shared=True, size=count, dtype=torch.int64)
            for rank in range(mesh.size)
        ]
        mesh.inboxes = Inboxes(mesh.rank, mapped[mesh.rank], [words.data_ptr() for words in mapped])
        mesh.inboxes._kept = mapped
        mesh.meet()
    return mesh


def drawn(case: Case, turn: int, size: int) -> list[tuple[Tensor, Tensor]]:
    """What every rank has to send: a part, and the normed rows behind it, of another size on each."""
    shape, width, dtype = case
    make = torch.Generator().manual_seed(1000 * turn + sum(shape))
    return [
        (
            torch.randn(*shape, generator=make).to(dtype),
            ((1 + rank) * torch.randn(*shape[:-1], width, generator=make)).to(dtype),
        )
        for rank in range(size)
    ]


def in_pieces(part: Tensor) -> Unsummed:
    """2.75 times a part, as three pieces of two experts."""
    pieces = torch.stack([part.float() * scale for scale in (1, 3, 0.5, 1, 0.5, -1)])
    weights = torch.tensor([1.0, 0.25], device=part.device).expand(*part.shape[:-1], 2)
    return Unsummed(pieces.unflatten(0, (3, 2)).movedim(1, -2), weights, part.dtype)


@torch.inference_mode()
def messages(
    rank: int, folder: Path, device: str, cases: Sequence[Case], turns: int
) -> list[dict[str, Tensor]]:
    """A job: sum, join and norm of every case, and of the next, so many times; the last rank is late at times."""
    mesh, made = start(folder, device), []
    inboxes = mesh.inboxes
    for turn in range(turns):
        for case in cases:
            part, x = (given.to(mesh.device) for given in drawn(case, turn, mesh.size)[rank])
            if rank == mesh.size - 1 and turn == 1:
                time.sleep(0.05)
            norm = NormOfPart(GatedNorm(x.shape[-1], EPS).to(x), mesh)
            ways: dict[str, Callable[[], Tensor]] = {
                "sum": lambda part=part: mesh.sum(part.clone()),
                "join": partial(mesh.join, part),
                "unsummed": partial(mesh.sum, in_pieces(part)),
                "norm": partial(_put_right, norm, x, part),
            }
            found = {}
            for name, run in ways.items():
                assert mesh.short(part) is inboxes is not None, "this case does not test what it should"
                with patch.object(torch, "empty", partial(_full_of_nan, torch.empty)):
                    found[name] = run().cpu()
                mesh.inboxes = None
                found[f"{name} without"] = run().cpu()
                mesh.inboxes = inboxes
            made.append(found)
    mesh.close()
    return made


@torch.inference_mode()
def model_both_ways(rank: int, folder: Path, checkpoint: Path) -> list[Tensor]:
    """A job: logits [2, 5, V] of a short prompt and two steps, through inboxes and without."""
    mesh = start(folder, "cpu")
    model, made = load_model(checkpoint, dtype="float32", mesh=mesh), []
    ids = torch.randint(10, model.config.text.vocab_size, (2, 5), generator=torch.Generator().manual_seed(3))
    x = model.embed(ids)
    with use_backend("torch"):  # rounds no activations
        for inboxes in (mesh.inboxes, None):
            mesh.inboxes, cache = inboxes, model.new_cache()
            pieces = [model(piece, cache, logits="all") for piece in x.split([3, 1, 1], dim=1)]
            made.append(torch.cat(pieces, dim=1))
    mesh.close()
    return made


@torch.inference_mode()
def recorded_both_ways(rank: int, folder: Path, checkpoint: Path, steps: int) -> list[Tensor]:
    """A job for GPUs: logits [steps, 2, V] of recorded decode steps, through inboxes and by NCCL."""
    mesh = Mesh.start("slices", "cuda")
    assert mesh.inboxes, "GPUs that reach each other's memory have inboxes"
    model, made = load_model(checkpoint, dtype="float32", mesh=mesh), []
    vocabulary, make = model.config.text.vocab_size, torch.Generator().manual_seed(3)
    ids = torch.randint(10, vocabulary, (2, 23 + steps), generator=make).to(mesh.device)
    for inboxes in (mesh.inboxes, None):
        mesh.inboxes = inboxes
        step = DecodeStep(model.language_model, 2, 1024, capture=True)
        model(model.embed(ids[:, :23]), step.reset())
        step.begin()
        made.append(torch.stack([step(ids[:, i : i + 1]).cpu() for i in range(23, 23 + steps)]))
    mesh.close()
    return made


def _put_right(norm: NormOfPart, x: Tensor, part: Tensor) -> Tensor:
    norm.normed = x
    return norm.put_right(part)


def _full_of_nan(empty: Callable[..., Tensor], *args: Any, **options: Any) -> Tensor:
    fresh = empty(*args, **options)
    return fresh.fill_(float("nan")) if fresh.is_floating_point() else fresh
