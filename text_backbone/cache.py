"""What the layers remember between calls: keys and values of softmax layers, states of lightning layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels import rotary_store
from minimax_vl.text_backbone.config import SOFTMAX, TextConfig


class LightningState:
    """The running state of one lightning layer, [B, H, D, D] fp32.

    Replaced by each call, never changed in place, so that a snapshot is free; only a captured step, which has to
    find it where it was, writes over it.
    """

    def __init__(self) -> None:
        self.state: Tensor | None = None


class KeyValues:
    """Keys and values of one softmax layer, [B, S, G, D]; room grows by doubling, so appending is cheap."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.length = capacity, 0
        self._keys: Tensor | None = None
        self._values: Tensor | None = None

    def append(self, q: Tensor, k: Tensor, v: Tensor, chunk: Chunk) -> tuple[Tensor, Tensor, Tensor]:
        """Rotate q [B, Tq, H, D] and k, add k and v [B, T, G, D]; returns q and all keys and values, as views.

        With a clock all of the room is returned, and `chunk.length` says how much of it holds tokens.
        """
        end = self.length + k.shape[1]
        if chunk.clock is None and (self._keys is None or end > self._keys.shape[1]):
            self._grow(k, max(end, 2 * self.length, self.capacity))
        assert self._keys is not None and self._values is not None
        start = self.length if chunk.clock is None else chunk.clock
        q = rotary_store(q, k, v, chunk.cos, chunk.sin, self._keys, self._values, start)
        if chunk.clock is not None:
            return q, self._keys, self._values
        self.length = end
        return q, self._keys[:, :end], self._values[:, :end]

    def reserve(self, keys: Tensor, values: Tensor) -> None:
        """Use [B, S, G, D] each as room for the first S tokens, and forget what was there."""
        self._keys, self._values, self.length = keys, values, 0

    def held(self) -> tuple[Tensor, Tensor]:
        """Keys and values so far, as views [B, S, G, D]; there must be some."""
        assert self._keys is not None and self._values is not None
        return self._keys[:, : self.length], self._values[:, : self.length]

    def hold(self, keys: Tensor, values: Tensor, room: int = 0) -> None:
        """Replace everything by [B, S, G, D] each, with `room` positions to spare."""
        self.length = keys.shape[1]
        self._keys, self._values = (F.pad(x, (0, 0, 0, 0, 0, room)) if room else x for x in (keys, values))

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order."""
        if self._keys is not None and self._values is not None:
            rows = rows.to(self._keys.device)  # layers may lie on several GPUs
            self._keys, self._values = self._keys[rows], self._values[rows]

    @property
    def nbytes(self) -> int:
        return sum(x.nbytes for x in (self._keys, self._values) if x is not None)

    def _grow(self, like: Tensor, room: int) -> None:
        shape = (like.shape[0], room, *like.shape[2:])
        for name in ("_keys", "_values"):
            fresh, old = like.new_empty(shape), getattr(self, name)
            if old is not None:
                fresh[:, : self.length] = old[:, : self.length]
            setattr(self, name, fresh)


@dataclass(frozen=True)
class Snapshot:
    """A moment of a `HybridCache`: states by reference, keys and values by length."""

    position: int
    states: tuple[Tensor | None, ...]
    epoch: int


class HybridCache:
    """One per conversation or batch. `position` counts tokens so far, left padding included.

    The backbone advances `position` once per call; layers only write their own entry. Rows of a batch are
    left-padded by `pad` tokens each, fixed by the first call.
    """

    def __init__(self, config: TextConfig, capacity: int = 0) -> None:
        self.position = 0
        self.pad: Tensor | None = None  # [B]
        self.layers: list[LightningState | KeyValues] = [
            KeyValues(capacity) if kind == SOFTMAX else LightningState() for kind in config.attn_type_list
        ]
        self.clock: Tensor | None = None  # [1] int64 on the device: the position, for a step that is captured
        self._floors: list[int] = []  # where each restore so far cut the keys and values back to
        self._longest: tuple[Tensor, int] | None = None  # a padding, and its largest entry

    def snapshot(self) -> Snapshot:
        """Remember this moment; costs nothing until the conversation moves on (states are replaced, not changed)."""
        states = tuple(layer.state for layer in self.layers if isinstance(layer, LightningState))
        return Snapshot(self.position, states, len(self._floors))

    def restore(self, moment: Snapshot) -> None:
        """Go back to a moment of this cache. One whose keys have since been overwritten is refused."""
        lowest = min(self._floors[moment.epoch :], default=moment.position)
        if moment.position > min(lowest, self.position):
            raise ValueError(
                f"the snapshot is of position {moment.position}, but keys and values after position"
                f" {min(lowest, self.position)} have been overwritten since; only earlier moments can be restored"
            )
        states = iter(moment.states)
        for layer in self.layers:
            if isinstance(layer, LightningState):
                layer.state = next(states)
            else:
                layer.length = moment.position
        self.position = moment.position
        self._floors.append(moment.position)

    def clear(self) -> None:
        """Forget every token; room that was taken for keys and values is kept. Snapshots taken before are void."""
        self.position, self.pad, self.clock = 0, None, None
        for layer in self.layers:
            if isinstance(layer, KeyValues):
                layer.length = 0
            else:
                layer.state = None
        self._floors.append(-1)

    def settle(self, clock: Tensor, pad: Tensor, states: Sequence[Tensor]) -> None:
        """Go on in memory that a captured step finds where it was: one token at a time, counted by `clock` alone.

        clock [1] int64, pad [B] int64 and a state [B, H, D, D] per lightning layer take over what the cache holds.
        """
        clock.fill_(self.position)
        pad.zero_() if self.pad is None else pad.copy_(self.pad)
        mine = (layer for layer in self.layers if isinstance(layer, LightningState))
        for layer, state in zip(mine, states, strict=True):
            state.zero_() if layer.state is None else state.copy_(layer.state)
            layer.state = state
        # Padding is behind every position to come: nobody needs to ask how long it was.
        self.clock, self.pad, self._longest = clock, pad, (pad, 0)

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch [M], in this order. Snapshots taken before are void."""
        for layer in self.layers:
            if isinstance(layer, KeyValues):
                layer.select(rows)
            elif layer.state is not None:
                layer.state = layer.state[rows.to(layer.state.device)]
        if self.pad is not None:
            self.pad = self.pad[rows.to(self.pad.device)]
        self._floors.append(-1)

    @property
    def longest_pad(self) -> int:
        """The largest of `pad`, asked of the device once."""
        if self.pad is None:
            return 0
        if self._longest is None or self._longest[0] is not self.pad:
            self._longest = self.pad, int(self.pad.max())
        return self._longest[1]

    @property
    def nbytes(self) -> int:
        """Memory held now, in bytes."""
        total = 0
        for layer in self.layers:
            if isinstance(layer, KeyValues):
                total += layer.nbytes
            elif layer.state is not None:
                total += layer.state.nbytes
        return total


@dataclass(frozen=True)
class Chunk:
    """What every layer must know about the T tokens of one call."""

    cos: Tensor  # [T, R/2]
    sin: Tensor
    pad: Tensor | None  # [B], padded positions at the start of each row
    live: Tensor | None  # [B, T, 1, 1], False where a position of this chunk is padding
    last_only: bool = False  # True for a layer of whose output only the last position is read
    # For a captured step, whose positions are known on the device alone: [1] int64 each, else None.
    clock: Tensor | None = None  # position of the chunk's first token
    length: Tensor | None = None  # positions that hold tokens, this chunk's included

    def wanted(self, x: Tensor) -> Tensor:
        """The positions of x [B, T, ...] whose output is read."""
        return x[:, -1:] if self.last_only else x


def describe(
    start: int, count: int, pad: Tensor | None, cos: Tensor, sin: Tensor, longest_pad: int | None = None
) -> Chunk:
    """The chunk of positions start .. start+count-1; `longest_pad`, when known, spares asking the device for it."""
    live = None
    if pad is not None and start < (int(pad.max()) if longest_pad is None else longest_pad):
        live = (torch.arange(start, start + count, device=pad.device) >= pad[:, None])[..., None, None]
    return Chunk(cos, sin, pad, live)
