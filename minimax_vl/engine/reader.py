"""Reads prompts a piece at a time: what is remembered first, then tiles, then tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from minimax_vl.engine.job import Job, Reading
from minimax_vl.engine.memory import Kept, Prefixes, Prompt, digest
from minimax_vl.processor import EncodedImage, TiledImage
from minimax_vl.text_backbone.joining import fork, held_bytes
from minimax_vl.vision.packing import pack

if TYPE_CHECKING:
    from minimax_vl.pipeline import Pipeline


class PromptReader:
    """Advances one job at a time. Used from the engine's thread only, but for `recall`."""

    def __init__(self, pipeline: Pipeline, chunk: int, tiles: int, kept_bytes: int) -> None:
        self.pipeline, self.model, self.config = pipeline, pipeline.model, pipeline.config
        self.chunk, self.tiles = chunk, tiles
        # An image's features serve other prompts, a prefix only this conversation: features are small, so a quarter.
        self._features: Kept[Tensor] = Kept(kept_bytes // 4)
        self._prefixes = Prefixes(kept_bytes - kept_bytes // 4)

    @property
    def kept_bytes(self) -> int:
        return self._features.nbytes + self._prefixes.kept.nbytes

    def recall(self, image: TiledImage | EncodedImage) -> TiledImage | EncodedImage:
        """The image with its features, if they are kept. From any thread."""
        features = self._features.peek(digest(image))
        return image if features is None else EncodedImage(image.plan, features)

    def work(self, job: Job) -> int:
        """Tokens still to be read; a tile not yet seen counts as the tokens that it gives."""
        reading = self._reading(job)
        return len(job.prompt.ids) - reading.done + reading.unseen * self.config.tiling.side**2

    def advance(self, job: Job) -> Tensor | None:
        """One piece of work; after the last, the logits [V] of the first id."""
        reading = self._reading(job)
        if len(reading.features) < len(reading.images):
            self._see(job, reading)
            return None
        if reading.embeds is None:
            ids = torch.tensor([job.prompt.ids[reading.done :]])
            features = torch.cat(reading.features) if reading.features else None
            reading.embeds = self.model.embed(ids, features)  # [1, T, C]
        return self._read(job, reading)

    def _reading(self, job: Job) -> Reading:
        if job.reading is None:
            known = self._prefixes.longest(job.prompt)
            images = list(job.request.inputs.images)
            if known is None:
                job.reading = Reading(self.model.new_cache(), 0, images)
            else:
                job.reused = len(known.prompt.ids)
                cache = fork(known.cache, self.config.text)
                job.reading = Reading(cache, job.reused, images[len(known.prompt.images) :])
        return job.reading

    def _see(self, job: Job, reading: Reading) -> None:
        """The next few tiles of the next image, or all of it when it is remembered."""
        image = reading.images[len(reading.features)]
        if isinstance(image, EncodedImage):
            reading.features.append(image.features)
            return
        assert isinstance(image, TiledImage)
        name = job.prompt.images[len(job.prompt.images) - len(reading.images) + len(reading.features)]
        features = self._features.get(name)
        if features is None:
            first = sum(part.shape[0] for part in reading.tiles)
            with self.pipeline.runner.stage(job.request.timings, "vision"):
                pixels = image.pixels[first : first + self.tiles].to(self.model.device)
                reading.tiles.append(self.model.tile_features(pixels))  # [n, side*side, C]
                if first + pixels.shape[0] < image.plan.tiles:
                    return
                whole = torch.cat(reading.tiles).flatten(0, 1)
                features = pack(whole, self.model.image_newline, image.plan)  # [tokens, C]
            self._features.put(name, features)
        reading.tiles = []
        reading.features.append(features)

    def _read(self, job: Job, reading: Reading) -> Tensor | None:
        """The next chunk. It ends where the last image ends and where the prompt ends: others may begin alike."""
        assert reading.embeds is not None
        length = len(job.prompt.ids)
        ends = {length: len(job.prompt.images)}  # where it is worth to remember -> images up to there
        if job.request.inputs.images:
            ends[_last_image_end(job.prompt.ids, self.config.image_token_index)] = len(job.prompt.images)
        end = min(m for m in (*ends, reading.done + self.chunk) if m > reading.done)
        first = length - reading.embeds.shape[1]
        with self.pipeline.runner.stage(job.request.timings, "prefill"):
            part = reading.embeds[:, reading.done - first : end - first]
            logits = self.model(part, reading.cache)  # [1, V]
        reading.done = end
        if end in ends and held_bytes(reading.cache) <= self._prefixes.kept.room:
            prefix = Prompt(job.prompt.ids[:end], job.prompt.images[: ends[end]])
            self._prefixes.put(prefix, fork(reading.cache, self.config.text))
        if end < length:
            return None
        logits[:, self.config.image_token_index] = -torch.inf  # an image slot cannot be answered with
        return logits[0]


def _last_image_end(ids: tuple[int, ...], image: int) -> int:
    """How many ids there are up to the last image slot."""
    return len(ids) - ids[::-1].index(image)
