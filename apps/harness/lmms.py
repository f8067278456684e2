"""lmms-eval's chat model interface on top of `Pipeline`, as lmms-eval 0.7 calls it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from minimax_vl.errors import InvalidRequest, MiniMaxVLError
from minimax_vl.hf.conversation import separate
from minimax_vl.pipeline import load
from minimax_vl.second_look import settled

if TYPE_CHECKING:
    from minimax_vl.reply import Reply
    from minimax_vl.runner import Request

    Base: Any = object
else:
    try:
        from lmms_eval.api.model import lmms as Base
    except (
        ModuleNotFoundError
    ):  # every module of ours can be imported; lmms-eval itself is needed to use this one
        Base = object

log = logging.getLogger(__name__)

# Settings of tasks that say what happens here anyway.
HARMLESS = {"use_cache", "image_aspect_ratio", "max_gen_toks", "modality_limits"}


class MiniMaxVL(Base):
    """`--model minimax_vl --model_args pretrained=nano,max_tiles=4 --batch_size 8`.

    A question whose image or prompt cannot be used is logged and answered with nothing, so that one bad row does
    not cost the run.
    """

    is_simple = False

    def __init__(
        self,
        pretrained: str = "nano",
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int | str = 1,
        quantize: str | None = None,
        device_map: str | None = None,
        max_tiles: int | str | None = None,
        revision: str | None = None,
        **extra: Any,
    ) -> None:
        """`pretrained` to `revision` as for `minimax_vl.load`; what else the harness says is logged, not read.

        Under `accelerate launch` every process loads the model on the GPU of its number.
        """
        super().__init__()
        from accelerate import Accelerator

        self.accelerator = Accelerator()
        self._rank, self._world_size = self.accelerator.process_index, self.accelerator.num_processes
        if self._world_size > 1 and torch.cuda.is_available():
            device = f"cuda:{self.accelerator.local_process_index}"
        if ignored := sorted(name for name, value in extra.items() if value is not None):
            log.warning("minimax_vl does not read %s", ", ".join(ignored))
        self.batch_size = _whole("batch_size", batch_size)
        self.max_tiles = None if max_tiles is None else _whole("max_tiles", max_tiles)
        self.pipeline = load(
            pretrained,
            device=device,
            dtype=dtype,
            quantize=quantize,
            device_map=device_map,
            revision=revision,
        )

    @property
    def device(self) -> torch.device:
        return self.pipeline.device

    def generate_until(self, requests: Sequence[Any]) -> list[Any]:
        """One GenerationResult per request, in their order; its arguments are the six of lmms-eval's chat models."""
        from lmms_eval.api.instance import GenerationResult, TokenCounts

        for instance in requests:
            options_of(instance.args[2])  # a task that cannot be followed ends the run now, not after an hour
        results: list[Any] = []
        window = 4 * self.batch_size  # opened at once: enough to sort by length, while the pixels stay few
        for start in range(0, len(requests), window):
            group = requests[start : start + window]
            for instance, reply in zip(group, self._answered(group)):
                context, _, settings, *_ = instance.args
                text = "" if reply is None else str(reply)
                counts = TokenCounts(
                    input_tokens=None if reply is None else reply.prompt_tokens,
                    output_tokens=0 if reply is None else len(reply.tokens),
                )
                results.append(GenerationResult(text=text, token_counts=counts))
                self.cache_hook.add_partial("generate_until", (context, settings), text)
        return results

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
        """Not offered: tasks with images are scored on what is written. lmms-eval's base class demands the method."""
        raise NotImplementedError(
            "minimax_vl answers generate_until tasks; for text tasks see docs/ecosystem.md"
        )

    def generate_until_multi_round(self, requests: Sequence[Any]) -> list[str]:
        """Not offered: the harness would hold the conversation for us. Its base class demands this method too."""
        raise NotImplementedError("minimax_vl answers generate_until tasks, of one round")

    def _answered(self, group: Sequence[Any]) -> list[Reply | None]:
        """Replies to the group's requests; None where a question could not be asked."""
        ready = [self._request(*instance.args) for instance in group]
        asked = [one for one in ready if one]
        replies = iter(settled(self.pipeline.runner, asked, self.batch_size, {}))
        return [next(replies) if one else None for one in ready]

    def _request(
        self,
        context: str,
        doc_to_messages: Any,
        settings: Mapping[str, Any],
        doc_id: int,
        task: str,
        split: str,
    ) -> Request | None:
        options = options_of(settings)
        try:
            messages, images = separate(doc_to_messages(self.task_dict[task][split][doc_id]))
            tiles = {} if self.max_tiles is None else {"max_tiles": self.max_tiles}
            return self.pipeline.request(messages, images, (), options | tiles, twice=True)
        except MiniMaxVLError as error:
            log.warning("%s, %s, question %s is answered with nothing: %s", task, split, doc_id, error)
            return None


def options_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A task's generation settings in the words of `Pipeline`. Raises InvalidRequest for those it cannot follow."""
    left = {name: value for name, value in settings.items() if value is not None and name not in HARMLESS}
    until, sample = left.pop("until", ()), left.pop("do_sample", None)
    options: dict[str, Any] = {"stop": (until,) if isinstance(until, str) else tuple(until)}
    for name in ("max_new_tokens", "temperature", "top_p", "top_k", "repetition_penalty"):
        if name in left:
            options[name] = left.pop(name)
    temperature = options.setdefault("temperature", 1.0 if sample else 0.0)
    if sample is False or temperature == 0:  # tasks leave the other settings of sampling in place
        options = {name: value for name, value in options.items() if name not in ("top_p", "top_k")}
        options["temperature"] = 0.0
    if left.pop("num_beams", 1) != 1 or left:
        raise InvalidRequest(
            found=f"generation settings {dict(settings)}",
            expected="max_new_tokens, temperature, top_p, top_k, repetition_penalty, do_sample, until; one beam",
            cause="a task written for another model",
            next_step="set them with --gen_kwargs, or leave the task out",
        )
    return options


def _whole(name: str, value: int | str) -> int:
    if str(value).isdecimal() and int(value) > 0:
        return int(value)
    raise InvalidRequest(
        found=f"{name}={value!r}",
        expected="a whole number, 1 or more",
        cause="'auto', which this model does not measure",
        next_step="give a number: --batch_size 8, --model_args max_tiles=4",
    )
