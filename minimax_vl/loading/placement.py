"""How much memory a model needs and which layers fit on which device, from the config alone: no weights, no torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest, OutOfMemory
from minimax_vl.loading.hub import HUB_IDS
from minimax_vl.loading.machine import Devices, free_memory, this_machine
from minimax_vl.loading.names import count_parameters, published_keys, quantised_keys
from minimax_vl.presets import PRESETS, preset
from minimax_vl.text_backbone.checkpoint_keys import active_parameters
from minimax_vl.text_backbone.config import SOFTMAX

USABLE = 0.93  # of a device; the rest goes to activations, the runtime and fragmentation
GROUP = 128  # weights that share one int4 scale
# Bytes of a quantised matrix [rows, columns]: (values, scales). Scales are fp32 per row, or bf16 per group.
FORMATS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "bf16": lambda rows, columns: (2 * rows * columns, 0),
    "int8": lambda rows, columns: (rows * columns, 4 * rows),
    "int4": lambda rows, columns: (rows * columns // 2, 2 * rows * -(-columns // GROUP)),
}
QUANTIZE = {"none": "bf16", "int8": "int8", "int4": "int4"}
LAYER = re.compile(r"language_model\.model\.layers\.(\d+)\.")
LAST = {"language_model.lm_head.weight", "language_model.model.norm.weight"}  # used after the last layer
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
            rows.append((row.format, *(_size(size) if size else "-" for size in sizes)))
        cache = (
            f"one sequence of {self.context:,} tokens: keys and values {_size(self.kv)}"
            f" ({self.kv_per_token:,} bytes a token, bf16), lightning state {_size(self.state)} (fp32, any length)"
        )
        lines = [head, "", *_columns(rows), "", cache]
        if self.fits:
            lines += ["", f"devices: {self.devices}; {USABLE:.0%} of each usable, one sequence included"]
            lines += [f"{fit.format}  {_describe(fit, len(self.devices.gpus))}" for fit in self.fits]
        return "\n".join(lines)


def plan_memory(
    name_or_path: str | Path, devices: str | None = None, *, context: int = 8192, quantize: str | None = None
) -> MemoryPlan:
    """Memory for a preset's or folder's model in bf16, int8 and int4 on `devices`, before any download.

    devices: such as "8x80GB" or "2x141GB,cpu=256GB"; None asks this machine. context: tokens of one sequence.
    quantize: "none", "int8" or "int4" keeps one format; None shows all. Raises InvalidRequest.
    """
    if context < 1:
        raise InvalidRequest(
            found=f"context {context}",
            expected="at least one token",
            cause="0 or less as a way to say no limit",
            next_step="give the length of one sequence",
        )
    if quantize is not None and quantize not in QUANTIZE:
        raise InvalidRequest(
            found=f"quantize {quantize!r}",
            expected=f"one of {', '.join(QUANTIZE)}",
            cause="a typing error, or another library's format",
            next_step="choose one, or leave it out to see all",
        )
    config = config_of(name_or_path)
    hardware = this_machine() if devices is None else Devices.parse(devices)
    formats = list(FORMATS) if quantize is None else [QUANTIZE[quantize]]
    return _plan(str(name_or_path), config, hardware, context, formats)


def config_of(name_or_path: str | Path) -> ModelConfig:
    """The config of a preset name or a checkpoint folder; needs neither weights nor a network."""
    name = PRESET_OF.get(str(name_or_path), str(name_or_path))
    if name not in PRESETS and Path(name).is_dir():
        return ModelConfig.read(name)
    return preset(name)


def check_room(device: str, needed: int, config: ModelConfig) -> None:
    """Raise OutOfMemory, with the table, when `needed` bytes of weights exceed what is free on `device`."""
    free = free_memory(device)
    if free is None or needed <= free:
        return
    table = _plan("this model", config, Devices((), None), 8192, list(FORMATS))
    raise OutOfMemory(
        found=f"{_size(needed)} of weights for {device}, which has {_size(free)} free",
        expected="a device that holds all weights",
        cause="the checkpoint is larger than this device, or another program holds its memory",
        next_step=f"load in bfloat16, or on a larger device:\n\n{table}",
    )


def _plan(
    name: str, config: ModelConfig, devices: Devices, context: int, formats: Sequence[str]
) -> MemoryPlan:
    text = config.text
    kinds = text.attn_type_list
    kv = 2 * text.num_key_value_heads * text.head_dim * 2  # K and V, bf16, of one layer and token
    state = text.num_attention_heads * text.head_dim**2 * 4  # fp32, of one layer
    caches = [kv * context if kind == SOFTMAX else state for kind in kinds]
    known = bool(devices.gpus) or devices.cpu is not None
    return MemoryPlan(
        name=name,
        parameters=count_parameters(config),
        active=active_parameters(text),
        context=context,
        kv_per_token=kv * kinds.count(SOFTMAX),
        kv=kv * kinds.count(SOFTMAX) * context,
        state=state * (len(kinds) - kinds.count(SOFTMAX)),
        weights=tuple(_weights(config, name) for name in formats),
        devices=devices,
        fits=tuple(_fit(config, name, devices, caches) for name in formats) if known else (),
    )


def _weights(config: ModelConfig, name: str) -> Weights:
    chosen = quantised_keys(config) if name != "bf16" else set()
    quantised = dense = scales = flat = 0
    for key, shape in published_keys(config).items():
        flat += FORMATS[name](1, prod(shape))[0]
        if key in chosen:
            values, extra = FORMATS[name](*shape)
            quantised, scales = quantised + values, scales + extra
        else:
            dense += 2 * prod(shape)
    return Weights(name, flat, quantised, dense, scales)


def _fit(config: ModelConfig, name: str, devices: Devices, caches: Sequence[int]) -> Fit:
    chosen = quantised_keys(config) if name != "bf16" else set()
    layers = list(caches)
    first = last = 0
    for key, shape in published_keys(config).items():
        size = sum(FORMATS[name](*shape)) if key in chosen else 2 * prod(shape)
        match = LAYER.match(key)
        if match:
            layers[int(match[1])] += size
        elif key in LAST:
            last += size
        else:
            first += size  # vision, embeddings: used before the first layer
    room = [int(USABLE * size) for size in devices.gpus]
    cpu = None if devices.cpu is None else int(USABLE * devices.cpu)
    counts = _balanced(layers, room, first, last)
    if counts is not None:
        fewest = next(n for n in range(1, len(room) + 1) if _fill(layers, room[:n], first, last)[1])
        return Fit(name, tuple(counts), 0, 0, True, fewest)
    # Layers in host memory pass through the first device one at a time: it keeps room for the largest.
    counts, _ = _fill(layers, room, first + max(layers), last)
    on_cpu = len(layers) - sum(counts)
    stays = sum(layers[len(layers) - on_cpu :]) + (0 if sum(counts) else first + last)
    return Fit(name, tuple(counts), on_cpu, stays, None if cpu is None else stays <= cpu, None)


def _fill(layers: Sequence[int], room: Sequence[int], first: int, last: int) -> tuple[list[int], bool]:
    """Layers per device, filled in order; and whether that was all of them.

    `first` bytes lie on the first device, `last` on the last; devices without room for those take no layer.
    """
    counts, free = [0] * len(room), list(room)
    if not free:
        return counts, False
    free[0] -= first
    free[-1] -= last
    if min(free) < 0:
        return counts, False
    at = 0
    for device in range(len(free)):
        while at < len(layers) and layers[at] <= free[device]:
            free[device] -= layers[at]
            counts[device] += 1
            at += 1
    return counts, at == len(layers)


def _balanced(layers: Sequence[int], room: Sequence[int], first: int, last: int) -> list[int] | None:
    """Layers per device at the lowest common fill level that holds them all; None when even full devices do not."""
    best, fits = _fill(layers, room, first, last)
    if not fits:
        return None
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        counts, fits = _fill(layers, [int(middle * size) for size in room], first, last)
        if fits:
            best, high = counts, middle
        else:
            low = middle
    return best


def _describe(fit: Fit, devices: int) -> str:
    spread = " ".join(map(str, fit.layers))
    if not fit.on_cpu:
        return f"fits on {devices} ({spread} layers), on {fit.fewest} at the least"
    if not devices:
        where = f"needs {_size(fit.cpu_bytes)} of host memory"
    else:
        where = (
            f"{sum(fit.layers)} layers on devices ({spread}), {fit.on_cpu} on the CPU: {_size(fit.cpu_bytes)},"
            " which cross the bus for every token"
        )
    return where + {True: "", False: "; does NOT fit into it", None: ""}[fit.cpu_fits]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def _size(nbytes: int) -> str:
    return f"{nbytes / 1e9:,.1f} GB" if nbytes >= 1e8 else f"{nbytes / 1e6:,.1f} MB"
