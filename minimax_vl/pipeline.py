"""The public API: `load` a model once, then caption, ask, chat, stream, encode and batch with its `Pipeline`."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields, replace
from functools import cache, lru_cache
from numbers import Integral
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, overload

import torch

from minimax_vl.asking import as_list, as_messages, as_pairs, check_encoded, check_names, question_turn
from minimax_vl.chat import Message, render
from minimax_vl.config import ModelConfig
from minimax_vl.devices import pick_device, pick_dtype
from minimax_vl.errors import InvalidRequest
from minimax_vl.generate import Answer, GenerationParams, check_length
from minimax_vl.presets import PRESETS
from minimax_vl.processor import EncodedImage, Processor
from minimax_vl.reply import Reply, TextStream, Timings
from minimax_vl.runner import Request, Runner
from minimax_vl.sampling import check
from minimax_vl.second_look import check_asked, looks_twice, settled, settled_stream
from minimax_vl.tokenizer import Tokenizer
from minimax_vl.vision.tiling import largest_image

if TYPE_CHECKING:
    from minimax_vl.model import VLModel
    from minimax_vl.parallel.mesh import Mesh

__all__ = ["EncodedImage", "Pipeline", "Reply", "TextStream", "ask", "caption", "load"]

Length = Literal["short", "normal", "long"]
CAPTION_PROMPTS: dict[str, str] = {
    "short": "Describe the image in one short sentence.",
    "normal": "Describe the image.",
    "long": "Describe the image in detail, including all text that can be read.",
}
# nano was trained on one wording; the others would be new to it.
NANO_CAPTION_PROMPTS = dict.fromkeys(CAPTION_PROMPTS, "Describe the image.")

BATCH = 8  # prompts that `batch` writes together
PARAMS = {field.name for field in fields(GenerationParams)}
IMAGE_OPTIONS = {"max_tiles", "limits", "allow_remote"}


class Pipeline:
    """A loaded model with its tokenizer and processor.

    Options of every method: `max_new_tokens`, `temperature`, `top_k`, `top_p`, `repetition_penalty`, `seed`,
    `stop`, `choices`, `logprobs`, `prefill_chunk` (see GenerationParams), `max_tiles`, `limits`, `allow_remote`
    (see Processor.image). Methods may be called from several threads: each call has its own cache, and one lock lets
    a single step of the model run at a time, so answers are written in turn and a stalled reader blocks nobody.
    """

    def __init__(
        self,
        model: VLModel,
        tokenizer: Tokenizer,
        *,
        name: str = "",
        context: int | None = None,
        second_look: bool | None = None,
    ) -> None:
        """context: tokens of prompt and answer together. second_look: see `load`.

        None takes the config's max_position_embeddings, or room for four of the largest images where that is more:
        the release states 8,192, which limits nothing in its arithmetic, and one of its images can be 11,088.
        """
        _check_context(context)
        self.model, self.tokenizer, self.name = model.eval(), tokenizer, name
        self.config = model.config
        self.context = context or max(
            self.config.text.max_position_embeddings, 4 * largest_image(self.config.tiling)
        )
        self.second_look = looks_twice(second_look, self.config)
        # What nobody asked for must not cost an answer its pieces.
        self._insists = bool(second_look)
        self.processor = Processor(tokenizer, self.config.tiling, second_look=self.second_look)
        self._prompts = NANO_CAPTION_PROMPTS if self.config == PRESETS["nano"] else CAPTION_PROMPTS
        self.runner = Runner(model, tokenizer.pad)

    @property
    def device(self) -> torch.device:
        return self.model.device

    def caption(
        self, image: Any, *, length: Length = "normal", stream: bool = False, **options: Any
    ) -> Reply | TextStream | list[Reply]:
        """A description of `image` as a Reply, or a TextStream with stream=True; a list gives a list of Replies."""
        prompt = self.caption_prompt(length)
        twice = self._insists  # a description has no single place that was misread
        if not isinstance(image, (list, tuple)):
            streaming = self._stream(self._about([image], prompt, options, twice), options)
            return streaming if stream else _exhaust(streaming)
        if stream:
            raise InvalidRequest(
                found=f"stream=True with a list of {len(image)} images",
                expected="one image to stream",
                cause="a list where one image was meant, or an answer in pieces that nobody needs",
                next_step="stream the images one by one, or leave stream out to get a list of replies",
            )
        size = options.pop("batch_size", BATCH)
        return self._batch([(one, prompt) for one in image], options, twice, size)

    def caption_prompt(self, length: Length = "normal") -> str:
        """The question that `caption` asks."""
        if not isinstance(length, str) or length not in self._prompts:
            raise InvalidRequest(
                found=f"length={length!r}",
                expected=" or ".join(self._prompts),
                cause="a typing error, or a number of tokens, which is max_new_tokens",
                next_step="use one of these",
            )
        return self._prompts[length]

    @overload
    def ask(self, image: Any, question: str, *, stream: Literal[False] = False, **options: Any) -> Reply: ...
    @overload
    def ask(self, image: Any, question: str, *, stream: Literal[True], **options: Any) -> TextStream: ...
    @overload
    def ask(self, image: Any, question: str, *, stream: bool, **options: Any) -> Reply | TextStream: ...
    def ask(self, image: Any, question: str, *, stream: bool = False, **options: Any) -> Reply | TextStream:
        """The answer to `question` about one image or a list of images, as a Reply or with stream=True a TextStream."""
        twice = self._insists or not stream
        streaming = self._stream(self._about(as_list(image), question, options, twice), options)
        return streaming if stream else _exhaust(streaming)

    @overload
    def chat(
        self,
        messages: Sequence[Message],
        images: Any = (),
        *,
        stream: Literal[True],
        **options: Any,
    ) -> TextStream: ...
    @overload
    def chat(
        self,
        messages: Sequence[Message],
        images: Any = (),
        *,
        stream: Literal[False] = False,
        **options: Any,
    ) -> Reply: ...
    def chat(
        self,
        messages: Sequence[Message],
        images: Any = (),
        *,
        tools: Sequence[Mapping[str, Any]] | None = (),
        stream: bool = False,
        **options: Any,
    ) -> Reply | TextStream:
        """The next reply of a conversation; `images` is one image, or those of all turns in the order of their parts.

        messages: {"role": "system" | "user" | "assistant" | "function", "content": text or list of parts}.
        """
        said, twice = as_messages(messages), self._insists or not stream
        streaming = self._stream(self.request(said, as_list(images), tools, options, twice), options)
        return streaming if stream else _exhaust(streaming)

    def stream(self, question: str, images: Any = (), **options: Any) -> TextStream:
        """The answer in pieces. Bad images and too long prompts raise here, before the model does any work."""
        return self._stream(self._about(as_list(images), question, options, self._insists), options)

    def encode(self, image: Any, **options: Any) -> EncodedImage:
        """Run the vision tower once; the result stands for the image in any later call of this pipeline."""
        check_names(options, IMAGE_OPTIONS)
        tiled = self.processor.image(image, **options)
        look = tiled.wider
        wider = cache(lambda: self.encode(look())) if look else None
        return EncodedImage(tiled.plan, self.runner.features([tiled], Timings())[0], wider)

    def batch(
        self, requests: Iterable[tuple[Any, str]], *, batch_size: int = BATCH, **options: Any
    ) -> list[Reply]:
        """Replies to (image or list of images, question) pairs, in their order; equal to single calls.

        Prompts of similar length are written together, `batch_size` at a time.
        """
        return self._batch(requests, options, True, batch_size)

    def _batch(
        self, pairs: Iterable[tuple[Any, str]], options: dict[str, Any], twice: bool, batch_size: int
    ) -> list[Reply]:
        check("batch_size", batch_size, "1 or more", lambda size: size >= 1, Integral)
        pairs, replies = as_pairs(pairs), []
        window = 4 * batch_size  # opened at once: enough to sort by length, while the pixels stay few
        for start in range(0, len(pairs), window):
            asked = pairs[start : start + window]
            ready = [self._about(as_list(image), question, options, twice) for image, question in asked]
            replies += settled(self.runner, ready, batch_size, options)
        return replies

    def _about(
        self, images: Sequence[Any], question: str, options: Mapping[str, Any], twice: bool
    ) -> Request:
        return self.request([question_turn(question, len(images))], images, (), options, twice)

    def request(
        self,
        messages: Sequence[Message],
        images: Sequence[Any],
        tools: Any,
        options: Mapping[str, Any],
        twice: bool = False,
    ) -> Request:
        """A conversation ready for the model: images opened and cut, prompt encoded, lengths checked.

        twice: with what a second look takes, where this pipeline has one.
        """
        check_names(options, PARAMS | IMAGE_OPTIONS)
        params = GenerationParams(**{name: value for name, value in options.items() if name in PARAMS})
        began = perf_counter()
        texts = (segment.text for segment in render(messages, tools=tools))
        check_length(texts, self.tokenizer, self.context)
        image_options = {name: value for name, value in options.items() if name in IMAGE_OPTIONS}
        inputs = self.processor(messages, images, tools=tools, **image_options)
        for image in inputs.images:
            check_encoded(image, self.config.text.hidden_size)
        looks = [image.wider for image in inputs.images if image.wider]
        # Not for draws, nor for images that were cut elsewhere.
        twice = twice and self.second_look and 0 < len(looks) == len(inputs.images)
        twice = twice and params.temperature == 0
        params = replace(params, logprobs=True) if twice else params
        answer = Answer(inputs.ids[0].tolist(), params, self.tokenizer, self.context)

        def again() -> Request:
            wanted = {name: value for name, value in options.items() if name in PARAMS} | {"logprobs": True}
            return self.request(messages, [look() for look in looks], tools, wanted, twice=True)

        spent = Timings(preprocess=perf_counter() - began)
        return Request(inputs, answer, spent, again if twice else None)

    def _stream(self, request: Request, options: Mapping[str, Any]) -> TextStream:
        if request.again:
            return settled_stream(self.runner, request, options)

        def pieces() -> Generator[str, None, None]:
            steps = self.runner.write([request])
            try:
                for _ in steps:
                    if piece := request.answer.fresh():
                        yield piece
            finally:
                steps.close()
                request.answer.finish("closed")  # changes nothing when the answer has ended by itself

        return TextStream(pieces(), lambda: request.reply())


def load(
    name_or_path: str | Path = "nano",
    *,
    device: str | torch.device = "auto",
    dtype: str | torch.dtype = "auto",
    quantize: str | None = None,
    device_map: str | Mapping[str, str | int] | None = None,
    max_memory: Mapping[str | int, str | int] | None = None,
    offload_folder: str | Path | None = None,
    mesh: str | Mesh | None = None,
    kv_cache: str | None = None,
    context: int | None = None,
    second_look: bool | None = None,
    revision: str | None = None,
) -> Pipeline:
    """A Pipeline for a preset name, a checkpoint folder or a hub id (at `revision`: branch, tag or commit).

    device "auto": CUDA when there is one, else the CPU. dtype "auto": bf16 on CUDA, fp32 elsewhere; and on a CPU alone
    the integers of a folder in int8, as nano's, are kept and multiplied by bf16, which is faster: "fp32" gives fp32
    numbers throughout.
    quantize: "int8" or "int4" keeps experts and attention in so many bits; None keeps all other weights dense, also
    those of a folder that is quantised on disk.
    device_map: "auto", "balanced" or "sequential" spreads the layers over the GPUs, then the CPU and, where
    `offload_folder` is given, the disk; a mapping from names to devices is taken as it is, as accelerate's.
    max_memory: what a device may hold, such as {0: "70GiB", "cpu": "200GiB"}; alone it means device_map "auto".
    mesh: "slices" or "whole" experts, for the processes that torchrun or accelerate launch started: each holds a part
    of every layer. Only rank 0 comes back from here; the others follow it until it ends, and end with it.
    kv_cache: "int8" keeps keys and values in half of bf16's memory; long answers are slower, all a little less exact.
    context: tokens of prompt and answer together; None chooses as `Pipeline` does.
    second_look: greedy answers that the model is not sure of are asked for again, with the image a little smaller,
    twice at most, and the surest one stays: nano is right more often so, in half as much time again (docs/nano.md).
    None: nano alone, and neither for captions nor where an answer is streamed. True: always, and a streamed answer
    comes in one piece.
    Raises ModelMissing, CheckpointError, OutOfMemory, InvalidRequest, and with a mesh RankLost.
    """
    from minimax_vl.loading import choose_homes, load_model, resolve
    from minimax_vl.loading.formats import stored_bits
    from minimax_vl.loading.index import read_index
    from minimax_vl.loading.placement import config_known, known_kv_cache
    from minimax_vl.parallel.split import WHOLE

    check_asked(second_look)  # here: reading the weights may take long
    _check_context(context)
    keys_kept_in = known_kv_cache(kv_cache)
    if mesh is not None:
        from minimax_vl.parallel.mesh import Mesh

        mesh = mesh if isinstance(mesh, Mesh) else Mesh.start(mesh, device)
    target = mesh.device if mesh else pick_device(device)
    fastest = (
        dtype == "auto" and quantize is None and device_map is None and max_memory is None and mesh is None
    )
    where = {
        "device": target,
        "dtype": pick_dtype(dtype, target),
        "quantize": quantize,
        "device_map": device_map,
        "max_memory": max_memory,
        "offload_folder": offload_folder,
    }
    with mesh.reporting() if mesh else nullcontext():
        known = config_known(name_or_path)
        if known is not None:  # what cannot fit is refused before it is downloaded
            choose_homes(known, **where, split=mesh.split if mesh else WHOLE)
        folder = resolve(name_or_path, revision=revision)
        config, tokenizer = ModelConfig.read(folder), Tokenizer.read(folder)
        tokenizer.check(config)  # before the weights, too
        if (
            fastest
            and target.type == "cpu"
            and stored_bits(entry.dtype for entry in read_index(folder).values()) == 8
        ):
            where["quantize"] = "int8"
        model = load_model(folder, **where, mesh=mesh)
        model.language_model.kv_cache = keys_kept_in
        pipeline = Pipeline(
            model, tokenizer, name=str(name_or_path), context=context, second_look=second_look
        )
    if mesh:
        from minimax_vl.parallel.following import lead_or_follow

        lead_or_follow(pipeline.runner, mesh)
    return pipeline


def _check_context(context: Any) -> None:
    if context is not None:
        check("context", context, "1 or more tokens", lambda tokens: tokens >= 1, Integral)


def caption(
    image: Any, *, length: Length = "normal", model: str = "nano", stream: bool = False, **options: Any
) -> Reply | TextStream | list[Reply]:
    """`Pipeline.caption` with a model that is loaded once and kept; `device`, `dtype`, `second_look` as for `load`."""
    return _kept(model, options).caption(image, length=length, stream=stream, **options)


@overload
def ask(
    image: Any, question: str, *, model: str = "nano", stream: Literal[False] = False, **options: Any
) -> Reply: ...
@overload
def ask(
    image: Any, question: str, *, model: str = "nano", stream: Literal[True], **options: Any
) -> TextStream: ...
def ask(
    image: Any, question: str, *, model: str = "nano", stream: bool = False, **options: Any
) -> Reply | TextStream:
    """`Pipeline.ask` with a model that is loaded once and kept; `device`, `dtype`, `second_look` as for `load`."""
    return _kept(model, options).ask(image, question, stream=stream, **options)


_LOADING = threading.Lock()  # two threads asking for the same model load it once


def _kept(model: str, options: dict[str, Any]) -> Pipeline:
    with _LOADING:
        where = options.pop("device", "auto"), options.pop("dtype", "auto")
        return _load_once(str(model), *where, options.pop("second_look", None))


@lru_cache(maxsize=2)
def _load_once(model: str, device: str, dtype: str, second_look: bool | None) -> Pipeline:
    return load(model, device=device, dtype=dtype, second_look=second_look)


def _exhaust(stream: TextStream) -> Reply:
    for _ in stream:
        pass
    return stream.reply
