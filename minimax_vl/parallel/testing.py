"""Several processes on one machine, and what a model must compute in them as it does alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path
from time import sleep
from typing import Any, cast

import torch
from torch import Tensor

from minimax_vl.batch import Batch
from minimax_vl.errors import InvalidRequest, ModelMissing, RankLost
from minimax_vl.kernels.backends import use_backend
from minimax_vl.loading.load import load_model
from minimax_vl.model import VLModel
from minimax_vl.parallel import watch
from minimax_vl.parallel.mesh import Mesh
from minimax_vl.pipeline import load
from minimax_vl.reply import Reply

LOADED = "loaded"  # the file by which rank 0 says so
# After so many seconds a process that has not ended is killed, and the test fails; on GPUs kernels compile first.
SECONDS, SECONDS_ON_GPUS = 60.0, 180.0


def run_ranks(size: int, folder: Path, job: Callable[..., Any], *args: Any) -> list[int | None]:
    """Exit codes of `size` processes that run `job(rank, folder, *args)`.

    What a job returns lies in folder/RANK.pt, what it prints on standard error in folder/RANK.err.
    """
    cuda = torch.cuda.is_available()
    # One process imports everything, and those of the ranks are its forks; but whatever asks a driver how many GPUs
    # there are leaves its forks without them.
    context: Any = multiprocessing.get_context("spawn" if cuda else "forkserver")  # its type has no Process
    if not cuda:
        context.set_forkserver_preload([__name__, "minimax_vl.parallel.following"])
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    ranks = [
        context.Process(target=_rank, args=(rank, size, port, folder, job, args), daemon=True)
        for rank in range(size)
    ]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(SECONDS_ON_GPUS if cuda else SECONDS)
        process.kill()
        process.join()
    return [process.exitcode for process in ranks]


def _rank(
    rank: int, size: int, port: int, folder: Path, job: Callable[..., Any], args: Sequence[Any]
) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(size), "LOCAL_RANK": str(rank)}
    os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port)}
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    sys.stderr = (folder / f"{rank}.err").open("w", buffering=1)
    torch.set_num_threads(1)
    torch.save(job(rank, folder, *args), folder / f"{rank}.pt")


def load_and_pass(
    rank: int, folder: Path, checkpoint: Path, device: str, cases: Sequence[tuple[str, dict[str, Any]]]
) -> list[dict[str, Tensor]]:
    """A job: `passes` of this rank's part, for each way to divide experts and options of `load_model`."""
    made = []
    for experts, options in cases:
        mesh = Mesh.start(experts, device)
        made.append(passes(load_model(checkpoint, mesh=mesh, **options)))
        mesh.close()
    return made


@torch.inference_mode()
def passes(model: VLModel) -> dict[str, Tensor]:
    """Logits of every way to call a model: whole, in chunks, token by token, padded rows, with and without cache.

    On a CPU by kernels that round no activations: other orders of the same sums are then all that may differ.
    """
    with use_backend("torch") if model.device.type == "cpu" else nullcontext():
        return _passes(model)


def _passes(model: VLModel) -> dict[str, Tensor]:
    make = torch.Generator().manual_seed(3)
    ids = torch.randint(10, model.config.text.vocab_size, (2, 23), generator=make)
    x = model.embed(ids)  # [2, 23, C]
    cache, padded = model.new_cache(), model.new_cache()
    made = {"whole": model(x, logits="all")}
    pieces = [model(piece, cache, logits="all") for piece in x[:, :21].split([8, 13], dim=1)]
    pieces += [model(step, cache, logits="all") for step in x[:, 21:].split(1, dim=1)]
    made["chunks and steps"] = torch.cat(pieces, dim=1)
    pad = torch.tensor([0, 6], device=x.device)
    made["padded"] = torch.stack([model(x[:, :20], padded, pad=pad), model(x[:, 20:21], padded)])
    return {name: logits.cpu() for name, logits in made.items()}


def talk(rank: int, folder: Path) -> list[Any]:
    """A job: a short message, one that is sent in two, and whether ranks differ."""
    mesh, short, long = Mesh.start("slices", "cpu"), ("short", 1), ("long", "x" * 10_000)
    heard: list[Any] = [mesh.tell(*message) if rank == 0 else mesh.hear() for message in (short, long)]
    heard += [mesh.differs(rank), mesh.differs(7)]
    mesh.close()
    return heard


