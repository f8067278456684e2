"""A pipeline for tests of the harness: no model, pictures by their bytes, replies by a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minimax_vl.presets import PRESETS
from minimax_vl.reply import Reply, Timings
from minimax_vl.vision.images import open_image
from minimax_vl.vision.tiling import TilePlan, plan_tiles


@dataclass(frozen=True)
class Seen:
    """Stands for an encoded image."""

    plan: TilePlan
    name: str


class ScriptedPipeline:
    """Replies are `answer(prompt)`; an exception that it returns is raised, for its whole batch.

    Its prompt is what is thought before a reply. `asked` keeps every prompt, in the order of asking, a list per
    batch. `encoded` counts pictures.
    """

    def __init__(self, answer: Callable[[str], str | Exception]) -> None:
        self.answer = answer
        self.asked: list[list[str]] = []
        self.encoded = 0
        self.processor = self

    def image(self, source: Any, **_: Any) -> Seen:
        picture = open_image(source)
        return Seen(plan_tiles(picture.height, picture.width, PRESETS["debug"].tiling), str(source))

    def encode(self, image: Seen) -> Seen:
        self.encoded += 1
        return image

    def batch(self, requests: Sequence[tuple[Any, str]], **_: Any) -> list[Reply]:
        self.asked.append([prompt for _, prompt in requests])
        replies = []
        for _, prompt in requests:
            said = self.answer(prompt)
            if isinstance(said, Exception):
                raise said
            replies.append(
                Reply(
                    said,
                    thought=prompt,
                    tokens=tuple(range(len(said))),
                    prompt_tokens=7,
                    timings=Timings(decode=0.5),
                )
            )
        return replies
