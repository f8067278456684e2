"""One step of writing in memory that never moves, so that CUDA graphs can record it once and replay it per token.

A model whose layers lie on several devices is a chain of stages, one graph each; a stage hands two rows on to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from minimax_vl.kernels import Unsummed, whole
from minimax_vl.kernels.backends import backend_of
from minimax_vl.text_backbone.cache import Chunk, HybridCache, KeyValues
from minimax_vl.text_backbone.rope import rotary_angles

if TYPE_CHECKING:
    from minimax_vl.text_backbone.model import TextBackbone

ROOM = 1024  # capacities are multiples of this: a prompt a little longer finds a recording that fits
KEPT = 4  # batch sizes whose recording is kept
WORTH = 16  # new tokens from which recording a step costs less than it saves


class Stage:
    """Neighbouring layers on one device, the embedding before the first of all, norm and head after the last.

    Called with what the stage before made: ids [rows, 1], or what its last layer added and carried, [2, rows, 1, C].
    Makes the same for the next stage, or fp32 logits [rows, V].
    """

    def __init__(self, text: TextBackbone, layers: Sequence[int], cache: HybridCache, rows: int) -> None:
        self.text, self.layers, self.cache = text, layers, cache
        self.device, dtype = device_of(text, layers[0]), text.model.embed_tokens.weight.dtype
        # A position and a padding of its own: what a graph reads lies on its device.
        self.clock = torch.zeros(1, dtype=torch.long, device=self.device)
        self.pad = torch.zeros(rows, dtype=torch.long, device=self.device)
        if layers[0] == 0:
            self._given = torch.zeros(rows, 1, dtype=torch.long, device=self.device)
        else:
            self._given = torch.zeros(2, rows, 1, text.config.hidden_size, dtype=dtype, device=self.device)
        self._made = torch.empty(0)
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, given: Tensor) -> Tensor:
        """The result is valid until the next call. Devices wait for each other's copies without the host."""
        self._given.copy_(given)
        with self._current():
            if self._graph is None:
                self._made = self._run()
            else:
                self._graph.replay()
        return self._made

    def record(self, rehearse: Callable[[], None]) -> None:
        """Record a CUDA graph; `rehearse` brings the cache to a state from which a token may be written."""
        with self._current():
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(2):  # kernels compile and libraries take their workspaces before the recording
                    rehearse()
                    self._run()
            torch.cuda.current_stream().wait_stream(aside)
            rehearse()
            graph = torch.cuda.CUDAGraph()
            # PyTorch's own stream for recordings lies on the device of the first one. Other threads go on calling
            # CUDA: NCCL's watchdog does all the time.
            with torch.cuda.graph(graph, stream=aside, capture_error_mode="thread_local"):
                self._made = self._run()
        self._graph = graph

    def _run(self) -> Tensor:
        text, config = self.text, self.text.config
        cos, sin = rotary_angles(config, self.clock, 1, self.device)
        chunk = Chunk(cos, sin, self.pad, None, clock=self.clock, length=self.clock + 1)
        added: Tensor | Unsummed
        carried: Tensor | None = None
        if self.layers[0] == 0:
            added = text.model.embed_tokens(self._given)  # [rows, 1, C]
        else:
            added, carried = self._given
        for i in self.layers:
            added, carried, _ = text.model.layers[i](added, carried, chunk, self.cache.layers[i])
        self.clock.add_(1)
        assert carried is not None  # a stage has at least one layer
        if self.layers[-1] < config.num_hidden_layers - 1:
            return torch.stack((whole(added), carried))  # one copy to the next device
        scales = (config.layernorm_mlp_alpha, config.layernorm_mlp_beta)
        hidden, _ = text.model.norm.join(added, carried, scales, keep=False)
        return text.head(hidden[:, -1])

    def _current(self) -> torch.cuda.device | nullcontext[None]:
        # Triton launches, and graphs are replayed, on the current device.
        return torch.cuda.device(self.device) if self.device.type == "cuda" else nullcontext()


