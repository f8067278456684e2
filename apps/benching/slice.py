"""Some layers of a preset at full width on one device: prefill by length, decode, transformers' layers beside."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor

from minimax_vl.apps.benching.kernels.ceilings import copy_rate, machine, matmul_rate
from minimax_vl.apps.benching.kernels.timing import seconds_in_graph
from minimax_vl.apps.benching.parts import Bench, clock, release
from minimax_vl.apps.benching.rival import their_config
from minimax_vl.apps.benching.stages import prefill_flops
from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device
from minimax_vl.presets import preset
from minimax_vl.text_backbone.cache import HybridCache
from minimax_vl.text_backbone.checkpoint_keys import active_parameters
from minimax_vl.text_backbone.config import LIGHTNING, SOFTMAX, TextConfig
from minimax_vl.text_backbone.model import TextBackbone

CHUNK = 16384  # tokens of one prefill call
REPEAT_SECONDS = 6.0  # spent on one measurement, if the time allows it
ROOM = 64  # positions of a cache beyond its prompt
SPREAD = 0.02  # standard deviation of the random weights
# For the next token alone the last layer computes one position; in the middle of a model it would compute all.
WAYS = {"prefill": True, "prefill_all": False}  # name -> last position only


def run(args: argparse.Namespace) -> int:
    device = pick_device(args.device or "auto")
    whole = preset(args.preset)
    config = replace(whole, text=first_layers(whole.text, args.layers))
    bench = Bench("slice", args.out, args.minutes)
    bench.part("machine", lambda: machine(device))
    rates = bench.part("rates", lambda: {"copy": copy_rate(device), "matmul": matmul_rate(device)})
    release()
    context = args.lengths[0]
    floors = {"weights_gb": bytes_of_a_step(config.text, context) / 1e9}
    if rates:
        floors["decode_ms"] = 1e3 * bytes_of_a_step(config.text, context) / rates["copy"]
        for way, last_only in WAYS.items():
            floors |= {
                f"{way}_{T}_ms": 1e3 * prefill_flops(config, T, last_only=last_only) / rates["matmul"]
                for T in args.lengths
            }
    bench.part("floor", lambda: floors)
    ours(bench, config, device, args.lengths, args.steps, all_positions=args.all_positions)
    release()
    if args.against:
        theirs(bench, config.text, device, context, args.steps)
    judge(bench, args.lengths)
    print(json.dumps(bench.result))
    # Floors and machine alone are no measurement: what waits for this command must not take them for one.
    return 0 if any(isinstance(value, float) for value in bench.result.values()) else 1


def first_layers(text: TextConfig, count: int) -> TextConfig:
    return replace(text, attn_type_list=text.attn_type_list[:count])


def random_text(config: TextConfig, device: torch.device, dtype: torch.dtype) -> TextBackbone:
    """The backbone with random weights that never pass through the host's memory."""
    with torch.device("meta"):
        text = TextBackbone(config).eval()
    text = text.to(dtype).to_empty(device=device)
    for name, weight in text.named_parameters():
        weight.requires_grad_(False)
        torch.nn.init.ones_(weight) if "norm" in name else weight.normal_(std=SPREAD)
    return text


def ours(
    bench: Bench,
    config: ModelConfig,
    device: torch.device,
    lengths: list[int],
    steps: int,
    *,
    all_positions: bool,
) -> None:
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    text = random_text(config.text, device, dtype)
    bench.part("parameters", lambda: sum(p.numel() for p in text.parameters()))
    for T in lengths:
        for way, last_only in WAYS.items():
            if last_only or all_positions:
                job = partial(prefill, text, token_ids(config.text, T, device), last_only=last_only)
                bench.part(f"{way}_{T}_ms", partial(milliseconds, job, device))
    prompt = token_ids(config.text, lengths[0], device)
    bench.part("decode_eager_ms", lambda: 1e3 * eager_step(text, prompt, steps, device))
    if device.type == "cuda":
        bench.part("decode_graph_ms", lambda: 1e3 * graph_step(text, prompt, device))


