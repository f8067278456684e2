"""A model of random weights over several devices, as the plan places it, and how its bytes compare with the plan's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from minimax_vl.apps.benching.parts import Bench, clock
from minimax_vl.apps.benching.random_model import empty_model, fill, held_bytes
from minimax_vl.devices import pick_dtype
from minimax_vl.loading.filling import cache_bytes, sizes_of
from minimax_vl.loading.formats import bits_of
from minimax_vl.loading.homes import spread, weight_bytes
from minimax_vl.loading.machine import free_memory
from minimax_vl.loading.placement import CONTEXT, USABLE, does_not_fit, readable
from minimax_vl.loading.stand_in import tokenizer_json
from minimax_vl.pipeline import Pipeline
from minimax_vl.quantised import weights_of
from minimax_vl.tokenizer import Tokenizer

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig
    from minimax_vl.loading.homes import Homes


def make(
    bench: Bench, config: ModelConfig, devices: Sequence[torch.device], quantize: str, seed: int
) -> Pipeline | None:
    """The model over `devices`, balanced by what `load` uses, in the ordinary pipeline; None when it does not fit."""
    dtype = str(pick_dtype("auto", devices[0])).removeprefix("torch.")
    bits, made = bits_of(quantize), []

    def place() -> dict[str, Any]:
        width = getattr(torch, dtype).itemsize
        room = {str(device): int(USABLE * (free_memory(str(device)) or 0)) for device in devices}
        sizes = sizes_of(config, bits, width, CONTEXT)
        homes = spread(sizes, room)
        if homes is None or not {*homes.layers, homes.last} <= room.keys():
            raise does_not_fit(f"{readable(sizes.total)} for {room}", config)
        made.append(homes)
        return planned(config, bits, width, homes)

    def weights() -> dict[str, Any]:
        before = memory_used(devices)
        began = clock(*devices)
        model = empty_model(config, made[0], dtype=dtype, bits=bits)
        ready = clock(*devices)
        fill(weights_of(model), seed)
        seconds = {"empty_model": ready - began, "random_bits": clock(*devices) - ready}
        held = held_bytes(model)
        tokenizer = Tokenizer(tokenizer_json(config))
        made.append(Pipeline(model, tokenizer, name="random weights"))
        used = {
            name: now["allocated"] - before[name]["allocated"] for name, now in memory_used(devices).items()
        }
        return {"seconds": seconds, "bytes": held, "allocated": used, "gb": sum(held.values()) / 1e9}

    plan = bench.part("plan", place)
    if not plan or not bench.part("weights", weights):
        return None
    held = bench.result["weights"]["bytes"]
    bench.part("held, of the plan", lambda: {name: held[name] / row["weights"] for name, row in plan.items()})
    return made[1]


def planned(config: ModelConfig, bits: int | None, width: int, homes: Homes) -> dict[str, Any]:
    """Device -> layers and bytes that `minimax-vl plan` counts for it: weights, and one sequence's cache."""
    caches = cache_bytes(config, CONTEXT)
    return {
        home: {
            "layers": homes.layers.count(home),
            "weights": size,
            "cache": sum(cache for cache, where in zip(caches, homes.layers) if where == home),
        }
        for home, size in weight_bytes(config, bits, width, homes).items()
    }


def memory_used(devices: Sequence[torch.device]) -> dict[str, dict[str, int]]:
    """Device -> bytes of tensors now and at most so far; zeros on the CPU, which does not count them."""
    return {
        str(device): {
            "allocated": torch.cuda.memory_allocated(device) if device.type == "cuda" else 0,
            "peak": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0,
        }
        for device in devices
    }