def disagree(rank: int, folder: Path, checkpoint: Path) -> str:
    """A job: ranks that divide experts in different ways; returns what loading says about that."""
    mesh = Mesh.start("whole" if rank else "slices", "cpu")
    try:
        load_model(checkpoint, mesh=mesh)
    except InvalidRequest as error:
        return str(error)
    finally:
        mesh.close()
    return ""


def load_twice(rank: int, folder: Path, checkpoint: Path) -> list[str]:
    """A job: rank 0 loads, then tries to load again, by name and with a mesh that is in use, and asks the first."""
    mesh = Mesh.start("slices", "cpu")
    pipeline = load(checkpoint, device="cpu", dtype="fp32", mesh=mesh)
    said = []
    for again in (partial(load, mesh="slices"), partial(load, mesh=mesh), partial(load_model, mesh=mesh)):
        try:
            again(checkpoint, device="cpu")
        except InvalidRequest as error:
            said.append(str(error))
    return [*said, str(pipeline.ask([], "What is this?", max_new_tokens=3).tokens)]


def load_alone(rank: int, folder: Path, checkpoint: Path) -> str:
    """A job: rank 0 finds no checkpoint; returns the error of each."""
    watch.BEAT = 0.3
    try:
        load(checkpoint if rank else folder / "none", device="cpu", mesh="slices")
    except (ModelMissing, RankLost) as error:
        return str(error)
    return ""


def answers(rank: int, folder: Path, checkpoint: Path, device: str, mesh: str | None) -> dict[str, Any]:
    """A job: what the public API answers. With a mesh, rank 0 alone returns."""
    pipeline = load(checkpoint, device=device, dtype="fp32", mesh=mesh)
    noise = [torch.rand(3, side, 70, generator=torch.Generator().manual_seed(side)) for side in (60, 140)]
    caption = cast(Reply, pipeline.caption(noise[0], max_new_tokens=20))
    said: dict[str, Any] = {"caption": caption.tokens}
    with pipeline.stream("What is this?", noise[:1], max_new_tokens=500) as stream:
        next(stream)  # the reader goes away after a piece
    warm = {"temperature": 1.5, "seed": 7, "max_new_tokens": 9, "logprobs": True, "prefill_chunk": 11}
    replies = pipeline.batch([(noise[0], "One"), (noise, "Two?"), ([], "Three, a longer one")], **warm)
    said["batch"] = [reply.tokens for reply in replies]
    said["logprobs"] = torch.tensor([x for reply in replies for x in reply.logprobs or ()])
    pair = [pipeline.stream(question, max_new_tokens=8) for question in ("Left?", "And right?")]
    said["in turn"] = ["".join(pieces) for pieces in zip(*zip_longest(*pair, fillvalue=""))]
    with suppress(InvalidRequest):  # the model itself would wait for what the others do not run
        said["direct"] = pipeline.model(pipeline.model.embed(torch.tensor([[7]])))
    return said


def ask_for_ever(
    rank: int, folder: Path, checkpoint: Path, trouble: Callable[[], None], device: str = "cpu"
) -> str:
    """A job: rank 0 asks until it cannot, and returns the error; the others meet with `trouble` soon."""
    watch.GRACE = 0.5
    if rank:
        _when_loaded(folder, trouble)
    pipeline = load(checkpoint, device=device, dtype="fp32", mesh="slices")
    (folder / LOADED).touch()
    try:
        while True:
            pipeline.ask([], "What is this?", max_new_tokens=50)
    except RankLost as error:
        return str(error)


def wait_for_ever(rank: int, folder: Path, checkpoint: Path, trouble: Callable[[], None]) -> None:
    """A job: as `ask_for_ever`, but rank 0 is busy with something else and never notices by itself."""
    watch.BEAT, watch.SILENCE, watch.GRACE = 0.3, 3.0, 0.3
    if rank:
        _when_loaded(folder, trouble)
    load(checkpoint, device="cpu", dtype="fp32", mesh="slices")
    (folder / LOADED).touch()
    sleep(SECONDS)


def _when_loaded(folder: Path, trouble: Callable[[], None]) -> None:
    """Run `trouble` beside this rank's work, soon after rank 0 has its model: never while it is still loading."""

    def wait() -> None:
        while not (folder / LOADED).exists():
            sleep(0.05)
        trouble()

    threading.Thread(target=wait, daemon=True).start()


def be_killed() -> None:
    """As by the machine's out-of-memory killer."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail_in_the_next_step() -> None:
    """An error of one rank alone."""

    def write(self: Batch, last: Tensor) -> Tensor:
        raise ValueError("no luck")

    Batch.write = write
