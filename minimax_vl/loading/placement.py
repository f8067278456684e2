"""How much memory a model needs and which layers fit on which device, from the config alone: no weights, no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest, OutOfMemory
from minimax_vl.loading.filling import balanced, cache_bytes, fill, overflow, sizes_of
from minimax_vl.loading.formats import BITS, bits_of, packed_bytes
from minimax_vl.loading.hub import HUB_IDS
from minimax_vl.loading.machine import Devices, free_memory, this_machine
from minimax_vl.loading.names import count_parameters, published_keys, quantised_keys
from minimax_vl.presets import PRESETS, preset
from minimax_vl.text_backbone.checkpoint_keys import active_parameters
from minimax_vl.text_backbone.config import SOFTMAX

USABLE = 0.93  # of a device; the rest goes to activations, the runtime and fragmentation
FORMATS: dict[str, int | None] = {"bf16": None, **BITS}  # name -> bits of a quantised weight
BF16 = 2  # bytes
CONTEXT = 8192  # tokens of one sequence, unless another length is asked for
PRESET_OF = {hub_id: name for name, hub_id in HUB_IDS.items()}


@dataclass(frozen=True)
class Weights:
    """Bytes of all weights in one format; `flat` is every parameter at that width, as a rule of thumb counts."""

    format: str
    flat: int
    quantised: int
    dense: int  # bf16: embeddings, head, router, norms, and the vision side of a large model
    scales: int

    @property
    def total(self) -> int:
        return self.quantised + self.dense + self.scales


@dataclass(frozen=True)
class Fit:
    """Where the layers of one format go: how many on each device, how many stay in host memory."""

    format: str
    layers: tuple[int, ...]
    on_cpu: int
    cpu_bytes: int
    cpu_fits: bool | None  # None when the host's memory is not known
    fewest: int | None  # devices, counted from the first, that hold everything


@dataclass(frozen=True)
class MemoryPlan:
    """What a model needs; `str()` is the table that `minimax-vl plan` prints. All sizes in bytes."""

    name: str
    parameters: int
    active: int  # per token, as the release counts
    context: int
    kv_per_token: int
    kv: int
    kv_cache: str  # what keys and values are kept in, "bf16" or "int8"
    state: int
    weights: tuple[Weights, ...]
    devices: Devices
    fits: tuple[Fit, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the fields, each weight row with its total."""
        rows = [asdict(row) | {"total": row.total} for row in self.weights]
        return asdict(self) | {"weights": rows}

    def __str__(self) -> str:
        head = f"{self.name}: {self.parameters:,} parameters, {self.active:,} active per token"
        rows: list[tuple[str, ...]] = [
            ("weights", "all at this width", "quantised", "kept in bf16", "scales", "total")
        ]
        for row in self.weights:
            sizes = (row.flat, row.quantised, row.dense, row.scales, row.total)
            rows.append((row.format, *(readable(size) if size else "-" for size in sizes)))
        cache = (
            f"one sequence of {self.context:,} tokens: keys and values {readable(self.kv)}"
            f" ({self.kv_per_token:,} bytes a token, {self.kv_cache}), lightning state {readable(self.state)}"
            " (fp32, any length)"
        )
        lines = [head, "", *_columns(rows), "", cache]
        if self.fits:
            lines += ["", f"devices: {self.devices}; {USABLE:.0%} of each usable, one sequence included"]
            lines += [f"{fit.format}  {_describe(fit, len(self.devices.gpus))}" for fit in self.fits]
        return "\n".join(lines)


def plan_memory(
    name_or_path: str | Path,
    devices: str | None = None,
    *,
    context: int = CONTEXT,
    quantize: str | None = None,
    kv_cache: str | None = None,
) -> MemoryPlan:
    """Memory for a preset's or folder's model in bf16, int8 and int4 on `devices`, before any download.

    devices: such as "8x80GB" or "2x141GB,cpu=256GB"; None asks this machine. context: tokens of one sequence.
    quantize: "none", "int8" or "int4" keeps one format; None shows all. kv_cache: "int8" for keys and values in
    eight bits; None for bf16. Raises InvalidRequest.
    """
    if not (isinstance(context, Integral) and context >= 1):
        raise InvalidRequest(
            found=f"context {context!r}",
            expected="a whole number, at least one token",
            cause="0 or None as a way to say no limit, or a number as text",
            next_step="give the length of one sequence",
        )
    bits = bits_of(quantize)
    known_kv_cache(kv_cache)
    config = config_of(name_or_path)
    hardware = this_machine() if devices is None else Devices.parse(str(devices))
    formats = [name for name, kept in FORMATS.items() if quantize is None or kept == bits]
    return _plan(str(name_or_path), config, hardware, int(context), formats, kv_cache)


def config_of(name_or_path: str | Path) -> ModelConfig:
    """The config of a preset name or a checkpoint folder; needs neither weights nor a network."""
    known, place = config_known(name_or_path), os.path.expanduser(str(name_or_path))  # as `resolve` does
    if known is None and (isinstance(name_or_path, Path) or os.path.isdir(place)):
        return ModelConfig.read(place)
    return known or preset(str(name_or_path))


