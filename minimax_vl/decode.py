"""One step of writing in memory that never moves, so that a CUDA graph can record it once and replay it per token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from minimax_vl.kernels.backends import backend_of
from minimax_vl.text_backbone.cache import HybridCache, KeyValues

if TYPE_CHECKING:
    from minimax_vl.text_backbone.model import TextBackbone

ROOM = 1024  # capacities are multiples of this: a prompt a little longer finds a recording that fits
KEPT = 4  # batch sizes whose recording is kept
WORTH = 16  # new tokens from which recording a step costs less than it saves


class DecodeStep:
    """One token for each of `rows` rows after up to `capacity` - 1 others; a prompt is read into `cache` first.

    `reset`, then the prompt by the model with `cache`, then `begin`, then calls. `capture` records a CUDA graph;
    without it the same step runs kernel by kernel, on any device.
    """

    def __init__(self, text: TextBackbone, rows: int, capacity: int, *, capture: bool) -> None:
        config, dtype, device = text.config, text.lm_head.weight.dtype, text.lm_head.weight.device
        H, D, G = config.num_attention_heads, config.head_dim, config.num_key_value_heads
        self.text, self.rows, self.capacity, self.device = text, rows, capacity, device
        self.cache = HybridCache(config, capacity)
        self._clock = torch.zeros(1, dtype=torch.long, device=device)
        self._pad = torch.zeros(rows, dtype=torch.long, device=device)
        self._ids = torch.zeros(rows, 1, dtype=torch.long, device=device)
        self._states: list[Tensor] = []
        for layer in self.cache.layers:
            if isinstance(layer, KeyValues):
                # Zeros: backends may multiply what no token has written yet by a weight of zero.
                layer.reserve(*torch.zeros(2, rows, capacity, G, D, dtype=dtype, device=device))
            else:
                self._states.append(torch.zeros(rows, H, D, D, dtype=torch.float32, device=device))
        self._graph: torch.cuda.CUDAGraph | None = None
        self._logits: Tensor | None = None
        if capture:
            self._record()

    def reset(self) -> HybridCache:
        """The cache, empty, for a new prompt of `rows` rows."""
        self.cache.clear()
        return self.cache

    def begin(self) -> None:
        """The prompt is read: from here on tokens come one by one."""
        self.cache.settle(self._clock, self._pad, self._states)

    def __call__(self, ids: Tensor) -> Tensor:
        """ids [rows, 1], the last of each row -> fp32 logits [rows, V], valid until the next call."""
        position = self.cache.position
        if position >= self.capacity:
            raise ValueError(f"{position} tokens fill this step's cache; make one with more capacity")
        self._ids.copy_(ids)
        if self._graph is None:
            self._logits = self._run()
        else:
            with torch.cuda.device(self.device):
                self._graph.replay()
        self.cache.position = position + 1  # a replay runs no Python that would count
        assert self._logits is not None
        return self._logits

    def _run(self) -> Tensor:
        logits = self.text(self.text.model.embed_tokens(self._ids), self.cache)
        self._clock.add_(1)
        return logits

    @torch.inference_mode()
    def _record(self) -> None:
        with torch.cuda.device(self.device):
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(2):  # kernels compile and libraries take their workspaces before the recording
                    self._rehearse()
                    self._run()
            torch.cuda.current_stream().wait_stream(aside)
            self._rehearse()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                self._logits = self._run()
        self._graph = graph
        self.reset()

    def _rehearse(self) -> None:
        """As after a prompt of one token; what it was matters to nobody."""
        self.cache.clear()
        self.cache.position = 1
        self.begin()


class DecodeSteps:
    """The steps recorded for one model, one per batch size; made when first needed, lent to one answer at a time."""

    def __init__(self, text: TextBackbone, *, capture: bool = True) -> None:
        self.text, self.capture = text, capture
        self._idle: list[DecodeStep] = []  # last used last
        self._lent: list[DecodeStep] = []

    def lend(self, rows: int, capacity: int, tokens: int) -> DecodeStep | None:
        """A step with room for `capacity` positions, empty; None where writing `tokens` ids goes better without."""
        if any(step.rows == rows for step in self._lent) or (self.capture and not recordable(self.text)):
            return None
        step = next((step for step in self._idle if step.rows == rows), None)
        if step is not None:
            self._idle.remove(step)
        if step is None or step.capacity < capacity:
            del step  # its memory is needed for the larger one
            if tokens < WORTH:
                return None
            del self._idle[: max(0, len(self._idle) + 1 - KEPT)]
            try:
                step = DecodeStep(self.text, rows, -(-capacity // ROOM) * ROOM, capture=self.capture)
            except torch.OutOfMemoryError:
                return None  # a cache that grows with the answer may still fit
        step.reset()
        self._lent.append(step)
        return step

    def give_back(self, step: DecodeStep) -> None:
        """`step` is no longer used."""
        self._lent.remove(step)
        step.reset()
        self._idle.append(step)


def recordable(text: TextBackbone) -> bool:
    """Whether a step of this model never asks the host: all of it on one CUDA device, with experts that route there."""
    places = {x.device for x in (*text.parameters(), *text.buffers())}
    experts = {backend_of(op, "cuda") for op in ("expert_mlp", "expert_mlp_quantised")}
    return len(places) == 1 and text.lm_head.weight.is_cuda and experts <= {"triton", "dense"}


def last_ids(rows: Sequence[Sequence[int]]) -> Tensor:
    """[B, 1] on the CPU: the last id of each row; 0 for a row that ended before its first."""
    return torch.tensor([[ids[-1] if ids else 0] for ids in rows])
