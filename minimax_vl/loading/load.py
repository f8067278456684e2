"""A checkpoint folder becomes a model: plan, refuse what cannot fit, take memory, stream the weights in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device, ran_out
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.formats import DENSE, bits_of, dtype_name
from minimax_vl.loading.homes import Homes, everything_on, weight_bytes
from minimax_vl.loading.index import read_index
from minimax_vl.loading.memory import take_memory
from minimax_vl.loading.names import quantised_parameters
from minimax_vl.loading.placement import check_room, does_not_fit
from minimax_vl.loading.plan import plan_load, stored_dtype
from minimax_vl.loading.room import DeviceMap, MaxMemory, find_homes
from minimax_vl.loading.stream import run_plan
from minimax_vl.offload import connect
from minimax_vl.parallel.split import WHOLE, Split
from minimax_vl.quantised import hold_quantised, weights_of

if TYPE_CHECKING:
    from minimax_vl.model import VLModel
    from minimax_vl.parallel.mesh import Mesh


def load_model(
    folder: str | Path,
    *,
    device: str | torch.device = "cpu",
    dtype: str | torch.dtype | None = None,
    quantize: str | None = None,
    device_map: DeviceMap | None = None,
    max_memory: MaxMemory | None = None,
    offload_folder: str | Path | None = None,
    mesh: Mesh | None = None,
) -> VLModel:
    """The model of a checkpoint folder, in evaluation mode, on one device or spread over several.

    dtype: float32, bfloat16 or float16, by name or as torch's; None keeps the one it was written in.
    quantize: "int8" or "int4" holds experts and attention so, softmax attention and the head in int8 either way,
    whatever they are on disk; None holds all dense.
    device_map, max_memory, offload_folder: see `find_homes`; with none of them everything lies on `device`.
    mesh: this process's place among those that hold a part of every layer each, and call the model together.
    Raises ModelMissing, CheckpointError (files, names, shapes, NaN), OutOfMemory, most often before anything is
    allocated, InvalidRequest for a device, dtype or map that cannot be.
    """
    config = ModelConfig.read(folder)
    index = read_index(folder)
    name, bits = stored_dtype(index) if dtype is None else dtype_name(dtype), bits_of(quantize)
    split = mesh.split if mesh else WHOLE
    homes = choose_homes(
        config,
        device=mesh.device if mesh else device,
        dtype=name,
        quantize=quantize,
        device_map=device_map,
        max_memory=max_memory,
        offload_folder=offload_folder,
        split=split,
    )
    jobs = plan_load(
        index, config, device=lambda into: _holder(homes.of(into)), dtype=name, bits=bits, split=split
    )
    if mesh:
        mesh.agree(config, name, bits)
    model: VLModel | None = None
    try:
        model = skeleton(config, name, bits, split)
        take_memory(model, homes, offload_folder)
        run_plan(jobs, weights_of(model), quiet=split.rank > 0)
        if mesh:
            from minimax_vl.parallel.connect import connect_part

            connect_part(model.language_model, mesh)
        elif homes != everything_on(homes.main, config):
            connect(model, homes)
        return model.eval()
    except (RuntimeError, MemoryError) as error:
        if not ran_out(error):
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
    # Outside the handler: the caught error's frames hold the weights, and must be gone before the message is read.
    del model
    raise does_not_fit(f"loading ran out of memory ({reason})", config)


def choose_homes(
    config: ModelConfig,
    *,
    device: str | torch.device = "cpu",
    dtype: str | torch.dtype = "bfloat16",
    quantize: str | None = None,
    device_map: DeviceMap | None = None,
    max_memory: MaxMemory | None = None,
    offload_folder: str | Path | None = None,
    split: Split = WHOLE,
) -> Homes:
    """Where `load_model` would put everything, from the config alone; what cannot fit is refused as there."""
    where, bits, width = str(pick_device(device)), bits_of(quantize), DENSE[dtype_name(dtype)]
    split.check(config)
    if device_map is None and max_memory is None and offload_folder is None:
        homes = everything_on(where, config)
    elif split.size > 1:
        raise InvalidRequest(
            found=f"{split.size} processes that share the layers, and devices that share them in one process",
            expected="one of the two",
            cause="device_map, max_memory or offload_folder beside mesh",
            next_step="leave mesh out, or those",
        )
    else:
        homes = find_homes(config, bits, width, device_map, max_memory, offload_folder)
    for home, size in weight_bytes(config, bits, width, homes, split).items():
        if home != "disk":
            check_room(home, size, config)
    return homes


def skeleton(config: ModelConfig, dtype: str, bits: int | None, split: Split = WHOLE) -> VLModel:
    """The model, or a part of it, on the meta device: names, shapes and dtypes, no memory."""
    # here: the model's imports are not needed to plan or to convert
    from minimax_vl.parallel.connect import build_part

    with torch.device("meta"), Uninitialised():
        model = build_part(config, split)
    model.to(getattr(torch, dtype))
    hold_quantised(model, quantised_parameters(config, bits))
    return model


class Uninitialised(TorchFunctionMode):
    """Leaves `torch.nn.init` out: weights without memory have no values, and drawing them imports torch's compiler."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def _holder(home: str) -> str:
    """The device whose memory a job writes to: a file on disk is written through the host's."""
    return "cpu" if home == "disk" else home
