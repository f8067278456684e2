"""Which device each part of a model lives on: a user's map, or layers filled in order into the memory there is.

Maps are written as for accelerate: a name or its beginning -> 0, "cuda:1", "cpu" or "disk". Needs no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minimax_vl.config import ModelConfig
from minimax_vl.errors import InvalidRequest
from minimax_vl.loading.filling import LAST, LAYER, Sizes, balanced, fill, overflow
from minimax_vl.loading.formats import bytes_of
from minimax_vl.loading.names import place, published_keys, quantised_keys
from minimax_vl.parallel.split import WHOLE, Split, held_shapes

FRONT = (
    "vision_tower",
    "multi_modal_projector",
    "image_newline",
    "language_model.model.embed_tokens",
)
BACK = ("language_model.model.norm", "language_model.lm_head")
HOST = ("cpu", "disk")  # where weights may wait that are used elsewhere


@dataclass(frozen=True)
class Homes:
    """`main` holds what comes before the first layer, `last` the final norm and the head.

    A layer whose home is "cpu" or "disk" while `main` is a GPU runs on `main`, and its weights visit. Otherwise what
    lies on disk is computed with on the CPU.
    """

    main: str
    layers: tuple[str, ...]
    last: str

    def of(self, name: str) -> str:
        """The home of a parameter."""
        match = LAYER.match(name)
        if match:
            return self.layers[int(match[1])]
        return self.last if name in LAST else self.main

    def device_map(self) -> dict[str, str]:
        """As `read_map` reads it, and accelerate."""
        layers = {f"language_model.model.layers.{i}": home for i, home in enumerate(self.layers)}
        return dict.fromkeys(FRONT, self.main) | layers | dict.fromkeys(BACK, self.last)

    def visits(self, layer: int) -> bool:
        """Whether a layer's weights come to `main` for each call."""
        return self.layers[layer] in HOST and self.main not in HOST


def everything_on(device: str, config: ModelConfig) -> Homes:
    """All parts on one device."""
    return Homes(device, (device,) * config.text.num_hidden_layers, device)


def weight_bytes(
    config: ModelConfig, bits: int | None, width: int, homes: Homes, split: Split = WHOLE
) -> dict[str, int]:
    """Home -> bytes of the weights there; dense ones take `width` bytes an element."""
    packed = quantised_keys(config, bits)
    total: dict[str, int] = {}
    for key, shape in held_shapes(config, split).items():
        home = homes.of(place(key, config).into)
        total[home] = total.get(home, 0) + bytes_of(shape, packed.get(key), width)
    return total


def spread(sizes: Sizes, room: Mapping[str, int], *, even: bool = True) -> Homes | None:
    """Layers over devices with `room` bytes in order, GPUs before "cpu" before "disk"; None where it does not fit.

    even: fill the GPUs to a common level when they hold everything. Without a GPU, "cpu" is what computes.
    """
    gpus = [name for name in room if name not in HOST] or ["cpu"]
    waiting = [name for name in HOST if name in room and name not in gpus]
    have = [room.get(name, 0) for name in gpus]
    counts, fits = fill(sizes.layers, have, sizes.first, sizes.last)
    if fits and even:
        counts = balanced(sizes.layers, have, sizes.first, sizes.last) or counts
    if not fits:
        counts = overflow(sizes, have, visits=gpus != ["cpu"])
    if counts is None:
        return None
    homes = [name for name, count in zip(gpus, counts) for _ in range(count)]
    for name in waiting:
        free = room[name]
        while len(homes) < len(sizes.weights) and sizes.weights[len(homes)] <= free:
            free -= sizes.weights[len(homes)]
            homes.append(name)
    return Homes(gpus[0], tuple(homes), gpus[-1]) if len(homes) == len(sizes.weights) else None


def read_map(device_map: Mapping[str, str | int], config: ModelConfig) -> Homes:
    """A user's map as Homes. Raises InvalidRequest for names that do not exist, split layers, parts left out."""
    names = list(dict.fromkeys(place(key, config).into for key in published_keys(config)))
    for key in device_map:
        if not isinstance(key, str) or (key and not any(f"{name}.".startswith(f"{key}.") for name in names)):
            raise _refused(
                f"{key!r}, which no parameter begins with", "a typing error, or another model's map"
            )
    layers: list[list[str]] = [[] for _ in range(config.text.num_hidden_layers)]
    first: list[str] = []
    last: list[str] = []
    for name in names:
        match = LAYER.match(name)
        (layers[int(match[1])] if match else last if name in LAST else first).append(name)
    homes = [_common(layer, device_map, "a part of a layer, which runs on one device") for layer in layers]
    main = _common(first, device_map, "vision and embeddings belong together")
    if main == "disk":
        raise _refused("the first layer's inputs on disk", "nothing is left to compute on")
    return Homes(main, tuple(homes), _common(last, device_map, "final norm and head belong together"))


def device_name(device: str | int) -> str:
    """0 and "cuda" -> "cuda:0", "cpu:0" -> "cpu"; other names stay."""
    name = f"cuda:{device}" if isinstance(device, int) else str(device)
    return {"cuda": "cuda:0", "cpu:0": "cpu"}.get(name, name)


def _common(names: Sequence[str], device_map: Mapping[str, str | int], why: str) -> str:
    """The home of parameters that share one."""
    said: dict[str, str] = {}  # home -> the first entry with it
    for name in names:
        key = _entry(name, device_map)
        said.setdefault(device_name(device_map[key]), key)
    if len(said) != 1:
        raise _refused(" and ".join(f"{key!r} on {home}" for home, key in said.items()), why)
    return said.popitem()[0]


def _entry(name: str, device_map: Mapping[str, str | int]) -> str:
    """The entry that places a parameter: of several the longest."""
    fitting = [key for key in device_map if not key or name == key or name.startswith(f"{key}.")]
    if not fitting:
        raise _refused(
            f"no device for {name}", "an entry that was forgotten; the key '' stands for everything else"
        )
    return max(fitting, key=len)


def _refused(found: str, cause: str) -> InvalidRequest:
    return InvalidRequest(
        found=f"device_map: {found}",
        expected="a device for every part: vision and embeddings, each layer, final norm and head",
        cause=cause,
        next_step="'auto' makes a map by itself, within max_memory if that is given",
    )
