"""One step of decode taken apart: its stages and kernels, the experts that it meets, the bytes that it must move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.parts import clock
from minimax_vl.apps.benching.timeline import Span
from minimax_vl.config import ModelConfig
from minimax_vl.decode import DecodeStep, recordable
from minimax_vl.loading.formats import bytes_of
from minimax_vl.loading.names import published_keys, quantised_keys
from minimax_vl.model import VLModel
from minimax_vl.text_backbone.checkpoint_keys import EXPERT, QUANTISABLE
from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX

PROMPT, CAPACITY = 64, 1024  # tokens of each row before the step, and room for those after


def steps_of(model: VLModel, rows: int) -> tuple[DecodeStep, Tensor]:
    """A step after prompts of random ids, each row its own; recorded where that goes. And ids [rows, 1] to write."""
    text = model.language_model
    step = DecodeStep(text, rows, CAPACITY, capture=recordable(text))
    ids = _ids(model.config, rows, PROMPT + 1)
    model(model.embed(ids[:, :PROMPT]), step.reset())
    step.begin()
    return step, ids[:, PROMPT:]


def experts_met(model: VLModel, rows: int) -> float:
    """Different experts that one token of each of `rows` unrelated rows meets in a layer, on average."""
    ids, cache = _ids(model.config, rows, PROMPT + 1), model.new_cache(CAPACITY)
    model(model.embed(ids[:, :PROMPT]), cache)
    seen: list[Tensor] = []
    model(model.embed(ids[:, PROMPT:]), cache, router_logits=seen)
    top = model.config.text.num_experts_per_tok
    return sum(logits.topk(top, dim=-1).indices.unique().numel() for logits in seen) / len(seen)


def experts_by_chance(config: ModelConfig, rows: int) -> float:
    """What `experts_met` is where rows have nothing in common; far fewer are rows that have become one."""
    count, top = config.text.num_local_experts, config.text.num_experts_per_tok
    return count * (1 - (1 - top / count) ** rows)


def spans_of(step: DecodeStep, ids: Tensor, repeat: int = 5) -> list[dict[str, Any]]:
    """When each device was at work, in the fastest of a few steps; that the host waits for each adds a little."""
    devices = [stage.device for stage in step.stages]
    best: list[float] = []
    for _ in range(repeat):
        made, ends = ids, [clock(*devices)]
        for stage in step.stages:
            made = stage(made)
            ends.append(clock(stage.device))
        if not best or ends[-1] - ends[0] < best[-1]:
            best = [end - ends[0] for end in ends]
        step.cache.position += 1
    return [
        {"device": str(device), "layers": len(stage.layers), "start_ms": 1e3 * start, "end_ms": 1e3 * end}
        for device, stage, start, end in zip(devices, step.stages, best, best[1:])
    ]


def kernels_of(step: DecodeStep, ids: Tensor) -> list[tuple[str, Span]]:
    """Every kernel of one step with its device, in milliseconds from the first; on the CPU PyTorch's outermost ops.

    A kernel may begin while the one before it still runs, and wait. Here it begins when those before it have ended, so
    that the kernels of a device add up to its time.
    """
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    devices = [stage.device for stage in step.stages]
    cuda = devices[0].type == "cuda"
    with profile(activities=[ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU]) as seen:
        step(ids)
        clock(*devices)
    kind = DeviceType.CUDA if cuda else DeviceType.CPU
    events = [
        event for event in seen.events() or () if event.device_type == kind and event.cpu_parent is None
    ]
    first = min((event.time_range.start for event in events), default=0.0)
    return one_by_one(
        (
            f"cuda:{event.device_index}" if cuda else "cpu",
            Span(event.name, (event.time_range.start - first) / 1e3, (event.time_range.end - first) / 1e3),
        )
        for event in events
    )


def one_by_one(kernels: Iterable[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """Kernels (device, span) in the order in which they begin, without the time in which another was not over."""
    over: dict[str, float] = {}
    apart = []
    for device, (name, start, end) in sorted(kernels, key=lambda kernel: kernel[1].start):
        start = max(start, over.get(device, start))
        over[device] = end = max(start, end)
        apart.append((device, Span(name, start, end)))
    return apart


def by_name(kernels: Sequence[tuple[str, Span]], most: int = 24) -> list[dict[str, Any]]:
    """Milliseconds and calls of each kernel, the longest first."""
    rows: dict[str, dict[str, Any]] = {}
    for _, span in kernels:
        row = rows.setdefault(span.name, {"kernel": span.name[:90], "ms": 0.0, "calls": 0})
        row["ms"] += span.end - span.start
        row["calls"] += 1
    return sorted(rows.values(), key=lambda row: -row["ms"])[:most]


def kernel_rows(kernels: Sequence[tuple[str, Span]], named: int = 5) -> list[tuple[str, list[Span]]]:
    """Device -> its kernels, for a picture; only the `named` longest keep their name."""
    kept = {row["kernel"] for row in by_name(kernels, named)}
    rows: dict[str, list[Span]] = {}
    for device, (name, start, end) in kernels:
        name = name[:90] if name[:90] in kept else "other"
        rows.setdefault(device, []).append(Span(name, start, end))
    return sorted(rows.items())


def step_bytes(
    config: ModelConfig, bits: int | None, width: int, *, experts: float, rows: int, context: int
) -> dict[str, float]:
    """Bytes that one token for each row must move, weights once; `experts` different ones in a layer.

    "quantised": attention and experts, whatever they are kept in. "dense": router, norms, and the head, which is kept
    in eight bits where anything is quantised. "states": read and written in fp32. "keys": keys and values of `context`
    tokens, read.
    """
    text = config.text
    packed = quantised_keys(config, bits)
    moved = {"quantised": 0.0, "dense": 0.0}
    for key, shape in published_keys(config).items():
        if not key.startswith("language_model.") or "embed_tokens" in key:
            continue
        share = experts / text.num_local_experts if EXPERT.fullmatch(key) else 1.0
        size = bytes_of(shape, packed.get(key), width)
        moved["quantised" if QUANTISABLE.fullmatch(key) else "dense"] += share * size
    lightning, softmax = (text.attn_type_list.count(kind) for kind in (LIGHTNING, SOFTMAX))
    moved["states"] = float(rows * lightning * 2 * 4 * text.inner_size * text.head_dim)
    moved["keys"] = float(rows * softmax * 2 * width * context * text.num_key_value_heads * text.head_dim)
    return moved


def _ids(config: ModelConfig, rows: int, count: int) -> Tensor:
    random = torch.Generator().manual_seed(rows)
    ids = torch.randint(0, config.text.vocab_size, (rows, count), generator=random)
    return ids.masked_fill_(ids == config.image_token_index, 0)
