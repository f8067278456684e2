"""The weights that `from_pretrained` asks for, read by our own loader with transformers' words for where and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device, pick_dtype
from minimax_vl.hf.rows import refuse
from minimax_vl.loading.hub import resolve
from minimax_vl.loading.load import load_model
from minimax_vl.tokenizer import Tokenizer

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

SPREADING = ("auto", "balanced", "balanced_low_0", "sequential")
READ = {"dtype", "torch_dtype", "device_map", "max_memory", "offload_folder", "quantize"}
READ |= {"local_files_only", "token"}
# What the Auto classes and harnesses always pass, and what changes where files come from, not what they hold.
HARMLESS = {
    "adapter_kwargs",
    "attn_implementation",
    "experts_implementation",
    "low_cpu_mem_usage",
    "trust_remote_code",
    "use_safetensors",
}


def load_weights(
    name_or_path: str | Path, revision: str | None, options: Mapping[str, Any]
) -> tuple[Path, VLModel, int, int]:
    """(checkpoint folder, its model, the ids that end and pad a row); options are those of `from_pretrained`."""
    refuse({name: value for name, value in options.items() if name not in READ}, HARMLESS)
    device, spread = _placement(options)
    dtype = options.get("dtype") or options.get("torch_dtype") or "auto"
    local_only, token = bool(options.get("local_files_only")), options.get("token")
    folder = resolve(name_or_path, revision=revision, local_only=local_only, token=token)
    tokenizer = Tokenizer.read(folder)
    tokenizer.check(ModelConfig.read(folder))
    model = load_model(
        folder,
        device=device,
        dtype=pick_dtype(dtype, device) if dtype == "auto" else dtype,
        quantize=options.get("quantize"),
        device_map=spread,
        max_memory=options.get("max_memory"),
        offload_folder=options.get("offload_folder"),
    )
    return folder, model, tokenizer.eos, tokenizer.pad


def _placement(options: Mapping[str, Any]) -> tuple[torch.device, Any]:
    """(the device, or the one that a dtype is chosen for; a map over several devices or None)."""
    wanted = options.get("device_map")
    if isinstance(wanted, Mapping) and list(wanted) == [""]:
        wanted = wanted[""]  # everything on one device, in accelerate's words
    if wanted is None and options.get("max_memory") is None:
        return torch.device("cpu"), None
    if isinstance(wanted, int):
        return torch.device("cuda", wanted), None
    if isinstance(wanted, torch.device) or (isinstance(wanted, str) and wanted not in SPREADING):
        return pick_device(wanted), None
    if isinstance(wanted, str) and not torch.cuda.is_available():
        return torch.device("cpu"), None  # nothing to spread over
    return pick_device("auto"), "balanced" if wanted == "balanced_low_0" else wanted