def config_known(name_or_path: str | Path) -> ModelConfig | None:
    """The config of a preset or of the hub id that it stands for; None for a model that is not known by name."""
    name = str(name_or_path)
    return None if isinstance(name_or_path, Path) else PRESETS.get(PRESET_OF.get(name, name))


def check_room(device: str, needed: int, config: ModelConfig) -> None:
    """Raise OutOfMemory, with the table, when `needed` bytes of weights exceed what is free on `device`."""
    free = free_memory(device)
    if free is None or needed <= free:
        return
    raise does_not_fit(f"{readable(needed)} of weights for {device}, which has {readable(free)} free", config)


def does_not_fit(found: str, config: ModelConfig) -> OutOfMemory:
    """The error of a model that is too large for what there is, with the table of what each format needs."""
    table = _plan("this model", config, Devices((), None), CONTEXT, list(FORMATS))
    return OutOfMemory(
        found=found,
        expected="devices that hold all weights",
        cause="the checkpoint is larger than these devices, or another program holds their memory",
        next_step="load with dtype='bf16' or quantize='int4', spread it (device_map='auto', offload_folder=...), or"
        f" use a larger device:\n\n{table}",
    )


def _plan(
    name: str,
    config: ModelConfig,
    devices: Devices,
    context: int,
    formats: Sequence[str],
    kv_cache: str | None = None,
) -> MemoryPlan:
    text = config.text
    caches = cache_bytes(config, context, kv_cache)
    kv = sum(size for size, kind in zip(caches, text.attn_type_list) if kind == SOFTMAX)
    known = bool(devices.gpus) or devices.cpu is not None
    return MemoryPlan(
        name=name,
        parameters=count_parameters(config),
        active=active_parameters(text),
        context=context,
        kv_per_token=kv // context,
        kv=kv,
        kv_cache=kv_cache or "bf16",
        state=sum(caches) - kv,
        weights=tuple(_weights(config, name) for name in formats),
        devices=devices,
        fits=tuple(_fit(config, name, devices, context, kv_cache) for name in formats) if known else (),
    )


def _weights(config: ModelConfig, name: str) -> Weights:
    bits = FORMATS[name]
    chosen = quantised_keys(config, bits)
    quantised = dense = scales = 0
    for key, shape in published_keys(config).items():
        if key in chosen:
            values, extra = packed_bytes(shape, chosen[key])
            quantised, scales = quantised + values, scales + extra
        else:
            dense += BF16 * prod(shape)
    return Weights(name, count_parameters(config) * (bits or 16) // 8, quantised, dense, scales)


def _fit(config: ModelConfig, name: str, devices: Devices, context: int, kv_cache: str | None) -> Fit:
    sizes = sizes_of(config, FORMATS[name], BF16, context, kv_cache)
    layers, first, last = sizes.layers, sizes.first, sizes.last
    room = [int(USABLE * size) for size in devices.gpus]
    cpu = None if devices.cpu is None else int(USABLE * devices.cpu)
    counts = balanced(layers, room, first, last)
    if counts is not None:
        fewest = next(n for n in range(1, len(room) + 1) if fill(layers, room[:n], first, last)[1])
        return Fit(name, tuple(counts), 0, 0, True, fewest)
    counts = overflow(sizes, room, visits=True)
    if counts is None:  # the GPUs, if there are any, cannot even hold what is not a layer
        counts, stays = [0] * len(room), sizes.total
    else:
        stays = sum(sizes.weights[sum(counts) :])
    on_cpu = len(layers) - sum(counts)
    return Fit(name, tuple(counts), on_cpu, stays, None if cpu is None else stays <= cpu, None)


def _describe(fit: Fit, devices: int) -> str:
    spread = " ".join(map(str, fit.layers))
    if not fit.on_cpu:
        return f"fits on {devices} ({spread} layers), on {fit.fewest} at the least"
    if not devices:
        where = f"needs {readable(fit.cpu_bytes)} of host memory"
    else:
        where = (
            f"{sum(fit.layers)} layers on devices ({spread}), {fit.on_cpu} on the CPU: {readable(fit.cpu_bytes)},"
            " which cross the bus for every token"
        )
    return where + {True: "", False: "; does NOT fit into it", None: ""}[fit.cpu_fits]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def readable(nbytes: int) -> str:
    """Bytes for a person, in powers of ten."""
    return f"{nbytes / 1e9:,.1f} GB" if nbytes >= 1e8 else f"{nbytes / 1e6:,.1f} MB"


def known_kv_cache(kv_cache: str | None) -> Literal["int8"] | None:
    """The format that keys and values are kept in, None for the model's own. Raises InvalidRequest for any other."""
    if kv_cache not in (None, "int8"):
        raise InvalidRequest(
            found=f"kv_cache={kv_cache!r}",
            expected="'int8', or None for the model's own dtype",
            cause="a typing error, or another library's format",
            next_step="use one of these",
        )
    return kv_cache
