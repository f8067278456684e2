"""Some layers of a preset at full width, on one GPU and then shared by all: the same prompt, the same recorded step.

Layers that one GPU cannot hold, as all of the release's, are timed shared only.

Every rank runs the same number of calls, whatever its clock says: a rank that stopped earlier would leave the others
waiting.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.kernels.ceilings import machine
from minimax_vl.apps.benching.parts import clock, release
from minimax_vl.apps.benching.random_model import fill
from minimax_vl.apps.benching.slice import CHUNK, first_layers, token_ids
from minimax_vl.apps.folders import made, writing
from minimax_vl.config import ModelConfig
from minimax_vl.decode import DecodeStep
from minimax_vl.devices import pick_dtype
from minimax_vl.loading.filling import sizes_of
from minimax_vl.loading.formats import bits_of
from minimax_vl.loading.homes import everything_on
from minimax_vl.loading.load import skeleton
from minimax_vl.loading.machine import free_memory
from minimax_vl.loading.memory import take_memory
from minimax_vl.loading.placement import CONTEXT, USABLE
from minimax_vl.parallel.connect import connect_part
from minimax_vl.parallel.mesh import Mesh
from minimax_vl.parallel.split import WHOLE, Split
from minimax_vl.presets import preset
from minimax_vl.quantised import weights_of
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.model import TextBackbone

FASTER = 1.5  # decode shared by two GPUs, times that of one: the bar
REPEAT = 5  # prefills, and runs of decode
WARM = 5  # steps that are not counted


def run(args: argparse.Namespace) -> int:
    result: dict[str, Any] = {"experts": args.mesh, "quantize": args.quantize, "layers": args.layers}
    _end_in_time(args.minutes, result)  # before anything that may wait for another process
    if args.out:
        made(args.out)
    mesh = Mesh.start(args.mesh, args.device or "auto")
    whole = preset(args.preset)
    config = replace(whole, text=first_layers(whole.text, args.layers))
    mesh.split.check(config)
    result |= {"ranks": mesh.size, "inboxes": mesh.inboxes is not None, "machine": machine(mesh.device)}
    with mesh.reporting():
        if mesh.rank == 0 and fits(config, args.quantize, mesh.device):
            text = random_part(config, WHOLE, mesh.device, args.quantize)
            result["alone"] = measure(text, args.lengths, args.steps, mesh.device)
            print(f"alone: {json.dumps(result['alone'])}", flush=True)
            _write(args.out, result)
            del text
            release()
        mesh.meet()
        text = random_part(config, mesh.split, mesh.device, args.quantize)
        connect_part(text, mesh)
        result["shared"] = measure(text, args.lengths, args.steps, mesh.device)
    if mesh.rank == 0:
        print(f"shared by {mesh.size}: {json.dumps(result['shared'])}", flush=True)
        result |= judged(result)
        _write(args.out, result)
        print(json.dumps(result), flush=True)
    mesh.close()
    return 0


def fits(config: ModelConfig, quantize: str | None, device: torch.device) -> bool:
    """Whether one device holds all of it, prompt and runtime included."""
    free = free_memory(str(device))
    width = pick_dtype("auto", device).itemsize
    return free is None or sizes_of(config, bits_of(quantize), width, CONTEXT).total < USABLE * free


def judged(result: dict[str, Any]) -> dict[str, Any]:
    """How much faster the layers are shared, if there is anything to compare with."""
    alone, shared = result.get("alone"), result["shared"]
    if alone is None:
        return {}
    faster = {name: round(alone[name] / shared[name], 3) for name in alone if "_ms" in name}
    decode = faster["decode_ms"]
    bar = {"decode, times faster": decode, "at least": FASTER, "met": decode >= FASTER}
    return {"times_faster": faster, "bar": bar}


def random_part(
    config: ModelConfig, split: Split, device: torch.device, quantize: str | None
) -> TextBackbone:
    """A part of the backbone with random weights that never pass through the host's memory."""
    dtype = str(pick_dtype("auto", device)).removeprefix("torch.")
    model = skeleton(config, dtype, bits_of(quantize), split)
    take_memory(model, everything_on(str(device), config))
    fill(weights_of(model), seed=0)
    return model.language_model.eval().requires_grad_(False)


@torch.inference_mode()
def measure(text: TextBackbone, lengths: list[int], steps: int, device: torch.device) -> dict[str, float]:
    """Milliseconds of a prefill of each length and, after the first, of a token; GB of weights."""
    made = {"weights_gb": sum(x.nbytes for x in (*text.parameters(), *text.buffers())) / 1e9}
    for length in lengths:
        spent = []
        for _ in range(REPEAT):
            cache = HybridCache(text.config, length)
            began = clock(device)
            read(text, length, cache, device)
            spent.append(1e3 * (clock(device) - began))
        made[f"prefill_{length}_ms"] = median(spent[1:])  # the first compiles
    step = DecodeStep(text, 1, lengths[0] + WARM + REPEAT * steps, capture=device.type == "cuda")
    last = read(text, lengths[0], step.reset(), device).argmax(-1)[:, None]
    step.begin()
    for _ in range(WARM):
        last = step(last).argmax(-1)[:, None]
    spent = []
    for _ in range(REPEAT):
        began = clock(device)
        for _ in range(steps):
            last = step(last).argmax(-1)[:, None]
        spent.append(1e3 * (clock(device) - began) / steps)
    made["decode_ms"] = median(spent)
    return made


def read(text: TextBackbone, length: int, cache: HybridCache, device: torch.device) -> Tensor:
    """Logits [1, V] after a prompt of `length` tokens, CHUNK at a time."""
    logits = torch.empty(0)
    for part in token_ids(text.config, length, device).split(CHUNK, dim=1):
        logits = text(text.model.embed_tokens(part), cache)
    return logits


def _write(out: Path | None, result: dict[str, Any]) -> None:
    if out:
        with writing(out / "mesh.json"):
            (out / "mesh.json").write_text(json.dumps(result) + "\n", encoding="utf-8")


def _end_in_time(minutes: float, result: dict[str, Any]) -> None:
    def end() -> None:
        print(f"the time was over; so far: {json.dumps(result)}", flush=True)
        os._exit(1)

    timer = threading.Timer(60 * minutes, end)
    timer.daemon = True
    timer.start()
