"""The weights that `from_pretrained` asks for, read by our own loader with transformers' words for where and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device, pick_dtype
from minimax_vl.errors import InvalidRequest
from minimax_vl.hf.rows import refuse
from minimax_vl.loading.homes import device_name
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
    device, spread, sizes = _placement(options)
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
        max_memory=sizes,
        offload_folder=options.get("offload_folder"),
    )
    return folder, model, tokenizer.eos, tokenizer.pad


def _placement(options: Mapping[str, Any]) -> tuple[torch.device, Any, Any]:
    """(the device, or the one that a dtype is chosen for; a map over several devices or None; sizes of devices)."""
    wanted, sizes = options.get("device_map"), options.get("max_memory")
    if isinstance(wanted, Mapping) and list(wanted) == [""]:
        wanted = wanted[""]  # everything on one device, in accelerate's words
    if wanted is None and sizes is None:
        return torch.device("cpu"), None, None
    if wanted is None or isinstance(wanted, Mapping) or wanted in SPREADING:
        if isinstance(wanted, str) and not torch.cuda.is_available():
            return torch.device("cpu"), None, sizes  # nothing to spread over
        return pick_device("auto"), "balanced" if wanted == "balanced_low_0" else wanted, sizes
    device = torch.device("cuda", wanted) if isinstance(wanted, int) else pick_device(wanted)
    if sizes is None and options.get("offload_folder") is not None:
        return device, {"": str(device)}, None  # a place to overflow to is no leave to use other devices
    return device, None, _own(device, sizes) if isinstance(sizes, Mapping) else sizes


def _own(device: torch.device, sizes: Mapping[Any, Any]) -> dict[Any, Any]:
    """Of a max_memory the size of a device that was named: the others are not to be used."""
    name = device_name(str(device))
    own = {key: size for key, size in sizes.items() if device_name(key) == name}
    if not own:
        raise InvalidRequest(
            found=f"a device_map of {name!r} and a max_memory of {', '.join(map(repr, sizes)) or 'nothing'}",
            expected="a size for the device that is named",
            cause="a size of another device, or a device_map that should have been 'auto'",
            next_step=f"leave max_memory out, or give it a size for {name!r}",
        )
    return own
