"""Rows of different lengths as one batch: copy a cache, put a row into a batch, turn keys to another position."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from minimax_vl.kernels import apply_rotary
from minimax_vl.text_backbone.cache import HybridCache, KeyValues, LightningState
from minimax_vl.text_backbone.config import TextConfig
from minimax_vl.text_backbone.rope import rotary_angles

ROOM = 256  # positions of keys and values reserved beyond what is there
DRIFT = 1 << 16  # positions after which a batch is turned back: fp32 angles are exact to 0.01 rad up to here


def fork(cache: HybridCache, config: TextConfig) -> HybridCache:
    """A copy that shares nothing with `cache`: either may go on alone."""
    copy = HybridCache(config, kv_cache=cache.kv_cache)
    copy.position, copy.halfway = cache.position, cache.halfway
    copy.pad = None if cache.pad is None else cache.pad.clone()
    for mine, other in zip(copy.layers, cache.layers, strict=True):
        if isinstance(mine, KeyValues):
            assert isinstance(other, KeyValues)
            if other.length:
                keys, values = other.held()
                mine.hold(keys.clone(), values.clone())
        else:
            assert isinstance(other, LightningState)
            mine.state = None if other.state is None else other.state.clone()
    return copy


def held_bytes(cache: HybridCache) -> int:
    """Bytes that a fork of `cache` takes; what is reserved beyond its length does not count."""
    total = 0
    for layer in cache.layers:
        if isinstance(layer, KeyValues):
            total += layer.used
        elif layer.state is not None:
            total += layer.state.nbytes
    return total


def join(batch: HybridCache, row: HybridCache, config: TextConfig) -> None:
    """Append the rows of `row` to `batch`; both have seen at least one token. `row` must not be used afterwards.

    Snapshots of `batch` taken before are void.
    Rows end at the same position: the one that is behind is turned forward, which changes no distance between
    two of its tokens, and the shorter one is padded at its start.
    """
    end = max(batch.position, row.position)
    for cache in (batch, row):
        turn(cache, end - cache.position, config)
    count = (_rows(batch), _rows(row))
    length = (batch.length, row.length)
    longest = max(length)
    pads = []
    for cache, rows, held in zip((batch, row), count, length, strict=True):
        pad = torch.zeros(rows, dtype=torch.long, device=_device(cache)) if cache.pad is None else cache.pad
        pads.append(pad + longest - held)
    batch.pad = torch.cat([pad.to(pads[0].device) for pad in pads])  # layers may lie on several GPUs
    for mine, other in zip(batch.layers, row.layers, strict=True):
        if isinstance(mine, KeyValues):
            assert isinstance(other, KeyValues)
            parts = zip(mine.held(), other.held(), strict=True)
            mine.hold(*(torch.cat([_pad_left(x, longest) for x in pair]) for pair in parts), room=ROOM)
        else:
            assert isinstance(other, LightningState) and mine.state is not None and other.state is not None
            mine.state = torch.cat((mine.state, other.state))
    batch.void()


def leave(batch: HybridCache, staying: Tensor, config: TextConfig) -> None:
    """Keep the rows `staying` [M], M at least 1, and drop padding that all of them share."""
    batch.select(staying)
    if batch.pad is not None and (spare := int(batch.pad.min())) > ROOM:
        for layer in batch.layers:
            if isinstance(layer, KeyValues):
                layer.hold(*(x[:, spare:].clone() for x in layer.held()), room=ROOM)
        batch.pad = batch.pad - spare
    if batch.position - batch.length > DRIFT:
        turn(batch, batch.length - batch.position, config)


def turn(cache: HybridCache, by: int, config: TextConfig) -> None:
    """Move all rows by `by` positions. Attention sees distances only, so nothing else changes.

    Snapshots taken before are void.
    """
    if by == 0:
        return
    for layer in cache.layers:
        if isinstance(layer, KeyValues):
            keys, values = layer.held()
            cos, sin = rotary_angles(config, by, 1, keys.device)  # [1, R/2]
            shape = (keys.shape[1], cos.shape[1])
            layer.hold(apply_rotary(keys, cos.expand(shape), sin.expand(shape)), values)
    cache.position += by
    cache.void()


def _rows(cache: HybridCache) -> int:
    layer = cache.layers[0]
    return layer.held()[0].shape[0] if isinstance(layer, KeyValues) else _state(layer).shape[0]


def _device(cache: HybridCache) -> torch.device:
    layer = cache.layers[0]
    return layer.held()[0].device if isinstance(layer, KeyValues) else _state(layer).device


def _state(layer: LightningState) -> Tensor:
    assert layer.state is not None
    return layer.state


def _pad_left(x: Tensor, length: int) -> Tensor:
    """[B, S, G, D] -> [B, length, G, D]."""
    return F.pad(x, (0, 0, 0, 0, length - x.shape[1], 0))