class DecodeStep:
    """One token for each of `rows` rows after up to `capacity` - 1 others; a prompt is read into `cache` first.

    `reset`, then the prompt by the model with `cache`, then `begin`, then calls. `capture` records CUDA graphs;
    without it the same step runs kernel by kernel, on any device. `runs`: the layers of each stage, where they are
    not to follow from the devices.
    """

    def __init__(
        self,
        text: TextBackbone,
        rows: int,
        capacity: int,
        *,
        capture: bool,
        runs: Sequence[Sequence[int]] | None = None,
    ) -> None:
        config, dtype = text.config, text.model.embed_tokens.weight.dtype
        H, D, G = config.num_attention_heads, config.head_dim, config.num_key_value_heads
        self.rows, self.capacity = rows, capacity
        self.cache = text.new_cache(capacity)
        self.stages = [Stage(text, run, self.cache, rows) for run in runs or runs_of(text)]
        self._states: list[Tensor] = []
        for i, layer in enumerate(self.cache.layers):
            device = device_of(text, i)
            if isinstance(layer, KeyValues):
                # Zeros: backends may multiply what no token has written yet by a weight of zero.
                layer.reserve(*torch.zeros(2, rows, capacity, G, D, dtype=dtype, device=device))
            else:
                self._states.append(torch.zeros(rows, H, D, D, dtype=torch.float32, device=device))
        if capture:
            self._record()

    def reset(self) -> HybridCache:
        """The cache, empty, for a new prompt of `rows` rows."""
        self.cache.clear()
        return self.cache

    def begin(self) -> None:
        """The prompt is read: from here on tokens come one by one."""
        first, *others = self.stages
        self.cache.settle(first.clock, first.pad, self._states)
        for stage in others:
            stage.clock.copy_(first.clock)
            stage.pad.copy_(first.pad)

    def __call__(self, ids: Tensor) -> Tensor:
        """ids [rows, 1], the last of each row -> fp32 logits [rows, V], valid until the next call."""
        position = self.cache.position
        if position >= self.capacity:
            raise ValueError(f"{position} tokens fill this step's cache; make one with more capacity")
        made = ids
        for stage in self.stages:
            made = stage(made)
        self.cache.position = position + 1
        return made

    @torch.inference_mode()
    def _record(self) -> None:
        for stage in self.stages:
            stage.record(self._rehearse)
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


def runs_of(text: TextBackbone) -> list[list[int]]:
    """Numbers of neighbouring layers on one device, in order."""
    layers = range(text.config.num_hidden_layers)
    return [list(run) for _, run in groupby(layers, key=lambda i: device_of(text, i))]


def device_of(text: TextBackbone, layer: int) -> torch.device:
    """Where a layer computes; its norms are there whatever its format."""
    return text.model.layers[layer].get_parameter("input_layernorm.weight").device


def recordable(text: TextBackbone) -> bool:
    """Whether a step of this model never asks the host: experts that route on the device, and every layer on one.

    What comes before the first layer and after the last must lie beside it.
    """
    first, last = text.model.layers[0], text.model.layers[-1]
    together = [(layer,) for layer in text.model.layers]
    together += [(text.model.embed_tokens, first), (text.model.norm, text.lm_head, last)]
    places = [
        {x.device for module in modules for x in (*module.parameters(), *module.buffers())}
        for modules in together
    ]
    experts = {backend_of(op, "cuda") for op in ("expert_mlp", "expert_mlp_quantised")}
    whole = all(len(devices) == 1 and devices.pop().type == "cuda" for devices in places)
    return whole and experts <= {"triton", "dense"}


def last_ids(rows: Sequence[Sequence[int]]) -> Tensor:
    """[B, 1] on the CPU: the last id of each row; 0 for a row that ended before its first."""
    return torch.tensor([[ids[-1] if ids else 0] for ids in rows])
