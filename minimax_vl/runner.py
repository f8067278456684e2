"""Runs requests on a model: vision, prefill, decode; one step at a time, timed, with memory errors as ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from minimax_vl.batch import Batch
from minimax_vl.decode import DecodeSteps
from minimax_vl.devices import ran_out
from minimax_vl.errors import OutOfMemory
from minimax_vl.generate import Answer, generate
from minimax_vl.processor import EncodedImage, ModelInputs, TiledImage
from minimax_vl.reply import Reply, Timings

if TYPE_CHECKING:
    from minimax_vl.model import VLModel

TILES_PER_CALL = 32  # tiles encoded together: enough to fill a GPU, little enough for a laptop's memory


@dataclass
class Request:
    """A prompt, the answer that is being written to it, and the seconds spent on it so far."""

    inputs: ModelInputs
    answer: Answer
    timings: Timings
    # The same with a second look at its images, where that is wanted.
    again: Callable[[], Request] | None = None

    def reply(self) -> Reply:
        """The answer so far."""
        answer = self.answer
        return Reply(
            answer.text,
            thought=answer.thought,
            tokens=tuple(answer.ids),
            thought_tokens=answer.thought_ids,
            prompt_tokens=len(answer.prompt),
            finish_reason=answer.finish_reason or "closed",
            timings=replace(self.timings),
            tiles=self.inputs.plans,
            logprobs=tuple(answer.logprobs) if answer.params.logprobs else None,
        )


class Runner:
    """Several threads may use one Runner: a lock lets a single step run at a time, and no lock outlives a step."""

    def __init__(self, model: VLModel, pad_id: int) -> None:
        self.model, self.pad_id = model, pad_id
        self.open_batch: Callable[..., Batch] = Batch  # what runs the model; a mesh puts its own here
        self.steps = DecodeSteps(model.language_model) if model.device.type == "cuda" else None
        self._step = threading.Lock()

    def write(self, requests: Sequence[Request]) -> Generator[None, None, None]:
        """Run the model until all answers have ended; yields after every id, without holding the lock."""
        timings = Timings(preprocess=sum(request.timings.preprocess for request in requests))
        for request in requests:
            request.timings = timings
        features = self.features([image for request in requests for image in request.inputs.images], timings)
        answers = [request.answer for request in requests]
        steps = generate(
            self.model,
            answers,
            torch.cat(features) if features else None,
            self.pad_id,
            self.steps,
            self.open_batch,
        )
        stage = "prefill"
        while any(answer.finish_reason is None for answer in answers):
            with self.stage(
                timings, stage, wait=stage == "prefill"
            ):  # ids that are here have been waited for
                next(steps)
            stage = "decode"
            yield

    def write_all(
        self, requests: Sequence[Request], batch_size: int, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """All answers, `batch_size` together, those with prompts of similar length; or what there is once `stopped`."""
        by_length = sorted(requests, key=lambda request: len(request.answer.prompt))
        for start in range(0, len(by_length), batch_size):
            with closing(self.write(by_length[start : start + batch_size])) as steps:
                for _ in steps:
                    if stopped():
                        return

    @torch.inference_mode()
    def features(self, images: Sequence[TiledImage | EncodedImage], timings: Timings) -> list[Tensor]:
        """[tokens, C] of each image; those not encoded yet go through the vision tower, several at a time."""
        fresh: list[Tensor] = []
        for group in _groups([image for image in images if isinstance(image, TiledImage)]):
            with self.stage(timings, "vision"):
                pixels = torch.cat([image.pixels for image in group]).to(self.model.device)  # [N, 3, S, S]
                fresh += self.model.encode_images(pixels, [image.plan for image in group])
        remaining = iter(fresh)
        return [image.features if isinstance(image, EncodedImage) else next(remaining) for image in images]

    @contextmanager
    def stage(self, timings: Timings, stage: str, wait: bool = True) -> Iterator[None]:
        """One step of the model: alone, timed, with memory errors as ours. `wait`: until the device has done it all."""
        with self._step:
            began = perf_counter()
            try:
                yield
                if wait and self.model.device.type == "cuda":
                    torch.cuda.synchronize(self.model.device)
            except (RuntimeError, MemoryError) as error:
                if not ran_out(error):
                    raise
                raise OutOfMemory(
                    found=f"{stage} ran out of memory on {self.model.device}",
                    expected="room for the weights, the cache and one chunk of the prompt",
                    cause="many tiles, a long prompt or a large batch",
                    next_step="lower batch_size or prefill_chunk, or pass max_tiles to cut images into fewer tiles",
                ) from error
            finally:
                setattr(timings, stage, getattr(timings, stage) + perf_counter() - began)


def _groups(images: Sequence[TiledImage]) -> Iterator[list[TiledImage]]:
    """Neighbours of at most TILES_PER_CALL tiles together; a larger image goes alone."""
    group: list[TiledImage] = []
    for image in images:
        if group and sum(other.plan.tiles for other in group) + image.plan.tiles > TILES_PER_CALL:
            yield group
            group = []
        group.append(image)
    if group:
        yield group
