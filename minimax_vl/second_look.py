"""A second look at the picture for an answer that the model is not sure of, a third, and the surest answer of them.

A patch that falls between two characters another way is read another way: with a margin of 3 % three of five unsure
answers of nano are others, and the surer one is right more often (docs/nano.md). All answers are greedy ones. What was
thought before an answer makes it neither sure nor unsure: thoughts are long, and another look seldom mends them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from math import log
from typing import TYPE_CHECKING, Any

from minimax_vl.errors import ContextTooLong, InvalidRequest
from minimax_vl.presets import PRESETS
from minimax_vl.reply import Reply, TextStream, Timings

if TYPE_CHECKING:
    from minimax_vl.config import ModelConfig
    from minimax_vl.processor import EncodedImage, TiledImage
    from minimax_vl.runner import Request, Runner
    from minimax_vl.vision.tiling import TilePlan

    AnyImage = TiledImage | EncodedImage

SURE = 0.9  # an answer whose every id has this probability is left as it is
MARGINS = (0.03, 0.015)  # of the picture's longer side, around it: of the second look, and of a third


def unsure(reply: Reply) -> bool:
    """Whether some id of the answer was less likely than SURE; `logprobs` were asked for."""
    return min(_answered(reply), default=0.0) < log(SURE)


def surer(first: Reply, second: Reply) -> Reply:
    """The likelier of two answers to one question, with the time that both took."""
    best = second if sum(_answered(second)) > sum(_answered(first)) else first
    spent = {
        field.name: getattr(first.timings, field.name) + getattr(second.timings, field.name)
        for field in fields(Timings)
    }
    return best.but(timings=Timings(**spent), logprobs=best.logprobs)


def _answered(reply: Reply) -> tuple[float, ...]:
    """Log-probabilities of the answer's own ids."""
    return (reply.logprobs or ())[reply.thought_tokens :]


def looks_twice(asked: bool | None, config: ModelConfig) -> bool:
    """What `load(second_look=...)` means for a model: only for nano is it known to help. Raises InvalidRequest."""
    check_asked(asked)
    return config == PRESETS["nano"] if asked is None else asked


def check_asked(asked: Any) -> None:
    """Raises InvalidRequest for what only looks like a yes or a no."""
    if not (asked is None or isinstance(asked, bool)):
        raise InvalidRequest(
            found=f"second_look={asked!r}",
            expected="True, False or None",
            cause="a word or a number from a settings file",
            next_step="leave second_look out for the default, or pass a bool",
        )


def settled(
    runner: Runner,
    requests: Sequence[Request],
    batch_size: int,
    options: Mapping[str, Any],
    stopped: Callable[[], bool] = lambda: False,
) -> list[Reply]:
    """Replies to `requests`: those that may be looked at again, the surest of all looks, of which the last is sure.

    stopped: asked after every id; once it says yes the model stops, and what a look has not finished is not compared.
    """
    runner.write_all(requests, batch_size, stopped)
    replies = [request.reply() for request in requests]
    looks = dict(enumerate(requests))
    while looks and not stopped():
        again: dict[int, Request] = {}
        for i, request in looks.items():
            if request.again and unsure(replies[i]):
                with suppress(ContextTooLong):  # a wider picture may take a larger grid
                    again[i] = request.again()
        runner.write_all(list(again.values()), batch_size, stopped)
        for i, request in again.items():
            if (reply := request.reply()).finish_reason != "closed":
                replies[i] = surer(replies[i], reply)
        looks = again
    return [as_asked(reply, options) for reply in replies]


def settled_stream(runner: Runner, request: Request, options: Mapping[str, Any]) -> TextStream:
    """In one piece: what is written first may not be what stays."""
    replies: list[Reply] = []

    def pieces() -> Generator[str, None, None]:
        replies.extend(settled(runner, [request], 1, options, lambda: stream.closed))
        if replies[0] and not stream.closed:
            yield str(replies[0])

    stream = TextStream(pieces(), lambda: replies[0] if replies else as_asked(request.reply(), options))
    return stream


def as_seen(images: Sequence[AnyImage], plans: Sequence[TilePlan]) -> list[AnyImage]:
    """Images as a reply with these `tiles` saw them: with the margin of the look that it is of."""
    seen = [*images]
    while [image.plan for image in seen] != [*plans]:
        wider = [image.wider for image in seen if image.wider]
        if not wider or len(wider) < len(seen):
            return [*images]
        seen = [cut() for cut in wider]
    return seen


def as_asked(reply: Reply, options: Mapping[str, Any]) -> Reply:
    """Without the logprobs that only this module wanted."""
    return reply if options.get("logprobs") else reply.but(timings=reply.timings, logprobs=None)
