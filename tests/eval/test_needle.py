"""The needle suite: the value is on one page only, that page stands where it is said to, and the numbers add up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minimax_vl.apps.cli import main
from minimax_vl.eval.needle import SIZE, evaluate, hay, needle, plot
from minimax_vl.presets import PRESETS
from minimax_vl.reply import Reply, Timings
from minimax_vl.vision.tiling import TilePlan, plan_tiles


def test_the_value_and_its_label_are_on_no_other_page():
    others = " ".join(page.text for page in hay(12))
    page, question, answer = needle(10_000, others)
    assert page.image.shape == (*SIZE, 3) and dict(page.turns)[question] == answer
    assert answer in page.text and answer.lower() not in others.lower()
    again = needle(10_000, others)
    assert again[1:] == (question, answer) and np.array_equal(again[0].image, page.image)


@dataclass(frozen=True)
class Shown:
    plan: TilePlan
    pixels: bytes


class Finder:
    """A pipeline that answers only while the page that knows is among the first five."""

    asked: list[tuple[int, int, int]] = []  # images, index of the one that answers, context

    def __init__(
        self,
        model: Any = None,
        tokenizer: Any = None,
        *,
        name: str = "",
        context: int = 1500,
        second_look: bool = False,
    ) -> None:
        self.model, self.tokenizer, self.name, self.context = model, tokenizer, name, context
        self.second_look = second_look
        self.known = {needle(10_000 + 1_000 * t, "")[0].image.tobytes() for t in range(4)}

    def encode(self, image: Any) -> Shown:
        return Shown(
            plan_tiles(image.height, image.width, PRESETS["nano"].tiling), np.asarray(image).tobytes()
        )

    def ask(self, images: list[Shown], question: str, **_: Any) -> Reply:
        common = {page.image.tobytes() for page in hay(9)}
        (place,) = [i for i, image in enumerate(images) if image.pixels not in common]
        self.asked.append((len(images), place, self.context))
        tokens = sum(image.plan.tokens for image in images)
        answer = "?"
        if place < 5:
            answer = next(a for q, a in _turns(images[place].pixels) if q == question)
        return Reply(answer, prompt_tokens=tokens, timings=Timings(prefill=tokens / 1000))


def _turns(pixels: bytes) -> list[tuple[str, str]]:
    for trial in range(4):
        for count in (1, 10):
            page, question, answer = needle(10_000 + 1_000 * trial, " ".join(p.text for p in hay(count - 1)))
            if page.image.tobytes() == pixels:
                return [(question, answer), *page.turns]
    raise AssertionError("a page that nobody drew")


def test_scores_and_seconds_are_kept_by_number_of_pages(tmp_path):
    Finder.asked.clear()
    finder: Any = Finder()  # stands for a Pipeline
    result = evaluate(finder, counts=[10, 1, 10], trials=4, out=tmp_path)
    assert result.counts() == [1, 10]
    assert result.mean(1).value == 1.0 and result.mean(10).value == 0.5
    assert [r.place for r in result.records] == [1, 1, 1, 1, 2, 4, 7, 9]
    assert [place + 1 for _, place, _ in Finder.asked] == [r.place for r in result.records]
    assert result.cost(10)["seconds_per_1000"] == pytest.approx(1.0, abs=1e-3)
    contexts = {images: context for images, _, context in Finder.asked}
    assert contexts[1] == 1500 and contexts[10] > 3000  # widened only where the prompt needs it
    rows = [json.loads(line) for line in (tmp_path / "records.jsonl").read_text().splitlines()]
    assert len(rows) == 8 and plot(result).width > 600


def test_no_page_is_refused(capsys):
    assert main(["eval", "needle", "--pages", "0", "--trials", "1"]) != 0
    assert "from 1 on" in capsys.readouterr().err
