"""From what a user asks (`device_map`, `max_memory`, `offload_folder`) and what is free to a home for every part."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device
from minimax_vl.errors import InvalidRequest, SaveFailed
from minimax_vl.loading.filling import sizes_of
from minimax_vl.loading.homes import HOST, Homes, device_name, read_map, spread, weight_bytes
from minimax_vl.loading.machine import free_memory
from minimax_vl.loading.placement import CONTEXT, USABLE, does_not_fit, readable

DeviceMap = str | Mapping[str, str | int]
MaxMemory = Mapping[str | int, str | int]
KINDS = ("auto", "balanced", "sequential")


def find_homes(
    config: ModelConfig,
    bits: int | None,
    width: int,
    device_map: DeviceMap | None = None,
    max_memory: MaxMemory | None = None,
    offload_folder: str | Path | None = None,
) -> Homes:
    """A home for every part of a model whose dense weights take `width` bytes an element; reads no weight.

    device_map: "auto" or "balanced" fills GPUs evenly, "sequential" one after the other, both then the CPU and, with
    an `offload_folder`, the disk; or a mapping as accelerate's, from names to devices.
    max_memory: bytes, or sizes such as "20GiB", of weights and one sequence's cache for 0, 1, ..., "cpu", "disk";
    devices left out are not used. None takes nearly all that is free.
    Beside a mapping it is refused.
    Raises OutOfMemory with the table of what would fit, InvalidRequest.
    """
    if offload_folder is not None:
        offload_folder = offload_path(offload_folder)
    if isinstance(device_map, Mapping):
        if max_memory is not None:
            raise InvalidRequest(
                found="max_memory beside a device_map that says where everything goes",
                expected="one of the two",
                cause="a map that was made within these sizes, which then needs them no more",
                next_step="leave max_memory out, or let device_map='auto' make a map within it",
            )
        for device in dict.fromkeys(map(device_name, device_map.values())):
            _check_device(device)
        homes = read_map(device_map, config)
    else:
        if device_map is not None and device_map not in KINDS:
            raise InvalidRequest(
                found=f"device_map={device_map!r}",
                expected=f"{', '.join(map(repr, KINDS))} or a mapping from names to devices",
                cause="a typing error, or a single device, which is `device`",
                next_step="use one of these",
            )
        room = _free(offload_folder) if max_memory is None else _asked(max_memory, offload_folder)
        sizes = sizes_of(config, bits, width, CONTEXT)
        found = spread(sizes, room, even=device_map != "sequential")
        if found is None:
            have = ", ".join(f"{name} {readable(size)}" for name, size in room.items())
            raise does_not_fit(
                f"{readable(sizes.total)} of weights and cache for {have or 'no device'}",
                config,
            )
        homes = found
    if "disk" in {*homes.layers, homes.last}:
        _check_disk(weight_bytes(config, bits, width, homes)["disk"], offload_folder)
    return homes


def offload_path(folder: str | Path) -> Path:
    """Where weights on disk lie, "~" written out. Raises SaveFailed where a file is in the way."""
    path = Path(folder).expanduser()
    for place in (path, *path.parents):
        if place.is_file():
            raise SaveFailed(
                found=f"{place} is a file",
                expected="a folder for the weights on disk, which may be a new one",
                cause="the path of something in that folder",
                next_step=f"give {place.parent}",
            )
    return path


def _free(offload_folder: Path | None) -> dict[str, int]:
    room: dict[str, int] = {}
    for name in (*(f"cuda:{i}" for i in range(torch.cuda.device_count())), "cpu"):
        free = free_memory(name)
        room[name] = sys.maxsize if free is None else int(USABLE * free)  # None: the system does not say
    if offload_folder is not None:
        room["disk"] = shutil.disk_usage(_existing(offload_folder)).free
    return room


def _asked(max_memory: MaxMemory, offload_folder: Path | None) -> dict[str, int]:
    from accelerate.utils.modeling import convert_file_size_to_int

    if not isinstance(max_memory, Mapping):
        raise InvalidRequest(
            found=f"max_memory={max_memory!r}",
            expected="a mapping from devices to sizes, such as {0: '70GiB', 'cpu': '200GiB'}",
            cause="one size for all devices",
            next_step="say for each device what it may hold",
        )
    room: dict[str, int] = {}
    for device, size in max_memory.items():
        name = device_name(device)
        _check_device(name)
        try:
            room[name] = int(convert_file_size_to_int(size))
        except (ValueError, TypeError, AttributeError) as error:  # the last for anything but an int or a str
            raise InvalidRequest(
                found=f"max_memory[{device!r}]={size!r}",
                expected="bytes, or a size such as '20GiB' or '500MB'",
                cause="a number without a unit in quotes, another unit, or a fraction of a byte",
                next_step="write it like one of these",
            ) from error
    if offload_folder is not None:
        room.setdefault("disk", shutil.disk_usage(_existing(offload_folder)).free)
    # In the order in which they are filled, whatever the order they were written in.
    return dict(
        sorted(room.items(), key=lambda item: (item[0] in HOST, item[0] == "disk", len(item[0]), item[0]))
    )


def _check_device(name: str) -> None:
    if name == "disk":
        return
    device = pick_device(name)
    if device.type == "cpu" and name != "cpu":
        raise InvalidRequest(
            found=f"device {name!r}",
            expected="'cpu': there is one",
            cause="a map of processors or sockets, which PyTorch does not tell apart",
            next_step="write 'cpu'",
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InvalidRequest(
            found=f"device {name!r}, and {torch.cuda.device_count()} GPUs",
            expected="a GPU that is there; they count from 0",
            cause="a map made for another machine, or CUDA_VISIBLE_DEVICES",
            next_step="device_map='auto' uses what is there",
        )


def _check_disk(needed: int, offload_folder: Path | None) -> None:
    if offload_folder is None:
        raise InvalidRequest(
            found="layers on disk without an offload_folder",
            expected="a folder to keep their weights in while the model is loaded",
            cause="'disk' in device_map or max_memory",
            next_step="pass offload_folder=..., on a fast local disk",
        )
    free = shutil.disk_usage(_existing(offload_folder)).free
    if needed > free:
        raise SaveFailed(
            found=f"{readable(free)} free for {offload_folder}",
            expected=f"{readable(needed)} of weights on disk",
            cause="a full disk, or a small one",
            next_step="choose a folder on a larger disk, or quantize='int4'",
        )


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
