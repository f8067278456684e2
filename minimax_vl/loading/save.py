"""Write a checkpoint folder in the published layout: sharded safetensors, index, config.json."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file
from torch import Tensor

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.kernels.quantised import QuantisedWeight, dequantise, quantise
from minimax_vl.loading.aside import written_aside
from minimax_vl.loading.formats import bits_of, bytes_of, dtype_name, scale_key
from minimax_vl.loading.index import INDEX, SINGLE
from minimax_vl.loading.names import place, published_keys, quantised_keys
from minimax_vl.loading.progress import Progress
from minimax_vl.loading.stream import check_finite
from minimax_vl.quantised import held_bits, rows_of, weights_of

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

MAX_SHARD_BYTES = 5_000_000_000
# Written so that another reader does not take integers for weights.
QUANT_METHOD = {8: "minimax_vl_int8", 4: "minimax_vl_int4"}


def save_checkpoint(
    model: VLModel,
    folder: str | Path,
    *,
    dtype: str | torch.dtype | None = None,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    quantize: str | None = None,
    tokenizer: str | Path | None = None,
    copies: Sequence[Path] = (),
) -> dict[str, float]:
    """Write a model in published names; `load_model` of the folder gives it back.

    dtype: of the dense tensors, by name or as torch's, None for the model's. quantize: "int8", "int4", "none", or None
    for what the model holds. tokenizer: a file to copy in as tokenizer.json. copies: others, under their own names.
    Returns the relative error of each tensor that is quantised here.
    Raises SaveFailed, CheckpointError for weights that are not finite, InvalidRequest for a part of a model, a
    tokenizer that is no file or a dtype that is not loaded; whichever it is, the old files are whole.
    """
    if tokenizer is not None:
        _check_tokenizer(Path(tokenizer))
    if model.language_model.config != model.config.text:
        raise InvalidRequest(
            found="a model of which this process holds a part",
            expected="all of its layers, whole",
            cause="a mesh, which shares a model between processes",
            next_step="load it without mesh, on device 'cpu' if need be, or `minimax-vl convert` its folder",
        )
    weights, shapes = weights_of(model), published_keys(model.config)
    bits = held_bits(model) if quantize is None else bits_of(quantize)

    def read(key: str) -> Tensor | QuantisedWeight:
        spot = place(key, model.config)
        whole = weights[spot.into]
        if spot.expert is None:
            return whole
        at = (spot.expert, slice(spot.row, spot.row + shapes[key][0]))
        return whole[at] if isinstance(whole, Tensor) else rows_of(whole, at)

    return write_checkpoint(
        folder,
        model.config,
        read,
        dtype=getattr(torch, dtype_name(dtype or model.dtype)),
        max_shard_bytes=max_shard_bytes,
        bits=bits,
        tokenizer=None if tokenizer is None else Path(tokenizer),
        copies=copies,
    )


def write_checkpoint(
    folder: str | Path,
    config: ModelConfig,
    read: Callable[[str], Tensor | QuantisedWeight],
    *,
    dtype: torch.dtype,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    bits: int | None = None,
    tokenizer: Path | None = None,
    copies: Sequence[Path] = (),
) -> dict[str, float]:
    """Write the tensors that `read(published name)` gives, one shard in memory at a time; see `save_checkpoint`."""
    folder, written = Path(folder).expanduser(), dtype_name(dtype)
    chosen = quantised_keys(config, bits)
    sizes = {
        key: bytes_of(shape, chosen.get(key), dtype.itemsize) for key, shape in published_keys(config).items()
    }
    shards = _shards(sizes, max_shard_bytes)
    errors: dict[str, float] = {}
    with written_aside(folder) as names, Progress("saving", sum(sizes.values())) as progress:
        _check_disk(folder, sum(sizes.values()))
        where: dict[str, str] = {}
        for number, keys in enumerate(shards, start=1):
            file = SINGLE if len(shards) == 1 else f"model-{number:05d}-of-{len(shards):05d}.safetensors"
            tensors: dict[str, Tensor] = {}
            for key in keys:
                tensors |= _stored(key, read(key), dtype, chosen.get(key), errors)
                progress.add(sizes[key])
            save_file(tensors, names(file), metadata={"format": "pt"})
            where |= dict.fromkeys(tensors, file)
        if len(shards) > 1:
            index = {
                "metadata": {"total_size": sum(sizes.values())},
                "weight_map": dict(sorted(where.items())),
            }
            names(INDEX).write_text(_json(index), encoding="utf-8")
        settings = config.to_dict() | {"torch_dtype": written}
        settings |= {"quantization_config": {"quant_method": QUANT_METHOD[bits]}} if bits else {}
        names("config.json").write_text(_json(settings), encoding="utf-8")
        for copy in copies:
            shutil.copyfile(copy, names(copy.name))
        if tokenizer is not None:
            shutil.copyfile(tokenizer, names("tokenizer.json"))
    return errors


@torch.no_grad()
def _stored(
    key: str,
    weight: Tensor | QuantisedWeight,
    dtype: torch.dtype,
    bits: int | None,
    errors: dict[str, float],
) -> dict[str, Tensor]:
    if not isinstance(weight, Tensor):
        if weight.bits == bits:  # in the wanted format already: not rounded again
            return {key: _own(weight.data), scale_key(key): _own(weight.scale)}
        weight = dequantise(weight)
    whole = _own(weight, torch.float32 if bits else dtype)
    check_finite(whole, key)
    if bits is None:
        return {key: whole}
    packed = quantise(whole, bits)
    errors[key] = relative_error(whole, dequantise(packed))
    return {key: packed.data, scale_key(key): packed.scale}


def _own(tensor: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    # a copy: a view of stacked experts would share its memory, and safetensors refuses that
    return tensor.to("cpu", dtype or tensor.dtype, copy=True).contiguous()


def relative_error(weight: Tensor, restored: Tensor) -> float:
    """Norm of the difference over the norm of the weight; 0 for a weight of zeros."""
    norm = float(weight.norm())
    return float((weight - restored).norm()) / norm if norm else 0.0


def _shards(sizes: Mapping[str, int], limit: int) -> list[list[str]]:
    """Names in order, cut where the next tensor would pass the limit; a tensor and its scale stay together."""
    shards: list[list[str]] = [[]]
    used = 0
    for key, size in sizes.items():
        if shards[-1] and used + size > limit:
            shards.append([])
            used = 0
        shards[-1].append(key)
        used += size
    return shards


def _check_tokenizer(path: Path) -> None:
    """Before the weights are written, which may take long."""
    if not path.is_file():
        raise InvalidRequest(
            found=f"tokenizer={str(path)!r}, {'a folder' if path.is_dir() else 'where nothing is'}",
            expected="a file in tokenizers' format",
            cause="the folder of a checkpoint instead of the file in it, or a typing error",
            next_step=f"give {path / 'tokenizer.json'}" if path.is_dir() else "look at the path again",
        )


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SaveFailed(
            found=f"{free / 1e6:,.1f} MB free for {folder}",
            expected=f"{needed / 1e6:,.1f} MB",
            cause="the new files are written before the old ones are replaced, so both need room",
            next_step="free some space or choose another folder; nothing was written",
        )


def _json(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