def theirs(bench: Bench, text: TextConfig, device: torch.device, length: int, steps: int) -> None:
    """transformers' MiniMax of the same widths in its own dtype handling; one model at a time fits the device."""
    from transformers import MiniMaxConfig, MiniMaxForCausalLM

    settings: dict[str, Any] = their_config(text) | {"attn_implementation": "sdpa"}
    wanted = MiniMaxConfig(**settings)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    with device:
        model: Any = MiniMaxForCausalLM._from_config(wanted, dtype=dtype).eval()
    prompt = token_ids(text, length, device)

    @torch.inference_mode()
    def once() -> None:
        model(prompt, use_cache=True, logits_to_keep=1)

    @torch.inference_mode()
    def step() -> float:
        begun = model(prompt, use_cache=True, logits_to_keep=1)
        past, last = begun.past_key_values, begun.logits[:, -1].argmax(-1)
        spent = []
        for _ in range(steps + 2):
            began = clock(device)
            last = model(last[None], past_key_values=past, use_cache=True).logits[:, -1].argmax(-1)
            spent.append(clock(device) - began)
        return median(spent[2:])

    bench.part(f"transformers_prefill_{length}_ms", partial(milliseconds, once, device))
    bench.part("transformers_decode_ms", lambda: 1e3 * step())


@torch.inference_mode()
def prefill(text: TextBackbone, prompt: Tensor, *, last_only: bool = True) -> HybridCache:
    """prompt [1, T] into a fresh cache, CHUNK tokens a call, with room for a few more."""
    cache = HybridCache(text.config, prompt.shape[1] + ROOM)
    for start in range(0, prompt.shape[1], CHUNK):
        embeds = text.model.embed_tokens(prompt[:, start : start + CHUNK])
        text.head(text.hidden_states(embeds, cache, last_only=last_only)[:, -1])
    return cache


@torch.inference_mode()
def eager_step(text: TextBackbone, prompt: Tensor, steps: int, device: torch.device) -> float:
    """Median seconds of one greedy token, kernel by kernel."""
    cache, last, spent = prefill(text, prompt), prompt[:, -1:], []
    for _ in range(steps + 2):
        began = clock(device)
        last = text(text.model.embed_tokens(last), cache).argmax(-1)[None]
        spent.append(clock(device) - began)
    return median(spent[2:])


@torch.inference_mode()
def graph_step(text: TextBackbone, prompt: Tensor, device: torch.device) -> float:
    """Median seconds of one token as a CUDA graph, replayed at one position: what the device itself takes."""
    cache = prefill(text, prompt)
    moment, last = cache.snapshot(), prompt[:, -1:].clone()

    def step() -> Tensor:
        cache.restore(moment)
        return text(text.model.embed_tokens(last), cache).argmax(-1)

    return seconds_in_graph(step, device, calls=1, replays=50)


def judge(bench: Bench, lengths: list[int]) -> None:
    """The ratios that matter, of what was measured."""
    known = bench.result

    def ratio(above: str, below: str) -> float | None:
        a, b = known.get(above), known.get(below)
        return round(a / b, 3) if isinstance(a, float) and isinstance(b, float) else None

    first = f"prefill_{lengths[0]}_ms"
    decode = "decode_graph_ms" if isinstance(known.get("decode_graph_ms"), float) else "decode_eager_ms"
    floor = known["floor"].get("decode_ms")
    ends = [f"prefill_all_{T}_ms" for T in (lengths[-1], lengths[0])]
    grown = {}
    if ends[0] in known:
        limits = [known["floor"].get(name) for name in ends]
        grown["the same, all positions of the last layer"] = ratio(*ends)
        grown["the same, as counted"] = round(limits[0] / limits[1], 3) if all(limits) else None
    bench.part(
        "ratios",
        lambda: (
            {
                "prefill, times faster than transformers": ratio(f"transformers_{first}", first),
                "decode, times faster than transformers": ratio("transformers_decode_ms", decode),
                "decode, of the bandwidth floor": round(floor / known[decode], 3) if floor else None,
                f"prefill {lengths[0]} to {lengths[-1]}, times": ratio(f"prefill_{lengths[-1]}_ms", first),
            }
            | grown
        ),
    )


def bytes_of_a_step(text: TextConfig, context: int) -> float:
    """bf16 weights that one token meets, head included; states read and written in fp32; keys and values read."""
    weights = 2 * (active_parameters(text) + text.vocab_size * text.hidden_size)
    lightning, softmax = (text.attn_type_list.count(kind) for kind in (LIGHTNING, SOFTMAX))
    states = lightning * 2 * 4 * text.inner_size * text.head_dim
    return weights + states + softmax * 2 * 2 * context * text.num_key_value_heads * text.head_dim


def milliseconds(job: Callable[[], Any], device: torch.device) -> float:
    """Median of a job after one that is not counted; at least two, more while REPEAT_SECONDS last."""
    job()
    spent: list[float] = []
    while len(spent) < 2 or (sum(spent) < REPEAT_SECONDS and len(spent) < 10):
        began = clock(device)
        job()
        spent.append(clock(device) - began)
    return 1e3 * median(spent)


def token_ids(text: TextConfig, count: int, device: torch.device) -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randint(0, text.vocab_size, (1, count), generator=random).to(device)  # [1, T]
