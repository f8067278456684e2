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
    (device, spread), sizes = _placement(options), _sizes(options)
    if _named(options) and sizes is None and options.get("offload_folder") is not None:
        spread = {"": str(device)}  # a place to overflow to is no leave to use other devices
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


def _placement(options: Mapping[str, Any]) -> tuple[torch.device, Any]:
    """(the device, or the one that a dtype is chosen for; a map over several devices or None)."""
    wanted = _wanted(options)
    if wanted is None and options.get("max_memory") is None:
        return torch.device("cpu"), None
    if isinstance(wanted, int):
        return torch.device("cuda", wanted), None
    if isinstance(wanted, torch.device) or (isinstance(wanted, str) and wanted not in SPREADING):
        return pick_device(wanted), None
    if isinstance(wanted, str) and not torch.cuda.is_available():
        return torch.device("cpu"), None  # nothing to spread over
    return pick_device("auto"), "balanced" if wanted == "balanced_low_0" else wanted


def _wanted(options: Mapping[str, Any]) -> Any:
    """The device_map; of one that puts everything on one device, in accelerate's words, that device."""
    wanted = options.get("device_map")
    return wanted[""] if isinstance(wanted, Mapping) and list(wanted) == [""] else wanted


def _named(options: Mapping[str, Any]) -> bool:
    """Whether device_map is one device."""
    wanted = _wanted(options)
    return wanted is not None and not isinstance(wanted, Mapping) and wanted not in SPREADING


def _sizes(options: Mapping[str, Any]) -> Any:
    """max_memory; of a device that is named by device_map only its own, for the others are not to be used."""
    wanted, sizes = _wanted(options), options.get("max_memory")
    if not (_named(options) and isinstance(sizes, Mapping)):
        return sizes
    name = device_name(wanted if isinstance(wanted, (int, str)) else str(wanted))
    own = {key: size for key, size in sizes.items() if device_name(key) == name}
    if not own:
        raise InvalidRequest(
            found=f"device_map={wanted!r} and a max_memory of {', '.join(map(repr, sizes)) or 'nothing'}",
            expected="a size for the device that is named",
            cause="a size of another device, or a device_map that should have been 'auto'",
            next_step=f"leave max_memory out, or give it a size for {name!r}",
        )
    return own
