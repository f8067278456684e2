"""What the layers remember between calls: keys and values of softmax layers, states of lightning layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels import apply_rotary, rotary_store
from minimax_vl.text_backbone.config import SOFTMAX, TextConfig

KvCache = Literal["int8"]  # formats of keys and values other than the model's dtype


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
        if chunk.clock is None:
            self._make_room(k, end)
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

    def leave_inference_mode(self) -> None:
        """Copy room that was made under `torch.inference_mode`."""
        if self._keys is not None and self._values is not None and self._keys.is_inference():
            self._keys, self._values = self._keys.clone(), self._values.clone()

    @property
    def nbytes(self) -> int:
        return sum(x.nbytes for x in (self._keys, self._values) if x is not None)

    @property
    def used(self) -> int:
        """Bytes of what is held, without room to spare."""
        return 0 if self._keys is None else self.nbytes // self._keys.shape[1] * self.length

    def _make_room(self, like: Tensor, end: int) -> None:
        """For rows of `like` up to position `end`; an empty cache may have held another number of rows before."""
        if (
            self._keys is not None
            and end <= self._keys.shape[1]
            and (self.length or len(like) == len(self._keys))
        ):
            return
        shape = (like.shape[0], max(end, 2 * self.length, self.capacity), *like.shape[2:])
        for name in ("_keys", "_values"):
            fresh, old = like.new_empty(shape), getattr(self, name)
            if self.length:
                fresh[:, : self.length] = old[:, : self.length]
            setattr(self, name, fresh)


class Int8KeyValues(KeyValues):
    """`KeyValues` in half of bf16's memory: eight bits, and a scale for each token and head; see `pack_int8`.

    What attention reads is unpacked for the length of one layer's call. `held` gives fp32, `hold` packs it to the same
    bits again.
    """

    def append(self, q: Tensor, k: Tensor, v: Tensor, chunk: Chunk) -> tuple[Tensor, Tensor, Tensor]:
        T, first = k.shape[1], k.shape[1] - q.shape[1]
        q = apply_rotary(q, chunk.cos[first:], chunk.sin[first:])
        k, v = pack_int8(apply_rotary(k, chunk.cos, chunk.sin)), pack_int8(v)
        end = self.length + T
        if chunk.clock is None:
            self._make_room(k, end)
        assert self._keys is not None and self._values is not None
        if chunk.clock is not None:
            at = chunk.clock + torch.arange(T, device=k.device)
            keys, values = self._keys.index_copy_(1, at, k), self._values.index_copy_(1, at, v)
        else:
            self._keys[:, self.length : end], self._values[:, self.length : end] = k, v
            self.length = end
            keys, values = super().held()
        return q, unpack_int8(keys, q.dtype), unpack_int8(values, q.dtype)

    def reserve(self, keys: Tensor, values: Tensor) -> None:
        super().reserve(pack_int8(keys), pack_int8(values))

    def held(self) -> tuple[Tensor, Tensor]:
        keys, values = super().held()
        return unpack_int8(keys, torch.float32), unpack_int8(values, torch.float32)

    def hold(self, keys: Tensor, values: Tensor, room: int = 0) -> None:
        super().hold(pack_int8(keys), pack_int8(values), room)


def pack_int8(x: Tensor) -> Tensor:
    """[..., D] -> int8 [..., D + 2]: integers, then the two bytes of the bf16 scale that all D share."""
    scale = (x.float().abs().amax(-1, keepdim=True) / 127).bfloat16()  # rounded before it divides
    safe = torch.where(scale > 0, scale, torch.ones_like(scale)).float()
    return torch.cat([(x / safe).round().clamp(-127, 127).to(torch.int8), scale.view(torch.int8)], dim=-1)


def unpack_int8(packed: Tensor, dtype: torch.dtype) -> Tensor:
    """int8 [..., D + 2] -> [..., D]; integers and scale are exact in bf16, so that one product is rounded."""
    # A copy: two bytes at an odd place are no number, and a slice of one token would count as contiguous.
    scale = packed[..., -2:].clone(memory_format=torch.contiguous_format).view(torch.bfloat16)  # [..., 1]
    return packed[..., :-2].to(dtype) * scale.to(dtype)


@dataclass(frozen=True)
class Snapshot:
    """A moment of a `HybridCache`: states by reference, keys and values by length."""

    position: int
    length: int
    states: tuple[Tensor | None, ...]
    epoch: int


class HybridCache:
    """One per conversation or batch. `position` counts tokens so far, left padding included.

    The backbone advances `position` once per call; layers only write their own entry. Rows of a batch are
    left-padded by `pad` tokens each, fixed by the first call. `kv_cache` "int8" keeps keys and values in eight bits.
    """

    def __init__(self, config: TextConfig, capacity: int = 0, kv_cache: KvCache | None = None) -> None:
        self.position = 0
        self.kv_cache: KvCache | None = kv_cache
        self.pad: Tensor | None = None  # [B]
        kind_of_keys = KeyValues if kv_cache is None else Int8KeyValues
        self.layers: list[LightningState | KeyValues] = [
            kind_of_keys(capacity) if kind == SOFTMAX else LightningState() for kind in config.attn_type_list
        ]
        self.clock: Tensor | None = None  # [1] int64 on the device: the position, for a step that is captured
        self.halfway = False  # True from a call's begin to its end: for good, when it fails
        self._floors: list[int] = []  # where each restore so far cut the keys and values back to
        self._longest: tuple[Tensor, int] | None = None  # a padding, and its largest entry

    def snapshot(self) -> Snapshot:
        """Remember this moment; costs nothing until the conversation moves on (states are replaced, not changed)."""
        self._refuse_when_settled()
        self._refuse_halfway()
        states = tuple(layer.state for layer in self.layers if isinstance(layer, LightningState))
        return Snapshot(self.position, self.length, states, len(self._floors))

    def restore(self, moment: Snapshot) -> None:
        """Go back to a moment of this cache. One whose keys have since been overwritten is refused."""
        self._refuse_when_settled()
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
                layer.length = moment.length
        self.position, self.halfway = moment.position, False
        self._floors.append(moment.position)

    def clear(self) -> None:
        """Forget every token; room that was taken for keys and values is kept. Snapshots taken before are void."""
        self.position, self.pad, self.clock, self.halfway = 0, None, None, False
        for layer in self.layers:
            if isinstance(layer, KeyValues):
                layer.length = 0
            else:
                layer.state = None
        self.void()

    def settle(self, clock: Tensor, pad: Tensor, states: Sequence[Tensor]) -> None:
        """Go on in memory that a captured step finds where it was: one token at a time, counted by `clock` alone.

        clock [1] int64, pad [B] int64 and a state [B, H, D, D] per lightning layer take over what the cache holds.
        Until `clear` there is no way back: the states are written over.
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
        self.void()

    def void(self) -> None:
        """Refuse snapshots taken before: rows, positions or padding are no longer what they were then."""
        self._floors.append(-1)

    def begin(self) -> None:
        """A call of the backbone begins; once every layer has written its entry, `end` says where it ended."""
        self._refuse_halfway()
        if self.clock is None and not torch.is_inference_mode_enabled():
            self._leave_inference_mode()
        self.halfway = True

    def end(self, position: int) -> None:
        """The call is over: `position` tokens so far."""
        self.position, self.halfway = position, False

    def _leave_inference_mode(self) -> None:
        """Copy what was made under `torch.inference_mode`: PyTorch refuses to write to it elsewhere, or to derive."""
        if self.pad is not None and self.pad.is_inference():
            self.pad = self.pad.clone()
        for layer in self.layers:
            if isinstance(layer, KeyValues):
                layer.leave_inference_mode()
            elif layer.state is not None and layer.state.is_inference():
                layer.state = layer.state.clone()

    def _refuse_halfway(self) -> None:
        if self.halfway:
            raise ValueError(
                f"a call at position {self.position} failed (out of memory, or interrupted?) when only some layers"
                " had written to this cache; go back to a snapshot from before it, or `clear` the cache"
            )

    def _refuse_when_settled(self) -> None:
        if self.clock is not None:
            raise ValueError(
                "this cache has settled into the memory of a captured step, which writes over its states; snapshots"
                " are taken, and gone back to, before"
            )

    @property
    def length(self) -> int:
        """Positions of keys that are stored, in which `pad` counts; a turn moves `position` away from it.

        Those of a model without softmax layers count as all.
        """
        return next((x.length for x in self.layers if isinstance(x, KeyValues)), self.position)

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
    """The chunk of stored positions start .. start+count-1; `longest_pad`, when known, spares asking the device."""
    live = None
    if pad is not None and start < (int(pad.max()) if longest_pad is None else longest_pad):
        live = (torch.arange(start, start + count, device=pad.device) >= pad[:, None])[..., None, None]
    return Chunk(cos, sin, pad, live)
