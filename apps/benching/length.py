"""Prefill of a very long prompt in chunks, hybrid and with softmax attention alone; and a key planted in its cache."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.kernels.ceilings import machine
from minimax_vl.apps.benching.parts import Bench, clock, release
from minimax_vl.apps.benching.planted import check_last_query, find_planted, watching
from minimax_vl.apps.benching.random_model import held_bytes, random_model
from minimax_vl.devices import pick_device, pick_dtype
from minimax_vl.loading.filling import cache_bytes
from minimax_vl.loading.formats import bits_of
from minimax_vl.loading.homes import everything_on, weight_bytes
from minimax_vl.loading.stand_in import cut
from minimax_vl.presets import preset
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.config import SOFTMAX

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig
    from minimax_vl.text_backbone.model import TextBackbone

WRITE_EVERY = 4  # chunks between two writes of the result


def run(args: argparse.Namespace) -> int:
    device = pick_device(args.device or "auto")
    bench = Bench("length", args.out, args.minutes)
    bench.part("asked", lambda: {k: str(v) if k == "out" else v for k, v in vars(args).items()})
    bench.part("machine", lambda: machine(device))
    hybrid = cut(preset(args.preset), args.layers)
    softmax = (SOFTMAX,) * hybrid.text.num_hidden_layers
    models = {"hybrid": hybrid}
    if not args.alone:
        models["softmax"] = replace(hybrid, text=replace(hybrid.text, attn_type_list=softmax))
    for name, config in models.items():
        bench.part(name, lambda name=name, config=config: read(bench, name, config, device, args))
        release()
    print(json.dumps(bench.result))
    return 0


@torch.inference_mode()
def read(
    bench: Bench, name: str, config: ModelConfig, device: torch.device, args: argparse.Namespace
) -> dict[str, Any]:
    """Read a prompt of random ids until its end or that of the time; then compare attention with its definition."""
    bits, dtype = bits_of(args.quantize), str(pick_dtype("auto", device)).removeprefix("torch.")
    model = random_model(config, everything_on(str(device), config), dtype=dtype, bits=bits, seed=args.seed)
    text, width = model.language_model, model.dtype.itemsize
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    plan = weight_bytes(config, bits, width, everything_on(str(device), config))
    facts: dict[str, Any] = {
        "tokens": 0,
        "seconds": [],
        "weights": {"plan": sum(plan.values()), "held": sum(held_bytes(model).values())},
    }
    bench.result[name] = facts
    cache = HybridCache(config.text, args.tokens + 1)  # one more, for the question at the end
    with watching(text) as seen:
        prefill(bench, text, cache, args, facts)
        facts["cache"] = {"plan": sum(cache_bytes(config, args.tokens + 1)), "held": cache.nbytes}
        facts["held, of the plan"] = together(facts, "held") / together(facts, "plan")
        if device.type == "cuda":
            facts["allocated"] = torch.cuda.memory_allocated(device)
            facts["peak"] = torch.cuda.max_memory_allocated(device)
        facts["last query, error against the definition"] = check_last_query(text, cache, seen)
        facts["planted"] = find_planted(text, cache, seen)
    return facts


def prefill(
    bench: Bench, text: TextBackbone, cache: HybridCache, args: argparse.Namespace, facts: dict[str, Any]
) -> None:
    """Random ids into `cache`; the seconds of each chunk go into `facts`, and to the disk as they come.

    Every layer reads every position: the last of a slice stands in the middle of its model.
    """
    device = text.model.embed_tokens.weight.device
    make = torch.Generator(device).manual_seed(args.seed)
    aside = HybridCache(text.config, 2 * args.chunk)
    for _ in range(2):  # kernels compile: those of a first chunk, and those of a later one
        text.hidden_states(text.model.embed_tokens(ids(text, args.chunk, make)), aside)
    del aside
    for start in range(0, args.tokens, args.chunk):
        if bench.left < 0:
            return
        fresh = ids(text, min(args.chunk, args.tokens - start), make)
        began = clock(device)
        text.hidden_states(text.model.embed_tokens(fresh), cache)
        facts["seconds"].append(clock(device) - began)
        facts["tokens"] = cache.position
        if len(facts["seconds"]) % WRITE_EVERY == 1:
            bench.write()
            print(f"{cache.position:,} tokens, the last chunk in {facts['seconds'][-1]:.3f} s", flush=True)


def ids(text: TextBackbone, count: int, make: torch.Generator) -> Tensor:
    """[1, count]"""
    return torch.randint(0, text.config.vocab_size, (1, count), generator=make, device=make.device)


def together(facts: dict[str, Any], of: str) -> int:
    """Weights and cache together, "held" or as in the "plan", which counts keys and values in bf16."""
    return facts["weights"][of] + facts["cache"][of]
