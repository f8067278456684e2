"""Decoding a model whose layers wait on the host: our prefetch and chosen experts beside accelerate's plain hooks."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from minimax_vl.apps.benching.clock import taking_turns
from minimax_vl.config import ModelConfig
from minimax_vl.loading import load_model
from minimax_vl.loading.homes import Homes
from minimax_vl.loading.stand_in import cut, write_stand_in
from minimax_vl.model import VLModel
from minimax_vl.presets import preset

REPEAT = 5


def measure(
    config: ModelConfig, device: str, quantize: str | None, prompt: int, tokens: int
) -> dict[str, float]:
    """Seconds of one prompt and `tokens` steps with every layer but the first on the host, ours and accelerate's.

    Random weights of `config`. On the CPU the two hold their layers on disk instead: a smoke test, no comparison.
    """
    away = "cpu" if device.startswith("cuda") else "disk"
    homes = Homes(device, (device, *[away] * (config.text.num_hidden_layers - 1)), device)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, disk = Path(folder, "checkpoint"), Path(folder, "disk")
        write_stand_in(checkpoint, config, quantize=quantize)
        ours = load_model(checkpoint, quantize=quantize, device_map=homes.device_map(), offload_folder=disk)
        theirs = _accelerated(load_model(checkpoint, quantize=quantize), homes, disk)
        jobs = [_writer(model, prompt, tokens) for model in (ours, theirs)]
        wanted, got = (job() for job in jobs)
        if not torch.allclose(wanted, got, atol=0.05 * float(wanted.abs().max())):
            raise RuntimeError(
                f"logits differ by {float((wanted - got).abs().max()):.2g}: nothing to compare"
            )
        mine, other = taking_turns(jobs, REPEAT)
    return {
        "ours_s": mine.median,
        "accelerate_s": other.median,
        "times_faster": other.median / mine.median,
    }


def narrow(config: ModelConfig, by: int) -> ModelConfig:
    """A smaller relative with as many layers, experts and words: its random weights are drawn in seconds."""
    text = config.text
    return replace(
        config,
        text=replace(
            text,
            hidden_size=text.hidden_size // by,
            intermediate_size=text.intermediate_size // by,
            num_attention_heads=text.num_attention_heads // by,
            num_key_value_heads=text.num_key_value_heads // by,
        ),
    )


def _accelerated(model: VLModel, homes: Homes, folder: Path) -> VLModel:
    from accelerate import dispatch_model

    where: dict[str, str | int | torch.device] = {**homes.device_map()}
    # Their hooks run before `forward`, and a layer also reads its norms by another method: it comes whole.
    dispatch_model(
        model,
        where,
        offload_dir=str(folder),
        preload_module_classes=["DecoderLayer"],
    )
    return model


def _writer(model: VLModel, prompt: int, tokens: int) -> Callable[[], torch.Tensor]:
    ids = torch.arange(prompt)[None] % 1000 + 10

    @torch.inference_mode()
    def write() -> torch.Tensor:
        cache = model.new_cache(prompt + tokens)
        logits = model(model.embed(ids), cache)
        for _ in range(tokens):
            logits = model(model.embed(torch.tensor([[17]])), cache)
        return logits.float().cpu()

    return write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="minimax-vl-01", help="whose width (%(default)s)")
    parser.add_argument("--layers", type=int, default=4, metavar="N", help="the first of it (%(default)s)")
    parser.add_argument(
        "--narrow", type=int, default=1, metavar="N", help="divide hidden widths and heads by N (%(default)s)"
    )
    parser.add_argument("--device", default="cuda:0", help="that computes (%(default)s)")
    parser.add_argument("--quantize", choices=("int8", "int4"), help="experts and attention in fewer bits")
    parser.add_argument("--prompt", type=int, default=64, metavar="T", help="tokens (%(default)s)")
    parser.add_argument("--tokens", type=int, default=16, metavar="N", help="written (%(default)s)")
    args = parser.parse_args()
    config = narrow(cut(preset(args.preset), args.layers), args.narrow)
    result = measure(config, args.device, args.quantize, args.prompt, args.tokens)
    print(json.dumps(vars(args) | result))


if __name__ == "__main__":
    main()
