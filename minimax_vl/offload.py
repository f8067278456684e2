"""Layers away from the model's first device: inputs go to them, or their weights come for the length of a call.

Weights that visit are copied a layer ahead, by a thread on a stream of its own, and of the experts only those come
that some token chose.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from minimax_vl.kernels import Unsummed, expert_mlp, expert_mlp_quantised
from minimax_vl.kernels.quantised import QuantisedWeight
from minimax_vl.quantised import Packed
from minimax_vl.text_backbone.cache import Chunk, KeyValues, LightningState

if TYPE_CHECKING:
    from minimax_vl.loading.homes import Homes
    from minimax_vl.model import VLModel
    from minimax_vl.text_backbone.layer import DecoderLayer

Slot = tuple[dict[str, Any], str]  # where a module keeps a parameter or buffer, and its name there


def connect(model: VLModel, homes: Homes) -> None:
    """Let every layer run where `homes` says, and what follows the last one receive its output."""
    layers = cast("list[DecoderLayer]", list(model.language_model.model.layers))
    followers: dict[str, Follower] = {}
    carrier = Carrier(torch.device(homes.main))
    for i, layer in enumerate(layers):
        where = homes.main if homes.visits(i) or homes.layers[i] == "disk" else homes.layers[i]
        follower = followers.setdefault(where, Follower(torch.device(where)))
        guest = carrier.invite(layer) if homes.visits(i) else None
        back = torch.device("cpu" if homes.last == "disk" else homes.last) if i == len(layers) - 1 else None
        layer.forward = Placed(layer, follower, guest, back)


class Follower:
    """Brings what a layer reads to its device; what all layers of a call share is brought once."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._last: tuple[Chunk, Chunk] | None = None

    def chunk(self, chunk: Chunk) -> Chunk:
        if self._last is None or self._last[0] is not chunk:
            values = {field.name: getattr(chunk, field.name) for field in fields(chunk)}
            moved = {name: x.to(self.device) for name, x in values.items() if isinstance(x, Tensor)}
            self._last = chunk, replace(chunk, **moved)
        return self._last[1]


class Placed:
    """The `forward` of a layer that runs on a device of its own."""

    def __init__(
        self, layer: DecoderLayer, follower: Follower, guest: Guest | None, back: torch.device | None
    ) -> None:
        self.run, self.follower, self.guest, self.back = layer.forward, follower, guest, back

    def __call__(
        self,
        added: Tensor | Unsummed,
        carried: Tensor | None,
        chunk: Chunk,
        cache: LightningState | KeyValues | None,
    ) -> tuple[Tensor | Unsummed, Tensor, Tensor]:
        device = self.follower.device
        added, carried = added.to(device), None if carried is None else carried.to(device)
        # Triton launches on the current device.
        with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
            if self.guest is None:
                made = self.run(added, carried, self.follower.chunk(chunk), cache)
            else:
                with self.guest:
                    made = self.run(added, carried, self.follower.chunk(chunk), cache)
        if self.back is None:
            return made
        routed, total, logits = made
        return routed.to(self.back), total.to(self.back), logits


class Guest:
    """A layer's weights but its experts', which are present on the device inside a `with` block."""

    def __init__(self, carrier: Carrier, slots: list[Slot]) -> None:
        self.carrier, self.slots = carrier, slots
        self.at_home: list[Tensor] = [store[name] for store, name in slots]

    def __enter__(self) -> None:
        for (store, name), tensor in zip(self.slots, self.carrier.bring(self), strict=True):
            store[name] = tensor

    def __exit__(self, *exc: object) -> None:
        for (store, name), tensor in zip(self.slots, self.at_home, strict=True):
            store[name] = tensor


class Carrier:
    """Copies the weights of guests to a device, in the order in which layers are called, one ahead of its use."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.guests: list[Guest] = []
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self._thread = ThreadPoolExecutor(1)  # reading from a disk would hold up the caller
        self._ahead: tuple[Guest, Future[list[Tensor]]] | None = None

    def invite(self, layer: DecoderLayer) -> Guest:
        """Make a layer's weights guests; its experts come one by one, when they are chosen."""
        experts = layer.block_sparse_moe.experts
        own = set(experts.modules())
        slots = [
            (store, name)
            for module in layer.modules()
            if module not in own
            for store in (module._parameters, module._buffers)
            for name, tensor in store.items()
            if tensor is not None
        ]
        experts.forward = ChosenExperts(experts, self.device)
        guest = Guest(self, slots)
        self.guests.append(guest)
        return guest

    def bring(self, guest: Guest) -> list[Tensor]:
        """The guest's weights on the device; the next guest's set out, while this one's layer computes."""
        ahead, self._ahead = self._ahead, None
        brought = ahead[1].result() if ahead and ahead[0] is guest else self._copy(guest)
        if self._stream is not None:
            current = torch.cuda.current_stream(self.device)
            current.wait_stream(self._stream)
            for tensor in brought:
                tensor.record_stream(current)
        if len(self.guests) > 1:  # after the last comes the first: the next token
            following = self.guests[(self.guests.index(guest) + 1) % len(self.guests)]
            self._ahead = following, self._thread.submit(self._copy, following)
        return brought

    @torch.no_grad()
    def _copy(self, guest: Guest) -> list[Tensor]:
        with torch.cuda.stream(self._stream) if self._stream else nullcontext():
            return [
                torch.empty_like(home, device=self.device).copy_(home, non_blocking=True)
                for home in guest.at_home
            ]


class ChosenExperts:
    """The `forward` of experts that stay on the host: those that some token chose come, and only those."""

    def __init__(self, experts: nn.Module, device: torch.device) -> None:
        self.experts, self.device = experts, device

    def __call__(self, x: Tensor, ids: Tensor, weights: Tensor) -> Tensor:
        chosen, local = ids.unique(return_inverse=True)  # sorted ids, and their numbers among the chosen
        rows = chosen.tolist()
        w13, w2 = (self._bring(getattr(self.experts, name), rows) for name in ("w13", "w2"))
        if isinstance(w13, QuantisedWeight) and isinstance(w2, QuantisedWeight):
            return expert_mlp_quantised(x, local, weights, w13, w2)
        assert isinstance(w13, Tensor) and isinstance(w2, Tensor)
        return expert_mlp(x, local, weights, w13, w2)

    def _bring(self, stack: Tensor | Packed, chosen: list[int]) -> Tensor | QuantisedWeight:
        if isinstance(stack, Packed):
            shape = (len(chosen), *stack.shape[1:])
            data, scale = self._pick(stack.data, chosen), self._pick(stack.scale, chosen)
            return QuantisedWeight(data, scale, stack.bits, stack.group, shape)
        return self._pick(stack, chosen)

    def _pick(self, stack: Tensor, chosen: list[int]) -> Tensor:
        picked = torch.empty(len(chosen), *stack.shape[1:], dtype=stack.dtype, device=self.device)
        for row, expert in enumerate(chosen):
            picked[row].copy_(stack[expert], non_blocking=True)
        return picked
