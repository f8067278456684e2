"""One process speaks and the others follow: whatever rank 0 runs of a model, all run, and only it needs to know why.

Rank 0 opens images, draws ids and decides when an answer ends. What the others hear is small: the prompt's
embeddings once, then the ids of a step.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from minimax_vl.batch import Batch
from minimax_vl.errors import OutOfMemory

if TYPE_CHECKING:
    from minimax_vl.decode import DecodeSteps
    from minimax_vl.model import VLModel
    from minimax_vl.parallel.mesh import Mesh
    from minimax_vl.runner import Runner


def lead_or_follow(runner: Runner, mesh: Mesh) -> None:
    """Rank 0 comes back, and what it runs the others run; they stay here until it ends, then end too."""
    mesh.meet()  # loading may take longer here than there
    if mesh.rank == 0:
        runner.open_batch = Leader(mesh)
        return
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for rank 0 to say what an interrupt ends
    follow(runner.model, runner.steps, mesh)
    raise SystemExit(0)


class Leader:
    """Rank 0's way to make a `Batch` that the other ranks follow; `end`, or the end of this process, lets them end."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.closed: deque[LedBatch] = deque()  # what all ranks give up with the next word
        self._numbers, self._turn = count(), threading.RLock()
        self._lost = False
        mesh.together = False
        type(mesh).led = True
        # As atexit, and in processes that multiprocessing started too.
        self.end = Finalize(None, self._end, exitpriority=0)

    def __call__(
        self, model: VLModel, steps: DecodeSteps | None, rows: int, room: int, tokens: int
    ) -> LedBatch:
        """As `Batch`, from its arguments."""
        number = next(self._numbers)
        with self.telling("open", number, rows, room, tokens):
            return LedBatch(self, number, model, steps, rows, room, tokens)

    @contextmanager
    def telling(self, name: str, number: int, *args: Any) -> Iterator[None]:
        """The others do as the block does; an error in it ends them, for they would wait in its middle."""
        with self._turn:
            try:
                closed = [self.closed.popleft() for _ in range(len(self.closed))]
                self.mesh.tell([batch.number for batch in closed], name, number, *args)
                for batch in closed:
                    batch.give_up()
                self.mesh.together = True
                yield
            except BaseException as error:
                self.mesh.watch.report(error)
                self._lost = True
                raise
            finally:
                self.mesh.together = False

    def _end(self) -> None:
        if not self._lost:
            self.mesh.tell([], "end", 0)
            self.mesh.close()


class LedBatch(Batch):
    """A `Batch` of rank 0 whose other parts are with the other ranks."""

    def __init__(
        self,
        leader: Leader,
        number: int,
        model: VLModel,
        steps: DecodeSteps | None,
        rows: int,
        room: int,
        tokens: int,
    ) -> None:
        super().__init__(model, steps, rows, room, tokens)
        self._leader, self.number = leader, number
        _agree(leader.mesh, self)

    @property
    def ahead(self) -> bool:
        return False  # the other ranks are told ids, so they must be known here

    def read(self, embeds: Tensor, pad: Tensor | None = None) -> Tensor:
        pads = None if pad is None else pad.tolist()
        with self._leader.telling("read", self.number, tuple(embeds.shape), pads):
            return super().read(self._leader.mesh.share(embeds), pad)

    def write(self, last: Tensor) -> Tensor:
        with self._leader.telling("write", self.number, last.flatten().tolist()):
            return super().write(last)

    def keep(self, rows: Sequence[int]) -> bool:
        with self._leader.telling("keep", self.number, list(rows)):
            return super().keep(rows)

    def close(self) -> None:
        # With the next word: a stream may be closed on any thread, at any time, and ranks must agree on what is lent.
        self._leader.closed.append(self)

    def give_up(self) -> None:
        """What `close` of an ordinary batch does."""
        super().close()


@torch.inference_mode()
def follow(model: VLModel, steps: DecodeSteps | None, mesh: Mesh) -> None:
    """What the other ranks do: run what rank 0 runs, until it ends."""
    batches: dict[int, Batch] = {}
    with mesh.reporting():
        while True:
            closed, name, number, *args = mesh.hear()
            for old in closed:
                batches.pop(old).close()
            if name == "end":
                break
            if name == "open":
                batches[number] = Batch(model, steps, *args)
                _agree(mesh, batches[number])
            elif name == "read":
                shape, pads = args
                embeds = mesh.share(torch.empty(shape, dtype=model.dtype, device=model.device))
                pad = None if pads is None else torch.tensor(pads, device=model.device)
                batches[number].read(embeds, pad)
            elif name == "write":
                batches[number].write(torch.tensor(args[0])[:, None])
            else:
                batches[number].keep(args[0])
    mesh.close()


def _agree(mesh: Mesh, batch: Batch) -> None:
    """A recorded step on one rank and none on another would wait for each other."""
    if mesh.differs(int(batch.step is not None)):
        raise OutOfMemory(
            found="room for a recorded step on some ranks only",
            expected="the same free memory on all GPUs",
            cause="another program on one of them",
            next_step="end it, or shorten prompt and answer",
        )
