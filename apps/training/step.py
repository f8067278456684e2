"""Forward and backward of one batch, into one gradient buffer; on CUDA recorded once per shape and replayed."""

from __future__ import annotations

from typing import Any

import torch

from minimax_vl.apps.training.batches import Batch
from minimax_vl.apps.training.reader import Losses, Reader

ROOM = 200  # learned ids a row on average, at most; a page has about 125


class Step:
    """What does not change from step to step: the gradients' memory, the losses' weights, and the recorded graphs.

    A step is three thousand small kernels. Replaying a CUDA graph of them costs the host nothing, which the processes
    that draw pages need.
    """

    def __init__(self, reader: Reader, device: torch.device, *, record: bool) -> None:
        self.reader, self.device, self.record = reader, device, record
        parameters = list(reader.parameters())
        self.gradient = torch.zeros(
            sum(p.numel() for p in parameters), dtype=parameters[0].dtype, device=device
        )
        parts = self.gradient.split([p.numel() for p in parameters])
        # Each with the part of the buffer that is its gradient.
        self._parameters = [(p, part.view_as(p)) for p, part in zip(parameters, parts, strict=True)]
        # answer, glyphs, paint, landmarks, balance, and what of the heads' gradients reaches the model
        self.weights = torch.ones(6, device=device)
        self._weights: dict[str, float] = {}
        self._graphs: dict[tuple[int, ...], tuple[torch.cuda.CUDAGraph, Batch, Losses]] = {}
        self._pool: Any = None  # of the graphs' memory, shared; PyTorch gives its type no public name
        if device.type == "cuda":
            self._copies, self._replayed = torch.cuda.Stream(device), torch.cuda.Event()

    def __call__(self, batch: Batch) -> Losses:
        """Losses, valid until the next call; `gradient` holds the gradient of their weighted sum."""
        batch = self._moved(batch)
        if not self.record:
            return self._run(batch)
        shape = (*batch["tiles"].shape[:2], batch["ids"].shape[1])
        if shape not in self._graphs:
            self._graphs[shape] = self._recorded({name: x.clone() for name, x in batch.items()})
        graph, inputs, losses = self._graphs[shape]
        for name, x in batch.items():
            inputs[name].copy_(x)
        graph.replay()
        before, self._replayed = self._replayed, torch.cuda.Event()
        self._replayed.record()
        before.synchronize()  # one step ahead is enough: a loop further ahead would think that no page is ready
        return losses

    def _moved(self, batch: Batch) -> Batch:
        """The batch on the device; its copy runs beside the step before."""
        if self.device.type != "cuda":
            return batch
        now = torch.cuda.current_stream(self.device)
        with torch.cuda.stream(self._copies):
            moved = {name: x.to(self.device, non_blocking=True) for name, x in batch.items()}
        now.wait_stream(self._copies)
        for x in moved.values():
            x.record_stream(now)
        return moved

    def weigh(self, **weights: float) -> None:
        """answer, glyph, paint, landmark, balance: of the losses; feed: of the heads' gradients into the model."""
        if weights != self._weights:  # a copy from the host waits for the device
            self._weights = weights
            names = ("answer", "glyph", "paint", "landmark", "balance", "feed")
            self.weights.copy_(torch.tensor([weights[name] for name in names]))

    def _run(self, batch: Batch) -> Losses:
        for p, _ in self._parameters:
            p.grad = None  # else autograd would add each to zeros, in a launch of its own
        *weights, feed = self.weights.unbind()
        losses = self.reader(batch, augmented=True, feed=feed)
        found = (losses.answer, losses.glyph, losses.paint, losses.landmark, losses.balance)
        sum(weight * loss for weight, loss in zip(weights, found, strict=True)).backward()  # pyright: ignore
        self._gather()
        return losses

    def _gather(self) -> None:
        """Bring the gradients into the one buffer, whose parts then are the parameters' gradients."""
        fresh = [(part, p.grad) for p, part in self._parameters if p.grad is not None]
        torch._foreach_copy_([part for part, _ in fresh], [grad for _, grad in fresh])
        for p, part in self._parameters:
            if p.grad is None:
                part.zero_()
            p.grad = part

    def _recorded(self, inputs: Batch) -> tuple[torch.cuda.CUDAGraph, Batch, Losses]:
        aside = torch.cuda.Stream(self.device)
        aside.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(aside):
            for _ in range(2):  # kernels compile, and libraries take their workspaces
                self._run(inputs)
        torch.cuda.current_stream(self.device).wait_stream(aside)
        torch.cuda.synchronize(self.device)
        torch.cuda.empty_cache()  # the rehearsal's memory: the graph takes its own
        graph = torch.cuda.CUDAGraph()
        # Other threads, NCCL's watchdog among them, may go on asking the device while this one records.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            losses = self._run(inputs)
        self._pool = self._pool or graph.pool()
        detached = {name: value.detach() for name, value in vars(losses).items()}
        return graph, inputs, Losses(**detached)
