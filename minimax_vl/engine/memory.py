"""What earlier requests leave behind: features of images and caches of prompts, least recently used go first."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor

from minimax_vl.processor import EncodedImage, TiledImage
from minimax_vl.text_backbone.cache import HybridCache

Value = TypeVar("Value", Tensor, "Prefix")


@dataclass(frozen=True)
class Prompt:
    """Ids of a prompt and what its images are; equal prompts have equal embeddings."""

    ids: tuple[int, ...]
    images: tuple[bytes, ...]  # digest of each image, in order

    def starts_with(self, other: Prompt) -> bool:
        """Whether `other` is a beginning of this prompt, or all of it."""
        return self.ids[: len(other.ids)] == other.ids and self.images[: len(other.images)] == other.images


@dataclass(frozen=True)
class Prefix:
    """A beginning of a prompt and the cache after it, which is never run: it is forked."""

    prompt: Prompt
    cache: HybridCache

    @property
    def nbytes(self) -> int:
        return self.cache.nbytes


class Kept(Generic[Value]):
    """A store bounded in bytes; for one thread, though others may `peek`."""

    def __init__(self, room: int) -> None:
        self.room, self.nbytes = room, 0
        self._items: OrderedDict[object, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: object) -> Value | None:
        if key in self._items:
            self._items.move_to_end(key)
        return self._items.get(key)

    def peek(self, key: object) -> Value | None:
        """The value, without counting as a use."""
        return self._items.get(key)

    def put(self, key: object, value: Value) -> None:
        """Keep `value`, dropping the oldest; one that is larger than all room is not kept."""
        if key in self._items:
            self.nbytes -= self._items.pop(key).nbytes
        if value.nbytes > self.room:
            return
        self._items[key] = value
        self.nbytes += value.nbytes
        while self.nbytes > self.room:
            self.nbytes -= self._items.popitem(last=False)[1].nbytes

    def values(self) -> list[Value]:
        return list(self._items.values())


class Prefixes:
    """Caches of prompts' beginnings. A lightning state cannot be cut back, so only a whole beginning can be used."""

    def __init__(self, room: int) -> None:
        self.kept: Kept[Prefix] = Kept(room)

    def longest(self, prompt: Prompt) -> Prefix | None:
        """The longest kept beginning that leaves at least one id to be read."""
        found = [
            p
            for p in self.kept.values()
            if len(p.prompt.ids) < len(prompt.ids) and prompt.starts_with(p.prompt)
        ]
        best = max(found, key=lambda p: len(p.prompt.ids), default=None)
        return self.kept.get(best.prompt) if best else None

    def put(self, prompt: Prompt, cache: HybridCache) -> None:
        self.kept.put(prompt, Prefix(prompt, cache))


def digest(image: TiledImage | EncodedImage) -> bytes:
    """Equal for images that were cut into equal pixels by an equal plan."""
    data = image.pixels if isinstance(image, TiledImage) else image.features.detach().float().cpu()
    mark = hashlib.blake2b(repr(image.plan).encode() + type(image).__name__.encode(), digest_size=16)
    mark.update(data.flatten().numpy().data)
    return mark.digest()


def digests(images: Sequence[TiledImage | EncodedImage]) -> tuple[bytes, ...]:
    return tuple(digest(image) for image in images)
