"""`Mesh`: this process among those that share a model, and what they send each other.

Two groups: tensors of the model travel over NCCL between GPUs (gloo between CPUs), and what the processes agree on
travels over gloo, where waiting costs nothing and may take as long as a user thinks. Short tensors go past NCCL where
GPUs reach each other's memory.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar
from zlib import crc32

import torch
import torch.distributed as dist
from torch import Tensor

from minimax_vl.devices import pick_device
from minimax_vl.errors import InvalidRequest, RankLost
from minimax_vl.kernels.unsummed import Unsummed, whole
from minimax_vl.parallel.inboxes import Inboxes, open_inboxes
from minimax_vl.parallel.split import Split, read_experts
from minimax_vl.parallel.watch import Watch

PATIENCE = timedelta(days=365)  # for a word from rank 0, which may wait for a user; see the watch
GATHER: Any = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor  # its name before 2.13
WORD = 4096  # bytes of a message that is sent at once; longer ones take a second


class Mesh:
    """Process `rank` of `size`, each with a part of every layer; ranks call the model together."""

    # True once the other ranks follow a pipeline of this process, which they do until it ends.
    led: ClassVar[bool] = False

    def __init__(self, split: Split, device: torch.device, watch: Watch) -> None:
        self.split, self.device, self.watch = split, device, watch
        self.rank, self.size = split.rank, split.size
        self.together = True  # False while the other ranks wait to be told what to run
        # Groups are typed loosely in PyTorch.
        self._control: Any = dist.new_group(backend="gloo", timeout=PATIENCE)
        self.inboxes: Inboxes | None = open_inboxes(self.rank, self.size, device, self.differs)

    @classmethod
    def start(cls, experts: str = "slices", device: str | torch.device = "auto") -> Mesh:
        """The processes that `torchrun` or `accelerate launch` has started, one for each GPU of a host.

        experts: "slices" of all of them for each process, or some "whole" ones. Raises InvalidRequest where there
        are no other processes, more of them on this host than GPUs, or where they follow a pipeline already.
        """
        cls._check_free()
        way = read_experts(experts)
        rank, size, local = _numbers()
        if size < 2:
            raise InvalidRequest(
                found=f"mesh={experts!r} in a single process",
                expected="two processes or more, which share the model",
                cause="a script that was started without torchrun, or by accelerate launch without --multi_gpu",
                next_step="torchrun --nproc-per-node 2 -m minimax_vl.apps.cli ..., or device_map='auto' to spread"
                " layers over the GPUs in one process",
            )
        where = _own_device(pick_device(device), local)
        if where.type == "cuda":
            torch.cuda.set_device(where)
        if not dist.is_initialized():
            try:
                dist.init_process_group("nccl" if where.type == "cuda" else "gloo")
            except (ValueError, RuntimeError) as error:
                raise _apart(str(error).splitlines()[0]) from error
        watch = Watch(rank, size)
        return cls(Split(rank, size, way), where, watch)

    def short(self, part: Tensor | Unsummed) -> Inboxes | None:
        """Where `part` [..., C] goes past NCCL, the same on every rank."""
        self._check()
        return self.inboxes if self.inboxes and self.inboxes.hold(part) else None

    def sum(self, part: Tensor | Unsummed) -> Tensor:
        """The sum of all ranks' parts, on every rank; may overwrite `part`."""
        if inboxes := self.short(part):
            return inboxes.sum(part)
        part = whole(part).contiguous()
        with self._listening():
            dist.all_reduce(part)
        return part

    def join(self, part: Tensor) -> Tensor:
        """[..., N] of every rank -> [..., size * N], in the order of ranks."""
        if inboxes := self.short(part):
            return inboxes.join(part)
        flat = part.reshape(-1, part.shape[-1]).contiguous()  # [M, N]
        parts = flat.new_empty(self.size * flat.shape[0], flat.shape[1])
        with self._listening():
            GATHER(parts, flat)
        return parts.unflatten(0, (self.size, -1)).transpose(0, 1).reshape(*part.shape[:-1], -1)

    def share(self, tensor: Tensor) -> Tensor:
        """Rank 0's tensor, on every rank; the others give one of the same shape and dtype to be overwritten."""
        tensor = tensor.contiguous()
        with self._listening():
            dist.broadcast(tensor, 0)
        return tensor

    def tell(self, *message: Any) -> None:
        """Rank 0: send the others what `hear` returns there."""
        data = pickle.dumps(message)
        head = torch.zeros(WORD, dtype=torch.uint8)
        head[:8] = torch.tensor([len(data)]).view(torch.uint8)
        body = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        with self._listening():
            if len(data) <= WORD - 8:
                head[8 : 8 + len(data)] = body
            dist.broadcast(head, 0, group=self._control)
            if len(data) > WORD - 8:
                dist.broadcast(body, 0, group=self._control)

    def hear(self) -> tuple[Any, ...]:
        """Other ranks: the next message of rank 0, however long that takes."""
        head = torch.empty(WORD, dtype=torch.uint8)
        with self._listening():
            dist.broadcast(head, 0, group=self._control)
            size = int(head[:8].view(torch.long))
            body = head[8 : 8 + size]
            if size > WORD - 8:
                body = torch.empty(size, dtype=torch.uint8)
                dist.broadcast(body, 0, group=self._control)
        return pickle.loads(body.numpy().tobytes())

    def differs(self, value: int) -> bool:
        """Whether ranks come with different numbers."""
        pair = torch.tensor([value, -value])
        with self._listening():
            dist.all_reduce(pair, dist.ReduceOp.MAX, group=self._control)
        return int(pair.sum()) != 0

    def agree(self, *what: object) -> None:
        """Raise InvalidRequest, on every rank, unless all give the same values and divide experts in the same way.

        Parts of different models fit together by their shapes, and their sums mean nothing.
        """
        self._check_free()
        if self.differs(crc32(repr((self.split.experts, *what)).encode())):
            raise InvalidRequest(
                found="ranks that load different models",
                expected="one config.json, dtype, quantize and mesh on all of them",
                cause="another copy of the checkpoint on one host, or an option that only some ranks were given",
                next_step="start the same command on the same checkpoint everywhere",
            )

    def meet(self) -> None:
        """Wait until every rank has come here."""
        with self._listening():
            dist.barrier(group=self._control)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """What is raised inside is told to the other ranks, which cannot go on without this one."""
        self._check_free()  # here: told to the others, it would end the pipeline that they follow
        try:
            yield
        except BaseException as error:
            self.watch.report(error)
            raise

    def close(self) -> None:
        """End together: no rank takes another's end for its death."""
        self.watch.stop()
        self.meet()

    @classmethod
    def _check_free(cls) -> None:
        """Raise InvalidRequest where the other ranks would never come to what this one is about to wait for."""
        if cls.led:
            raise InvalidRequest(
                found="a second model for processes that share one already",
                expected="one model per program that torchrun or accelerate launch starts",
                cause="two calls of load with a mesh; the other ranks follow the first pipeline until the program ends",
                next_step="use the first pipeline, load the second model without mesh, or start another program",
            )

    def _check(self) -> None:
        if not self.together:
            raise InvalidRequest(
                found="a call of the model itself, whose other parts wait in other processes",
                expected="caption, ask, chat, stream, encode or batch of its Pipeline",
                cause="a feature that works on a model of one process: the server, the look inside, transformers",
                next_step="load it without mesh (device_map='auto' spreads it over the GPUs), or give a mesh to"
                " load_model and call the model on every rank",
            )

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """A connection that breaks means that a rank has ended: say which and why."""
        try:
            yield
        except RuntimeError as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
            raise RankLost(
                found=self.watch.last_words() or f"a rank ended without a word ({error})",
                expected=f"{self.size} ranks until the end",
                cause="an error of that rank alone, or somebody or the system killed it, or its host is gone",
                next_step="start all processes again",
            ) from error


def _numbers() -> tuple[int, int, int]:
    """(rank, number of ranks, rank among those of this host) as the launcher says them; one rank without a launcher."""
    told = [os.environ.get(name, "0") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")]
    try:
        rank, size, local = map(int, told)
    except ValueError as error:
        raise _apart(str(error)) from error
    if not 0 <= rank < max(size, 1):
        raise _apart(f"RANK={rank} and WORLD_SIZE={size}")
    return rank, size, local


def _apart(why: str) -> InvalidRequest:
    return InvalidRequest(
        found=f"processes that cannot meet: {why}",
        expected="RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT of one start",
        cause="a launcher that sets only some of them, a port that is taken, or a rank that did not start",
        next_step="start with torchrun or accelerate launch, which set them all",
    )


def _own_device(device: torch.device, local: int) -> torch.device:
    if device.type != "cuda":
        return device
    count = torch.cuda.device_count()
    if local >= count:
        raise InvalidRequest(
            found=f"process {local} of this host, which has {count} GPUs",
            expected="one process for each GPU, counted from 0",
            cause="a --nproc-per-node that is larger than the machine",
            next_step=f"--nproc-per-node {count}, or device='cpu'",
        )
    return torch.device("cuda", local)
